package endings

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// TestNothingSelected asks for what does not exist: exit code, JUnit and summary say so, whichever way it was asked for.
func TestNothingSelected(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite several times")
	}
	suite, environ := compiled(t)
	for _, c := range []struct {
		name      string
		arguments []string
		says      string
	}{
		{"a label that no scenario has", []string{"--label-filter=S99"}, `no scenario has the label "S99"`},
		{"a label that no scenario has, beside one that some have", []string{"--label-filter=uneventful || unevenful"}, `no scenario has the label "unevenful"`},
		{"labels that no scenario has together", []string{"--label-filter=long && panics"}, `nothing was selected by --label-filter="long && panics"`},
		{"a focus that matches nothing", []string{"--focus=a typo"}, `nothing was selected by --focus="a typo"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, environ, nil, append(c.arguments, suite)...)
			r.fails()
			if cases := r.junit(); len(cases) == 0 || len(cases) > 1 || !strings.HasPrefix(cases[0], "error not tested: ") {
				t.Errorf("JUnit: %q", cases)
			}
			if exit, text := r.shows(); exit != 1 || !strings.Contains(strings.Join(strings.Fields(text), " "), c.says) {
				t.Errorf("reports/show exits %d and says: %s", exit, text)
			}
			if all, err := record.LoadAll(filepath.Join(r.reports, "runs")); err != nil || len(all) > 0 {
				t.Errorf("%d scenarios were stored (%v)", len(all), err)
			}
		})
	}
}

// TestNothingSelectedInAnySuite runs two suites of which the first cannot know what the second has: the last one says it.
func TestNothingSelectedInAnySuite(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite twice")
	}
	suites, environ := twoSuites(t)
	r := start(t, environ, nil, append([]string{"--keep-going", "--focus=a typo"}, suites...)...)
	r.fails()
	if cases := r.junit(); len(cases) != 1 || !strings.HasPrefix(cases[0], "error not tested: suite The selection") {
		t.Errorf("JUnit: %q", cases)
	}
	if exit, text := r.shows(); exit != 1 || !strings.Contains(text, `nothing was selected by --focus="a typo"`) {
		t.Errorf("reports/show exits %d and says: %s", exit, text)
	}
}

// twoSuites are two files with the same compiled suite, in a folder of their own.
func twoSuites(t *testing.T) (files, environ []string) {
	t.Helper()
	suite, environ := compiled(t)
	raw, err := os.ReadFile(suite)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, name := range []string{"first.test", "second.test"} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, raw, 0o755); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	return files, environ
}

// TestWrongSettings starts over the results of an earlier run: they are gone, and what is there says what is wrong.
func TestWrongSettings(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite twice")
	}
	suite, environ := compiled(t)
	r := start(t, environ, []string{"CROSSDC_RATE=fast"}, "--label-filter=uneventful", suite)
	r.fails()
	cases := r.junit()
	if len(cases) == 0 || !slices.ContainsFunc(cases, func(c string) bool {
		return strings.HasPrefix(c, "error not tested: uneventful A drill in which nothing happens")
	}) {
		t.Errorf("JUnit: %q", cases)
	}
	if slices.ContainsFunc(cases, func(c string) bool { return strings.HasPrefix(c, "passed") || strings.HasPrefix(c, "failure") }) {
		t.Errorf("JUnit speaks of the application: %q", cases)
	}
	if exit, text := r.shows(); exit != 1 || !strings.Contains(text, "CROSSDC_RATE") {
		t.Errorf("reports/show exits %d and says: %s", exit, text)
	}
}

// TestSuiteKilled ends the suite's own process while a scenario runs: whoever looks later is told that it was interrupted.
func TestSuiteKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite for each")
	}
	// Under nohup children would ignore SIGHUP, rightly: a signal that is caught is reset when a program is started.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for name, c := range map[string]struct {
		signals []syscall.Signal
		step    string // that JUnit calls interrupted
		judged  string // what the judge says of it later
	}{
		"killed":                    {[]syscall.Signal{syscall.SIGKILL}, "verdict", "it did not reach its end"},
		"killed while it is halted": {[]syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL}, "verdict", "it did not reach its end"},
		"its terminal closed":       {[]syscall.Signal{syscall.SIGHUP}, "goes on", "judged again interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			const name = "A drill that goes on for long"
			r := ginkgo(t, "long", false)
			r.says("injected: ")
			if s := r.stored(); s.Outcome != model.Running {
				t.Errorf("while it runs it is stored as %q", s.Outcome)
			}
			for _, signal := range c.signals {
				r.signal("endings.test", signal)
			}
			r.fails()
			r.vanishes()
			exit, text := r.shows()
			if exit != 1 || !strings.Contains(text, "interrupted") {
				t.Errorf("reports/show exits %d and says: %s", exit, text)
			}
			r.published(name, model.Interrupted)
			if cases := r.junit(); len(cases) == 0 || slices.ContainsFunc(cases, func(c string) bool { return strings.HasPrefix(c, "failure") }) ||
				!slices.Contains(cases, "error interrupted: long A drill that goes on for long: "+c.step) {
				t.Errorf("JUnit: %q", cases)
			}
			judge := exec.Command("go", "run", "../judge", filepath.Join(r.reports, "runs"))
			if output, err := judge.CombinedOutput(); !strings.Contains(string(output), c.judged) {
				t.Errorf("the judge (%v) says: %s", err, output)
			}
		})
	}
}

// TestSuitesThatNeverBegan ends ginkgo alone, in the first of two suites: ginkgo waits for the suite and runs no other.
func TestSuitesThatNeverBegan(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite several times")
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			suites, environ := twoSuites(t)
			r := start(t, environ, nil, append([]string{"--keep-going", "--label-filter=uneventful"}, suites...)...)
			r.says("injected: ")
			r.signal("ginkgo", signal)
			r.wait() // ginkgo itself may well report success
			r.vanishes()
			exit, text := r.shows()
			if exit != 1 || !strings.Contains(text, "second.test") || !strings.Contains(text, "interrupted") {
				t.Errorf("reports/show exits %d and says: %s", exit, text)
			}
			if cases := r.junit(); !slices.ContainsFunc(cases, func(c string) bool { return strings.HasPrefix(c, "error interrupted: suite second.test") }) {
				t.Errorf("JUnit: %q", cases)
			}
		})
	}
}

// TestForgottenLastStep leaves out the step that judges: the verdict is the same, and so are exit code and reports.
func TestForgottenLastStep(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite twice")
	}
	t.Run("nothing to complain of", func(t *testing.T) {
		r := ginkgo(t, "forgotten", false)
		if !r.wait() {
			t.Error("it failed")
		}
		r.published("A drill without its last step", model.Passed)
		if s := r.stored(); s.Outcome != model.Passed {
			t.Errorf("stored: %s (%q)", s.Outcome, s.Reasons)
		}
	})
	t.Run("a doubt", func(t *testing.T) {
		r := ginkgo(t, "doubtful", false)
		r.fails()
		r.published("A drill without its last step, and with a doubt", model.OutcomeInconclusive)
		if cases := r.junit(); !slices.ContainsFunc(cases, func(c string) bool { return strings.HasPrefix(c, "error inconclusive: doubtful") }) {
			t.Errorf("JUnit: %q", cases)
		}
		if exit, text := r.shows(); exit != 1 {
			t.Errorf("reports/show exits %d and says: %s", exit, text)
		}
	})
}

// TestEveryDrillHasItsOwnRow registers drills as foreign repositories do: several in one Describe, one of them twice.
func TestEveryDrillHasItsOwnRow(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	r := verbosely(t, "twins")
	if !r.wait() {
		t.Error("it failed")
	}
	names := []string{"Another drill in the same container", "Everything that a team needs › A drill that is registered twice",
		"Everything that a team needs › A drill that is registered twice (2)"}
	all, err := record.LoadAll(filepath.Join(r.reports, "runs"))
	if err != nil || len(all) != len(names) {
		t.Fatalf("stored: %d scenarios, %v", len(all), err)
	}
	for _, name := range names {
		r.published(name, model.Passed)
		steps := 0
		for _, c := range r.junit() {
			if strings.HasPrefix(c, "passed: twins "+name+": ") {
				steps++
			}
		}
		if steps != 5 { // four, and the cleanup
			t.Errorf("JUnit has %d test cases of %q, want 5: %q", steps, name, r.junit())
		}
	}
	output := r.output.String()
	if n := strings.Count(output, "injected: no-op"); n != len(names) {
		t.Errorf("-v prints a line of progress %d times for %d drills", n, len(names))
	}
	if strings.Count(output, "Nothing failed over, as required") != 1 {
		t.Errorf("the suite does not end with the sentence")
	}
	if strings.Contains(output, "\x1b[") {
		t.Error("colors where there is no terminal")
	}
	command := regexp.MustCompile(`CROSSDC_SEED=[1-9]\d* .*drill=a-drill-that-is-registered-twice-2`)
	if raw, err := os.ReadFile(filepath.Join(r.reports, "summary.json")); err != nil || !command.Match(raw) {
		t.Errorf("no command repeats just the second of the twins (%v): %s", err, raw)
	}
}

// verbosely is ginkgo with -v.
func verbosely(t *testing.T, label string) *ginkgoRun {
	t.Helper()
	suite, environ := compiled(t)
	return start(t, environ, nil, "--label-filter="+label, "-v", suite)
}

// TestTheSeedDecidesTheOrder lists the scenarios in the order in which they would run.
func TestTheSeedDecidesTheOrder(t *testing.T) {
	suite, environ := compiled(t)
	order := func(seed string, more ...string) []string {
		r := start(t, environ, []string{"CROSSDC_SEED=" + seed}, append(more, "--dry-run", "-v", suite)...)
		if !r.wait() {
			t.Fatal("the dry run failed")
		}
		var drills []string
		for _, key := range regexp.MustCompile(`drill=[a-z0-9-]+`).FindAllString(r.output.String(), -1) {
			if !slices.Contains(drills, key) {
				drills = append(drills, key)
			}
		}
		return drills
	}
	first := order("1")
	if len(first) < 8 {
		t.Fatalf("%d drills: %q", len(first), first)
	}
	if again := order("1", "--seed=77"); !slices.Equal(first, again) {
		t.Errorf("the same seed, another order:\n%q\n%q", first, again)
	}
	different := false
	for _, seed := range []string{"2", "3", "4"} {
		different = different || !slices.Equal(first, order(seed))
	}
	if !different {
		t.Error("four seeds, one order")
	}
}
