package crossdc

import (
	"math"
	"time"
)

// Shape is the form of a Distribution's density.
type Shape int

const (
	Triangular Shape = iota // symmetric, mode in the middle
	Uniform
)

// Distribution is a bounded distribution of a duration.
type Distribution struct {
	Shape    Shape
	Interval Interval
}

func (d Distribution) width() float64 { return float64(d.Interval.Max) - float64(d.Interval.Min) }

// Mean is the middle of the range in both shapes.
func (d Distribution) Mean() time.Duration {
	return d.Interval.Min + time.Duration(d.width()/2)
}

// Deviation is the standard deviation.
func (d Distribution) Deviation() time.Duration {
	if d.Shape == Uniform {
		return time.Duration(d.width() / math.Sqrt(12))
	}
	return time.Duration(d.width() / math.Sqrt(24))
}

// CDF is the probability of a value of at most x.
func (d Distribution) CDF(x time.Duration) float64 {
	switch {
	case x >= d.Interval.Max:
		return 1
	case x <= d.Interval.Min:
		return 0
	}
	at := (float64(x) - float64(d.Interval.Min)) / d.width()
	switch {
	case d.Shape == Uniform:
		return at
	case at <= 0.5:
		return 2 * at * at
	}
	return 1 - 2*(1-at)*(1-at)
}

// Quantile is the inverse of CDF; p is clamped to [0, 1].
func (d Distribution) Quantile(p float64) time.Duration {
	p = min(max(p, 0), 1)
	at := p
	if d.Shape == Triangular {
		if p <= 0.5 {
			at = math.Sqrt(p / 2)
		} else {
			at = 1 - math.Sqrt((1-p)/2)
		}
	}
	return d.Interval.Min + time.Duration(math.Round(at*d.width()))
}
