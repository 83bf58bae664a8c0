package access

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Trouble says more closely what stands behind the class of an error, so that advice can fit.
type Trouble string

// The troubles.
const (
	None             Trouble = ""
	PlainServer      Trouble = "an http server at an https address"
	TLSServer        Trouble = "an https server at an http address"
	OldProtocol      Trouble = "no common version of TLS"
	UnknownAuthority Trouble = "a certificate of an unknown authority"
	WrongHost        Trouble = "a certificate of another host"
	Expired          Trouble = "a certificate that is not valid now"
	WrongFingerprint Trouble = "another certificate than the pinned one"
	ClientWanted     Trouble = "a client certificate is wanted"
	StaleSession     Trouble = "a session that has ended"
	LoginPage        Trouble = "a login page in place of the service"
	WebPage          Trouble = "a web page in place of the service"
	Redirected       Trouble = "a redirect that must not be followed"
	ForeignLink      Trouble = "a link to another host"
)

// Settings names what a user sets, e.g. CROSSDC_DC1_CA_FILE. An empty name stands for the field of Config itself.
type Settings struct {
	Address, User, Password, CAFile, Fingerprint, TrustedHosts, RebaseLinks, AllowPlainHTTP string
}

// named fills the empty names.
func (s Settings) named() Settings {
	for _, field := range []struct {
		name  *string
		plain string
	}{
		{&s.Address, "the address"}, {&s.User, "User"}, {&s.Password, "Password"}, {&s.CAFile, "CAFile"}, {&s.Fingerprint, "Fingerprint"},
		{&s.TrustedHosts, "TrustedHosts"}, {&s.RebaseLinks, "RebaseLinks"}, {&s.AllowPlainHTTP, "AllowPlainHTTP"},
	} {
		if *field.name == "" {
			*field.name = field.plain
		}
	}
	return s
}

// alertProtocolVersion and the others are TLS alerts (RFC 8446, 6).
const (
	alertHandshakeFailure    tls.AlertError = 40
	alertProtocolVersion     tls.AlertError = 70
	alertCertificateRequired tls.AlertError = 116
)

// troubleOf says what stands behind an error of the transport.
func troubleOf(err error) Trouble {
	var (
		record      tls.RecordHeaderError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		certificate x509.CertificateInvalidError
		redirect    *redirectError
	)
	switch {
	case errors.As(err, &redirect):
		return Redirected
	case errors.Is(err, ErrUntrustedHost):
		return ForeignLink
	case errors.Is(err, errFingerprint):
		return WrongFingerprint
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return PlainServer
	case errors.As(err, &authority):
		return UnknownAuthority
	case errors.As(err, &hostname):
		return WrongHost
	case errors.As(err, &certificate) && certificate.Reason == x509.Expired:
		return Expired
	case alerted(err, alertCertificateRequired):
		return ClientWanted
	case alerted(err, alertProtocolVersion, alertHandshakeFailure),
		strings.Contains(err.Error(), "tls: server selected unsupported protocol version"): // crypto/tls has no type for it
		return OldProtocol
	case strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`): // a TLS alert; net/http has no type for it
		return TLSServer
	}
	return None
}

// alerted reports whether the server ended a handshake with one of these alerts. Over TCP crypto/tls gives them a type of its
// own that nobody can name, with the texts of AlertError.
func alerted(err error, alerts ...tls.AlertError) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" && op.Err != nil &&
		slices.ContainsFunc(alerts, func(alert tls.AlertError) bool { return op.Err.Error() == alert.Error() })
}

// page tells a web page where data was asked for: what a login portal answers, with 200.
func page(response *http.Response, asked *url.URL, accept string) Trouble {
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || kind != "text/html" && kind != "application/xhtml+xml" || strings.Contains(accept, "html") {
		return None
	}
	if response.Request != nil && response.Request.URL.Path != asked.Path {
		return LoginPage
	}
	return WebPage
}

func (t Trouble) class() error {
	if t == LoginPage {
		return ErrUnauthorized
	}
	return ErrMalformed
}

// troubled completes an error with what to do about it.
func (c *Client) troubled(e *Error) *Error {
	e.Setting, e.Remedy = c.cfg.remedy(e)
	if e.Message == "" && e.Err == nil {
		e.Message = string(e.Trouble)
	}
	return e
}

// remedy says which setting an error is about and what to do.
func (c Config) remedy(e *Error) (setting, remedy string) {
	s := c.Settings.named()
	switch e.Trouble {
	case PlainServer:
		return s.Address, "the server there speaks http, not https: check scheme and port of " + s.Address
	case TLSServer:
		return s.Address, "the server there speaks https: write https:// in " + s.Address
	case OldProtocol:
		return s.Address, "the server speaks no TLS 1.2 or newer: enable it there; older versions are not used"
	case UnknownAuthority:
		if c.CAFile != "" {
			return s.CAFile, "the file of " + s.CAFile + " does not hold the authority that signed the server's certificate"
		}
		return s.CAFile, "give the authority that signed it as a PEM file in " + s.CAFile + ", or pin the certificate with " + s.Fingerprint
	case WrongHost:
		return s.Address, "use a name that the certificate is for in " + s.Address + ", or pin the certificate with " + s.Fingerprint
	case Expired:
		return s.Address, "renew the server's certificate, and check the clocks of both machines"
	case WrongFingerprint:
		return s.Fingerprint, "if the server's certificate was renewed, set " + s.Fingerprint + " to the new one"
	case ClientWanted:
		return s.Address, "client certificates are not supported: use an address that takes user and password"
	case LoginPage:
		return s.Address, "a login page stands in front of the service: give the address in " + s.Address + " that takes user and password without it"
	case WebPage:
		return s.Address, "it is a web page, not the service: check path and port of " + s.Address
	case Redirected:
		if errors.Is(e.Class, ErrUntrustedHost) {
			return s.Address, "a login page, or another address of the service: give the address that answers without redirect in " + s.Address + ", or name the other host in " + s.TrustedHosts
		}
		return s.Address, "perhaps a login page in front of the service: give the address that answers without redirect in " + s.Address
	case ForeignLink:
		return s.TrustedHosts, "if it is the same service, name that host in " + s.TrustedHosts + ", or set " + s.RebaseLinks + "=true to call the configured one instead"
	case None, StaleSession:
	}
	switch e.Class {
	case ErrUnauthorized:
		if e.Status == http.StatusForbidden {
			return s.User, "the login is valid but not allowed to do this: check the role of " + s.User
		}
		return s.User, "check " + s.User + " and " + s.Password
	case ErrTLS:
		return s.CAFile, "check the authority in " + s.CAFile + " and what listens at " + s.Address
	}
	return "", ""
}
