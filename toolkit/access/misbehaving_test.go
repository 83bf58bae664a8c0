package access

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var named = Settings{
	Address: "CROSSDC_DC1_ROOT", User: "CROSSDC_DC1_USER", Password: "CROSSDC_DC1_PASSWORD", CAFile: "CROSSDC_DC1_CA_FILE",
	Fingerprint: "CROSSDC_DC1_FINGERPRINT", TrustedHosts: "CROSSDC_DC1_TRUSTED_HOSTS", RebaseLinks: "CROSSDC_DC1_REBASE_LINKS",
	AllowPlainHTTP: "CROSSDC_DC1_ALLOW_PLAIN_HTTP",
}

func TestASessionThatEndedIsDroppedAndTheCallRepeatedOnce(t *testing.T) {
	var calls, posted atomic.Int32
	server, ca := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if _, err := r.Cookie("JSESSIONID"); err == nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if _, _, ok := r.BasicAuth(); !ok {
			t.Error("a call without Basic")
		}
		if r.Method == http.MethodPost {
			if body, _ := io.ReadAll(r.Body); string(body) == "whole" {
				posted.Add(1)
			}
		}
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "x", Path: "/"})
		_, _ = io.WriteString(w, `{}`)
	})
	c := client(t, credentials(ca), server.URL)
	for i := range 3 {
		if _, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x"}); err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if _, err := c.Do(t.Context(), Request{Op: "send", Method: http.MethodPost, URL: "/x", Body: []byte("whole")}); err != nil || posted.Load() != 1 {
		t.Errorf("POST: %v, taken %d times", err, posted.Load())
	}
	if got := calls.Load(); got != 7 { // the first, and two for each of the others
		t.Errorf("%d calls, want 7", got)
	}
}

func TestAWrongPasswordIsAskedWithOnceMoreAtMost(t *testing.T) {
	var calls atomic.Int32
	server, ca := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "x", Path: "/"})
		w.WriteHeader(http.StatusUnauthorized)
	})
	cfg := credentials(ca)
	cfg.Settings = named
	c := client(t, cfg, server.URL)
	for range 2 { // the second one sends the cookie of the first
		_, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x"})
		if !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "check CROSSDC_DC1_USER and CROSSDC_DC1_PASSWORD") {
			t.Error(err)
		}
	}
	if got := calls.Load(); got > 3 {
		t.Errorf("%d calls: accounts are locked by less", got)
	}
}

func TestCompressionUnaskedIsUndone(t *testing.T) {
	plain := []byte(`{"health":"healthy"}`)
	for coding, wrap := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"x-gzip":  func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
		"Deflate": func(w io.Writer) io.WriteCloser { raw, _ := flate.NewWriter(w, 9); return raw }, // without zlib's header
	} {
		var body bytes.Buffer
		writer := wrap(&body)
		_, _ = writer.Write(plain)
		_ = writer.Close()
		status := http.StatusOK
		server, ca := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "identity" {
				t.Errorf("Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", coding)
			w.WriteHeader(status)
			_, _ = w.Write(body.Bytes())
		})
		c := client(t, credentials(ca), server.URL)
		if got, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x"}); err != nil || !bytes.Equal(got.Body, plain) {
			t.Errorf("%s: %q %v", coding, got.Body, err)
		}
		plain, status = []byte(`{"messages":[{"message":"the thing"}]}`), http.StatusConflict
		body.Reset()
		writer = wrap(&body)
		_, _ = writer.Write(plain)
		_ = writer.Close()
		if _, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x"}); !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), "the thing") {
			t.Errorf("%s: error %v", coding, err)
		}
		body.Reset()
		if got, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x", Success: []int{409}}); err != nil || len(got.Body) != 0 {
			t.Errorf("%s: an empty body: %q %v", coding, got.Body, err)
		}
		body.WriteString("no such stream")
		if _, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x", Success: []int{409}}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: what is not compressed: %v", coding, err)
		}
	}
}

func TestWhatExpandsBeyondTheLimitIsRefused(t *testing.T) {
	var body bytes.Buffer
	writer := gzip.NewWriter(&body)
	_, _ = writer.Write(make([]byte, 1<<20))
	_ = writer.Close()
	coding := "gzip"
	server, ca := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", coding)
		_, _ = w.Write(body.Bytes())
	})
	cfg := credentials(ca)
	cfg.MaxBody = 1 << 16
	c := client(t, cfg, server.URL)
	if _, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x"}); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
	coding = "br"
	if _, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x"}); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), `"br"`) {
		t.Error(err)
	}
}

func TestALoginPageIsNamed(t *testing.T) {
	server, ca := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			http.Redirect(w, r, "/login", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<html><form></form></html>")
	})
	cfg := credentials(ca)
	cfg.Settings = named
	c := client(t, cfg, server.URL)
	for _, test := range []struct {
		request Request
		class   error
		trouble Trouble
		words   []string
	}{
		{Request{Op: "ask", URL: "/x"}, ErrUnauthorized, LoginPage, []string{"a login page", "CROSSDC_DC1_ROOT"}},
		{Request{Op: "ask", URL: "/y"}, ErrMalformed, WebPage, []string{"a web page", "CROSSDC_DC1_ROOT"}},
		{Request{Op: "ask", URL: "/x", Method: http.MethodPost}, ErrMalformed, Redirected, []string{"/login", "login page"}},
	} {
		_, err := c.Do(t.Context(), test.request)
		var ours *Error
		if !errors.As(err, &ours) || !errors.Is(err, test.class) || ours.Trouble != test.trouble {
			t.Errorf("%s %s: %+v", test.request.Method, test.request.URL, ours)
			continue
		}
		for _, word := range test.words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not say %q", err, word)
			}
		}
	}
}

func TestTransientAnswersAreRepeatedWithinTheCallAndTheLastIsReported(t *testing.T) {
	var left atomic.Int32
	server, ca := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if left.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{}`)
	})
	cfg := credentials(ca)
	cfg.Retries = UntilTimeout
	var slept []time.Duration
	cfg.Sleep = func(_ context.Context, pause time.Duration) error { slept = append(slept, pause); return nil }
	c := client(t, cfg, server.URL)
	left.Store(3)
	if _, err := c.Do(t.Context(), Request{Op: "ask", URL: "/x"}); err != nil || !slices.Equal(slept, []time.Duration{time.Second, time.Second, time.Second}) {
		t.Errorf("%v after pauses of %v", err, slept)
	}
	left.Store(1)
	if _, err := c.Do(t.Context(), Request{Op: "send", URL: "/x", Method: http.MethodPost}); !errors.Is(err, ErrBusy) {
		t.Errorf("a POST is not repeated: %v", err)
	}
	left.Store(1 << 20)
	slept = nil
	cfg.Sleep = nil
	cfg.Timeout = 1500 * time.Millisecond
	_, err := client(t, cfg, server.URL).Do(t.Context(), Request{Op: "ask", URL: "/x"})
	var ours *Error
	if !errors.As(err, &ours) || ours.Status != 503 || ours.Attempts != 2 || !strings.Contains(err.Error(), "the last of 2 attempts") {
		t.Errorf("%v", err)
	}
	if after, ok := Transient(err); !ok || after != time.Second {
		t.Errorf("transient %v %v", after, ok)
	}
}

func TestARefusedConnectionIsNotRepeated(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	cfg := Config{Retries: UntilTimeout, Sleep: func(context.Context, time.Duration) error { t.Error("it was repeated"); return nil }}
	if _, err := client(t, cfg, "http://"+address).Do(t.Context(), Request{Op: "ask", URL: "/x"}); !errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
}

// face starts a server with a certificate of the given kind and returns the CA that signed it.
func face(t *testing.T, change func(*x509.Certificate, *tls.Config)) (address string, ca []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	change(template, config)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	config.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, der
}

func TestAdviceOnTLSFitsTheCause(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for name, test := range map[string]struct {
		change  func(*x509.Certificate, *tls.Config)
		scheme  string
		trusted bool
		class   error
		trouble Trouble
		advice  string
	}{
		"an old protocol": {func(_ *x509.Certificate, c *tls.Config) {
			c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		},
			"https", true, ErrTLS, OldProtocol, "no TLS 1.2 or newer"},
		"an unknown authority": {func(*x509.Certificate, *tls.Config) {},
			"https", false, ErrTLS, UnknownAuthority, "PEM file in CROSSDC_DC1_CA_FILE, or pin the certificate with CROSSDC_DC1_FINGERPRINT"},
		"another host": {func(c *x509.Certificate, _ *tls.Config) {
			c.IPAddresses, c.DNSNames = nil, []string{"elsewhere.invalid"}
		},
			"https", true, ErrTLS, WrongHost, "use a name that the certificate is for in CROSSDC_DC1_ROOT"},
		"an old certificate": {func(c *x509.Certificate, _ *tls.Config) { c.NotAfter = time.Now().Add(-time.Hour) },
			"https", true, ErrTLS, Expired, "renew the server's certificate"},
		"a wanted client certificate": {func(_ *x509.Certificate, c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert },
			"https", true, ErrTLS, ClientWanted, "client certificates are not supported"},
		"https at an http address": {func(*x509.Certificate, *tls.Config) {},
			"http", true, ErrRejected, TLSServer, "write https:// in CROSSDC_DC1_ROOT"},
		"http at an https address": {nil, "https", true, ErrTLS, PlainServer, "speaks http, not https: check scheme and port of CROSSDC_DC1_ROOT"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Settings: named, Timeout: 5 * time.Second}
			address := plain.URL
			if test.change != nil {
				var ca []byte
				address, ca = face(t, test.change)
				if test.trusted {
					cfg.Transport = trusting(t, ca)
				}
			}
			address = test.scheme + address[strings.Index(address, ":"):]
			_, err := client(t, cfg, address).Do(t.Context(), Request{Op: "ask", URL: "/x"})
			var ours *Error
			if !errors.As(err, &ours) || !errors.Is(err, test.class) || ours.Trouble != test.trouble || !strings.Contains(err.Error(), test.advice) {
				t.Errorf("%v (trouble %q, class %v)", err, ours.Trouble, ours.Class)
			}
			if ours.Setting == "" || !strings.HasPrefix(ours.Setting, "CROSSDC_DC1_") {
				t.Errorf("setting %q", ours.Setting)
			}
		})
	}
}

func trusting(t *testing.T, der []byte) http.RoundTripper {
	t.Helper()
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	transport, err := Config{}.NewTransport()
	if err != nil {
		t.Fatal(err)
	}
	transport.TLSClientConfig.RootCAs = pool
	return transport
}

func TestLinksToAnotherHost(t *testing.T) {
	for name, test := range map[string]struct {
		cfg  Config
		link string
		want string // "" refused
	}{
		"refused":                   {Config{}, "https://inside:9714/jobs", ""},
		"trusted with its port":     {Config{TrustedHosts: []string{"inside:9714"}}, "https://inside:9714/jobs", "https://inside:9714/jobs"},
		"trusted without port":      {Config{TrustedHosts: []string{"INSIDE"}}, "https://inside:443/jobs", "https://inside:443/jobs"},
		"trusted but another port":  {Config{TrustedHosts: []string{"inside"}}, "https://inside:9714/jobs", ""},
		"trusted but in the clear":  {Config{TrustedHosts: []string{"inside"}}, "http://inside:443/jobs", ""},
		"rebased":                   {Config{RebaseLinks: true}, "https://inside:9714/jobs?id=1", "https://outside/jobs?id=1"},
		"rebased socket":            {Config{RebaseLinks: true}, "wss://inside:9714/jobs", "wss://outside/jobs"},
		"trusted six":               {Config{TrustedHosts: []string{"::1"}}, "https://[::1]/jobs", "https://[::1]/jobs"},
		"trusted beside the rebase": {Config{RebaseLinks: true, TrustedHosts: []string{"inside:1"}}, "https://inside:1/jobs", "https://inside:1/jobs"},
	} {
		test.cfg.Settings = named
		got, err := client(t, test.cfg, "https://outside/streams").Resolve(test.link)
		if test.want == "" {
			failure := client(t, test.cfg, "https://outside/streams").Fail("ask", "GET", test.link, err)
			if !errors.Is(err, ErrUntrustedHost) || failure.Trouble != ForeignLink ||
				!strings.Contains(failure.Error(), "name that host in CROSSDC_DC1_TRUSTED_HOSTS, or set CROSSDC_DC1_REBASE_LINKS=true") {
				t.Errorf("%s: %v %v", name, got, failure)
			}
		} else if err != nil || got.String() != test.want {
			t.Errorf("%s: %v %v, want %s", name, got, err, test.want)
		}
	}
}

func FuzzCompressedBodies(f *testing.F) {
	var whole bytes.Buffer
	writer := gzip.NewWriter(&whole)
	_, _ = writer.Write([]byte("whole"))
	_ = writer.Close()
	f.Add("gzip", whole.Bytes())
	f.Add("deflate", []byte{0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01})
	f.Add("gzip, deflate", []byte{})
	f.Fuzz(func(t *testing.T, coding string, raw []byte) {
		response := &http.Response{Header: http.Header{"Content-Encoding": {coding}}, Body: io.NopCloser(bytes.NewReader(raw))}
		if decoded(response) != nil {
			return
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // must neither panic nor hang
	})
}
