package stored

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/metrics"
)

// A Prometheus server of the system's packages scrapes a page: a change shows, its stamp lies between the change and the answer, and what is
// no longer scraped is no evidence although the server still has it. CROSSDC_TEST_PROMETHEUS names the program where it is not in PATH.
func TestARealServer(t *testing.T) {
	program := os.Getenv("CROSSDC_TEST_PROMETHEUS")
	if program == "" {
		var err error
		if program, err = exec.LookPath("prometheus"); err != nil {
			t.Skip("there is no prometheus here (apt-get install prometheus, or CROSSDC_TEST_PROMETHEUS)")
		}
	}
	var count atomic.Int64
	var gone atomic.Bool
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if gone.Load() {
			http.Error(w, "gone", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "# TYPE streams_operator_ip_nTuplesProcessed gauge\nstreams_operator_ip_nTuplesProcessed{instancename=\"StreamsInstance\",jobname=\"Drill\",peid=\"1\",operatorname=\"A.Beat\",inputportname=\"In\"} %d\n", count.Load())
		fmt.Fprintf(w, "# TYPE op_output_n_tuples_submitted counter\nop_output_n_tuples_submitted{job=\"Drill\",pe=\"1\",name=\"A.Send\",op_port=\"0\"} %d\n", count.Load())
	}))
	defer page.Close()
	s := startServer(t, program, page.Listener.Addr().String())
	read := func() (beat, send metrics.Sample, err error) {
		set, err := s.Scrape(t.Context())
		beat, _ = set.Find("A.Beat", metrics.In(0, "In"), "nTuplesProcessed")
		send, _ = set.Find("A.Send", metrics.Out(0, ""), "nTuplesSubmitted")
		return beat, send, err
	}
	until := func(what string, done func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("not within a minute: %s", what)
			}
		}
	}
	until("the first sample", func() bool { beat, _, err := read(); return err == nil && beat.Stored })
	for range 5 {
		changed := time.Now()
		n := count.Add(1)
		var beat, send metrics.Sample
		until("the change", func() bool { beat, send, _ = read(); return beat.Value == n && send.Value == n })
		// The stamp is the earliest instant when it can have been scraped: the round trip of the question may lie between.
		if beat.At.Before(changed.Add(-2*time.Second)) || beat.At.After(time.Now()) || send.Job != "Drill" {
			t.Errorf("changed at %v, scraped at %v (%+v)", changed, beat.At, send)
		}
	}
	gone.Store(true)
	until("stale", func() bool { _, _, err := read(); return errors.Is(err, ErrStale) })
}

func startServer(t *testing.T, program, target string) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	folder := t.TempDir()
	file := filepath.Join(folder, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 500ms, scrape_timeout: 400ms}\nscrape_configs: [{job_name: streams, static_configs: [{targets: [%q], labels: {datacenter: east}}]}]\n", target)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address, "--log.level=error")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	client, err := access.NewClient(access.Config{Timeout: 10 * time.Second}, "http://"+address)
	if err != nil {
		t.Fatal(err)
	}
	return New(client, `datacenter="east"`, time.Minute)
}
