package environment

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
)

// remoteSettings aim at two addresses of the management API.
func remoteSettings(t *testing.T, one, two string, more map[string]string) *config.Config {
	t.Helper()
	values := map[string]string{
		"CROSSDC_ENVIRONMENT": "remote", "CROSSDC_CALL_TIMEOUT": "500ms", "CROSSDC_DC1_ROOT": one, "CROSSDC_DC2_ROOT": two,
		"CROSSDC_DC1_USER": "tester", "CROSSDC_DC1_PASSWORD": "wrong", "CROSSDC_DC2_USER": "tester", "CROSSDC_DC2_PASSWORD": "wrong",
	}
	for name, value := range more {
		values[name] = value
	}
	for name, value := range values {
		t.Setenv(name, value)
	}
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// TestWhatKeepsDataCentersFromBeingReachedIsNamed opens data centers that do not do as they should: each time the cause is typed,
// names the data center and what to set, and comes within the limit of about one call.
func TestWhatKeepsDataCentersFromBeingReachedIsNamed(t *testing.T) {
	answers := func(status int) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		return server.URL + "/streams/resources"
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	silent, err := net.Listen("tcp4", "127.0.0.1:0") // accepts by its backlog, and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	closed, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		root string
		kind model.CauseKind
		says []string
	}{
		"a wrong password":      {answers(http.StatusUnauthorized), model.CauseLogin, []string{"dc1 refused the login (401)", "CROSSDC_DC1_USER and CROSSDC_DC1_PASSWORD"}},
		"rights are missing":    {answers(http.StatusForbidden), model.CauseRights, []string{"dc1 does not allow what the suite needs (403)", "CROSSDC_DC1_USER"}},
		"a missing authority":   {secure.URL + "/streams/resources", model.CauseCertificate, []string{"dc1 has a certificate of an unknown authority", "CROSSDC_DC1_CA_FILE"}},
		"http for https":        {strings.Replace(answers(http.StatusOK), "http://", "https://", 1), model.CauseProtocol, []string{"dc1 speaks http where https is expected", "CROSSDC_DC1_ROOT"}},
		"a closed port":         {"http://" + closed.Addr().String() + "/streams/resources", model.CauseUnreachable, []string{"dc1 refuses connections", "check CROSSDC_DC1_ROOT"}},
		"it hangs at the start": {"http://" + silent.Addr().String() + "/streams/resources", model.CauseNoAnswer, []string{"dc1 did not answer in time", "check CROSSDC_DC1_ROOT"}},
	} {
		t.Run(name, func(t *testing.T) {
			settings := remoteSettings(t, c.root, c.root, nil)
			began := time.Now()
			_, err := Open(context.Background(), settings, Options{})
			if err == nil {
				t.Fatal("it was opened")
			}
			cause := CauseOf(err)
			if cause.Kind != c.kind || cause.DataCenter != "dc1" {
				t.Errorf("cause %+v, want %s at dc1", cause, c.kind)
			}
			for _, text := range c.says {
				if !strings.Contains(cause.Sentence(), text) {
					t.Errorf("%q does not say %q", cause.Sentence(), text)
				}
			}
			if took := time.Since(began); took > 4*settings.CallTimeout {
				t.Errorf("it took %v, the limit of a call is %v", took, settings.CallTimeout)
			}
			if strings.Contains(cause.Sentence()+cause.Detail, "wrong") {
				t.Errorf("the password is in %+v", cause)
			}
		})
	}
}

func TestFilesAndProgramsThatAreMissingAreNamedBeforeAnythingIsStarted(t *testing.T) {
	settings := remoteSettings(t, "https://a.example", "https://b.example", map[string]string{
		"CROSSDC_DC2_CA_FILE": "/no/such.pem", "CROSSDC_DC1_BUNDLE": "/no/such.sab",
	})
	causes := Check(settings)
	if len(causes) != 2 || causes[0].Setting != "CROSSDC_DC1_BUNDLE" || causes[1].Setting != "CROSSDC_DC2_CA_FILE" || causes[1].Kind != model.CauseCertificate {
		t.Errorf("%+v", causes)
	}
	t.Setenv("CROSSDC_ENVIRONMENT", "embedded")
	t.Setenv("CROSSDC_EMULATOR_PATH", "/no/such/emulator")
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	if causes := Check(settings); len(causes) != 1 || causes[0].Kind != model.CauseBuild || causes[0].Setting != "CROSSDC_EMULATOR_PATH" {
		t.Errorf("%+v", causes)
	}
}

// TestAPortThatIsTakenIsNamed has somebody listen on every address.
func TestAPortThatIsTakenIsNamed(t *testing.T) {
	other, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	_, port, err := net.SplitHostPort(other.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := strconv.Atoi(port); n > 65000 {
		t.Fatalf("the kernel gave port %s, beyond what the setting takes", port)
	}
	t.Setenv("CROSSDC_TOOLKIT_PORT", port)
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(context.Background(), settings, Options{})
	if err == nil {
		t.Fatal("it was opened")
	}
	cause := CauseOf(err)
	if cause.Kind != model.CausePort || cause.Setting != "CROSSDC_TOOLKIT_PORT" || !strings.Contains(cause.Sentence(), "port "+port+" is taken by another program") {
		t.Errorf("%+v", cause)
	}
}

// TestARelayThatCannotBeUsedIsNamed asks relays that do not do as they should, as opening an environment does before anything
// is watched: a relay that only the injection of a fault, or its clean-up, meets would be blamed on either.
func TestARelayThatCannotBeUsedIsNamed(t *testing.T) {
	answers := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer right" {
				status, body = http.StatusUnauthorized, `{"error":"no"}`
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	closed, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		control, token string
		kind           model.CauseKind
		setting, says  string
	}{
		"a closed port":       {"http://" + closed.Addr().String(), "right", model.CauseUnreachable, "CROSSDC_RELAY_URL", "the relay refuses connections"},
		"a wrong token":       {answers(http.StatusOK, `{"rules":[]}`), "wrong-token", model.CauseLogin, "CROSSDC_RELAY_TOKEN", "the relay refused the login (401)"},
		"another address":     {answers(http.StatusNotFound, "not found"), "right", "", "CROSSDC_RELAY_URL", "the relay "},
		"a web page":          {answers(http.StatusOK, "<html>hello</html>"), "right", model.CauseProtocol, "CROSSDC_RELAY_URL", "not a relay's list of rules"},
		"a relay that is one": {answers(http.StatusOK, `{"rules":[]}`), "right", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := newRelay(c.control, c.token, nil, 25091).present(context.Background())
			if c.setting == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("it was taken for a relay")
			}
			cause := CauseOf(err)
			if c.kind != "" && cause.Kind != c.kind || cause.Setting != c.setting {
				t.Errorf("cause %+v, want %s of %s", cause, c.kind, c.setting)
			}
			sentence := cause.Sentence()
			if !strings.Contains(sentence, c.says) || !strings.Contains(sentence, c.setting) {
				t.Errorf("%q does not say %q and %s", sentence, c.says, c.setting)
			}
			if strings.Contains(err.Error()+cause.Detail, "wrong-token") {
				t.Errorf("the token is in %v", err)
			}
		})
	}
}
