package advise

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Rates of the model's application. Fragments are few and events many, because a loss is told in seconds of traffic.
const (
	fragments = 2
	rate      = 200 // events a second
)

// pair is a model of the input with phases of its own.
func (in *Input) pair(seed uint64) (model.Setup, *rand.Rand) {
	r := rand.New(rand.NewPCG(in.Seed, seed))
	s := model.Setup{Fragments: fragments, Rate: rate, Loss: in.Profile.Loss, Seed: r.Uint64(),
		Delay: model.Delay{Base: in.Profile.RTT / 2, Jitter: in.Profile.Jitter}}
	for i, name := range [2]string{"dc1", "dc2"} {
		c := in.Config
		c.LocalDataCenterName, c.RemoteMachineNames = name, [2]string{"dc2", "dc1"}[i]
		c.OperationMode = 1
		if c.JDBCURL == "" && c.StorageDirectory == "" {
			c.StorageDirectory = "/replicas"
		}
		s.Centers[i] = model.Center{Config: c, Start: time.Duration(r.Int64N(int64(seconds(c.HeartbeatInterval))))}
	}
	return s, r
}

// steady is when a pair has exchanged two rounds of snapshots, and period is that of a failure's phase.
func (in *Input) steady() (from, period time.Duration, err error) {
	timing := in.Config.Timing()
	first, err := timing.FirstSnapshot()
	if err != nil {
		return 0, 0, err
	}
	p, err := timing.SnapshotPeriod()
	if err != nil {
		return 0, 0, err
	}
	return first + 2*p + 4*timing.Interval, max(p, timing.Interval), nil
}

// crashed is what the crash of one data center came to.
type crashed struct {
	detected  bool
	detection time.Duration
	lost      time.Duration // of traffic
}

func (in *Input) crash(k uint64) (crashed, error) {
	from, period, err := in.steady()
	if err != nil {
		return crashed{}, err
	}
	s, r := in.pair(k)
	at := from + time.Duration(r.Int64N(int64(period)))
	var out crashed
	due := uint64(at.Seconds() * rate / fragments)
	missing := uint64(fragments) * due
	w, err := model.New(s, []model.Action{{At: at, What: model.Crash}}, func(o model.Observation) {
		switch {
		case o.Side != 1 || o.At < at:
		case o.What == model.Down && !out.detected:
			out.detected, out.detection = true, o.At-at
		case o.What == model.TakenOver:
			missing -= min(missing, o.Events)
		}
	})
	if err != nil {
		return crashed{}, err
	}
	timing := in.Config.Timing()
	w.Run(at + timing.CertainGap() + timing.ConnectTimeout + timing.ReadTimeout + 10*timing.Interval)
	out.lost = seconds(float64(missing) / rate)
	return out, nil
}

// cut is what an outage of the link came to.
type cut struct {
	failovers int           // sides that declared the other DOWN
	silent    bool          // nobody sends any more
	split     time.Duration // both sides were active and at least one had taken over, up to the reaction
}

func (in *Input) outage(o Outage, k uint64) (cut, error) {
	from, period, err := in.steady()
	if err != nil {
		return cut{}, err
	}
	s, r := in.pair(k)
	at := from + time.Duration(r.Int64N(int64(period)))
	what := model.Drop
	if o.Refused {
		what = model.Refuse
	}
	var out cut
	var since time.Duration
	up := [2]bool{true, true}
	w, err := model.New(s, []model.Action{{At: at, What: what, For: o.Length}, {At: at, What: what, Target: 1, For: o.Length}}, func(seen model.Observation) {
		if seen.At < at || seen.What != model.Up && seen.What != model.Down {
			return
		}
		was := up[0] && up[1]
		up[seen.Side] = seen.What == model.Up
		if seen.What == model.Down {
			out.failovers++
		}
		switch is := up[0] && up[1]; {
		case was && !is:
			since = seen.At
		case !was && is:
			out.split += seen.At - since
		}
	})
	if err != nil {
		return cut{}, err
	}
	timing := in.Config.Timing()
	end := at + o.Length + 2*timing.CertainGap() + timing.ConnectTimeout + timing.ReadTimeout + 10*timing.Interval
	w.Run(end)
	if !up[0] || !up[1] {
		out.silent = true
		out.split += max(o.Length+in.Profile.Reaction-(since-at), 0)
	}
	return out, nil
}

// restart is what a restart came to: noticed, or state lost without a word.
func (in *Input) restart(k uint64) (noticed, silentLoss bool, err error) {
	from, period, err := in.steady()
	if err != nil {
		return false, false, err
	}
	s, r := in.pair(k)
	at := from + time.Duration(r.Int64N(int64(period)))
	returned := false
	w, err := model.New(s, []model.Action{{At: at, What: model.Crash, For: max(in.Profile.Boot, time.Millisecond)}}, func(o model.Observation) {
		noticed = noticed || o.At > at && o.Side == 1 && o.What == model.Down
		returned = returned || o.At > at && o.Side == 0 && o.What == model.Returned
	})
	if err != nil {
		return false, false, err
	}
	timing := in.Config.Timing()
	w.Run(at + in.Profile.Boot + timing.InitDelay + timing.CertainGap() + 10*timing.Interval)
	return noticed, !noticed && !returned, nil
}

// each runs draw for 0 to n-1 on all cores and keeps the results in their order.
func each[T any](ctx context.Context, n int, draw func(k uint64) (T, error)) ([]T, error) {
	results := make([]T, n)
	errs := make([]error, n)
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		all.Go(func() {
			for k := worker; k < n && ctx.Err() == nil; k += workers {
				results[k], errs[k] = draw(uint64(k))
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, ctx.Err()
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
