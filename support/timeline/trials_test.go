package timeline

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit/crossdc"
)

func TestTrialsNeeded(t *testing.T) {
	for p, want := range map[float64]int{0.5: 5, 0.9: 29, 0.95: 59, 0.99: 299} {
		if got := TrialsNeeded(p); got != want {
			t.Errorf("P%g needs %d trials, want %d", 100*p, got, want)
		}
	}
}

func measures(n int, latest float64) []model.Measure {
	list := make([]model.Measure, n)
	for i := range list {
		list[i] = model.Measure{EarliestSeconds: latest - 1, LatestSeconds: latest, Verdict: model.Met}
	}
	return list
}

func TestClaimNeverGoesBeyondWhatTheTrialsCarry(t *testing.T) {
	inconclusive := append(measures(29, 120), measures(1, 900)...)
	inconclusive[0].Verdict, inconclusive[29].Verdict = model.Inconclusive, model.Inconclusive
	for _, c := range []struct {
		name   string
		trials []model.Measure
		want   string
		never  string
	}{
		{"none", nil, "nothing can be claimed", "carry"},
		{"28", measures(28, 120), "28 trials carry no percentile: the longest detection seen was 120.0 s; a P90 at 95 % confidence needs 29", "at least 90 %"},
		{"29", measures(29, 120), "29 trials carry a P90 at 95 % confidence: at least 90 % of all failovers have a detection of at most 120.0 s", "carry a P95"},
		{"58", measures(58, 120), "a P95 needs 59 trials", "carry a P95"},
		{"59", measures(59, 120), "59 trials carry a P95", "carry a P99"},
		{"299", measures(299, 120), "299 trials carry a P99", "needs"},
		{"inconclusive ones do not count", inconclusive, "28 trials carry no percentile", "900"},
	} {
		got := Claim("detection", c.trials)
		if !strings.Contains(got, c.want) || strings.Contains(got, c.never) {
			t.Errorf("%s: %q; want %q in it and never %q", c.name, got, c.want, c.never)
		}
	}
}

func TestComparedWithItsOwnDistributionASampleIsClose(t *testing.T) {
	predicted := crossdc.Timing{Interval: 30 * time.Second, Misses: 4}.Detection(0)
	var sample []model.Measure
	for i := range 200 { // one from every two-hundredth of the distribution
		x := predicted.Quantile((float64(i) + 0.5) / 200).Seconds()
		sample = append(sample, model.Measure{EarliestSeconds: x - 0.2, LatestSeconds: x + 0.2, Verdict: model.Met})
	}
	if fit, ok := Compare(sample, predicted.CDF); !ok || !fit.Close() {
		t.Errorf("drawn from the prediction, yet: %v", fit)
	}
	one := crossdc.Timing{Interval: 30 * time.Second, Misses: 3}.Detection(0)
	if fit, ok := Compare(sample, one.CDF); !ok || fit.Close() {
		t.Errorf("a toolkit that declares one heartbeat early must show: %v", fit)
	}
	for _, shift := range []float64{-9, 9} { // as the middles of wide intervals may be, if the truth is always at one end
		var wide []model.Measure
		for _, m := range sample {
			wide = append(wide, model.Measure{EarliestSeconds: m.EarliestSeconds - 10 + shift, LatestSeconds: m.LatestSeconds + 10 + shift, Verdict: model.Met})
		}
		if fit, ok := Compare(wide, predicted.CDF); !ok || !fit.Close() {
			t.Errorf("every truth is in its interval, yet: %v", fit)
		}
		for i := range wide {
			wide[i].EarliestSeconds += 2 * shift
			wide[i].LatestSeconds += 2 * shift
		}
		if fit, ok := Compare(wide, predicted.CDF); !ok || fit.Close() {
			t.Errorf("no truth is in its interval, yet: %v", fit)
		}
	}
	if _, ok := Compare(nil, predicted.CDF); ok {
		t.Error("nothing was compared")
	}
	quantiles := Predicted(predicted.Quantile)
	if quantiles[0] != 90 || quantiles[len(quantiles)/2] != 120 || quantiles[len(quantiles)-1] != 150 {
		t.Errorf("quantiles of the prediction: %v", quantiles)
	}
}
