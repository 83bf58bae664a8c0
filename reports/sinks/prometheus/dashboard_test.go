package prometheus

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// queries are all PromQL texts of the dashboards in fixtures/grafana: of panels and of variables.
func queries(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "fixtures", "grafana", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboard found: %v", err)
	}
	var out []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var dashboard struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
			Templating struct {
				List []struct{ Type, Definition string }
			}
		}
		if err := json.Unmarshal(data, &dashboard); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, panel := range dashboard.Panels {
			if len(panel.Targets) == 0 {
				t.Errorf("%s: panel %q has no query", file, panel.Title)
			}
			for _, target := range panel.Targets {
				out = append(out, target.Expr)
			}
		}
		for _, variable := range dashboard.Templating.List {
			if variable.Type == "query" {
				out = append(out, variable.Definition)
			}
		}
	}
	return out
}

func TestDashboardsAskForWhatIsExported(t *testing.T) {
	metric := regexp.MustCompile(`failover_[a-z_]+`)
	label := regexp.MustCompile(`([a-z_]+)(?:=~|!~|!=|=)"`)
	known := []string{"scenario", "name", "family", "topology", "trial", "bound", "verdict", "objective", "measure", "quirk"}
	used := 0
	for _, query := range queries(t) {
		names := metric.FindAllString(query, -1)
		if len(names) == 0 {
			t.Errorf("%q asks for none of our metrics", query)
		}
		for _, name := range names {
			used++
			if !slices.Contains(Names(), name) {
				t.Errorf("%q asks for %s, which is not exported", query, name)
			}
		}
		for _, found := range label.FindAllStringSubmatch(query, -1) {
			if !slices.Contains(known, found[1]) {
				t.Errorf("%q asks for label %s, which no metric has", query, found[1])
			}
		}
	}
	if used < 10 {
		t.Errorf("only %d metrics are asked for; the queries were not found", used)
	}
}

func TestEveryMetricIsDocumented(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		if !strings.Contains(string(data), "`"+name) {
			t.Errorf("reports/README.md does not name %s", name)
		}
	}
}

// TestTheHeadroomIsThatOfTheRecovery: it was that of the detection, which is always greater.
func TestTheHeadroomIsThatOfTheRecovery(t *testing.T) {
	found := false
	for _, query := range queries(t) {
		if strings.Contains(query, "failover_objective_seconds") && strings.Contains(query, " - ") {
			found = true
			if !strings.Contains(query, "failover_recovery_seconds") || strings.Contains(query, "failover_detection_seconds") {
				t.Errorf("the headroom to the recovery time objective is %s", query)
			}
		}
	}
	if !found {
		t.Error("no panel shows the headroom")
	}
}
