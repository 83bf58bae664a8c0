package timeline

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// confidence of every claim on a percentile.
const confidence = 0.95

// claimable percentiles, the highest first; between them nothing is claimed.
var claimable = []float64{0.99, 0.95, 0.90}

// TrialsNeeded is how many trials carry a claim on a percentile at 95 % confidence without assuming anything about the
// distribution: the longest of n trials lies above the percentile p unless all n happen to lie below it, which has the
// probability p^n, so that n >= ln(0.05)/ln(p): 29 for a P90, 59 for a P95, 299 for a P99. p must lie between 0 and 1.
func TrialsNeeded(p float64) int {
	return int(math.Ceil(math.Log(1-confidence)/math.Log(p) - 1e-9))
}

// Claim says in words which percentile the durations of conclusive trials carry: never one that they do not. All
// durations are toolkit seconds; of each trial the latest possible one counts, so that a claim is never too good.
func Claim(what string, trials []model.Measure) string {
	conclusive := slices.DeleteFunc(slices.Clone(trials), func(m model.Measure) bool { return m.Verdict == model.Inconclusive })
	n := len(conclusive)
	left := ""
	if without := len(trials) - n; without > 0 {
		left = fmt.Sprintf("; %d inconclusive trials are left out", without)
	}
	if n == 0 {
		return fmt.Sprintf("no trial measured the %s, so nothing can be claimed%s", what, left)
	}
	longest := 0.0
	for _, m := range conclusive {
		longest = max(longest, m.LatestSeconds)
	}
	next := claimable[len(claimable)-1]
	for i, p := range claimable {
		if n < TrialsNeeded(p) {
			continue
		}
		text := fmt.Sprintf("%d trials carry a P%.0f at 95 %% confidence: at least %.0f %% of all failovers have a %s of at most %.1f s, the longest one seen",
			n, 100*p, 100*p, what, longest)
		if i > 0 {
			text += fmt.Sprintf("; a P%.0f needs %d trials", 100*claimable[i-1], TrialsNeeded(claimable[i-1]))
		}
		return text + left
	}
	return fmt.Sprintf("%d trials carry no percentile: the longest %s seen was %.1f s; a P%.0f at 95 %% confidence needs %d trials%s",
		n, what, longest, 100*next, TrialsNeeded(next), left)
}

// quantiles is how many quantiles of the prediction are stored, evenly spaced from 0 to 1.
const quantiles = 21

// Predicted returns evenly spaced quantiles of a predicted distribution in toolkit seconds, from its least to its
// greatest value, for drawing beside the observed one.
func Predicted(quantile func(p float64) time.Duration) []float64 {
	list := make([]float64, quantiles)
	for i := range list {
		list[i] = quantile(float64(i) / (quantiles - 1)).Seconds()
	}
	return list
}

// Compare holds measured durations (toolkit seconds) against a predicted cumulative distribution. Each true value lies
// anywhere in its interval, not in the middle: a fault that is there at once, and proven later, makes every middle too early.
// So the difference is the one that is left when all of them lie where they fit best. The limit is the asymptotic one with
// Stephens' correction for small samples. ok is false without a conclusive trial.
func Compare(trials []model.Measure, cdf func(time.Duration) float64) (_ model.Fit, ok bool) {
	var earliest, latest []float64
	for _, m := range trials {
		if m.Verdict != model.Inconclusive {
			earliest, latest = append(earliest, m.EarliestSeconds), append(latest, m.LatestSeconds)
		}
	}
	if len(earliest) == 0 {
		return model.Fit{}, false
	}
	slices.Sort(earliest)
	slices.Sort(latest)
	n := float64(len(earliest))
	at := func(x float64) float64 { return cdf(time.Duration(x * float64(time.Second))) }
	fit := model.Fit{Trials: len(earliest), Limit: 1.358 / (math.Sqrt(n) + 0.12 + 0.11/math.Sqrt(n))}
	for i := range earliest {
		fit.Distance = max(fit.Distance, at(earliest[i])-float64(i)/n, float64(i+1)/n-at(latest[i]))
	}
	return fit, true
}
