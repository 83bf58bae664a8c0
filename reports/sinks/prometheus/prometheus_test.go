package prometheus

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	commonmodel "github.com/prometheus/common/model"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

func parsed(t *testing.T, r io.Reader) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(commonmodel.LegacyValidation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// value of the one series that has all of the given labels.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string, pairs ...string) float64 {
	t.Helper()
	var found []float64
	for _, metric := range families[name].GetMetric() {
		labels := map[string]string{}
		for _, label := range metric.Label {
			labels[label.GetName()] = label.GetValue()
		}
		matches := true
		for i := 0; i < len(pairs); i += 2 {
			matches = matches && labels[pairs[i]] == pairs[i+1]
		}
		if matches {
			found = append(found, metric.Gauge.GetValue())
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s%v: %d series, want one", name, pairs, len(found))
	}
	return found[0]
}

func TestEveryResultIsStated(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample.Rich()); err != nil {
		t.Fatal(err)
	}
	families := parsed(t, &b)
	for _, name := range Names() {
		if families[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if len(families) != len(Names()) {
		t.Errorf("%d metrics, %d are named", len(families), len(Names()))
	}
	for _, c := range []struct {
		name  string
		pairs []string
		want  float64
	}{
		{"failover_detection_seconds", []string{"scenario", "S03", "bound", "earliest"}, 101.2},
		{"failover_detection_seconds", []string{"scenario", "S03", "bound", "latest"}, 103.9},
		{"failover_loss_events", []string{"scenario", "S03", "bound", "latest"}, 104},
		{"failover_objective_seconds", []string{"scenario", "S08", "objective", "rto"}, 120},
		{"failover_measure_verdict", []string{"scenario", "S08", "measure", "detection", "verdict", "missed"}, 1},
		{"failover_scenario_verdict", []string{"scenario", "S08", "verdict", "failed"}, 1},
		{"failover_scenario_verdict", []string{"scenario", "S07", "verdict", "inconclusive"}, 1},
		{"failover_hazard_reproduced", []string{"quirk", "Q2"}, 1},
		{"failover_cleanup_verdict", []string{"scenario", "S24", "verdict", "failed"}, 1},
		{"failover_scenarios", []string{"verdict", "interrupted"}, 1},
		{"failover_scenarios", []string{"verdict", "unfinished"}, 0},
		{"failover_run_verdict", []string{"verdict", "failed"}, 1},
		{"failover_run_finished_timestamp_seconds", nil, float64(sample.Rich().Finished.Unix())},
	} {
		if got := value(t, families, c.name, c.pairs...); got != c.want {
			t.Errorf("%s%v = %v, want %v", c.name, c.pairs, got, c.want)
		}
	}
}

func TestHostileTextAndDuplicatesStayReadable(t *testing.T) {
	run := sample.Many(600, 2)
	run.Finished = time.Time{}
	run.Scenarios[3].Name = "a \"quoted\" \\ name\nwith \x00 \xff and {braces=\"1\"} 7"
	run.Scenarios = append(run.Scenarios, run.Scenarios[0])
	run.Scenarios[5].Outcome = ""
	var b bytes.Buffer
	if err := Write(&b, run); err != nil {
		t.Fatal(err)
	}
	families := parsed(t, &b)
	if families["failover_run_finished_timestamp_seconds"] != nil {
		t.Error("a partial run says when it finished")
	}
	if got := len(families["failover_scenario_verdict"].GetMetric()); got != 600 {
		t.Errorf("%d scenarios, want 600", got)
	}
	seen := map[string]bool{}
	for _, family := range families {
		for _, metric := range family.Metric {
			key := family.GetName()
			for _, label := range metric.Label {
				key += label.GetName() + "=" + label.GetValue() + ";"
			}
			if seen[key] {
				t.Errorf("%s is there twice", key)
			}
			seen[key] = true
		}
	}
}

func TestTheTextfileIsReplacedAsAWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "failover.prom")
	for _, run := range []model.Run{sample.Many(50, 1), sample.Rich()} {
		if err := Textfile(path, run); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(parsed(t, bytes.NewReader(data))["failover_scenario_verdict"].GetMetric()); got != len(sample.Rich().Scenarios) {
		t.Errorf("%d scenarios in the file, want those of the second run", got)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("the folder holds %v, want the one file", entries)
	}
	if err := Textfile(filepath.Join(t.TempDir(), "failover.txt"), sample.Rich()); err == nil || !strings.Contains(err.Error(), ".prom") {
		t.Errorf("a name that the collector does not read: %v", err)
	}
}

func TestPushReplacesAndReports(t *testing.T) {
	var method, path string
	var families map[string]*dto.MetricFamily
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, path = r.Method, r.URL.Path
		families = parsed(t, r.Body)
		if strings.HasPrefix(path, "/broken") {
			http.Error(w, "no space left", http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	if err := Push(context.Background(), server.URL+"/prefix/", sample.Rich()); err != nil {
		t.Fatal(err)
	}
	if method != http.MethodPut || path != "/prefix/metrics/job/failover" || families["failover_run_info"] == nil {
		t.Errorf("%s %s with %d metrics", method, path, len(families))
	}
	if err := Push(context.Background(), server.URL+"/broken", sample.Rich()); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a gateway that fails: %v", err)
	}
	const secret = "hunter22"
	err := Push(context.Background(), "http://ci:"+secret+"@127.0.0.1:1", sample.Rich())
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("nobody listens: %v", err)
	}
	if err := Push(context.Background(), "ci:"+secret, sample.Rich()); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("no address: %v", err)
	}
}
