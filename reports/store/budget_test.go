package store

import (
	"runtime"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
)

// BenchmarkPublishTenThousand makes the whole results folder of 10,000 test cases. It may take 3 s and 200 MiB.
func BenchmarkPublishTenThousand(b *testing.B) {
	run := sample.Many(2000, 5)
	run.Suites = []string{"outage"}
	data, err := Encode(run)
	if err != nil {
		b.Fatal(err)
	}
	if run, err = Decode(data); err != nil {
		b.Fatal(err)
	}
	stored := len(data)
	data = nil
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		highest := uint64(0)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			highest = max(highest, m.HeapInuse)
			select {
			case <-done:
				peak <- highest
				return
			case <-tick.C:
			}
		}
	}()
	dir := b.TempDir()
	for b.Loop() {
		if err := Publish(dir, run); err != nil {
			b.Fatal(err)
		}
	}
	close(done)
	b.ReportMetric(float64(stored)/(1<<20), "MiB-stored")
	b.ReportMetric(float64(<-peak)/(1<<20), "MiB-heap-peak")
}
