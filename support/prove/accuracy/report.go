package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit"
)

// report is accuracy.json.
type report struct {
	series                    // on the machine as it is
	Loaded     *series        `json:"loaded,omitempty"` // the same with every core kept busy by another process
	Speedup    float64        `json:"speedup"`          // toolkit seconds per wall second
	RefreshMS  float64        `json:"metric_refresh_ms"`
	ClockError float64        `json:"clock_error_ms"` // of the truth, between the two processes' readings of one clock
	Seed       int64          `json:"seed"`
	Toolkit    map[string]any `json:"toolkit"`
}

// series is what many failovers show.
type series struct {
	Runs         int      `json:"runs"`
	Contained    int      `json:"contained"`    // every true instant inside the reported, fused interval
	Inconclusive int      `json:"inconclusive"` // with a verdict that says so
	NotMeasured  int      `json:"not_measured"` // not counted as contained
	Problems     []string `json:"problems,omitempty"`
	// Busy is the share of the time in which at least one process of the machine, ours or not, waited for a core; -1: not known.
	Busy       float64              `json:"cpu_pressure"`
	Fused      statistic            `json:"fused"`
	FusedBy    map[string]statistic `json:"fused_by_measure"`
	Indicators map[string]indicator `json:"indicators"`
}

// indicator is what one indicator shows alone.
type indicator struct {
	statistic
	By map[string]statistic `json:"by_measure"`
}

// statistic of intervals beside the truth, in wall milliseconds and toolkit seconds.
type statistic struct {
	Intervals   int     `json:"intervals"`
	Inside      int     `json:"inside"`
	MedianWidth float64 `json:"median_width_ms"`
	P95Width    float64 `json:"p95_width_ms"`
	MaxWidth    float64 `json:"max_width_ms"`
	MedianError float64 `json:"median_error_ms"` // of the interval's middle

	// By how much the interval's end lies behind the truth: how late the indicator is.
	MedianLag float64 `json:"median_lag_ms"`
	MaxLag    float64 `json:"max_lag_ms"`

	MedianWidthToolkit float64 `json:"median_width_toolkit_s"`
	P95WidthToolkit    float64 `json:"p95_width_toolkit_s"`
	MedianErrorToolkit float64 `json:"median_error_toolkit_s"`
}

func summarize(settings *config.Config, clockError time.Duration, quiet, loaded []outcome) report {
	t := settings.Toolkit
	r := report{
		series: seriesOf(quiet, settings.Speedup), Speedup: settings.Speedup, Seed: settings.Seed,
		RefreshMS: refresh.Seconds() / settings.Speedup * 1000, ClockError: float64(clockError) / float64(time.Millisecond),
		Toolkit: map[string]any{
			"heartbeat_interval_s": t.HeartbeatInterval.Seconds(), "misses": t.Misses, "snapshot_interval_s": t.SnapshotInterval.Seconds(),
		},
	}
	if len(loaded) > 0 {
		under := seriesOf(loaded, settings.Speedup)
		r.Loaded = &under
	}
	return r
}

// refresh is the platform's metric refresh, toolkit time.
const refresh = 3 * time.Second

func seriesOf(outcomes []outcome, speedup float64) series {
	s := series{Runs: len(outcomes), FusedBy: map[string]statistic{}, Indicators: map[string]indicator{}}
	by := map[string]map[string][]sample{} // indicator -> measure
	for _, o := range outcomes {
		switch {
		case o.problem != nil:
			s.NotMeasured++
			s.Problems = append(s.Problems, fmt.Sprintf("%s: %v", o.name, o.problem))
		case o.contained():
			s.Contained++
		}
		if len(o.doubts) > 0 {
			s.Inconclusive++
		}
		for _, one := range o.samples {
			if by[one.indicator] == nil {
				by[one.indicator] = map[string][]sample{}
			}
			by[one.indicator][one.measure] = append(by[one.indicator][one.measure], one)
		}
	}
	for name, of := range by {
		var all []sample
		each := map[string]statistic{}
		for measure, samples := range of {
			all = append(all, samples...)
			each[measure] = statisticOf(samples, speedup)
		}
		if name == fused {
			s.Fused, s.FusedBy = statisticOf(all, speedup), each
		} else {
			s.Indicators[name] = indicator{statisticOf(all, speedup), each}
		}
	}
	return s
}

func statisticOf(samples []sample, speedup float64) statistic {
	s := statistic{Intervals: len(samples)}
	var widths, errors, lags []float64
	for _, sample := range samples {
		if sample.inside() {
			s.Inside++
		}
		widths = append(widths, float64(sample.when.Width())/float64(time.Millisecond))
		errors = append(errors, float64(sample.off())/float64(time.Millisecond))
		lags = append(lags, float64(sample.when.Latest-sample.truth)/float64(time.Millisecond))
	}
	s.MedianLag, s.MaxLag = quantile(lags, 0.5), quantile(lags, 1)
	s.MedianWidth, s.P95Width, s.MaxWidth = quantile(widths, 0.5), quantile(widths, 0.95), quantile(widths, 1)
	s.MedianError = quantile(errors, 0.5)
	s.MedianWidthToolkit, s.P95WidthToolkit = s.MedianWidth*speedup/1000, s.P95Width*speedup/1000
	s.MedianErrorToolkit = s.MedianError * speedup / 1000
	return s
}

// quantile is the smallest value that at least the share q of all values does not exceed; 0 of none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	at := int(q*float64(len(values))+0.999999) - 1
	return values[min(max(at, 0), len(values)-1)]
}

func (r report) write(path string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the accuracy: %w", err)
	}
	return nil
}

// Aims, in wall milliseconds; they are reported, and only containment decides.
const (
	aimMedian = 5
	aimP95    = 25
	aimPoll   = 20 // beyond the metric refresh, for polling alone
)

func (r report) print(w io.Writer) {
	fmt.Fprintf(w, "\naccuracy at speedup %g (1 ms of wall time is %g s of toolkit time); truth off by at most %.4f ms\n", r.Speedup, r.Speedup/1000, r.ClockError)
	if r.Runs > 0 {
		r.series.print(w, "machine as it is")
	}
	if r.Loaded != nil {
		r.Loaded.print(w, "every core kept busy by another process")
	}
	if r.Runs == 0 {
		return
	}
	fmt.Fprintln(w, "\naims, on the machine as it is:")
	aim := func(what string, value, limit float64) {
		met := "met"
		if value > limit {
			met = "MISSED"
		}
		fmt.Fprintf(w, "  %-44s %8.2f ms, at most %g ms: %s\n", what, value, limit, met)
	}
	aim("fused, median width", r.Fused.MedianWidth, aimMedian)
	aim("fused, p95 width", r.Fused.P95Width, aimP95)
	polling := r.Indicators[string(toolkit.OperatorMetrics)].By[detection]
	aim("REST polling alone (detection), median width", polling.MedianWidth, r.RefreshMS+aimPoll)
	aim("REST polling alone (detection), p95 width", polling.P95Width, r.RefreshMS+aimPoll)
}

func (s series) print(w io.Writer, title string) {
	fmt.Fprintf(w, "\n%s: the truth lies inside the reported interval in %d of %d failovers (%d inconclusive, %d not measured)\n",
		title, s.Contained, s.Runs, s.Inconclusive, s.NotMeasured)
	if s.Busy >= 0 {
		fmt.Fprintf(w, "  CPU pressure: for %.0f %% of the time a process waited for a core\n", 100*s.Busy)
	}
	fmt.Fprintf(w, "  %-20s %-12s %9s %12s %11s %11s %12s %12s %12s %14s\n", "", "", "inside", "median width", "p95 width", "max width", "median error", "lag: median", "max", "median width")
	line := func(name, measure string, st statistic) {
		fmt.Fprintf(w, "  %-20s %-12s %4d/%-4d %9.2f ms %8.2f ms %8.2f ms %9.2f ms %9.2f ms %9.2f ms %8.3f s toolkit\n",
			name, measure, st.Inside, st.Intervals, st.MedianWidth, st.P95Width, st.MaxWidth, st.MedianError, st.MedianLag, st.MaxLag, st.MedianWidthToolkit)
	}
	group := func(name string, all statistic, by map[string]statistic) {
		line(name, "all", all)
		for _, measure := range measures {
			if st, ok := by[measure]; ok && len(by) > 1 {
				line("", measure, st)
			}
		}
	}
	group(fused, s.Fused, s.FusedBy)
	names := slices.SortedFunc(maps.Keys(s.Indicators), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Indicators[a].MedianWidth, s.Indicators[b].MedianWidth), cmp.Compare(a, b))
	})
	for _, name := range names {
		group(name, s.Indicators[name].statistic, s.Indicators[name].By)
	}
}

// verdict fails when a true instant lies outside, or something was not measured.
func (r report) verdict() error {
	runs, contained := r.Runs, r.Contained
	if r.Loaded != nil {
		runs, contained = runs+r.Loaded.Runs, contained+r.Loaded.Contained
	}
	if contained < runs {
		return fmt.Errorf("the truth lies inside the reported interval in %d of %d failovers only", contained, runs)
	}
	return nil
}
