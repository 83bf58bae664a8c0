package decision

import (
	"slices"
	"strconv"
	"time"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// origin asks where the evidence comes from: which run, how old, whether the run was whole, what it was aimed at.
func (j *judge) origin() {
	p := j.in.Policy
	runs, environments := map[string]bool{}, map[string]bool{}
	unnamed := 0 // test cases of scenarios that do not say which run they are of
	for _, f := range j.in.Files {
		for _, m := range f.Marks {
			j.mark(f.Name, m)
		}
		for _, s := range f.Suites {
			if len(s.Cases) == 0 {
				continue
			}
			ours := len(s.Properties["run"]) > 0
			for _, schema := range s.Properties["schema"] {
				if !ours {
					break
				}
				if n, err := strconv.Atoi(schema); err != nil || !model.Readable(n) {
					j.against("unknown", "", "%s: suite %q is of schema %s, from %d to %d are understood here: judge it with the gate of its own version",
						f.Name, s.Name, plain.Line(schema), model.OldestSchema, model.SchemaVersion)
				}
			}
			if slices.Contains(s.Properties["tls_verified"], "false") {
				j.note("%s: suite %q did not verify certificates (CROSSDC_DCn_INSECURE_SKIP_TLS_VERIFY)", f.Name, s.Name)
			}
			for _, run := range s.Properties["run"] {
				runs[run] = true
			}
			// Of Ginkgo's own report one step of each scenario says it for the others of its suite, which ran with it.
			told := slices.ContainsFunc(s.Cases, func(c evidence.Case) bool { return c.Quoted && c.Properties["run"] != "" })
			for _, c := range s.Cases {
				if c.Properties["run"] != "" {
					runs[c.Properties["run"]] = true
				}
				if len(c.Scenarios(j.known)) == 1 {
					if c.Properties["environment"] != "" || !told {
						environments[c.Properties["environment"]] = true
					}
					if c.Properties["run"] == "" && !ours && !told {
						unnamed++
					}
				}
			}
			j.age(f.Name, s, ours)
		}
	}
	j.d.Runs = sorted(runs)
	if len(runs) > 1 && *p.SameRun {
		j.against("mixed", "", "the evidence is of %d runs (%s), and same_run demands one", len(runs), list(j.d.Runs))
	}
	if len(runs) > 0 && unnamed > 0 && *p.SameRun {
		j.against("mixed", "", "%d test cases do not say which run they are of, others do (%s), and same_run demands one", unnamed, list(j.d.Runs))
	}
	for _, environment := range sorted(environments) {
		if len(p.Environments) > 0 && !slices.Contains(p.Environments, environment) {
			j.against("foreign", "", "evidence comes from environment %q, allowed are %s", environment, list(p.Environments))
		}
		if environment != "" {
			j.d.Environments = append(j.d.Environments, environment)
		}
	}
	if j.cases > 0 && len(j.drills) == 0 {
		j.against("foreign", "", "none of the %d test cases belongs to a scenario: neither the property scenario, nor a label, nor the whole name is exactly one", j.cases)
	}
}

// mark refuses evidence of a run that was not whole or not real.
func (j *judge) mark(file string, m evidence.Mark) {
	switch m.Name {
	case "partial":
		j.against("partial", "", "%s: %s comes from a run that is not finished", file, m.Where)
	case "interrupted":
		j.against("partial", "", "%s: %s comes from a run that is interrupted", file, m.Where)
	case evidence.DryRun:
		j.against("partial", "", "%s: %s comes from a dry run, in which nothing was tested (DryRun=%s)", file, m.Where, m.Value)
	case evidence.FlakeAttempts:
		j.against("flaky", "", "%s: %s comes from a run that repeats what fails (FlakeAttempts=%s), so that nobody knows what failed before it passed: run it without --flake-attempts",
			file, m.Where, m.Value)
	case "proving":
		j.against("proving", "", "%s: %s comes from a run in which something was broken on purpose: %s", file, m.Where, m.Value)
	default:
		j.against("partial", "", "%s: %s comes from a run that still runs", file, m.Where)
	}
}

// age refuses evidence that is too old, from the future, or undated. Times without a zone are UTC in our files; other
// writers take local time, so that half a day of future proves nothing there.
func (j *judge) age(file string, s evidence.Suite, ours bool) {
	limit, ahead := time.Duration(j.in.Policy.MaximumAge), 14*time.Hour
	if ours {
		ahead = 5 * time.Minute
	}
	age := j.in.Now.Sub(s.Timestamp)
	switch {
	case s.Timestamp.IsZero() && s.Stamp != "":
		j.against("stale", "", "%s: suite %q has the timestamp %q, which is not understood: want one such as 2006-01-02T15:04:05Z", file, s.Name, s.Stamp)
		return
	case s.Timestamp.IsZero():
		j.against("stale", "", "%s: suite %q has no timestamp, so nobody knows how old it is", file, s.Name)
		return
	case age > limit:
		j.against("stale", "", "%s: suite %q started %s ago, %s are allowed", file, s.Name, age.Round(time.Minute), limit)
	case age < -ahead:
		j.against("stale", "", "%s: suite %q started at %s, which lies in the future", file, s.Name, s.Timestamp.Format(time.RFC3339))
	}
	if seconds := age.Seconds(); j.d.AgeSeconds == nil || seconds > *j.d.AgeSeconds {
		j.d.AgeSeconds = &seconds
	}
}
