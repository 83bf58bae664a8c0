package model

import (
	"testing"
	"time"
)

// BenchmarkIdlePair shows how much faster than real time an undisturbed shipped pair runs.
func BenchmarkIdlePair(b *testing.B) {
	w, err := New(pair(1), nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	w.Run(time.Hour)
	from, events := w.Now(), w.Events()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.Run(w.Now() + time.Hour)
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(w.Events()-events)/seconds, "events/s")
	b.ReportMetric((w.Now()-from).Seconds()/seconds, "x-real-time")
}

// BenchmarkHeartbeatsOnly is the same without snapshots: nothing is allocated there.
func BenchmarkHeartbeatsOnly(b *testing.B) {
	s := pair(1)
	for i := range s.Centers {
		s.Centers[i].Config.OperationMode = 0
	}
	w, err := New(s, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	w.Run(time.Hour)
	from, events := w.Now(), w.Events()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.Run(w.Now() + time.Hour)
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(w.Events()-events)/seconds, "events/s")
	b.ReportMetric((w.Now()-from).Seconds()/seconds, "x-real-time")
}

// An undisturbed pair allocates nothing per event, with heartbeats alone and with snapshots, whose memory is taken in slabs of thousands;
// and its heap of events does not grow with simulated time.
func TestASteadyPairAllocatesNothingPerEvent(t *testing.T) {
	for name, mode := range map[string]int32{"with snapshots": 1, "heartbeats alone": 0} {
		s := pair(1)
		for i := range s.Centers {
			s.Centers[i].Config.OperationMode = mode
		}
		w, err := New(s, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.Run(time.Hour)
		from, size := w.Events(), cap(w.heap.events)
		hours := 0
		allocated := testing.AllocsPerRun(50, func() {
			w.Run(w.Now() + time.Hour)
			hours++
		})
		events := float64(w.Events()-from) / float64(hours)
		if events < 500 || allocated > 1 {
			t.Errorf("%s: %g allocations in %g events; want at most 1 an hour of simulated time, of at least 500 events", name, allocated, events)
		}
		if cap(w.heap.events) != size {
			t.Errorf("%s: the heap of events grew from %d to %d", name, size, cap(w.heap.events))
		}
	}
}
