package advise

import (
	"math"
	"slices"
	"time"
)

// confidence is the two-sided confidence of every bound.
const z95 = 1.959964

// Share is a probability from n draws with its 95 % bounds (Wilson).
type Share struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Draws int     `json:"draws"`
}

func share(hits, n int) Share {
	if n == 0 {
		return Share{High: 1}
	}
	p, m := float64(hits)/float64(n), float64(n)
	centre := (p + z95*z95/(2*m)) / (1 + z95*z95/m)
	half := z95 / (1 + z95*z95/m) * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	return Share{Value: p, Low: max(centre-half, 0), High: min(centre+half, 1), Draws: n}
}

// times is a yearly rate: events a year, each with the probability of the share.
func (s Share) times(perYear float64) Yearly {
	return Yearly{Value: s.Value * perYear, Low: s.Low * perYear, High: s.High * perYear}
}

// Yearly is how often, or how much, in a year, with the simulation error.
type Yearly struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func (y Yearly) plus(o Yearly) Yearly {
	return Yearly{y.Value + o.Value, y.Low + o.Low, y.High + o.High}
}

// Quantile is one quantile of a duration with its 95 % bounds, which order statistics give without any assumption.
type Quantile struct {
	P       float64 `json:"p"`
	Seconds float64 `json:"s"`
	Low     float64 `json:"low_s"`
	High    float64 `json:"high_s"`
}

// Quantiles are those of durations, drawn or measured, by which advice and trials can be compared.
func Quantiles(values []time.Duration, ps ...float64) []Quantile { return quantiles(values, ps...) }

// ShareOf is the probability that n draws or trials with that many hits show.
func ShareOf(hits, n int) Share { return share(hits, n) }

func quantiles(values []time.Duration, ps ...float64) []Quantile {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	n := float64(len(sorted))
	at := func(rank float64) float64 {
		return sorted[min(max(int(rank), 0), len(sorted)-1)].Seconds()
	}
	var out []Quantile
	for _, p := range ps {
		spread := z95 * math.Sqrt(n*p*(1-p))
		out = append(out, Quantile{P: p, Seconds: at(n * p), Low: at(math.Floor(n*p - spread)), High: at(math.Ceil(n*p + spread))})
	}
	return out
}

// meanOf is the mean of values with its 95 % bounds by the normal approximation.
func meanOf(values []time.Duration) (mean, low, high float64) {
	if len(values) == 0 {
		return 0, 0, 0
	}
	n := float64(len(values))
	for _, v := range values {
		mean += v.Seconds() / n
	}
	var squares float64
	for _, v := range values {
		squares += (v.Seconds() - mean) * (v.Seconds() - mean)
	}
	half := z95 * math.Sqrt(squares/max(n-1, 1)/n)
	return mean, max(mean-half, 0), mean + half
}
