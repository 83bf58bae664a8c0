package endings

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// errors returns what the errors of the merged JUnit file say, and whether any test case in it blames the application.
func (r *ginkgoRun) errors() (texts []string, blames bool) {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.reports, "junit.xml"))
	if err != nil {
		r.t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Errors []struct {
				Type    string `xml:"type,attr"`
				Message string `xml:"message,attr"`
			} `xml:"error"`
			Failures []struct{} `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(raw, &file); err != nil {
		r.t.Fatalf("junit.xml is not valid: %v", err)
	}
	for _, c := range file.Cases {
		blames = blames || len(c.Failures) > 0
		for _, e := range c.Errors {
			texts = append(texts, e.Type+": "+e.Message)
		}
	}
	return texts, blames
}

// notTested expects that a run ended as not tested, for a cause that it says in these words, and spoke of nothing else.
func (r *ginkgoRun) notTested(says ...string) {
	r.t.Helper()
	r.fails()
	texts, blames := r.errors()
	if len(texts) == 0 || !strings.HasPrefix(texts[0], "not tested: ") || blames {
		r.t.Fatalf("JUnit: %q (a failure among them: %v)", texts, blames)
	}
	rest := texts[0]
	for _, want := range says {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			r.t.Errorf("the error does not say %q (in this order): %q", want, texts[0])
		}
		rest = after
	}
	exit, text := r.shows()
	if exit != 1 {
		r.t.Errorf("reports/show exits %d and says: %s", exit, text)
	}
	for _, never := range []string{"did NOT fail over", "ailed over as required"} {
		if strings.Contains(text, never) || strings.Contains(r.output.String(), never) {
			r.t.Errorf("it says %q", never)
		}
	}
}

// TestProgramsThatCannotBeHad has no emulator for one reason or another: nothing is known of the application then.
func TestProgramsThatCannotBeHad(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite for each")
	}
	suite, environ := compiled(t)
	relay := environ[1]
	text := filepath.Join(t.TempDir(), "a text")
	if err := os.WriteFile(text, []byte("not a program\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	other, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		environ []string
		says    []string
	}{
		"it does not compile": {[]string{"GOFLAGS=-mod=mod -tags=nothing -toolexec=/nowhere/tool"}, []string{"the emulated data centers cannot be built", "CROSSDC_EMULATOR_PATH"}},
		"no such file":        {[]string{"CROSSDC_EMULATOR_PATH=/nowhere/emulator", relay}, []string{"CROSSDC_EMULATOR_PATH", "/nowhere/emulator", "no such file"}},
		"no program":          {[]string{"CROSSDC_EMULATOR_PATH=" + text, relay}, []string{"CROSSDC_EMULATOR_PATH", text}},
		"another program":     {[]string{"CROSSDC_EMULATOR_PATH=" + other, relay}, []string{"dc1 did not start", other, "CROSSDC_EMULATOR_PATH"}},
		"no relay":            {[]string{environ[0], "CROSSDC_EMULATOR_RELAY=/nowhere/relay"}, []string{"CROSSDC_EMULATOR_RELAY", "/nowhere/relay", "no such file"}},
		"another relay":       {[]string{environ[0], "CROSSDC_EMULATOR_RELAY=" + other}, []string{"the relay did not start", other, "CROSSDC_EMULATOR_RELAY"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := direct(t, suite, c.environ, "uneventful")
			r.notTested(c.says...)
			r.vanishes()
		})
	}
}

// TestFaultThatCannotBeInjected aims at a PE that the job does not have.
func TestFaultThatCannotBeInjected(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	r := ginkgo(t, "impossible", false)
	r.notTested("the fault could not be injected", "kill-pe of dc1/pe at place 99", "dc1 has 2 PE(s) (1, 2), so there is none at place 99")
	r.vanishes()
}

// TestSuiteWithoutSpecs has nothing registered, as an empty package into which somebody pasted half of an example.
func TestSuiteWithoutSpecs(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles and runs a suite")
	}
	suite := filepath.Join(t.TempDir(), "empty.test")
	if output, err := exec.Command("go", "test", "-c", "-o", suite, "./testdata/empty").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	t.Run("through ginkgo", func(t *testing.T) {
		start(t, nil, nil, suite).notTested("the suite empty has no specs", "scenario.NewSuite")
	})
	t.Run("by itself", func(t *testing.T) {
		direct(t, suite, nil, "").notTested("the suite empty has no specs", "scenario.NewSuite")
	})
}

// TestTooLittleLoadBeforeAnyFault asks for more events than most machines send: where ours cannot, that is our trouble, and nobody
// failed. A machine that can has nothing to be excused for.
func TestTooLittleLoadBeforeAnyFault(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	suite, environ := compiled(t)
	r := direct(t, suite, append(environ, "CROSSDC_RATE=150000", "CROSSDC_MINIMUM_LOAD=1"), "repeated")
	green := r.wait()
	texts, blames := r.errors()
	s := r.stored()
	if blames || s.Outcome == model.Failed || green != s.Outcome.Green() {
		t.Errorf("exit code 0: %t, outcome %q: %q; errors %q, the application is blamed: %t", green, s.Outcome, s.Reasons, texts, blames)
	}
	t.Logf("%s: %q", s.Outcome, s.Reasons)
}
