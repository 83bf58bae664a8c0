package access

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// classify says what a failed exchange of bytes means.
func classify(err error) error {
	var (
		record      tls.RecordHeaderError
		verify      *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		certificate x509.CertificateInvalidError
		op          *net.OpError
		dns         *net.DNSError
		timeout     net.Error
	)
	switch {
	case errors.Is(err, ErrUntrustedHost):
		return ErrUntrustedHost
	case errors.Is(err, errFingerprint), errors.As(err, &record), errors.As(err, &verify),
		errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &certificate), errors.Is(err, http.ErrSchemeMismatch):
		return ErrTLS
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return ErrTLS // crypto/tls wraps alerts so
	case errors.Is(err, context.Canceled):
		return nil // the caller's own doing says nothing about the service
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &op), errors.As(err, &dns),
		errors.As(err, &timeout) && timeout.Timeout(),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ErrUnreachable
	case strings.HasPrefix(err.Error(), "tls: "):
		return ErrTLS
	case strings.Contains(err.Error(), "malformed"), strings.Contains(err.Error(), "stopped after"),
		strings.Contains(err.Error(), "Location header"), strings.Contains(err.Error(), "invalid byte in chunk length"):
		return ErrMalformed // net/http has no types for these
	}
	return ErrUnreachable
}

// lost reports whether a connection was made and then ended before the answer did.
func lost(err error) bool {
	if op := new(net.OpError); errors.As(err, &op) && op.Op == "dial" {
		return false
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// cause takes the address off a net/http error: it stands in Error.URL already, masked.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
