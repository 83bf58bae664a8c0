package access

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const password = "Sw0rdf!sh/§ +x"

// serve starts a TLS server and writes its certificate where CAFile can name it.
func serve(t *testing.T, handler http.HandlerFunc) (server *httptest.Server, ca string) {
	t.Helper()
	server = httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return server, ca
}

func client(t *testing.T, cfg Config, address string) *Client {
	t.Helper()
	c, err := NewClient(cfg, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

func credentials(ca string) Config {
	return Config{User: "streamsadmin", Password: NewSecret(password), CAFile: ca, Timeout: 5 * time.Second}
}

func TestStatusesHaveClasses(t *testing.T) {
	for status, want := range map[int]error{
		400: ErrRejected, 401: ErrUnauthorized, 403: ErrUnauthorized, 404: ErrNotFound, 405: ErrRejected, 409: ErrConflict,
		413: ErrTooLarge, 429: ErrBusy, 500: ErrServer, 503: ErrBusy,
	} {
		server, ca := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"messages":[{"id":"CDISW5000E","message":"the thing"}]}`)
		})
		_, err := client(t, credentials(ca), server.URL).Do(t.Context(), Request{Op: "try", URL: "/x"})
		var ours *Error
		if !errors.Is(err, want) || !errors.As(err, &ours) || ours.Status != status || ours.MessageID != "CDISW5000E" || ours.RetryAfter != 7*time.Second {
			t.Errorf("status %d: got %v (%+v), want %v", status, err, ours, want)
		}
	}
}

func TestErrorBodies(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"messages":[{"id":"CDISW5000E","message":"gone"}]}`:                            {"CDISW5000E", "gone"},
		`{"messages":[{"id":"A","message":"x"},{"message":"y"}]}`:                        {"A", "x; y"},
		`{"message":"gone","id":"CDISW5000E"}`:                                           {"CDISW5000E", "gone"},
		`{"message":"gone","id":17}`:                                                     {"17", "gone"},
		`{"errors":[{"message":"bad"}]}`:                                                 {"", "bad"},
		`{"errors":["bad"]}`:                                                             {"", "bad"},
		`{"id":"I","message":"m","messages":[{"id":"CDISW5000E","message":"combined"}]}`: {"CDISW5000E", "combined"},
		`{"messages":"no array","message":"flat"}`:                                       {"", "flat"},
		`<html>Bad Gateway</html>`:                                                       {"", "<html>Bad Gateway</html>"},
		``:                                                                               {"", ""},
		`{"messages":[null,3,{"x":1}],"errors":[]}`:                                      {"", "3"},
	} {
		if id, text := ErrorBody([]byte(body)); id != want[0] || text != want[1] {
			t.Errorf("%s: got %q %q, want %q", body, id, text, want)
		}
	}
}

func TestCertificates(t *testing.T) {
	server, ca := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	_, otherCA := serveOther(t)
	sum := sha256.Sum256(server.Certificate().Raw)
	fingerprint := strings.ToUpper(hex.EncodeToString(sum[:]))
	colons := strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintf("% x", sum[:]), " ", ":"), ":")
	for name, trial := range map[string]struct {
		cfg  Config
		good bool
	}{
		"system roots":           {Config{}, false},
		"the CA":                 {Config{CAFile: ca}, true},
		"another CA":             {Config{CAFile: otherCA}, false},
		"the fingerprint":        {Config{Fingerprint: fingerprint}, true},
		"fingerprint by colons":  {Config{Fingerprint: colons}, true},
		"wrong fingerprint":      {Config{Fingerprint: strings.Repeat("ab", 32)}, false},
		"both":                   {Config{Fingerprint: fingerprint, CAFile: ca}, true},
		"right pin, wrong CA":    {Config{Fingerprint: fingerprint, CAFile: otherCA}, false},
		"insecure by name":       {Config{InsecureSkipVerify: true}, true},
		"insecure but wrong pin": {Config{InsecureSkipVerify: true, Fingerprint: strings.Repeat("ab", 32)}, false},
	} {
		c := client(t, trial.cfg, server.URL)
		_, err := c.Do(t.Context(), Request{Op: "try"})
		if trial.good != (err == nil) || err != nil && !errors.Is(err, ErrTLS) || errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: got %v", name, err)
		}
		if c.Insecure() != trial.cfg.InsecureSkipVerify {
			t.Errorf("%s: Insecure() = %v", name, c.Insecure())
		}
	}
}

// serveOther gives a server with a certificate of its own: httptest's is the same for all.
func serveOther(t *testing.T) (*httptest.Server, string) {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(ca, otherCertificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return nil, ca
}

func TestOldTLSIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	server.StartTLS()
	defer server.Close()
	_, err := client(t, Config{InsecureSkipVerify: true}, server.URL).Do(t.Context(), Request{Op: "try"})
	if !errors.Is(err, ErrTLS) {
		t.Errorf("TLS 1.1: got %v, want ErrTLS", err)
	}
}

func TestPlainServerBehindHTTPSIsATLSError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := client(t, Config{}, strings.Replace(server.URL, "http:", "https:", 1)).Do(t.Context(), Request{Op: "try"})
	if !errors.Is(err, ErrTLS) {
		t.Errorf("got %v, want ErrTLS", err)
	}
}

func TestBadConfigurationIsNamed(t *testing.T) {
	for want, trial := range map[string]struct {
		cfg     Config
		address string
	}{
		"empty":            {Config{}, "  "},
		"credentials":      {Config{}, "https://streamsadmin:" + "hunter22@h:9714/"},
		"in the clear":     {Config{}, "http://192.0.2.1:9714"},
		"scheme":           {Config{}, "ftp://h"},
		"not a SHA-256":    {Config{Fingerprint: "abc"}, "https://h"},
		"read the CA file": {Config{CAFile: "/nowhere/ca.pem"}, "https://h"},
		"no PEM":           {Config{CAFile: os.Args[0]}, "https://h"},
	} {
		_, err := NewClient(trial.cfg, trial.address)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

func TestUnreachableInItsForms(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := listener.Addr().String()
	_ = listener.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never speaks
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	slow, ca := serve(t, func(w http.ResponseWriter, r *http.Request) { // slowloris: a byte now and then
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	cut, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"jobs":[`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	for name, address := range map[string]string{
		"refused": "https://" + refused, "silent": "https://" + silent.Addr().String(), "slow body": slow.URL, "cut body": cut.URL,
	} {
		cfg := credentials(ca)
		cfg.Timeout = 300 * time.Millisecond
		began := time.Now()
		_, err := client(t, cfg, address).Do(t.Context(), Request{Op: "try"})
		if !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrTLS) {
			t.Errorf("%s: got %v, want ErrUnreachable", name, err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: took %v with a timeout of 300 ms", name, took)
		}
	}
	resolver := credentials(ca)
	resolver.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "dc9", IsNotFound: true}}
	}
	if _, err := client(t, resolver, "https://dc9").Do(t.Context(), Request{Op: "try"}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("unknown host: got %v", err)
	}
}

func TestCancellationIsNotTheServicesFault(t *testing.T) {
	began := make(chan struct{})
	server, ca := serve(t, func(_ http.ResponseWriter, r *http.Request) { close(began); <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	_, err := client(t, credentials(ca), server.URL).Do(ctx, Request{Op: "try"})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestHugeBodiesAreRefused(t *testing.T) {
	for _, declared := range []bool{true, false} {
		server, ca := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if !declared {
				w.(http.Flusher).Flush() // chunked
			}
			_, _ = io.WriteString(w, strings.Repeat("x", 2000))
		})
		cfg := credentials(ca)
		cfg.MaxBody = 1000
		if _, err := client(t, cfg, server.URL).Do(t.Context(), Request{Op: "try"}); !errors.Is(err, ErrMalformed) || errors.Is(err, ErrUnreachable) {
			t.Errorf("declared %v: got %v, want ErrMalformed", declared, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	leaked := make(chan string, 10)
	other, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { leaked <- r.Header.Get("Authorization") })
	server, ca := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL+"/x", http.StatusFound)
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/there":
			_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Authorization")[:5])
		}
	})
	c := client(t, credentials(ca), server.URL)
	if _, err := c.Do(t.Context(), Request{Op: "try", URL: "/away"}); !errors.Is(err, ErrUntrustedHost) {
		t.Errorf("away: got %v", err)
	}
	if got, err := c.Do(t.Context(), Request{Op: "try", URL: "/here"}); err != nil || string(got.Body) != "GET Basic" {
		t.Errorf("here: got %q, %v", got.Body, err)
	}
	if _, err := c.Do(t.Context(), Request{Op: "try", URL: "/loop"}); !errors.Is(err, ErrMalformed) {
		t.Errorf("loop: got %v", err)
	}
	if _, err := c.Do(t.Context(), Request{Op: "try", URL: "/here", Method: http.MethodPost, Body: []byte("x")}); !errors.Is(err, ErrMalformed) {
		t.Errorf("POST that would become GET: got %v", err)
	}
	if _, err := c.Do(t.Context(), Request{Op: "try", URL: other.URL + "/link"}); !errors.Is(err, ErrUntrustedHost) {
		t.Errorf("link to another host: got %v", err)
	}
	cfg := credentials(ca)
	cfg.RebaseLinks = true
	if got, err := client(t, cfg, server.URL).Do(t.Context(), Request{Op: "try", URL: "https://inner.example:1/there"}); err != nil || len(got.Body) == 0 {
		t.Errorf("rebased: got %q, %v", got.Body, err)
	}
	select {
	case header := <-leaked:
		t.Errorf("the other host was called with %q", header)
	default:
	}
	cfg = credentials(ca)
	cfg.TrustedHosts = []string{strings.TrimPrefix(other.URL, "https://")}
	if _, err := client(t, cfg, server.URL).Do(t.Context(), Request{Op: "try", URL: "/away"}); err != nil || len(leaked) != 1 {
		t.Errorf("trusted host: %v", err)
	}
}

func TestCookiesAndCredentials(t *testing.T) {
	var seen []string
	server, ca := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, got, _ := r.BasicAuth()
		cookie, _ := r.Cookie("JSESSIONID")
		seen = append(seen, fmt.Sprintf("%s, %v, %v, %v", user, got == password, cookie != nil, r.Header.Get("Authorization") == "Bearer tok-12345"))
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "1", Path: "/", HttpOnly: true, Secure: true})
	})
	c := client(t, credentials(ca), server.URL)
	for range 2 {
		if _, err := c.Do(t.Context(), Request{Op: "try"}); err != nil {
			t.Fatal(err)
		}
	}
	cfg := credentials(ca)
	cfg.BearerToken = NewSecret("tok-12345")
	if _, err := client(t, cfg, server.URL).Do(t.Context(), Request{Op: "try"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"streamsadmin, true, false, false", "streamsadmin, true, true, false", ", false, false, true"}
	if !slices.Equal(seen, want) {
		t.Errorf("user, password right, cookie, token right:\n got %q\nwant %q", seen, want)
	}
}

func TestRetries(t *testing.T) {
	for name, trial := range map[string]struct {
		request Request
		status  int
		after   string
		calls   int
	}{
		"reads are repeated":           {Request{}, 503, "", 3},
		"other errors are not":         {Request{}, 500, "", 1},
		"refusals are not":             {Request{}, 401, "", 1},
		"writes are not":               {Request{Method: http.MethodPost, Body: []byte("x")}, 503, "", 1},
		"unless they may":              {Request{Method: http.MethodDelete, Repeatable: true}, 503, "", 3},
		"no wait beyond the bound":     {Request{}, 503, "3600", 1},
		"destructive reads are not":    {Request{NoRetry: true}, 503, "", 1},
		"Retry-After within the bound": {Request{}, 503, "1", 3},
	} {
		calls := 0
		server, ca := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			if trial.after != "" {
				w.Header().Set("Retry-After", trial.after)
			}
			w.WriteHeader(trial.status)
		})
		var pauses []time.Duration
		cfg := credentials(ca)
		cfg.Retries, cfg.RetryDelay = 2, 100*time.Millisecond
		cfg.Rand = func() float64 { return 0.5 }
		cfg.Sleep = func(_ context.Context, pause time.Duration) error { pauses = append(pauses, pause); return nil }
		trial.request.Op = "try"
		if _, err := client(t, cfg, server.URL).Do(t.Context(), trial.request); err == nil || calls != trial.calls {
			t.Errorf("%s: %d calls, want %d (%v)", name, calls, trial.calls, err)
		}
		if trial.calls == 3 && trial.after == "" && fmt.Sprint(pauses) != "[100ms 200ms]" || trial.after == "1" && fmt.Sprint(pauses) != "[1s 1s]" {
			t.Errorf("%s: pauses %v", name, pauses)
		}
	}
}

func TestNothingShowsThePassword(t *testing.T) {
	echo, ca := serve(t, func(w http.ResponseWriter, r *http.Request) { // a service that repeats what it was sent
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": "no: " + r.Header.Get("Authorization") + " " + password, "id": password})
	})
	cfg := credentials(ca)
	cfg.BearerToken = Secret{}
	c := client(t, cfg, echo.URL)
	_, refused := c.Do(t.Context(), Request{Op: "try " + password, URL: "/x?password=hunter22&a=1&access_token=hunter22"})
	_, unreachable := client(t, cfg, "https://127.0.0.1:1").Do(t.Context(), Request{Op: "try", URL: "/x?token=hunter22"})
	unread := c.Fail("op", "GET", "https://u:hunter22@h/", fmt.Errorf("echo: %s", password))
	type holder struct {
		hidden Secret
		Open   Secret
		client *Client
		cfg    Config
	}
	held := holder{cfg.Password, cfg.Password, c, cfg}
	var out strings.Builder
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	for _, value := range []any{cfg, &cfg, c, *c, held, &held, cfg.Password, &cfg.Password, refused, unreachable, unread, errors.Unwrap(unread), map[string]any{"x": held}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T %v", "%10s", "%p", "%!", "%U"} {
			fmt.Fprintf(&out, verb+"\n", value, value)
		}
		if text, err := json.Marshal(value); err == nil {
			out.Write(text)
		}
		logger.Info("x", "value", value)
	}
	for _, secret := range []string{password, "hunter22", "U3cwcmRm", "5377307264662173682f", "5377307264662173682F", "Sw0rdf"} {
		if at := strings.Index(out.String(), secret); at >= 0 {
			t.Errorf("%q shows in ...%s", secret, out.String()[max(0, at-200):at+len(secret)])
		}
	}
	if !strings.Contains(out.String(), "***") || !strings.Contains(refused.Error(), "a=1") {
		t.Errorf("nothing was masked: %v", refused)
	}
	var back Secret
	if err := back.UnmarshalText([]byte("x")); err != nil || back.Reveal() != "x" || !back.Equal(NewSecret("x")) || !(Secret{}).IsZero() {
		t.Errorf("a secret lost its text: %v", err)
	}
}

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{`{"messages":[{"id":"a","message":"b"}]}`, `{"errors":[3]}`, `[]`, `{"messages":{}}`, "\xff", `{"id":{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, body []byte) { ErrorBody(body); Messages(body) })
}

func FuzzCleanURL(f *testing.F) {
	f.Add("https://u:p@h/x?token=abc;d&%zz=1")
	f.Fuzz(func(t *testing.T, address string) {
		clean := CleanURL("https://user:geheim77@h/?password=geheim77&x=" + address)
		if strings.Contains(clean, "geheim77") && !strings.Contains(address, "geheim77") {
			t.Errorf("%q shows in %q", "geheim77", clean)
		}
	})
}
