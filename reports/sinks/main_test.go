package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/store"
)

func TestWhatIsBrokenChangesNoExitCode(t *testing.T) {
	dir := t.TempDir()
	stored, textfile := filepath.Join(dir, "run.json"), filepath.Join(dir, "failover.prom")
	if err := store.Write(stored, sample.Rich()); err != nil {
		t.Fatal(err)
	}
	paths := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { paths <- r.URL.Path }))
	defer server.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer broken.Close()
	for name, c := range map[string]struct {
		endpoint  string
		arguments []string
		code      int
		out, err  string
	}{
		"all work":       {server.URL, []string{"-run", stored, "-otel", "-textfile", textfile, "-pushgateway", server.URL, "-grafana", server.URL, "-strict"}, 0, "Grafana: run", ""},
		"all broken":     {broken.URL, []string{"-run", stored, "-otel", "-textfile", dir + "/no/f.prom", "-pushgateway", broken.URL, "-grafana", broken.URL}, 0, "", "Grafana: not sent"},
		"strict":         {broken.URL, []string{"-run", stored, "-pushgateway", broken.URL, "-strict"}, 1, "", "Pushgateway: not sent"},
		"traces off":     {"", []string{"-run", stored, "-otel", "-strict"}, 0, "traces are off", ""},
		"no run":         {"", []string{"-run", dir + "/none.json", "-otel"}, 2, "", "none.json"},
		"no sink":        {"", []string{"-run", stored}, 2, "", "no sink was named"},
		"unknown option": {"", []string{"-sink"}, 2, "", "not defined"},
		"too much":       {"", []string{"-otel", "run.json"}, 2, "", "run.json"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
				t.Setenv(variable, "")
			}
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.endpoint)
			t.Setenv("GRAFANA_TOKEN", "glsa_secret_0123456789")
			var out, problems bytes.Buffer
			if code := run(context.Background(), c.arguments, &out, &problems); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(out.String(), c.out) || !strings.Contains(problems.String(), c.err) || c.err == "" && problems.Len() > 0 {
				t.Errorf("printed %q and %q", out.String(), problems.String())
			}
			if strings.Contains(out.String()+problems.String(), "glsa_secret") {
				t.Error("the token was printed")
			}
		})
	}
	seen := map[string]bool{}
	for len(paths) > 0 {
		seen[<-paths] = true
	}
	if !seen["/v1/traces"] || !seen["/metrics/job/failover"] || !seen["/api/annotations"] {
		t.Errorf("only %v were reached", seen)
	}
	if _, err := os.Stat(textfile); err != nil {
		t.Error(err)
	}
}
