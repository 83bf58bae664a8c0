// Command judge judges stored scenarios again, without any environment: the verdict is a pure function of what was
// stored. It prints each stored verdict beside the one reached now, and fails when they differ or when the evidence is
// no longer what the verdict was reached from.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/timeline"
)

func main() {
	same, err := run(os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	case !same:
		os.Exit(1)
	}
}

const usage = `judge judges the stored scenarios below a folder again, without any environment.

  judge reports/out/runs/<run id>     one run
  judge reports/out                   every run that is kept there

Exit code 0: every verdict is the same again. 1: one differs, or its evidence was changed. 2: it could not be judged.
`

// run returns whether every verdict is the same again.
func run(arguments []string, stdout, stderr io.Writer) (same bool, err error) {
	flags := flag.NewFlagSet("judge", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	if err := flags.Parse(arguments); err != nil {
		return false, err
	}
	if flags.NArg() != 1 || flags.Arg(0) == "" { // make judge without RUN hands on an empty text
		return false, errors.New("want one folder with stored scenarios, such as make judge RUN=reports/out/runs/<run id>")
	}
	folder := flags.Arg(0)
	if runs := filepath.Join(folder, "runs"); isFolder(runs) { // the reports' folder holds other JSON as well
		folder = runs
	}
	all, problems := record.LoadAll(folder)
	if len(all) == 0 {
		return false, errors.Join(fmt.Errorf("no stored scenario below %s", folder), problems)
	}
	differ := 0
	for _, stored := range all {
		equal, err := judge(stdout, stored)
		if err != nil {
			return false, err
		}
		if !equal {
			differ++
		}
	}
	if _, err := fmt.Fprintf(stdout, "\n%d scenarios judged again, %d differ\n", len(all), differ); err != nil {
		return false, fmt.Errorf("print the verdicts: %w", err)
	}
	return differ == 0, problems
}

// judge judges one scenario again and prints both verdicts.
func judge(w io.Writer, stored record.Stored) (same bool, err error) {
	if stored.Scenario.Outcome == model.Running {
		_, err := fmt.Fprintf(w, "%-8s %s %s: it did not reach its end, so there is no verdict: it still runs, or its process died\n", "RUNNING", stored.Scenario.ID, stored.Scenario.Name)
		return false, err
	}
	again := timeline.Judge(stored.Scenario)
	differences := timeline.Differences(stored.Scenario, again)
	changed, err := record.Changed(stored)
	if err != nil {
		return false, err
	}
	name := stored.Scenario.ID + " " + stored.Scenario.Name
	if stored.Scenario.Trial > 0 {
		name += fmt.Sprintf(" (trial %d)", stored.Scenario.Trial)
	}
	mark := "same"
	if len(differences)+len(changed) > 0 {
		mark = "DIFFERS"
	}
	text := fmt.Sprintf("%-8s %s: stored %s, judged again %s\n", mark, name, stored.Scenario.Outcome, again.Outcome)
	for _, line := range changed {
		text += "           evidence: " + line + "\n"
	}
	for _, line := range differences {
		text += "           verdict:  " + line + "\n"
	}
	if _, err := io.WriteString(w, text); err != nil {
		return false, fmt.Errorf("print the verdict: %w", err)
	}
	return len(differences)+len(changed) == 0, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
