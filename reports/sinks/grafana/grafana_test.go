package grafana

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
)

const token = "glsa_secret_0123456789"

func TestEveryFaultBecomesAnAnnotation(t *testing.T) {
	var got []Annotation
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a Annotation
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&a); err != nil || r.Method != http.MethodPost || r.URL.Path != "/grafana/api/annotations" || r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, "wrong", http.StatusBadRequest)
			return
		}
		got = append(got, a)
		fmt.Fprintf(w, `{"message":"Annotation added","id":%d}`, len(got))
	}))
	defer server.Close()
	t.Setenv("GRAFANA_TOKEN", token)
	grafana, err := At(server.URL+"/grafana/", "")
	if err != nil {
		t.Fatal(err)
	}
	run := sample.Rich()
	if err := grafana.Annotate(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	faults := 0
	for _, s := range run.Scenarios {
		if s.Fault != nil {
			faults++
		}
	}
	if len(got) != faults+1 {
		t.Fatalf("%d annotations, want one for the run and %d for faults", len(got), faults)
	}
	if got[0].Time != run.Started.UnixMilli() || got[0].TimeEnd != run.Finished.UnixMilli() || !slices.Equal(got[0].Tags, []string{"failover", "run", "failed"}) {
		t.Errorf("the run: %+v", got[0])
	}
	crash := got[2]
	fault := run.Scenarios[1].Fault
	if crash.Time != run.Started.Add(time.Duration(fault.Injected.Earliest)).UnixMilli() || crash.TimeEnd != run.Started.Add(time.Duration(fault.Healed.Latest)).UnixMilli() {
		t.Errorf("the crash is marked from %d to %d", crash.Time, crash.TimeEnd)
	}
	if !slices.Equal(crash.Tags, []string{"failover", "outage", "S03", "passed"}) || !strings.Contains(crash.Text, "detection 101.2 to 103.9 s (toolkit time): met") || !strings.Contains(crash.Text, "crash dc1") {
		t.Errorf("the crash: %+v", crash)
	}
}

func TestTextIsNoMarkup(t *testing.T) {
	run := sample.Rich()
	run.Scenarios[1].Name = "<img src=x onerror=alert(1)>\x1b[31m"
	for _, a := range Annotations(run) {
		if strings.ContainsAny(a.Text, "<\x1b") || a.TimeEnd < a.Time {
			t.Errorf("%+v", a)
		}
	}
}

func TestTheTokenIsNeverShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed, with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	over := make(chan struct{})
	for name, handler := range map[string]http.HandlerFunc{
		"401": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"500": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "you sent "+r.Header.Get("Authorization"), 500)
		},
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"hangs": func(_ http.ResponseWriter, _ *http.Request) { <-over },
	} {
		server := httptest.NewServer(handler)
		grafana, err := At(server.URL, file)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		err = grafana.Annotate(ctx, sample.Rich())
		cancel()
		if err == nil || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), sample.Rich().ID) {
			t.Errorf("a server that %s: %v", name, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v %s", grafana, grafana, grafana, grafana); strings.Contains(shown, token) {
			t.Errorf("the server prints as %s", shown)
		}
		server.CloseClientConnections()
		defer server.Close() // at the end: what hangs must be let go first
	}
	close(over)
}

func TestWhatIsNoServer(t *testing.T) {
	t.Setenv("GRAFANA_TOKEN", "")
	for _, c := range [][2]string{{"http://127.0.0.1:1", ""}, {"127.0.0.1", ""}, {"http://u:" + token + "@127.0.0.1", ""}, {"http://127.0.0.1:1", "/nowhere"}} {
		if _, err := At(c[0], c[1]); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("At(%v) = %v", c, err)
		}
	}
	t.Setenv("GRAFANA_TOKEN", token+"\nX-Other: 1")
	if _, err := At("http://127.0.0.1:1", ""); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("a token of two lines: %v", err)
	}
}
