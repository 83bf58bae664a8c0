package endings

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// TestAnotherModuleWritesItsOwnStep copies a team's suite into a module of its own that needs ours, as a foreign repository has it,
// and runs it: what is exported must be enough for a scenario and a step that we do not know.
func TestAnotherModuleWritesItsOwnStep(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles and runs a suite of another module")
	}
	suite := filepath.Join(t.TempDir(), "foreign.test")
	command := exec.Command("go", "test", "-c", "-mod=mod", "-o", suite, ".")
	command.Dir = foreignModule(t)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("a foreign module cannot be compiled: %v: %s", err, output)
	}
	_, environ := compiled(t)
	r := start(t, environ, nil, "--label-filter=ours", suite)
	if !r.wait() {
		t.Error("the run of a foreign module failed")
	}
	r.vanishes()
	stored, err := record.LoadAll(filepath.Join(r.reports, "runs"))
	if err != nil || len(stored) != 1 {
		t.Fatalf("%d scenarios stored, %v", len(stored), err)
	}
	s := stored[0].Scenario
	if s.Name != "Our checkout survives" || s.Outcome != model.Passed {
		t.Errorf("%s: %s %q", s.Name, s.Outcome, s.Reasons)
	}
	if !slices.ContainsFunc(s.Observations, func(o model.Observation) bool { return o.Event == "checkout reachable" }) {
		t.Error("what the team's own step observed is not stored")
	}
}

// foreignModule is a folder with a module of its own that needs this one by a path.
func foreignModule(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	root, found := record.ModuleRoot(here)
	if !found {
		t.Fatal("this module is not found")
	}
	read := func(path ...string) []byte {
		raw, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	mod := regexp.MustCompile(`(?m)^module .*$`).ReplaceAll(read(root, "go.mod"), []byte("module example.com/ours"))
	mod = append(mod, fmt.Sprintf("\nrequire github.com/crossdc/failover v0.0.0\n\nreplace github.com/crossdc/failover => %q\n", root)...)
	folder := t.TempDir()
	for name, content := range map[string][]byte{"go.mod": mod, "go.sum": read(root, "go.sum"), "foreign_test.go": read("testdata", "foreign", "foreign_test.go")} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
