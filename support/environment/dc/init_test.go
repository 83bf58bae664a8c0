package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/application"
)

// TestAnApplicationFileIsProposedByLiveDataCenters asks two emulated data centers with nothing but the settings that the program prints.
func TestAnApplicationFileIsProposedByLiveDataCenters(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two data centers")
	}
	program := filepath.Join(t.TempDir(), "init")
	if output, err := exec.Command("go", "build", "-o", program, "../../application/init").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	data := startDataCenters(t)
	ask := func(environ []string, arguments ...string) (string, error) {
		command := exec.Command(program, append([]string{"-wait", "100ms"}, arguments...)...)
		command.Env = environ
		output, err := command.CombinedOutput()
		return string(output), err
	}
	path := filepath.Join(t.TempDir(), "with a space.yaml")
	if output, err := ask(data.environ(), "-o", path); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	proposed, err := application.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	drill := application.Drill()
	if proposed.Level() != application.Stated || proposed.Composite != drill.Composite || proposed.Invocation != drill.Invocation || proposed.Endpoints != drill.Endpoints {
		t.Errorf("what runs is the drill application, and proposed is %+v", proposed)
	}
	for name, c := range map[string]struct {
		environ   []string
		arguments []string
		says      string
	}{
		"a file that exists":     {data.environ(), []string{"-o", path}, "exists; -force writes over it"},
		"a job that is not here": {data.environ(), []string{"-job", "Orders"}, "in a job or application named Orders; there is: FailoverDrill"},
		"a wrong password":       {append(data.environ(), "CROSSDC_DC1_PASSWORD_FILE=", "CROSSDC_DC1_PASSWORD=no"), nil, "check CROSSDC_DC1_USER and CROSSDC_DC1_PASSWORD"},
		"no live data centers":   {append(data.environ(), "CROSSDC_ENVIRONMENT=embedded"), nil, "CROSSDC_ENVIRONMENT is embedded"},
	} {
		if output, err := ask(c.environ, c.arguments...); err == nil || !strings.Contains(output, c.says) {
			t.Errorf("%s: %v, %s", name, err, output)
		}
	}
	data.end(t)
}
