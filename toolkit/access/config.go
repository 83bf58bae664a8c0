// Package access is how the clients of this toolkit reach a Streams service: credentials, TLS, bounded calls, typed
// errors. It knows HTTP and nothing of the resources behind it. Imported by toolkit/streams and toolkit/exchange.
package access

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Defaults of Config.
const (
	DefaultTimeout     = 10 * time.Second
	DefaultLongTimeout = 3 * time.Minute // submission returns only when it is finished (contract 2.5.1, 7)
	DefaultMaxBody     = 64 << 20
	DefaultRetryDelay  = 100 * time.Millisecond
)

// Config says how to reach a service. The zero value of every field but the address has a meaning that is safe.
type Config struct {
	// User and Password are sent as HTTP Basic with every call (contract 1.2). Ignored when BearerToken is set.
	User     string
	Password Secret
	// BearerToken is sent instead of Basic.
	BearerToken Secret

	// CAFile is a PEM file with the certificates that may sign the service's certificate. It replaces the system's.
	CAFile string
	// Fingerprint is the SHA-256 of the service's certificate in hex, with or without colons. With it alone the
	// certificate may be self-signed; together with CAFile both must hold.
	Fingerprint string
	// InsecureSkipVerify accepts any certificate. Reports must say so: see Client.Insecure.
	InsecureSkipVerify bool
	// AllowPlainHTTP permits http:// addresses beyond loopback, where credentials travel in the clear.
	AllowPlainHTTP bool
	// TrustedHosts are further "host:port", or "host" with the port of the configured address, that credentials may be sent to when
	// links in answers name another host than the configured address does. Without it such a link is an error.
	TrustedHosts []string
	// RebaseLinks sends calls of links that name another host to the configured one (tunnels, port forwards).
	RebaseLinks bool

	// Timeout bounds one call from dialling to the last byte of the body, retries included. Default 10 s.
	Timeout time.Duration
	// LongTimeout is Timeout for submission, upload, traces and log archives. Default 3 min.
	LongTimeout time.Duration
	// Retries is how often an idempotent call is repeated within its Timeout after what Error.Transient calls so; UntilTimeout is
	// as often as that allows. Retry-After is honoured. Default none: a retry hidden in a poll would blur what the poll measures.
	Retries int
	// RetryDelay is the mean of the first pause; it doubles, jittered by half. Default 100 ms.
	RetryDelay time.Duration
	// MaxBody bounds a JSON body in bytes. Default 64 MiB.
	MaxBody int64

	// Settings are the names by which a user sets the fields above, for the hints of errors.
	Settings Settings

	// Transport replaces NewTransport's, for tests.
	Transport http.RoundTripper
	// DialContext replaces the dialler.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Now and Sleep are the clock, Rand (in [0,1)) the jitter; nil means the real ones.
	Now   func() time.Time
	Sleep func(ctx context.Context, pause time.Duration) error
	Rand  func() float64
}

// UntilTimeout lets Config.Retries be bounded by the call's time alone.
const UntilTimeout = math.MaxInt32

// ParseAddress checks a configured address. It must be http(s) and carry no credentials; a plain host or host:port
// means https. The error never repeats the address's user information.
func (c Config) ParseAddress(address string) (*url.URL, error) {
	text := strings.TrimSpace(address)
	if text == "" {
		return nil, errors.New("address is empty: give the service's URL or host")
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("address is not a URL: give https://host:port/path")
	}
	if u.User != nil {
		return nil, fmt.Errorf("address of %s carries credentials: put them into User and Password", u.Host)
	}
	if u.Hostname() == "" {
		return nil, errors.New("address has no host: give https://host:port/path")
	}
	switch u.Scheme {
	case "https":
	case "http":
		if !c.AllowPlainHTTP && !Loopback(u.Hostname()) {
			return nil, fmt.Errorf("address http://%s would send credentials in the clear: use https or set %s=true", u.Host, c.Settings.named().AllowPlainHTTP)
		}
	default:
		return nil, fmt.Errorf("address has scheme %q: use https", u.Scheme)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// Loopback reports whether a host, without its port, is this machine by name or address.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hostPort gives the canonical "host:port" of a URL.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" || u.Scheme == "ws" {
			port = "80"
		}
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// trusts reports whether credentials may go to u. A trusted host without a port means the port of the configured address.
func (c Config) trusts(u, base *url.URL) bool {
	host := hostPort(u)
	_, port, _ := net.SplitHostPort(hostPort(base))
	return slices.ContainsFunc(c.TrustedHosts, func(trusted string) bool {
		return strings.EqualFold(trusted, host) || strings.EqualFold(net.JoinHostPort(strings.Trim(trusted, "[]"), port), host)
	})
}

func (c Config) withDefaults() Config {
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.LongTimeout <= 0 {
		c.LongTimeout = max(DefaultLongTimeout, c.Timeout)
	}
	if c.MaxBody <= 0 {
		c.MaxBody = DefaultMaxBody
	}
	if c.RetryDelay <= 0 {
		c.RetryDelay = DefaultRetryDelay
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	return c
}

func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
