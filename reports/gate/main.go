// Command gate decides from JUnit files and a policy whether a release may go out:
//
//	go build -o .bin/gate ./reports/gate && .bin/gate -policy policy.yaml reports/out/junit.xml
//
// It prints every reason and exits with 0 for go, 1 for no-go, 2 for input that cannot be used (go run makes 1 of the 2). reports/README.md describes
// the policy.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/gate/decision"
	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/gate/policy"
	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/plain"
)

const (
	exitGo = iota
	exitNoGo
	exitUnusable
)

func main() { os.Exit(run(os.Args[1:], time.Now(), os.Stdout, os.Stderr)) }

// run is main with everything it needs given to it.
func run(arguments []string, now time.Time, out, problems io.Writer) int {
	flags := flag.NewFlagSet("gate", flag.ContinueOnError)
	flags.SetOutput(problems)
	policyFile := flags.String("policy", "", "the policy (YAML); required")
	asJSON := flags.Bool("json", false, "print the decision as JSON")
	output := flags.String("o", "", "also write the decision as JSON to this file")
	baseline := flags.String("baseline", "", "folder with the history of earlier runs; the policy's regression.baseline when empty")
	current := flags.String("history", "", "folder with the history of the runs to be judged; the values in the JUnit files when empty")
	flags.Usage = func() {
		_, _ = fmt.Fprintln(problems, "usage: gate -policy policy.yaml [-json] [-o decision.json] [-baseline folder] [-history folder] junit.xml...")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return exitUnusable
	}
	d := decide(*policyFile, *baseline, *current, flags.Args(), now)
	data, err := json.MarshalIndent(d, "", "  ")
	if err == nil && *output != "" {
		err = os.WriteFile(*output, append(data, '\n'), 0o644)
	}
	if err != nil {
		_, _ = fmt.Fprintln(problems, "gate: write the decision:", err)
		return exitUnusable
	}
	if *asJSON {
		_, err = fmt.Fprintf(out, "%s\n", data)
	} else {
		err = tell(out, d)
	}
	if err != nil {
		_, _ = fmt.Fprintln(problems, "gate: print the decision:", err)
		return exitUnusable
	}
	switch d.Decision {
	case "go":
		return exitGo
	case "no-go":
		return exitNoGo
	default:
		return exitUnusable
	}
}

func decide(policyFile, baseline, current string, files []string, now time.Time) decision.Decision {
	var bad []error
	in := decision.Input{Now: now}
	if policyFile == "" {
		return decision.Unusable(now, fmt.Errorf("no policy was given: -policy policy.yaml"))
	}
	data, err := readPolicy(policyFile)
	if err != nil {
		bad = append(bad, fmt.Errorf("read the policy: %w", err))
	} else if in.Policy, err = policy.Parse(policyFile, data); err != nil {
		bad = append(bad, err)
	}
	for _, name := range files {
		file, err := readJUnit(name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		in.Files = append(in.Files, file)
	}
	where := "-baseline"
	switch r := in.Policy.Regression; {
	case r == nil && len(bad) == 0 && baseline+current != "":
		bad = append(bad, fmt.Errorf("-baseline and -history are for the comparison that the policy's regression demands, and %s has none: add it, or leave them out", policyFile))
	case r != nil && baseline == "" && r.Baseline == "":
		bad = append(bad, fmt.Errorf("%s: regression has no baseline: add regression.baseline or -baseline", in.Policy.Where("regression")))
	case r != nil && baseline == "":
		baseline, where = r.Baseline, in.Policy.Where("regression", "baseline")+": regression.baseline"
	}
	for _, one := range []struct {
		dir, where string
		entries    *[]history.Entry
	}{{baseline, where, &in.Baseline}, {current, "-history", &in.Current}} {
		if one.dir == "" {
			continue
		}
		entries, problems, err := loadHistory(one.dir, now)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", one.where, err))
		}
		*one.entries = entries
		for _, p := range problems {
			in.Problems = append(in.Problems, "skipped in the history: "+p.Error())
		}
	}
	if len(bad) > 0 {
		return decision.Unusable(now, bad...)
	}
	return decision.Decide(in)
}

// readPolicy reads no more than a policy can be.
func readPolicy(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read from
	return io.ReadAll(io.LimitReader(file, policy.MaxBytes+1))
}

// loadHistory refuses a folder that is not there, or without a history: a comparison with nothing finds no regression.
func loadHistory(dir string, now time.Time) ([]history.Entry, []history.Problem, error) {
	switch info, err := os.Stat(dir); {
	case err != nil:
		return nil, nil, fmt.Errorf("read the history: %w; a folder with *.jsonl files is allowed", err)
	case !info.IsDir():
		return nil, nil, fmt.Errorf("read the history: %s is no folder; a folder with *.jsonl files is allowed", dir)
	}
	entries, problems, err := history.Load(dir, now)
	if err == nil && len(entries)+len(problems) == 0 {
		err = fmt.Errorf("read the history: there is none in %s; a folder with *.jsonl files is allowed", dir)
	}
	return entries, problems, err
}

func readJUnit(name string) (evidence.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return evidence.File{}, fmt.Errorf("read JUnit file: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read from
	return evidence.Read(name, file)
}

// tell prints the decision for people: the answer first, then every reason, or what the answer rests on.
func tell(out io.Writer, d decision.Decision) error {
	var b strings.Builder
	b.WriteString(map[string]string{"go": "GO", "no-go": "NO-GO", "unusable": "NO-GO: the input cannot be used"}[d.Decision])
	if d.Count == 1 {
		b.WriteString(", 1 reason")
	} else if d.Count > 1 {
		fmt.Fprintf(&b, ", %d reasons", d.Count)
	}
	b.WriteString("\n")
	for _, r := range d.Reasons {
		label := r.Code
		if r.Scenario != "" {
			label += " " + plain.Line(r.Scenario)
		}
		fmt.Fprintf(&b, "  [%s] %s", label, plain.Line(r.Text))
		if r.More > 0 {
			fmt.Fprintf(&b, " (and %d more like it)", r.More)
		}
		b.WriteString("\n")
	}
	if d.Decision == "go" {
		rests(&b, d)
	}
	for _, n := range d.Notes {
		b.WriteString("  note: " + plain.Line(n) + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// rests says what a GO rests on: the run, its age, what is accepted, and the margins.
func rests(b *strings.Builder, d decision.Decision) {
	run := "evidence that names no run"
	if len(d.Runs) > 0 {
		run = "run " + strings.Join(d.Runs, ", ")
	}
	if len(d.Environments) > 0 {
		run += ", " + strings.Join(d.Environments, " and ")
	}
	if d.AgeSeconds != nil {
		run += fmt.Sprintf(", started %s ago", time.Duration(*d.AgeSeconds*float64(time.Second)).Round(time.Minute))
	}
	b.WriteString("  " + plain.Line(run) + "\n")
	for _, a := range d.Accepted {
		fmt.Fprintf(b, "  accepted %s of %s: %s\n", a.What, plain.Line(a.Scenario), plain.Line(a.Text))
	}
	for _, s := range d.Scenarios {
		fmt.Fprintf(b, "  %s: %d test cases passed, %d trials", plain.Line(s.ID), s.Passed, s.Trials)
		for i, m := range s.Margins {
			b.WriteString([]string{"; ", ", "}[min(i, 1)] + plain.Line(m.String()))
		}
		b.WriteString("\n")
	}
}
