package crossdc

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestDetectionIn200000Draws crashes one of two data centers at a random instant and compares the time until the other
// says DOWN with 6.1. The seed is fixed, so the sample always is the same.
func TestDetectionIn200000Draws(t *testing.T) {
	const draws = 200_000
	for _, x := range []struct {
		interval             float64
		least, mean, most    float64 // s
		deviation, tolerance float64 // s; tolerance is five standard errors of the mean
	}{
		{30, 90.1, 120.0, 150.0, 12.24, 0.14},
		{0.2, 0.60, 0.80, 1.00, 0.082, 0.001},
	} {
		w := world{cfg: Shipped()}
		w.cfg.HeartbeatInterval, w.cfg.SnapshotInterval = x.interval, 6*max(1, x.interval)
		interval := w.cfg.Timing().Interval
		r := rand.New(rand.NewPCG(1, 2))
		sample := make([]float64, draws)
		var sum float64
		for i := range sample {
			w.reset(PreparerFirst, phases(r, interval))
			crash := interval + draw(r, interval)
			w.stop[0] = crash
			w.run(8 * interval)
			if w.down[1] < 0 {
				t.Fatalf("I = %v s: no DOWN in draw %d", x.interval, i)
			}
			sample[i] = (w.down[1] - crash).Seconds()
			sum += sample[i]
		}
		slices.Sort(sample)
		mean := sum / draws
		var squares, distance float64
		distribution := w.cfg.Timing().Detection(0)
		for i, s := range sample {
			squares += (s - mean) * (s - mean)
			p := distribution.CDF(seconds(s))
			distance = max(distance, p-float64(i)/draws, float64(i+1)/draws-p)
		}
		deviation := math.Sqrt(squares / (draws - 1))
		t.Logf("I = %v s: min %.3f, mean %.3f, max %.3f, sd %.4f s; Kolmogorov-Smirnov distance %.5f", x.interval, sample[0], mean, sample[draws-1], deviation, distance)
		near := func(what string, got, want, tolerance float64) {
			if math.Abs(got-want) > tolerance {
				t.Errorf("I = %v s: %s %.4f s, want %.4f +- %.4f", x.interval, what, got, want, tolerance)
			}
		}
		near("min", sample[0], x.least, x.interval/150) // the extremes of a triangle: 0.1 s away in the mean, here 0.2 s at most
		near("mean", mean, x.mean, x.tolerance)
		near("max", sample[draws-1], x.most, x.interval/150)
		near("standard deviation", deviation, x.deviation, x.interval/300)
		if limit := 1.95 / math.Sqrt(draws); distance > limit { // significance 0.001
			t.Errorf("I = %v s: the sample is %.5f away from the triangle, want at most %.5f", x.interval, distance, limit)
		}
		if b := w.cfg.Timing().DetectionBounds(0); seconds(sample[0]) <= b.Min || seconds(sample[draws-1]) > b.Max {
			t.Errorf("I = %v s: detection between %v and %v s, outside (%v, %v]", x.interval, sample[0], sample[draws-1], b.Min, b.Max)
		}
	}
}

// TestDetectionAtAFixedPhase keeps the phases of the two processes and draws only the crash.
func TestDetectionAtAFixedPhase(t *testing.T) {
	const draws, phase, delay = 20_000, 7 * time.Second, 2 * time.Second
	w := world{cfg: Shipped(), delay: delay}
	interval := w.cfg.Timing().Interval
	distribution := w.cfg.Timing().DetectionAtPhase(delay, phase-delay)
	r := rand.New(rand.NewPCG(3, 4))
	sample := make([]time.Duration, draws)
	for i := range sample {
		w.reset(PreparerFirst, [2]time.Duration{0, phase})
		w.stop[0] = interval + draw(r, interval)
		w.run(9 * interval)
		sample[i] = w.down[1] - w.stop[0]
	}
	slices.Sort(sample)
	var distance float64
	for i, s := range sample {
		distance = max(distance, math.Abs(distribution.CDF(s)-float64(i)/draws))
	}
	if limit := 1.95 / math.Sqrt(draws); distance > limit {
		t.Errorf("the sample from %v to %v is %.4f away from %+v, want at most %.4f", sample[0], sample[draws-1], distance, distribution, limit)
	}
}

func TestDistributionQuantilesInvertTheCDF(t *testing.T) {
	timing := Timing{Interval: 30 * time.Second, Misses: 4}
	for _, d := range []Distribution{timing.Detection(time.Second), timing.DetectionAtPhase(time.Second, 5*time.Second)} {
		for p := 0.0; p <= 1; p += 0.01 {
			if back := d.CDF(d.Quantile(p)); math.Abs(back-p) > 1e-6 {
				t.Errorf("%+v: CDF(Quantile(%.2f)) = %v", d, p, back)
			}
		}
		if d.Quantile(-1) != d.Interval.Min || d.Quantile(2) != d.Interval.Max || d.CDF(d.Interval.Min) != 0 || d.CDF(d.Interval.Max) != 1 {
			t.Errorf("%+v: wrong at the ends", d)
		}
	}
	d := timing.Detection(0)
	if d.Mean() != 120*time.Second || math.Abs(d.Deviation().Seconds()-12.2474) > 0.001 || d.Deviation().Round(time.Microsecond) != timing.DetectionDeviation().Round(time.Microsecond) {
		t.Errorf("mean %v, deviation %v and %v, want 120 s and 12.247 s", d.Mean(), d.Deviation(), timing.DetectionDeviation())
	}
	if u := timing.DetectionAtPhase(0, 30*time.Second); u.Mean() != 135*time.Second || math.Abs(u.Deviation().Seconds()-8.660) > 0.001 {
		t.Errorf("uniform: mean %v, deviation %v, want 135 s and 8.660 s", u.Mean(), u.Deviation())
	}
}
