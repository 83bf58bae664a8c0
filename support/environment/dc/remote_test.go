package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// TestRemoteRunByURLAlone starts the program as "make dc" does, and aims compiled suites at it with nothing but the
// settings that it prints: what needs no hosts works, what needs them is skipped with the reason.
func TestRemoteRunByURLAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the better part of a minute")
	}
	data := startDataCenters(t)
	reports := t.TempDir()
	for _, run := range []struct{ suite, filter string }{{"outage", "S08 || S03"}, {"partition", "S15"}} {
		output := runSuite(t, run.suite, run.filter, append(data.environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_JOURNAL="+filepath.Join(reports, "journal"), "CROSSDC_HISTORY=-", "CROSSDC_RATE=400", "CROSSDC_MINIMUM_LOAD=0.4"))
		t.Logf("%s %s:\n%s", run.suite, run.filter, output)
	}
	stored, err := record.LoadAll(filepath.Join(reports, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]record.Stored{}
	for _, s := range stored {
		byID[s.Scenario.ID] = s
		if s.Environment.Kind != "remote" || !s.Environment.TLSVerified {
			t.Errorf("%s ran on %q, TLS verified: %t", s.Scenario.ID, s.Environment.Kind, s.Environment.TLSVerified)
		}
		if why := s.Environment.Capabilities["crash"]; why == "yes" || why == "" {
			t.Errorf("a remote environment says of crashes: %q", why)
		}
		if s.Scenario.Cleanup == nil || s.Scenario.Cleanup.Outcome != model.Passed {
			t.Errorf("cleanup of %s: %+v", s.Scenario.ID, s.Scenario.Cleanup)
		}
	}
	cancel := byID["S08"].Scenario
	if cancel.Outcome != model.Passed && cancel.Outcome != model.HazardReproduced {
		t.Errorf("S08 by URL: %s %q", cancel.Outcome, cancel.Reasons)
	}
	if cancel.Measures.Detection == nil || cancel.Measures.Detection.Verdict != model.Met {
		t.Errorf("S08 by URL measured detection %+v", cancel.Measures.Detection)
	}
	if link := byID["S15"].Scenario; link.Outcome != model.Passed || link.Fault == nil || link.Fault.Bite == "" {
		t.Errorf("S15 through the relay's URL: %s %q, fault %+v", link.Outcome, link.Reasons, link.Fault)
	}
	crash := reported(t, reports, "S03")
	if crash.Verdict != string(model.Skipped) || !strings.Contains(strings.Join(crash.Reasons, " "), "process") {
		t.Errorf("S03 by URL: %+v, want skipped because there is no access to processes", crash)
	}
	data.end(t)
}

// TestProgramEndsWithoutATrace ends it in each of the ways that a person or a script would.
func TestProgramEndsWithoutATrace(t *testing.T) {
	// Under nohup children would ignore SIGHUP, rightly: a signal that is caught is reset when a program is started.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for _, way := range []struct {
		name string
		end  func(*dataCenters) error
	}{
		{"Ctrl-C", func(d *dataCenters) error { return d.command.Process.Signal(os.Interrupt) }},
		{"SIGTERM", func(d *dataCenters) error { return d.command.Process.Signal(syscall.SIGTERM) }},
		{"SIGHUP", func(d *dataCenters) error { return d.command.Process.Signal(syscall.SIGHUP) }},
		{"end of input", func(d *dataCenters) error { return d.stdin.Close() }},
		{"SIGKILL", func(d *dataCenters) error { return d.command.Process.Kill() }},
	} {
		t.Run(way.name, func(t *testing.T) {
			data := startDataCenters(t)
			folder := filepath.Dir(data.settings["CROSSDC_RELAY_TOKEN_FILE"])
			if password, err := os.ReadFile(data.settings["CROSSDC_DC1_PASSWORD_FILE"]); err != nil ||
				strings.Contains(data.line, strings.TrimSpace(string(password))) {
				t.Errorf("the password must be in its file and nowhere else (%v)", err)
			}
			if err := way.end(data); err != nil {
				t.Fatal(err)
			}
			err := data.command.Wait()
			if exit := new(exec.ExitError); err != nil && way.name != "SIGKILL" {
				t.Errorf("ended with %v (%v)", err, errors.As(err, &exit))
			}
			awaitGone(t, folder)
		})
	}
}

// awaitGone waits for at most 2 s until nothing is left: no folder, no process that has its name in its command line.
func awaitGone(t *testing.T, folder string) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Second)
	for {
		left := processesNaming(folder)
		if _, err := os.Stat(folder); err == nil {
			left = append(left, folder)
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("2 s later there is still %q", left)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func processesNaming(text string) []string {
	entries, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	var found []string
	for _, entry := range entries {
		if raw, err := os.ReadFile(entry); err == nil && strings.Contains(string(raw), text) {
			found = append(found, strings.ReplaceAll(string(raw), "\x00", " "))
		}
	}
	return found
}

// dataCenters is the program as a child.
type dataCenters struct {
	command  *exec.Cmd
	stdin    io.Closer
	line     string
	settings map[string]string
}

func startDataCenters(t *testing.T) *dataCenters {
	t.Helper()
	d := &dataCenters{command: exec.Command(program(t), "-json", "-until-eof")}
	d.command.Env = append(clean(), "CROSSDC_SPEEDUP=30") // half the usual one: this test shares the machine with others
	d.command.Stderr = os.Stderr
	stdin, err := d.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.stdin = stdin
	stdout, err := d.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.stdin.Close(); _ = d.command.Wait() })
	if d.line, err = bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatalf("no ready line: %v", err)
	}
	var ready struct {
		Ready    bool
		Settings map[string]string
	}
	if err := json.Unmarshal([]byte(d.line), &ready); err != nil || !ready.Ready {
		t.Fatalf("ready line %q: %v", d.line, err)
	}
	d.settings = ready.Settings
	return d
}

// end lets it go and expects that it says nothing went wrong.
func (d *dataCenters) end(t *testing.T) {
	t.Helper()
	_ = d.stdin.Close()
	if err := d.command.Wait(); err != nil {
		t.Errorf("the data centers did not go away quietly: %v", err)
	}
}

func (d *dataCenters) environ() []string {
	list := clean()
	for name, value := range d.settings {
		list = append(list, name+"="+value)
	}
	return list
}

// clean is our own environment without settings that would aim a child at something else.
func clean() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "CROSSDC_") })
}

// built programs, once per test process.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dc")
	compile(t, "build", "-o", path, ".")
	return path
}

// runSuite compiles one suite and runs it where its sources are, as ginkgo does, but leaves no binary there.
func runSuite(t *testing.T, suite, filter string, environ []string) string {
	t.Helper()
	output, err := trySuite(t, suite, filter, environ)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", suite, filter, err, output)
	}
	return output
}

// trySuite is runSuite for a run that may end red.
func trySuite(t *testing.T, suite, filter string, environ []string) (string, error) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), suite+".test")
	compile(t, "test", "-c", "-o", binary, "github.com/crossdc/failover/suites/"+suite)
	return runBinary(t, binary, suite, filter, environ)
}

// runBinary runs a compiled suite where its sources are.
func runBinary(t *testing.T, binary, suite, filter string, environ []string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, "-ginkgo.label-filter="+filter, "-ginkgo.no-color")
	command.Dir, command.Env = filepath.Join("..", "..", "..", "suites", suite), environ
	output, err := command.CombinedOutput()
	return string(output), err
}

func compile(t *testing.T, arguments ...string) {
	t.Helper()
	if output, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", arguments, err, output)
	}
}

// row is what the summary for machines says of a scenario.
type row struct {
	ID      string   `json:"id"`
	Verdict string   `json:"verdict"`
	Reasons []string `json:"reasons"`
}

func reported(t *testing.T, reports, id string) row {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(reports, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var summary struct{ Scenarios []row }
	if err := json.Unmarshal(raw, &summary); err != nil {
		t.Fatal(err)
	}
	for _, r := range summary.Scenarios {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("the summary has no %s: %s", id, raw)
	return row{}
}
