package traffic

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Lateness is how far the generator was behind its own schedule, in wall time. It is trouble of the observer, never
// of the system: results that depend on due times are uncertain by as much.
type Lateness struct {
	P50, P99, Max time.Duration
	Ticks         int64
}

type lateness struct {
	mu        sync.Mutex
	histogram *hdrhistogram.Histogram // microseconds
	worst     time.Duration
	unwatched bool
}

// longest is the highest lateness that the histogram tells apart.
const longest = time.Hour

func newLateness() *lateness {
	return &lateness{histogram: hdrhistogram.New(1, longest.Microseconds(), 2)}
}

func (l *lateness) record(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unwatched {
		return
	}
	l.worst = max(l.worst, d)
	// In range by construction, so there is no error to handle.
	_ = l.histogram.RecordValue(min(max(d, time.Microsecond), longest).Microseconds())
}

func (l *lateness) watch(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unwatched = !on
}

func (l *lateness) summary() Lateness {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := func(q float64) time.Duration {
		return time.Duration(l.histogram.ValueAtQuantile(q)) * time.Microsecond
	}
	return Lateness{P50: at(50), P99: at(99), Max: l.worst, Ticks: l.histogram.TotalCount()}
}
