package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"encoding/xml"
	"maps"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/store"
)

// closedAt is the same URL at a port where nobody listens.
func closedAt(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(u.Hostname(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

// silentAt is the same URL at a port that takes connections and never says anything.
func silentAt(t *testing.T, address string) (silent string, first func() time.Time) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(u.Hostname(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var began time.Time
	var taken []net.Conn
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			if began.IsZero() {
				began = time.Now()
			}
			taken = append(taken, conn)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-accepting
		for _, conn := range taken {
			_ = conn.Close()
		}
	})
	u.Host = l.Addr().String()
	return u.String(), func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return began
	}
}

func fileWith(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// strangers is an authority that signed nothing here.
func strangers(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a stranger"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return fileWith(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// limitOfCall is how long one call may take, here.
const limitOfCall = 3 * time.Second

// What is wrong between us and the data centers is not tested, as an error that names cause, data center, setting and remedy,
// and says nothing of the application: each through a suite of its own, against data centers that are healthy.
func TestWhatIsOursToMendIsNotTested(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite for each")
	}
	data := startDataCenters(t)
	suite := filepath.Join(t.TempDir(), "outage.test")
	compile(t, "test", "-c", "-o", suite, "github.com/crossdc/failover/suites/outage")
	healthy := data.settings
	silent, asked := silentAt(t, healthy["CROSSDC_DC1_ROOT"])
	silentData, _ := silentAt(t, healthy["CROSSDC_DC1_DATA_URL"])
	for name, c := range map[string]struct {
		filter  string
		changed map[string]string
		says    []string // in the error, in this order
	}{
		"wrong password": {"S08", map[string]string{"CROSSDC_DC2_PASSWORD_FILE": fileWith(t, "wrong-planted")},
			[]string{"dc2 refused the login (401)", "CROSSDC_DC2_USER", "CROSSDC_DC2_PASSWORD"}},
		"closed port":          {"S08", map[string]string{"CROSSDC_DC1_ROOT": closedAt(t, healthy["CROSSDC_DC1_ROOT"])}, []string{"dc1 refuses connections at https://", "CROSSDC_DC1_ROOT"}},
		"http for https":       {"S08", map[string]string{"CROSSDC_DC1_ROOT": strings.Replace(healthy["CROSSDC_DC1_ROOT"], "https://", "http://", 1)}, []string{"dc1 speaks https where http is expected", "CROSSDC_DC1_ROOT"}},
		"another authority":    {"S08", map[string]string{"CROSSDC_DC2_CA_FILE": strangers(t)}, []string{"dc2 has a certificate of an unknown authority", "CROSSDC_DC2_CA_FILE"}},
		"no such instance":     {"S08", map[string]string{"CROSSDC_DC2_INSTANCE": "NoSuchInstance"}, []string{`dc2 has no instance "NoSuchInstance"`, "CROSSDC_DC2_INSTANCE"}},
		"no such job":          {"S08", map[string]string{"CROSSDC_DC1_JOB": "NoSuchJob"}, []string{"dc1", "NoSuchJob", "CROSSDC_DC1_JOB"}},
		"dead Data Exchange":   {"S08", map[string]string{"CROSSDC_DC1_DATA_URL": closedAt(t, healthy["CROSSDC_DC1_DATA_URL"])}, []string{"dc1", "refuses connections", "CROSSDC_DC1_DATA_URL"}},
		"silent":               {"S08", map[string]string{"CROSSDC_DC1_ROOT": silent}, []string{"dc1", "did not answer in time", "CROSSDC_DC1_ROOT"}},
		"silent Data Exchange": {"S08", map[string]string{"CROSSDC_DC1_DATA_URL": silentData}, []string{"dc1", "did not answer in time", "CROSSDC_DC1_DATA_URL"}},
		"wrong relay token":    {"S08", map[string]string{"CROSSDC_RELAY_TOKEN_FILE": fileWith(t, "wrong-planted")}, []string{"the relay", "CROSSDC_RELAY_TOKEN"}},
		"what would be skipped, where that is forbidden": {"S03", map[string]string{"CROSSDC_SKIPS": "fail"}, []string{"cannot run here", "process", "CROSSDC_SKIPS=report"}},
	} {
		t.Run(name, func(t *testing.T) {
			data.settings = maps.Clone(healthy)
			maps.Copy(data.settings, c.changed)
			reports := t.TempDir()
			output, err := runBinary(t, suite, "outage", c.filter, append(data.environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_JOURNAL="+t.TempDir(),
				"CROSSDC_HISTORY=-", "CROSSDC_CALL_TIMEOUT="+limitOfCall.String()))
			if first := asked(); name == "silent" && (first.IsZero() || time.Since(first) > 3*limitOfCall) {
				t.Errorf("a data center that says nothing was waited for since %v, and a call may take %v", first, limitOfCall)
			}
			if err == nil {
				t.Errorf("it is green:\n%s", output)
			}
			found := errorOf(t, filepath.Join(reports, store.JUnitFile))
			rest := found
			for _, want := range c.says {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Errorf("the error does not say %q (in this order): %q", want, found)
				}
				rest = after
			}
			for _, never := range []string{"did NOT fail over", "ailed over as required", "wrong-planted"} {
				if strings.Contains(output, never) || strings.Contains(found, never) {
					t.Errorf("it says %q:\n%s\n%s", never, found, output)
				}
			}
		})
	}
	data.settings = healthy
	// The same scenario is skipped where that is allowed, and that is no failure.
	reports := t.TempDir()
	if output, err := runBinary(t, suite, "outage", "S03", append(data.environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_JOURNAL="+t.TempDir(), "CROSSDC_HISTORY=-")); err != nil {
		t.Errorf("what is allowed to be skipped fails the suite: %v\n%s", err, output)
	}
	data.end(t)
}

// errorOf is the one error of a JUnit file, which must be of the type "not tested", and there must be no failure beside it.
func errorOf(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	var file struct {
		Cases []struct {
			Errors   []outcome `xml:"error"`
			Failures []outcome `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var text string
	for _, c := range file.Cases {
		if len(c.Failures) > 0 {
			t.Errorf("a failure, which blames the application: %+v", c.Failures)
		}
		for _, e := range c.Errors {
			if e.Type != "not tested" {
				t.Errorf("an error of the type %q: %s", e.Type, e.Message)
			}
			if text == "" {
				text = e.Message
			}
		}
	}
	if text == "" {
		t.Errorf("no error in it: %s", raw)
	}
	return text
}
