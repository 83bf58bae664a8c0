package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/crossdc/failover/toolkit/crossdc/advise"
)

// printer writes the advice for a terminal. The first error of the output ends it.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func show(out io.Writer, a advise.Advice) error {
	p := &printer{out: out}
	t := a.Timing
	p.line("Configuration: I = %g s, N = %d, S = %g s (a snapshot round really every %g s)", t.Interval, t.Misses, t.Snapshot, t.Period)
	p.line("By closed form: DOWN after %g to %g s; outages up to %g s are certainly harmless; a boot up to %g s is never noticed;", t.Earliest, t.Detection, t.Survives, t.Invisible)
	p.line("one hung heartbeat ends in DOWN with a probability of %.2f", t.Hung)
	for _, trap := range a.Traps {
		p.line("! %s", trap)
	}
	for _, note := range a.Notes {
		p.line("! %s", note)
	}
	p.line("\nA data center is lost for good (%d draws, seed %d):", a.Samples, a.Seed)
	p.quantiles("detection", a.Crash.Detection)
	p.quantiles("traffic lost", a.Crash.Loss)
	if a.Crash.NotSeen.Value > 0 {
		p.line("  never noticed in %s", percent(a.Crash.NotSeen))
	}
	if a.Crash.RTOMet != nil {
		p.line("  RTO of %g s, detection alone: kept in %s", a.Objective.RTO, percent(*a.Crash.RTOMet))
	}
	if a.Crash.RPOMet != nil {
		p.line("  RPO of %g s: kept in %s", a.Objective.RPO, percent(*a.Crash.RPOMet))
	}
	p.line("\nThe link breaks:")
	p.line("  %-10s %9s  %-24s %-24s %s", "for", "a year", "fails over for nothing", "silent for good (Q1)", "both active, mean")
	for _, o := range a.Outages {
		p.line("  %-10s %9.3g  %-24s %-24s %.0f s", fmt.Sprintf("%g s", o.Seconds), o.PerYear, percent(o.Failover), percent(o.Silence), o.Split)
	}
	p.line("\nA data center restarts: noticed in %s, its state lost without a word (Q17) in %s", percent(a.Restart.Noticed), percent(a.Restart.Silent))
	if a.Restart.Silent.Value > 0 {
		p.line("  by closed form only a boot of %g s or more is always noticed: hold a data center back that long, or let the peer return its replicas", t.Visible)
		p.line("  (sendDataSnapshotsToOriginDCAtStartup, which has a quirk of its own: Q23)")
	}
	p.line("\nIn a year:")
	p.yearly("failovers for nothing", "", a.Year.FalseFailovers)
	p.yearly("silences until somebody acts (Q1)", "", a.Year.Silences)
	p.yearly("hours alone because of them", "h", a.Year.AloneHours)
	p.yearly("hours with both active (Q2)", "h", a.Year.SplitHours)
	p.yearly("states lost by fast restarts (Q17)", "", a.Year.SilentLosses)
	p.yearly("traffic lost by crashes", "s", a.Year.LostSeconds)
	p.table(a)
	p.better(a)
	p.line("\nNot in these numbers: what the application needs to serve after DOWN, bandwidth and large snapshots, hosts that are overloaded,")
	p.line("and the rates of the profile themselves: they are yours to know. Brackets are 95 %% simulation error.")
	return p.err
}

func (p *printer) quantiles(what string, quantiles []advise.Quantile) {
	var parts []string
	for _, q := range quantiles {
		parts = append(parts, fmt.Sprintf("P%.0f %.0f s [%.0f, %.0f]", q.P*100, q.Seconds, q.Low, q.High))
	}
	p.line("  %-13s %s", what, strings.Join(parts, "   "))
}

func (p *printer) yearly(what, unit string, y advise.Yearly) {
	p.line("  %-36s %8.3g %s [%.3g, %.3g]", what, y.Value, unit, y.Low, y.High)
}

// table is the map of failovers for nothing; a star marks what keeps the RTO.
func (p *printer) table(a advise.Advice) {
	p.line("\nFailovers for nothing a year, by I (down) and N (across); * keeps the RTO:")
	head := "  I \\ N  "
	for _, n := range a.Map.Misses {
		head += fmt.Sprintf("%9d", n)
	}
	p.line("%s", head)
	for i, interval := range a.Map.Intervals {
		row := fmt.Sprintf("  %4g s ", interval)
		for n := range a.Map.Misses {
			mark := " "
			if a.Map.Keeps[i][n] {
				mark = "*"
			}
			row += fmt.Sprintf("%8.2g%s", a.Map.False[i][n], mark)
		}
		p.line("%s", row)
	}
}

func (p *printer) better(a advise.Advice) {
	if len(a.Better) == 0 {
		p.line("\nNo configuration of the grid keeps the objectives.")
		return
	}
	p.line("\nConfigurations that keep the objectives, the quietest first:")
	for _, o := range a.Better {
		p.line("  I = %g s, N = %d, S = %g s, httpConnectionTimeout = %d s, httpReadTimeout = %d s: DOWN within %g s, a round every %g s,",
			o.Interval, o.Misses, o.Snapshot, o.Connect, o.Read, o.Detection, o.Period)
		if o.BootDelay > 0 {
			p.line("    and a boot that is held back for %g s:", o.BootDelay)
		}
		p.line("    %.2g failovers for nothing a year: %s", o.FalseFailovers.Value, o.Trade)
	}
}

func percent(s advise.Share) string {
	return fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*s.Value, 100*s.Low, 100*s.High)
}
