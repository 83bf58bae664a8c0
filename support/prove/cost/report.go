package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/perf/benchmath"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
)

// window is one stretch of load.
type window struct {
	Seconds float64            `json:"wall_s"`
	Events  int64              `json:"events_served"`
	Rate    float64            `json:"events_served_per_s"`
	CPU     map[string]float64 `json:"cpu_s"` // by role
}

// perSecond is the CPU time per second at a load that is offered evenly: unlike the time per event served it does not
// depend on which events' results happened to arrive within the window.
func (w window) perSecond(role string) float64 { return w.CPU[role] / w.Seconds }

// pair is two windows next to each other.
type pair struct {
	On      window `json:"on"`
	Off     window `json:"off"`
	OnFirst bool   `json:"on_first"`
}

// Aim of the cost and confidence of what is said about it.
const (
	aim        = 0.01
	confidence = 0.95
)

// ratio is a quantity with the monitor over the same without it: the median of the pairs.
type ratio struct {
	What       string        `json:"what"`
	Unit       string        `json:"unit"`
	Off        float64       `json:"off_median"`
	On         float64       `json:"on_median"`
	Ratio      float64       `json:"ratio"`
	Low        float64       `json:"ratio_low"`
	High       float64       `json:"ratio_high"`
	Confidence float64       `json:"confidence"`
	Verdict    model.Verdict `json:"verdict,omitempty"` // against the aim; empty: none is stated for it
}

// report is cost.json.
type report struct {
	Rate     float64 `json:"events_per_s"`
	Window   float64 `json:"window_s"`
	Speedup  float64 `json:"speedup"` // the monitor's pace follows the toolkit's: so much closer than in real time
	Seed     int64   `json:"seed"`
	AimShare float64 `json:"aim"`
	Ratios   []ratio `json:"ratios"`
	// Lateness of the generator itself, wall milliseconds: how starved this machine was.
	Lateness float64 `json:"lateness_p99_ms"`
	Trouble  string  `json:"trouble,omitempty"` // why no verdict is due
	Pairs    []pair  `json:"pairs"`
}

// punctual is how late the generator may be, at its 99th percentile, for a verdict: a load that comes in lumps is cheaper
// to process than an even one, and more than the aim.
const punctual = 5 * time.Millisecond

func summarize(pairs []pair, settings *config.Config, length, lateness time.Duration) report {
	r := report{Rate: settings.Rate, Window: length.Seconds(), Speedup: settings.Speedup, Seed: settings.Seed, AimShare: aim, Pairs: pairs}
	r.Ratios = []ratio{
		compare("throughput", "events/s", pairs, func(w window) float64 { return w.Rate }),
		compare("CPU of the application", "ms/s", pairs, func(w window) float64 { return 1e3 * w.perSecond(application) }),
		compare("CPU with the platform", "ms/s", pairs, func(w window) float64 {
			return 1e3 * (w.perSecond(application) + w.perSecond(platform))
		}),
	}
	r.Lateness = float64(lateness) / float64(time.Millisecond)
	r.Ratios[0].Verdict = verdict(1/r.Ratios[0].High, 1/r.Ratios[0].Low) // less throughput is the cost
	r.Ratios[1].Verdict = verdict(r.Ratios[1].Low, r.Ratios[1].High)
	if lateness > punctual {
		r.Trouble = fmt.Sprintf("the load was late by %v at its 99th percentile, more than %v: the machine was busy with something else, so that no verdict is due",
			lateness.Round(time.Millisecond/10), punctual)
		r.Ratios[0].Verdict, r.Ratios[1].Verdict = model.Inconclusive, model.Inconclusive
	}
	return r
}

// compare makes no assumption on the distribution: medians, and order statistics for the interval.
func compare(what, unit string, pairs []pair, value func(window) float64) ratio {
	var on, off, ratios []float64
	for _, p := range pairs {
		on, off = append(on, value(p.On)), append(off, value(p.Off))
		ratios = append(ratios, value(p.On)/value(p.Off))
	}
	middle := func(values []float64) benchmath.Summary {
		return benchmath.AssumeNothing.Summary(benchmath.NewSample(values, &benchmath.DefaultThresholds), confidence)
	}
	s := middle(ratios)
	return ratio{
		What: what, Unit: unit, Off: middle(off).Center, On: middle(on).Center,
		Ratio: s.Center, Low: s.Lo, High: s.Hi, Confidence: s.Confidence,
	}
}

// verdict holds the interval of a growth against the aim. Being observed cannot make anything cheaper: an interval that
// says so tells of the machine, not of the cost.
func verdict(low, high float64) model.Verdict {
	switch {
	case math.IsNaN(low) || math.IsNaN(high) || math.IsInf(low, 0) || math.IsInf(high, 0):
		return model.Inconclusive
	case high < 1-aim:
		return model.Inconclusive
	case high <= 1+aim:
		return model.Met
	case low > 1+aim:
		return model.Missed
	default:
		return model.Inconclusive
	}
}

func (r report) print(w io.Writer) {
	fmt.Fprintf(w, "cost of being observed at %g events/s, %d pairs of %g s, speedup %g; aim: below %g %%\n",
		r.Rate, len(r.Pairs), r.Window, r.Speedup, 100*r.AimShare)
	for _, q := range r.Ratios {
		fmt.Fprintf(w, "  %-24s %9.4g -> %9.4g %-9s ratio %.4f [%.4f, %.4f] at %.1f %% confidence  %s\n",
			q.What, q.Off, q.On, q.Unit, q.Ratio, q.Low, q.High, 100*q.Confidence, q.Verdict)
	}
	if r.Trouble != "" {
		fmt.Fprintf(w, "  inconclusive: %s\n", r.Trouble)
	}
}

func (r report) write(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the cost: %w", err)
	}
	return nil
}
