package toolkit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/exchange"
)

// Cause says what kind of failure kept an indicator from speaking. It decides what the failure is evidence of:
// a refused login or a bad certificate is always our own error, never a failover; a site that cannot be reached is
// evidence about its reachability only, never about the toolkit's status.
type Cause string

// The causes.
const (
	CauseUnknown     Cause = "failed"
	CauseMissing     Cause = "not configured"
	CauseUnreachable Cause = "unreachable"
	CauseTimeout     Cause = "timed out"
	CauseAccess      Cause = "login refused"
	CauseTLS         Cause = "certificate not accepted"
	CauseGone        Cause = "not found"
	CauseServer      Cause = "server error"
	CauseMalformed   Cause = "answer not understood"
	CauseClock       Cause = "clock not comparable"
	CauseStale       Cause = "repeats what it said before"
)

// Ours reports whether the cause is a mistake on the observing side.
func (c Cause) Ours() bool { return c == CauseAccess || c == CauseTLS }

// Silent reports whether the peer did not answer at all.
func (c Cause) Silent() bool { return c == CauseUnreachable || c == CauseTimeout }

// WithCause attaches a cause to an error, for implementations of the source interfaces.
func WithCause(c Cause, err error) error {
	if err == nil {
		return nil
	}
	return &causedError{c, err}
}

type causedError struct {
	cause Cause
	err   error
}

func (e *causedError) Error() string { return string(e.cause) + ": " + e.err.Error() }
func (e *causedError) Unwrap() error { return e.err }

// classes are the causes of the error classes of our HTTP clients. Cancellation carries none of them.
var classes = []struct {
	class error
	cause Cause
}{
	{access.ErrUnauthorized, CauseAccess}, {access.ErrTLS, CauseTLS}, {access.ErrUntrustedHost, CauseMalformed},
	{access.ErrNotFound, CauseGone}, {access.ErrMalformed, CauseMalformed}, {access.ErrRejected, CauseMalformed},
	{access.ErrBusy, CauseServer}, {access.ErrServer, CauseServer}, {access.ErrConflict, CauseServer},
	{access.ErrUnreachable, CauseUnreachable}, {exchange.ErrPartial, CauseServer},
}

// CauseOf returns the cause attached to an error, else the class that package access gave it, else what the standard
// library's error types tell.
func CauseOf(err error) Cause {
	var caused *causedError
	if errors.As(err, &caused) {
		return caused.cause
	}
	if errors.Is(err, context.Canceled) {
		return CauseUnknown
	}
	for _, c := range classes {
		if errors.Is(err, c.class) {
			if c.cause == CauseUnreachable && errors.Is(err, context.DeadlineExceeded) {
				return CauseTimeout
			}
			return c.cause
		}
	}
	var (
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		netErr    net.Error
		op        *net.OpError
	)
	switch {
	case errors.As(err, &verify), errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &invalid):
		return CauseTLS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return CauseTimeout
	case errors.As(err, &op):
		return CauseUnreachable
	}
	return CauseUnknown
}

// Problem is an indicator that could not speak, and why.
type Problem struct {
	Site      string
	Indicator Indicator
	Cause     Cause
	Err       error // nil for CauseMissing
}

func (p Problem) Error() string {
	if p.Err == nil {
		return fmt.Sprintf("%s: %s: %s", p.Site, p.Indicator, p.Cause)
	}
	text := p.Err.Error()
	if !strings.HasPrefix(text, string(p.Cause)) {
		text = string(p.Cause) + ": " + text
	}
	return fmt.Sprintf("%s: %s: %s", p.Site, p.Indicator, text)
}

// partly marks the problem of an indicator that spoke nevertheless, such as one bad series among good ones.
type partly struct{ error }

func (p partly) Unwrap() error { return p.error }

// spokeNevertheless reports whether err is the problem of an indicator that could be used.
func spokeNevertheless(err error) bool {
	var p partly
	return errors.As(err, &p)
}

func (p Problem) Unwrap() error { return p.Err }

// ErrNoIndicator is returned when every indicator of a site failed.
var ErrNoIndicator = errors.New("no indicator left")

// NoIndicatorError lists what was tried on a site about which nothing could be learned.
type NoIndicatorError struct {
	Site  string
	Tried []Problem
}

func (e *NoIndicatorError) Error() string {
	texts := make([]string, len(e.Tried))
	for i, p := range e.Tried {
		texts[i] = strings.TrimPrefix(p.Error(), e.Site+": ")
	}
	advice := "check that the data center runs and is reachable from here"
	for _, p := range e.Tried {
		if p.Cause.Ours() {
			advice = "check user, password and CA: a refused login says nothing about a failover"
		}
	}
	return fmt.Sprintf("status of %s: %v, tried %s; %s", e.Site, ErrNoIndicator, strings.Join(texts, "; "), advice)
}

// Unwrap makes errors.Is work with ErrNoIndicator and with every problem's error.
func (e *NoIndicatorError) Unwrap() []error {
	errs := []error{ErrNoIndicator}
	for _, p := range e.Tried {
		errs = append(errs, p)
	}
	return errs
}
