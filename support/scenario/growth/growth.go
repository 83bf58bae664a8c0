// Package growth tells whether this process keeps more and more while it does the same thing again and again:
// goroutines, open file descriptors, memory.
//
// It imports nothing of ours.
package growth

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Sample is what the process holds at one moment.
type Sample struct {
	Goroutines  int
	Descriptors int    // open files, pipes and sockets; -1 where the operating system does not list them
	HeapBytes   uint64 // reachable after a garbage collection
}

// What was told to end has ended when the number of goroutines stands still for a few looks; that is waited for, not long.
const (
	look     = 20 * time.Millisecond
	standing = 5 // looks
	settling = 2 * time.Second
)

// Take samples the process once what was told to end has ended.
func Take() Sample {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	count, still := runtime.NumGoroutine(), 0
	for end := time.Now().Add(settling); still < standing && time.Now().Before(end); {
		<-ticker.C
		if now := runtime.NumGoroutine(); now != count {
			count, still = now, 0
			continue
		}
		still++
	}
	runtime.GC()
	runtime.GC() // what a finalizer kept goes with the second
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return Sample{Goroutines: count, Descriptors: descriptors(), HeapBytes: memory.HeapAlloc}
}

func descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(list)
}

// Trend compares the first quarter of the samples with the last.
type Trend struct {
	What        string
	First, Last float64 // medians
	Limit       float64 // how much more the last quarter may have
	unit        string
	scale       float64
}

// Grows reports whether it grew by more than the limit.
func (t Trend) Grows() bool { return t.Last-t.First > t.Limit }

// String says it with numbers.
func (t Trend) String() string {
	return fmt.Sprintf("%s %.4g -> %.4g%s (allowed %+.4g)", t.What, t.First/t.scale, t.Last/t.scale, t.unit, t.Limit/t.scale)
}

// Fewest is how many samples a trend needs.
const Fewest = 16

// How much growth is none. Medians of quarters leave out what comes and goes, such as a connection kept alive. What is
// left of it is fewer than these few; one goroutine or descriptor left behind by every fourth repetition is already
// more after Fewest+4 of them. A little memory per repetition is no leak: the text of its progress and its result are
// kept for the report; a board, a ledger or a monitor that is not let go of is more than ten times as much.
const (
	fewGoroutines  = 3
	fewDescriptors = 3
	someHeap       = 1 << 20
	heapPerRepeat  = 8 << 10
)

// Trends compares the quarters of samples taken after repetitions of kinds things in turn; each quarter is cut to whole
// turns, so that both hold every kind equally often. It fails with fewer than Fewest samples, or less than a turn in a quarter.
func Trends(samples []Sample, kinds int) ([]Trend, error) {
	quarter := len(samples) / 4 / max(kinds, 1) * max(kinds, 1)
	if len(samples) < Fewest || quarter == 0 {
		return nil, fmt.Errorf("look for growth in %d samples of %d kinds: at least %d are needed, and four of each kind", len(samples), kinds, Fewest)
	}
	apart := len(samples) - quarter // repetitions between the middles of the quarters
	first, last := samples[:quarter], samples[len(samples)-quarter:]
	of := func(what, unit string, scale, limit float64, value func(Sample) float64) Trend {
		return Trend{What: what, First: median(first, value), Last: median(last, value), Limit: limit, unit: unit, scale: scale}
	}
	trends := []Trend{
		of("goroutines", "", 1, fewGoroutines, func(s Sample) float64 { return float64(s.Goroutines) }),
		of("heap", " MiB", 1<<20, max(someHeap, float64(apart)*heapPerRepeat), func(s Sample) float64 { return float64(s.HeapBytes) }),
	}
	unlisted := 0
	for _, s := range samples {
		if s.Descriptors < 0 {
			unlisted++
		}
	}
	switch {
	case unlisted > 0 && unlisted < len(samples): // a process that has none left cannot list them either
		return nil, fmt.Errorf("look for growth in %d samples: of %d of them the descriptors could not be listed, so that whether they grow is not known", len(samples), unlisted)
	case unlisted == 0:
		trends = append(trends, of("descriptors", "", 1, fewDescriptors, func(s Sample) float64 { return float64(s.Descriptors) }))
	}
	return trends, nil
}

func median(samples []Sample, value func(Sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = value(s)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// Text lists trends in one line.
func Text(trends []Trend) string {
	texts := make([]string, len(trends))
	for i, t := range trends {
		texts[i] = t.String()
	}
	return strings.Join(texts, "; ")
}
