package endings

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// TestKilledAtAnyPoint kills ginkgo with SIGKILL, which nobody can catch, while the suite does different things.
func TestKilledAtAnyPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite several times")
	}
	instance := func(command string) bool { return strings.Contains(command, "instance --config") }
	for _, point := range []struct {
		name        string
		fromSources bool
		reach       func(*ginkgoRun)
	}{
		{"while the suite compiles the emulator", true, func(r *ginkgoRun) {
			r.process("the go command below the suite", func(command string) bool {
				return strings.Contains(command, "go build") && strings.Contains(command, "fixtures/emulator")
			})
		}},
		{"while the data centers boot", false, func(r *ginkgoRun) { r.process("an instance", instance) }},
		{"in steady operation", false, func(r *ginkgoRun) { r.says("injected: ") }},
		{"while a data center hangs", false, func(r *ginkgoRun) {
			r.says("injected: ")
			if err := syscall.Kill(r.process("an instance", instance), syscall.SIGSTOP); err != nil {
				r.t.Fatal(err)
			}
		}},
	} {
		t.Run(point.name, func(t *testing.T) {
			r := ginkgo(t, "long", point.fromSources)
			point.reach(r)
			address := r.address()
			if address != "" && point.name != "while the data centers boot" && len(listeners(t, address)) == 0 {
				t.Errorf("nothing listens around %s while the run is under way; this test looks at the wrong place", address)
			}
			r.kill()
			r.wait() // the go command around a killed tool reports success

			r.vanishes()
			if address != "" {
				if open := listeners(t, address); len(open) > 0 {
					t.Errorf("still listening: %q", open)
				}
			}
		})
	}
}

// address is a loopback address of the running environment, "" when there is none yet.
func (r *ginkgoRun) address() string {
	files, _ := filepath.Glob(filepath.Join(r.temp, "crossdc-*", "dc1", "emulator.json"))
	for _, file := range files {
		var config struct {
			Listen string `json:"listen"`
		}
		if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &config) == nil {
			return config.Listen
		}
	}
	return ""
}

// TestInterrupted presses Ctrl-C once (cleanup runs) and twice (cleanup is skipped): the reports are whole either way.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite several times")
	}
	const name = "A drill that goes on for long"
	for _, times := range []string{"once", "twice"} {
		t.Run(times, func(t *testing.T) {
			r := ginkgo(t, "long", false)
			r.says("injected: ")
			r.interrupt()
			if times == "twice" {
				r.interrupt()
			}
			r.fails()
			r.vanishes()
			if s := r.stored(); s.Name != name || s.Fault == nil || len(s.Observations) == 0 {
				t.Errorf("stored: %q with fault %v and %d observations", s.Name, s.Fault, len(s.Observations))
			}
			r.published(name, model.Interrupted)
		})
	}
}

// TestBadEndings lets a spec panic, run into its timeout, leave something behind that the cleanup cannot prove gone, and
// claim what it cannot look at.
func TestBadEndings(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite several times")
	}
	for _, c := range []struct {
		label, name string
		outcome     model.Outcome
		check       func(*testing.T, model.Scenario)
	}{
		{"panics", "A drill that panics", model.Panicked, nil},
		{"overruns", "A drill that takes too long", model.TimedOut, nil},
		{"litters", "A drill that cannot be cleaned up", model.Failed, func(t *testing.T, s model.Scenario) {
			if s.Outcome != model.Passed || s.Measures.Loss == nil || s.Measures.Loss.Verdict != model.Met {
				t.Errorf("the verdict %s (%q) did not survive the failing teardown", s.Outcome, s.Reasons)
			}
			if s.Cleanup == nil || s.Cleanup.Outcome != model.Failed || !strings.Contains(s.Cleanup.Reason, "link rule") {
				t.Errorf("the cleanup has no verdict of its own: %+v", s.Cleanup)
			}
		}},
		{"unchecked", "A drill that cannot look at what it claims", model.OutcomeInconclusive, func(t *testing.T, s model.Scenario) {
			if s.Outcome != model.OutcomeInconclusive || !strings.Contains(strings.Join(s.Reasons, "; "), "was not checked") {
				t.Errorf("stored: %s (%q)", s.Outcome, s.Reasons)
			}
		}},
	} {
		t.Run(c.label, func(t *testing.T) {
			r := ginkgo(t, c.label, false)
			r.fails()
			r.vanishes()
			s := r.stored()
			if s.Name != c.name || s.Fault == nil || len(s.Observations) == 0 {
				t.Errorf("stored: %q with fault %v and %d observations", s.Name, s.Fault, len(s.Observations))
			}
			if c.check != nil {
				c.check(t, s)
			}
			r.published(c.name, c.outcome)
			if c.label != "unchecked" {
				return
			}
			for _, says := range []string{`<skipped message="not checked: whether dc2 declared DOWN after exactly N=4 misses`, `type="inconclusive"`} {
				if raw, err := os.ReadFile(filepath.Join(r.reports, "junit.xml")); err != nil || !strings.Contains(string(raw), says) {
					t.Errorf("the JUnit file does not say %s (%v): %s", says, err, raw)
				}
			}
		})
	}
}

// TestHungStep lets a step wait for what never comes, with no limit of its own: the one that every step has ends it.
func TestHungStep(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	const name = "A drill that goes on for long"
	r := ginkgo(t, "long", false, "CROSSDC_STEP_TIMEOUT=20s") // more than steady operation takes
	r.fails()
	r.vanishes()
	if s := r.stored(); s.Name != name || s.Fault == nil || len(s.Observations) == 0 || s.Cleanup == nil {
		t.Errorf("stored: %q with fault %v, %d observations, cleanup %v", s.Name, s.Fault, len(s.Observations), s.Cleanup)
	}
	r.published(name, model.TimedOut)
}
