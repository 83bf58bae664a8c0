package main

import (
	"math"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
)

// paired makes pairs whose machine is twice as slow in every other one: only ratios within a pair tell anything.
func paired(n int, cost float64) []pair {
	pairs := make([]pair, n)
	for i := range pairs {
		cpu := float64(1+i%2) * (1 + float64(i)/1e4)
		pairs[i].Off = window{Seconds: 5, Events: 5000, Rate: 1000, CPU: map[string]float64{application: cpu, platform: cpu}}
		pairs[i].On = window{Seconds: 5, Events: 5000, Rate: 1000, CPU: map[string]float64{application: cpu * (1 + cost), platform: 3 * cpu}}
	}
	return pairs
}

func TestRatiosAreOfPairs(t *testing.T) {
	for cost, want := range map[float64]model.Verdict{0.002: model.Met, 0.05: model.Missed, -0.3: model.Inconclusive} {
		r := summarize(paired(12, cost), &config.Config{Rate: 1000}, 5*time.Second, 0)
		q := r.Ratios[1]
		if math.Abs(q.Ratio-1-cost) > 1e-9 || q.Low > q.Ratio || q.High < q.Ratio || q.Confidence < confidence || q.Verdict != want {
			t.Errorf("cost %g: %+v", cost, q)
		}
		if q := r.Ratios[0]; q.Ratio != 1 || q.Verdict != model.Met {
			t.Errorf("throughput: %+v", q)
		}
	}
}

func TestTooFewPairsProveNothing(t *testing.T) {
	r := summarize(paired(fewestPairs-1, 0.002), &config.Config{}, time.Second, 0)
	if q := r.Ratios[1]; q.Verdict != model.Inconclusive {
		t.Errorf("%d pairs: %+v", fewestPairs-1, q)
	}
	if r := summarize(paired(fewestPairs, 0.002), &config.Config{}, time.Second, 0); r.Ratios[1].Verdict != model.Met {
		t.Errorf("%d pairs: %+v", fewestPairs, r.Ratios[1])
	}
}

func TestAStarvedMachineProvesNothing(t *testing.T) {
	r := summarize(paired(12, 0.002), &config.Config{}, time.Second, punctual+time.Millisecond)
	if r.Trouble == "" || r.Ratios[0].Verdict != model.Inconclusive || r.Ratios[1].Verdict != model.Inconclusive {
		t.Errorf("%+v", r)
	}
}

func TestLessThroughputIsACost(t *testing.T) {
	pairs := paired(12, 0)
	for i := range pairs {
		pairs[i].On.Rate *= 0.9
	}
	if q := summarize(pairs, &config.Config{}, time.Second, 0).Ratios[0]; q.Verdict != model.Missed {
		t.Errorf("a tenth less throughput: %+v", q)
	}
}

func TestThroughputCountsWholeBuckets(t *testing.T) {
	const ms = model.Instant(time.Millisecond)
	var buckets []model.Served
	for _, site := range []string{"dc1", "dc2"} {
		for from := model.Instant(0); from < 200*ms; from += 50 * ms {
			buckets = append(buckets, model.Served{Site: site, From: from, To: from + 50*ms, Events: 25})
		}
	}
	if events, rate := throughput(buckets, 10*ms, 190*ms); events != 100 || math.Abs(rate-1000) > 1e-9 {
		t.Errorf("%d events, %g/s; want those of the two whole buckets, 100 at 1000/s", events, rate)
	}
	if events, rate := throughput(buckets, 10*ms, 40*ms); events != 0 || rate != 0 {
		t.Errorf("no whole bucket, but %d events, %g/s", events, rate)
	}
}
