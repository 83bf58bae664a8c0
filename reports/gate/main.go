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
	data, err := os.ReadFile(policyFile)
	if err != nil {
		bad = append(bad, fmt.Errorf("read the policy: %w", err))
	} else if in.Policy, err = policy.Parse(data); err != nil {
		bad = append(bad, fmt.Errorf("%s: %w", policyFile, err))
	}
	for _, name := range files {
		file, err := readJUnit(name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		in.Files = append(in.Files, file)
	}
	if r := in.Policy.Regression; r != nil {
		if baseline == "" {
			baseline = r.Baseline
		}
		if baseline == "" {
			bad = append(bad, fmt.Errorf("the policy has regression but no baseline: add regression.baseline or -baseline"))
		}
	}
	for _, one := range []struct {
		dir     string
		entries *[]history.Entry
	}{{baseline, &in.Baseline}, {current, &in.Current}} {
		if one.dir == "" {
			continue
		}
		entries, problems, err := history.Load(one.dir)
		if err != nil {
			bad = append(bad, err)
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

func readJUnit(name string) (evidence.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return evidence.File{}, fmt.Errorf("read JUnit file: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read from
	return evidence.Read(name, file)
}

// tell prints the decision for people: the answer first, then every reason.
func tell(out io.Writer, d decision.Decision) error {
	text := map[string]string{"go": "GO", "no-go": "NO-GO", "unusable": "NO-GO: the input cannot be used"}[d.Decision]
	if n := len(d.Reasons); n == 1 {
		text += ", 1 reason"
	} else if n > 1 {
		text += fmt.Sprintf(", %d reasons", n)
	}
	text += "\n"
	for _, r := range d.Reasons {
		label := r.Code
		if r.Scenario != "" {
			label += " " + plain.Line(r.Scenario)
		}
		text += fmt.Sprintf("  [%s] %s\n", label, plain.Line(r.Text))
	}
	for _, n := range d.Notes {
		text += "  note: " + plain.Line(n) + "\n"
	}
	if d.Decision == "go" {
		for _, s := range d.Scenarios {
			text += fmt.Sprintf("  %s: %d test cases passed, %d trials\n", plain.Line(s.ID), s.Passed, s.Trials)
		}
	}
	_, err := io.WriteString(out, text)
	return err
}
