package access

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// errFingerprint says that the service showed another certificate than the pinned one.
var errFingerprint = errors.New("certificate does not have the pinned fingerprint")

// TLSConfig builds the TLS client side: 1.2 or newer (contract 7), CA file and fingerprint as configured.
func (c Config) TLSConfig() (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(16)}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the CA file: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("CA file %s holds no PEM certificate: export the service's certificate in PEM form", c.CAFile)
		}
	}
	if c.Fingerprint != "" {
		want, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(c.Fingerprint), ":", ""))
		if err != nil || len(want) != sha256.Size {
			return nil, fmt.Errorf("fingerprint %q is not a SHA-256 in hex: give 64 hex digits, colons allowed", c.Fingerprint)
		}
		// The pin stands in for the chain unless a CA file is there too. VerifyConnection also runs on resumed sessions.
		out.InsecureSkipVerify = c.CAFile == ""
		out.VerifyConnection = func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 {
				return errFingerprint
			}
			got := sha256.Sum256(state.PeerCertificates[0].Raw)
			if string(got[:]) != string(want) {
				return fmt.Errorf("%w: it has %x", errFingerprint, got)
			}
			return nil
		}
	}
	if c.InsecureSkipVerify {
		out.InsecureSkipVerify = true
	}
	return out, nil
}

// NewTransport builds the HTTP/1.1 transport for fast polling: kept-alive connections, no compression, no HTTP/2 (one
// lost packet must not hold up every poll).
func (c Config) NewTransport() (*http.Transport, error) {
	config, err := c.TLSConfig()
	if err != nil {
		return nil, err
	}
	dial := c.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dial,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    10 * time.Second,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		ReadBufferSize:         32 << 10,
	}, nil
}
