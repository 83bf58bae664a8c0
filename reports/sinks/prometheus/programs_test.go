package prometheus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
)

// TestTheRealPrograms pushes a run to a Pushgateway, lets a Prometheus scrape it, and asks it every query of the dashboards.
func TestTheRealPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no Pushgateway and no Prometheus were started")
	}
	gateway := start(t, "prometheus-pushgateway", func(address, _ string) []string { return []string{"--web.listen-address=" + address} })
	run := sample.Rich()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	if err := Push(ctx, gateway, sample.Many(200, 1)); err != nil {
		t.Fatal(err)
	}
	if err := Push(ctx, gateway, run); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(gateway + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	families := parsed(t, response.Body)
	_ = response.Body.Close()
	if got := len(families["failover_scenario_verdict"].GetMetric()); got != len(run.Scenarios) {
		t.Errorf("the gateway holds %d scenarios, want %d of the last push only", got, len(run.Scenarios))
	}

	server := start(t, "prometheus", func(address, dir string) []string {
		config := filepath.Join(dir, "prometheus.yml")
		target := strings.TrimPrefix(gateway, "http://")
		text := fmt.Sprintf("global: {scrape_interval: 500ms}\nscrape_configs:\n- {job_name: gateway, honor_labels: true, static_configs: [{targets: [%q]}]}\n", target)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + address}
	})
	for answer(ctx, t, server, "failover_run_info") == 0 {
		select {
		case <-ctx.Done():
			t.Fatal("Prometheus did not scrape the gateway in time")
		case <-time.After(100 * time.Millisecond):
		}
	}
	if got := answer(ctx, t, server, `failover_detection_seconds{scenario="S03",bound="earliest"} == 101.2`); got != 1 {
		t.Errorf("Prometheus knows %d detections of S03 at 101.2 s, want 1", got)
	}
	for _, query := range queries(t) {
		if rest, ok := strings.CutPrefix(query, "label_values("); ok { // Grafana's own notation
			query = rest[:strings.LastIndex(rest, ",")]
		}
		query = strings.NewReplacer("$family", ".*", "$scenario", ".*").Replace(query)
		if got := answer(ctx, t, server, query); got == 0 {
			t.Errorf("Prometheus finds nothing for %s", query)
		}
	}
}

// answer is how many series an instant query finds.
func answer(ctx context.Context, t *testing.T, server, query string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	var result struct {
		Status, Error string
		Data          struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(response.Body).Decode(&result); err != nil {
		t.Fatal(err)
	}
	if result.Status != "success" {
		t.Errorf("Prometheus refuses %s: %s", query, result.Error)
		return -1
	}
	return len(result.Data.Result)
}

// start runs a program of the system on a free loopback port until the test ends and waits until it is ready. It skips the
// test, with the reason, where the program is not there.
func start(t *testing.T, program string, arguments func(address, dir string) []string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("there is no %s on this machine: nothing was tested against it", program)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, path, arguments(address, dir)...)
	command.Dir, command.Stdout, command.Stderr = dir, log, log
	if err := command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // killed: it always says so
		_ = log.Close()
	})
	for deadline := time.Now().Add(20 * time.Second); ; {
		response, err := http.Get("http://" + address + "/-/ready")
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return "http://" + address
			}
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("%s was not ready within 20 s: %v\n%s", program, err, said)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
