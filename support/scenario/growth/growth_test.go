package growth

import (
	"os"
	"strings"
	"testing"
)

func repeated(n int, at func(i int) Sample) []Sample {
	samples := make([]Sample, n)
	for i := range samples {
		samples[i] = at(i)
	}
	return samples
}

func TestLeaksShowAndNoiseDoesNot(t *testing.T) {
	for _, c := range []struct {
		name  string
		n     int
		at    func(i int) Sample
		grows string
	}{
		{"constant", 20, func(int) Sample { return Sample{60, 20, 8 << 20} }, ""},
		{"connections come and go", 20, func(i int) Sample { return Sample{60 + 4*(i%2), 20 + 2*(i%2), 8<<20 + uint64(i%3)<<18} }, ""},
		{"one large outlier", 20, func(i int) Sample {
			if i == 19 {
				return Sample{500, 300, 90 << 20}
			}
			return Sample{60, 20, 8 << 20}
		}, ""},
		{"a goroutine per fourth repetition", 24, func(i int) Sample { return Sample{60 + i/4, 20, 8 << 20} }, "goroutines"},
		{"a descriptor per fourth repetition", 24, func(i int) Sample { return Sample{60, 20 + i/4, 8 << 20} }, "descriptors"},
		{"memory per repetition", 20, func(i int) Sample { return Sample{60, 20, 8<<20 + uint64(i)*80<<10} }, "heap"},
		{"memory per repetition, long", 200, func(i int) Sample { return Sample{60, 20, 8<<20 + uint64(i)*10<<10} }, "heap"},
		{"descriptors are not known", 20, func(i int) Sample { return Sample{60, -1, 8 << 20} }, ""},
	} {
		trends, err := Trends(repeated(c.n, c.at), 4)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var grown []string
		for _, trend := range trends {
			if trend.Grows() {
				grown = append(grown, trend.What)
			}
		}
		if got := strings.Join(grown, ","); got != c.grows {
			t.Errorf("%s: grew %q, want %q: %s", c.name, got, c.grows, Text(trends))
		}
	}
	exhausted := repeated(20, func(i int) Sample {
		if i < 15 {
			return Sample{60, 20 + 60*i, 8 << 20}
		}
		return Sample{60, -1, 8 << 20}
	})
	if trends, err := Trends(exhausted, 4); err == nil {
		t.Errorf("a process without descriptors left cannot list them, and is said to grow by %s", Text(trends))
	}
	for kinds, n := range map[int]int{1: Fewest - 1, 4: Fewest - 1, 5: 19} {
		if _, err := Trends(make([]Sample, n), kinds); err == nil {
			t.Errorf("%d samples of %d kinds are too few", n, kinds)
		}
	}
}

func TestTakeCountsWhatThisProcessHolds(t *testing.T) {
	before := Take()
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	go func() { <-end }()
	held := Take()
	close(end)
	_ = file.Close()
	after := Take()
	if held.Goroutines-before.Goroutines != 1 || after.Goroutines != before.Goroutines {
		t.Errorf("goroutines before, with one more, after: %d, %d, %d", before.Goroutines, held.Goroutines, after.Goroutines)
	}
	if before.Descriptors >= 0 && (held.Descriptors-before.Descriptors != 1 || after.Descriptors != before.Descriptors) {
		t.Errorf("descriptors before, with one more, after: %d, %d, %d", before.Descriptors, held.Descriptors, after.Descriptors)
	}
	if before.HeapBytes == 0 {
		t.Error("no heap")
	}
}
