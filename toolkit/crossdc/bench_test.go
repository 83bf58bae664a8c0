package crossdc

import (
	"testing"
	"time"
)

// BenchmarkHeartbeatEvents counts heartbeats: tick of the sender, encoding, queue of events, arrival, decoding and watchdog
// of the receiver, in both directions. The aim is a million a second and core.
func BenchmarkHeartbeatEvents(b *testing.B) {
	w := world{cfg: Shipped(), delay: time.Millisecond}
	w.reset(PreparerFirst, [2]time.Duration{0, 7 * time.Second})
	interval := w.cfg.Timing().Interval
	w.run(20 * interval) // lets the slices grow
	b.ReportAllocs()
	b.ResetTimer()
	from := w.arrived
	w.run(time.Duration(20+(b.N+1)/2) * interval)
	b.StopTimer()
	b.ReportMetric(float64(w.arrived-from)/b.Elapsed().Seconds(), "events/s")
}

func TestHeartbeatsDoNotAllocate(t *testing.T) {
	w := world{cfg: Shipped(), delay: time.Millisecond}
	w.reset(PreparerFirst, [2]time.Duration{0, 7 * time.Second})
	interval := w.cfg.Timing().Interval
	until := 20 * interval
	w.run(until)
	if allocs := testing.AllocsPerRun(100, func() {
		until += interval
		w.run(until)
	}); allocs != 0 {
		t.Errorf("%v allocations per interval of two connected sides, want none", allocs)
	}
}
