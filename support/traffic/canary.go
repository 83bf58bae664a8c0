package traffic

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// CanarySite is the site name that the canary's sink is called with.
const CanarySite = "canary"

// Trouble is a stretch in which something of ours did not work, in words.
type Trouble struct {
	When model.Interval
	Why  string
	Slow bool // it worked, but took too long: as long as When is wide
}

// canary sends single events on a path that no fault touches. When it fails, the machine we observe from is in
// trouble and what is seen of the data centers at that time proves little.
type canary struct {
	options Options
	ticks   chan time.Time
	once    sync.Once

	mu       sync.Mutex
	sent     int64
	troubles []Trouble
}

// maxTroubles bounds the list; the last entry then stands for all later ones.
const maxTroubles = 1000

func newCanary(options Options) *canary {
	return &canary{options: options, ticks: make(chan time.Time, 1)}
}

// tick asks for one event. When the one before is still under way, that one's answer time tells enough.
func (c *canary) tick(now time.Time) {
	select {
	case c.ticks <- now:
	default:
	}
}

func (c *canary) stop() { c.once.Do(func() { close(c.ticks) }) }

func (c *canary) run(ctx context.Context) {
	var seq uint64
	for due := range c.ticks {
		if c.options.Canary == nil {
			continue
		}
		seq++
		event := Event{DC: CanarySite, Seq: seq, Check: Check(CanarySite, 0, seq), Due: due}
		limited, cancel := context.WithTimeout(ctx, c.options.Timeout)
		err := c.options.Canary.Inject(limited, CanarySite, []Event{event})
		cancel()
		c.book(due, c.options.Clock.Now(), err)
	}
}

func (c *canary) book(due, done time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	var why string
	switch {
	case err != nil:
		why = fmt.Sprintf("the canary path, which no fault touches, failed: %v", err)
	case done.Sub(due) > c.options.CanaryLimit:
		why = fmt.Sprintf("the canary path, which no fault touches, took %s, more than %s", done.Sub(due).Round(time.Millisecond), c.options.CanaryLimit)
	default:
		return
	}
	slow := err == nil
	when := model.Interval{Earliest: model.Instant(due.Sub(c.options.Epoch)), Latest: model.Instant(done.Sub(c.options.Epoch))}
	if n := len(c.troubles); n == maxTroubles {
		c.troubles[n-1].When.Latest = when.Latest
		return
	}
	c.troubles = append(c.troubles, Trouble{When: when, Why: why, Slow: slow})
}

// CanaryTrouble lists when the canary was in trouble between two instants; sent is how many it sent in all, so that
// silence is not taken for health.
func (g *Generator) CanaryTrouble(from, to model.Instant) (troubles []Trouble, sent int64) {
	g.canary.mu.Lock()
	defer g.canary.mu.Unlock()
	for _, trouble := range g.canary.troubles {
		if trouble.When.Latest >= from && trouble.When.Earliest <= to {
			troubles = append(troubles, trouble)
		}
	}
	return troubles, g.canary.sent
}
