package crossdc

import (
	"math"
	"time"
)

// DetectionBounds is how long after a crash the peer is declared DOWN (toolkit contract 6.1): more than Min and at most
// Max, ((N-1)*I+d, (N+1)*I+d], where d is the delivery delay of the last heartbeat. With N=0 the lower bound is
// negative: DOWN may have been declared before the crash. N=255 never detects (NeverDetects).
func (t Timing) DetectionBounds(d time.Duration) Interval {
	n := float64(t.Misses)
	return Interval{Min: add(t.times(n-1), d), Max: add(t.times(n+1), d)}
}

// DetectionMean is N*I + d, half of the documents' truth: it is the mean, not the bound.
func (t Timing) DetectionMean(d time.Duration) time.Duration {
	return add(t.times(float64(t.Misses)), d)
}

// DetectionDeviation is the standard deviation I/sqrt(6) of detection over random phases.
func (t Timing) DetectionDeviation() time.Duration { return t.times(1 / math.Sqrt(6)) }

// NeverDetects says that the 8-bit miss counter wraps before it exceeds N (Q44).
func (t Timing) NeverDetects() bool { return t.Misses == math.MaxUint8 }

// Detection is the distribution of the detection time when the phases of crash and watchdog are independent: triangular.
func (t Timing) Detection(d time.Duration) Distribution {
	b := t.DetectionBounds(d)
	return Distribution{Shape: Triangular, Interval: b}
}

// DetectionAtPhase is the distribution of the detection time for one pair of processes that is not restarted between
// runs: the watchdog ticks phase f in (0, I] after each arrival, and only the crash is random. Uniform, width I.
func (t Timing) DetectionAtPhase(d, f time.Duration) Distribution {
	n := float64(t.Misses)
	return Distribution{Shape: Uniform, Interval: Interval{Min: add(t.times(n-1), f, d), Max: add(t.times(n), f, d)}}
}
