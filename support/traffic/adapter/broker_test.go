package adapter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// mosquitto is a broker of its own for one test.
type mosquitto struct {
	address string
	config  string
	t       testing.TB
	process *exec.Cmd
	said    *os.File
}

// startMosquitto starts a broker on a free port, with further lines of its configuration.
func startMosquitto(t testing.TB, lines ...string) *mosquitto {
	t.Helper()
	if _, err := mosquittoPath(); err != nil {
		t.Skip("mosquitto is not installed: install the package mosquitto to test against a real MQTT broker")
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	folder := t.TempDir()
	m := &mosquitto{address: address, config: filepath.Join(folder, "mosquitto.conf"), t: t}
	_, port, _ := net.SplitHostPort(address)
	text := fmt.Sprintf("listener %s 127.0.0.1\nuser root\npersistence false\n%s\n", port, strings.Join(lines, "\n"))
	if !strings.Contains(text, "allow_anonymous") {
		text += "allow_anonymous true\n"
	}
	if err := os.WriteFile(m.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if m.said, err = os.Create(filepath.Join(folder, "said")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.stop()
		_ = m.said.Close()
	})
	m.start()
	return m
}

// mosquittoPath also looks where Debian puts what users have not in their path.
func mosquittoPath() (string, error) {
	if path, err := exec.LookPath("mosquitto"); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/mosquitto")
}

func (m *mosquitto) start() {
	m.t.Helper()
	path, err := mosquittoPath()
	if err != nil {
		m.t.Fatal(err)
	}
	m.process = exec.Command(path, "-c", m.config)
	m.process.Stdout, m.process.Stderr = m.said, m.said
	m.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := m.process.Start(); err != nil {
		m.t.Fatal(err)
	}
	for deadline := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", m.address)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(m.said.Name())
			m.t.Fatalf("mosquitto does not listen: %v: %s", err, said)
		}
	}
}

func (m *mosquitto) stop() {
	if m.process != nil {
		_ = m.process.Process.Kill()
		_ = m.process.Wait()
		m.process = nil
	}
}

func (m *mosquitto) signal(s syscall.Signal) {
	m.t.Helper()
	if err := m.process.Process.Signal(s); err != nil {
		m.t.Fatal(err)
	}
}

// relay stands between a client and a server and can swallow what one says, and cut.
type relay struct {
	listener net.Listener
	server   string
	wait     sync.WaitGroup

	mu         sync.Mutex
	conns      []net.Conn
	swallowing bool
	toServer   bool
	held       int // bytes that were swallowed
}

func startRelay(t *testing.T, server string) *relay {
	t.Helper()
	r := &relay{listener: listenForTest(t), server: server}
	r.wait.Go(func() {
		for {
			client, err := r.listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", r.server)
			if err != nil {
				_ = client.Close()
				continue
			}
			r.mu.Lock()
			r.conns = append(r.conns, client, server)
			r.mu.Unlock()
			r.wait.Go(func() { r.pump(client, server, true) })
			r.wait.Go(func() { r.pump(server, client, false) })
		}
	})
	t.Cleanup(func() {
		_ = r.listener.Close()
		r.cut()
		r.wait.Wait()
	})
	return r
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) pump(from, to net.Conn, toServer bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	chunk := make([]byte, 32<<10)
	for {
		n, err := from.Read(chunk)
		r.mu.Lock()
		swallowed := r.swallowing && r.toServer == toServer
		if swallowed {
			r.held += n
		}
		r.mu.Unlock()
		if n > 0 && !swallowed {
			if _, err := to.Write(chunk[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// swallow keeps what one side says from the other, from now on.
func (r *relay) swallow(toServer bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.swallowing, r.toServer, r.held = true, toServer, 0
}

func (r *relay) swallowed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

// cut ends every connection and swallows no more.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range r.conns {
		_ = conn.Close()
	}
	r.conns, r.swallowing = nil, false
}

// certificateForTest writes a certificate of 127.0.0.1 that signs itself, and its key.
func certificateForTest(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "broker"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("certificate.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", raw)
}
