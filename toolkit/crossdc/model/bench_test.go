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
