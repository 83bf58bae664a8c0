package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheDoctorTriesAnEventThroughEachDescription tells which level of accounting an application's file reaches with live data centers.
func TestTheDoctorTriesAnEventThroughEachDescription(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two data centers")
	}
	program := filepath.Join(t.TempDir(), "doctor")
	if output, err := exec.Command("go", "build", "-o", program, "../../doctor").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	examples, err := filepath.Abs("../../application/examples")
	if err != nil {
		t.Fatal(err)
	}
	data := startDataCenters(t)
	for name, c := range map[string]struct {
		file         string
		events       int
		level, raise string
	}{
		"the drill application":   {"", 2, "accounted for at level 3", ""},
		"results with numbers":    {filepath.Join(examples, "numbered.yaml"), 2, "accounted for at level 2", "state: drill"},
		"results without numbers": {filepath.Join(examples, "counted.yaml"), 2, "accounted for at level 1", "results/number"},
		"no traffic":              {filepath.Join(examples, "indicated.yaml"), 0, "accounted for at level 0", "under traffic"},
	} {
		command := exec.Command(program, "-send", "-json")
		command.Env = append(data.environ(), "CROSSDC_APPLICATION_FILE="+c.file)
		var complaints strings.Builder
		command.Stderr = &complaints
		output, err := command.Output() // 1 where the two, just started, have not found each other yet
		if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			t.Errorf("%s: %v: %s", name, err, complaints.String())
		}
		var rows []struct{ Where, What, State, Says string }
		if err := json.Unmarshal(output, &rows); err != nil {
			t.Fatalf("%s: %v: %s", name, err, output)
		}
		events, said := 0, ""
		for _, row := range rows {
			if row.What == "event" && row.State == "ok" && strings.Contains(row.Says, "its result was seen") {
				events++
			}
			if row.Where == "event" {
				said += row.Says + "\n"
			}
		}
		if events != c.events || !strings.Contains(said, c.level) || !strings.Contains(said, c.raise) {
			t.Errorf("%s: %d events went through, want %d; it says:\n%s", name, events, c.events, said)
		}
	}
	data.end(t)
}
