package main

import (
	"context"
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit/crossdc/advise"
)

// row is one thing that advice gives as an interval and trials measure as one.
type row struct {
	Scenario string     `json:"scenario"`
	What     string     `json:"what"`
	Advised  [2]float64 `json:"advised"` // 95 %
	Measured [2]float64 `json:"measured"`
	Unit     string     `json:"unit"`
	Trials   int        `json:"trials"`   // that count
	LeftOut  int        `json:"left_out"` // in which it was not measured, or nobody could tell
	Overlap  bool       `json:"overlap"`
	TooFew   bool       `json:"too_few,omitempty"` // trials for an interval: neither yes nor no
}

// medianTrials is how many values the smallest interval needs that holds a median with 95 %: with five, all lie on one side of it in 6 % of all cases.
const medianTrials = 6

// String is the row on the terminal.
func (r row) String() string {
	word := "overlap"
	switch {
	case r.TooFew:
		word = "cannot be compared, for that takes more trials"
	case !r.Overlap:
		word = "ARE APART"
	}
	return fmt.Sprintf("%s %s: advice %s, %d trials %s %s (%d left out): they %s", r.Scenario, r.What, span(r.Advised), r.Trials, span(r.Measured), r.Unit, r.LeftOut, word)
}

func span(s [2]float64) string { return fmt.Sprintf("%.4g to %.4g", s[0], s[1]) }

// samples are drawn for the advice: its own error is then small beside that of a handful of trials.
const samples = 2000

// compare asks for advice on the configuration, and holds the trials against it.
func (r *result) compare(ctx context.Context) error {
	t := r.Toolkit.Timing()
	in := advise.Input{Config: r.Toolkit, Samples: samples, Seed: 1, Intervals: []float64{t.Interval.Seconds()}, Misses: []uint8{t.Misses}}
	in.Profile = advise.Profile{Boot: time.Minute, Outages: []advise.Outage{ // over loopback, as the suites break the link
		{Length: t.DetectionBounds(0).Min, PerYear: 1, Refused: true},
		{Length: time.Duration(1.2 * float64(t.CertainGap())), PerYear: 1, Refused: true},
	}}
	said, err := advise.Advise(ctx, in)
	if err != nil {
		return err
	}
	r.hold(said)
	return nil
}

// hold makes the rows.
func (r *result) hold(said advise.Advice) {
	of := func(scenario string) (counted []trial, left int) {
		for _, t := range r.Trials {
			switch {
			case t.Scenario != scenario:
			case t.counts():
				counted = append(counted, t)
			default:
				left++
			}
		}
		return counted, left
	}
	add := func(scenario, what, unit string, advised, measured [2]float64, trials, left, needed int) {
		r.Rows = append(r.Rows, row{Scenario: scenario, What: what, Unit: unit, Advised: advised, Measured: measured, Trials: trials, LeftOut: left, TooFew: trials < needed,
			Overlap: trials >= needed && advised[0] <= measured[1] && measured[0] <= advised[1]})
	}
	share := func(scenario, what string, advised advise.Share, hit func(trial) bool) {
		counted, left := of(scenario)
		hits := 0
		for _, t := range counted {
			if hit(t) {
				hits++
			}
		}
		measured := advise.ShareOf(hits, len(counted))
		add(scenario, what, "", [2]float64{advised.Low, advised.High}, [2]float64{measured.Low, measured.High}, len(counted), left, 1)
	}
	r.Rows = nil
	for _, measure := range []struct {
		what    string
		advised []advise.Quantile
		of      func(trial) *[2]float64
	}{
		{"detection", said.Crash.Detection, func(t trial) *[2]float64 { return t.Detection }},
		{"traffic lost", said.Crash.Loss, func(t trial) *[2]float64 { return t.Loss }},
	} {
		var earliest, latest []time.Duration
		left := 0
		for _, t := range r.Trials {
			switch s := measure.of(t); {
			case t.Scenario != crash:
			case s == nil:
				left++
			default: // an interval holds whatever else of its trial was too uncertain for a verdict
				earliest, latest = append(earliest, seconds(s[0])), append(latest, seconds(s[1]))
			}
		}
		for _, q := range measure.advised {
			if q.P > 0.5 { // a handful of trials says nothing of a tail
				continue
			}
			var measured [2]float64
			if len(earliest) > 0 { // each value is known between two bounds only, which widens the quantile's
				measured = [2]float64{advise.Quantiles(earliest, q.P)[0].Low, advise.Quantiles(latest, q.P)[0].High}
			}
			add(crash, fmt.Sprintf("%s, P%.0f", measure.what, q.P*100), "s", [2]float64{q.Low, q.High}, measured, len(earliest), left, medianTrials)
		}
	}
	share(shortPartition, "fails over for nothing", said.Outages[0].Failover, func(t trial) bool { return model.Outcome(t.Outcome) == model.Failed })
	share(longPartition, "fails over for nothing", said.Outages[1].Failover, func(t trial) bool { return t.Detection != nil })
	share(longPartition, "silent for good (Q1)", said.Outages[1].Silence, func(t trial) bool { return t.Silent })
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
