package explore

import (
	"context"
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Grid is what is looked at point by point instead of at random: each way to break a pair, by its length from half an interval to
// beyond certain detection, by the phase of the two tick sources, and by who sees a tick first; and restarts by their boot time.
func Grid() (cases []Case) {
	const interval = 30 * time.Second // of the shipped configuration
	ways := []func(length time.Duration) []model.Action{
		func(l time.Duration) []model.Action {
			return []model.Action{{At: warmUp, What: model.Refuse, For: l}, {At: warmUp, What: model.Refuse, Target: 1, For: l}}
		},
		func(l time.Duration) []model.Action { return []model.Action{{At: warmUp, What: model.Refuse, For: l}} },
		func(l time.Duration) []model.Action { return []model.Action{{At: warmUp, What: model.Drop, For: l}} },
		func(l time.Duration) []model.Action { return []model.Action{{At: warmUp, What: model.Swallow, For: l}} },
		func(l time.Duration) []model.Action { return []model.Action{{At: warmUp, What: model.Hang, For: l}} },
		func(l time.Duration) []model.Action { return []model.Action{{At: warmUp, What: model.Crash, For: l}} },
	}
	for _, order := range []crossdc.TickOrder{crossdc.PreparerFirst, crossdc.WatchdogFirst} {
		var traits []Trait
		if order == crossdc.WatchdogFirst {
			traits = []Trait{both("watchdog sees ticks first", func(c *model.Center) { c.Order = order })}
		}
		for phase := time.Duration(0); phase < interval; phase += interval / 6 {
			for length := interval / 2; length <= 7*interval; length += interval / 2 {
				for _, way := range ways {
					cases = append(cases, Case{Seed: uint64(len(cases)), Phase: [2]time.Duration{phase, interval / 4}, Traits: slices.Clone(traits), Schedule: way(length)})
				}
			}
		}
	}
	return cases
}

// SearchGrid judges every point of the grid. In its report Cases of an unknown finding is the point.
func SearchGrid(ctx context.Context) (Report, error) {
	r := Report{Explained: map[string]int{}}
	points := Grid()
	for points := range slices.Chunk(points, chunk) {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if err := r.judge(r.Next, uint64(len(points)), func(i uint64) Case { return points[i-r.Next] }); err != nil {
			return r, err
		}
		r.Next += uint64(len(points))
	}
	return r, nil
}
