package toolkit

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// pageMemory is the newest page of metrics of a source whose samples carry no time stamp.
type pageMemory struct {
	known bool
	sum   uint64
	moved time.Time // when the first page that looked like it was asked for
}

// repeats reports whether a page without time stamps shows exactly what the one before it did. A page that a cache between us and
// the data center repeats looks like that, and so does one of an application in which nothing moves: such a page proves nothing
// about the time since.
func (p *pageMemory) repeats(set metrics.Set, asked time.Time) bool {
	sum := fnv.New64a()
	for i := range set.Samples {
		s := &set.Samples[i]
		if !s.At.IsZero() {
			*p = pageMemory{}
			return false // it says itself how old it is
		}
		_, _ = fmt.Fprint(sum, s.Job, s.PE, s.Operator, s.Port, s.Connection, s.Name, s.Value, ";") // a hash takes everything
	}
	if p.known && p.sum == sum.Sum64() {
		return true
	}
	*p = pageMemory{true, sum.Sum64(), asked}
	return false
}

// stillness is the number of heartbeat intervals after which a page that has not moved is called stale: the toolkit's own counters
// move once in each.
const stillness = 2

// stale is the problem of a source whose pages have repeated one another for longer than the toolkit's counters can stand still.
func (m *memory) stale(i Indicator, asked time.Time) error {
	v := m.views[i]
	if v == nil || !v.page.known {
		return nil
	}
	still := asked.Sub(v.page.moved)
	if limit := stillness * m.cfg.Timing.Interval(); limit <= 0 || still <= limit {
		return nil
	}
	return WithCause(CauseStale, fmt.Errorf("every page for %v shows the same values, while the toolkit's counters move once in %v; does a cache answer in place of the data center, do its PEs run?",
		still.Round(time.Millisecond), m.cfg.Timing.Interval()))
}
