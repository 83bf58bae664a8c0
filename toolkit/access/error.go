package access

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Classes of errors, for errors.Is. Every *Error has exactly one, except those caused by the caller's cancellation.
var (
	// ErrUnauthorized: 401 or 403. A refused login is a mistake of ours, never a sign of a failing data center.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrNotFound: 404 or 410.
	ErrNotFound = errors.New("not found")
	// ErrConflict: 409, not legal in the current state.
	ErrConflict = errors.New("conflict")
	// ErrTooLarge: 413, more items than the endpoint buffers.
	ErrTooLarge = errors.New("too large")
	// ErrBusy: 429 or 503; RetryAfter may be set.
	ErrBusy = errors.New("busy")
	// ErrRejected: any other 4xx; the request itself is at fault.
	ErrRejected = errors.New("rejected")
	// ErrServer: any other 5xx.
	ErrServer = errors.New("server error")
	// ErrUnreachable: refused, reset, no route, name not resolved, timed out, connection lost in the middle.
	ErrUnreachable = errors.New("unreachable")
	// ErrTLS: the certificate or the handshake is not acceptable.
	ErrTLS = errors.New("tls")
	// ErrMalformed: the answer is not what the contract says.
	ErrMalformed = errors.New("malformed answer")
	// ErrUntrustedHost: a link or redirect points to a host that must not get our credentials.
	ErrUntrustedHost = errors.New("untrusted host")
)

// Error is what a call failed with. No field ever holds a credential: texts are scrubbed before they get here.
type Error struct {
	Op         string        // what was attempted, e.g. "cancel job 12"
	Method     string        // HTTP method; empty when nothing was sent
	URL        string        // without user information, secrets in the query masked
	Status     int           // HTTP status; 0 when there was no answer
	MessageID  string        // e.g. CDISW5000E
	Message    string        // what the service said
	RetryAfter time.Duration // of 429 and 503; 0 when not stated
	Class      error         // one of the Err variables above, or nil
	Trouble    Trouble       // what stands behind the class, where more is known
	Attempts   int           // how often the call was made; 0 and 1: once
	Setting    string        // what a user sets to change it, e.g. CROSSDC_DC1_CA_FILE; empty when nothing would
	Remedy     string        // what to do about it, in words; empty when nothing is known
	Err        error         // the cause, or nil
}

// Error reads "<op>: <method> <url>: <status>: <message>: <cause>: <what to do>".
func (e *Error) Error() string {
	parts := make([]string, 0, 6)
	parts = append(parts, e.Op)
	if e.URL != "" {
		parts = append(parts, strings.TrimSpace(e.Method+" "+e.URL))
	}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	}
	if e.Message != "" {
		message := e.Message
		if e.MessageID != "" && !strings.Contains(message, e.MessageID) {
			message = e.MessageID + " " + message
		}
		parts = append(parts, message)
	} else if e.MessageID != "" {
		parts = append(parts, e.MessageID)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("the last of %d attempts", e.Attempts))
	}
	if e.Remedy != "" {
		parts = append(parts, e.Remedy)
	}
	return strings.Join(parts, ": ")
}

// Is matches the class.
func (e *Error) Is(target error) bool { return e.Class != nil && target == e.Class }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether time ran out, as net.Error has it.
func (e *Error) Timeout() bool {
	var timeout interface{ Timeout() bool }
	return e.Err != nil && errors.As(e.Err, &timeout) && timeout.Timeout()
}

// Transient reports whether the same call may well succeed a moment later: 429, 502, 503, 504, or a connection that was made and
// then lost. A connection that was never made, and one that is not answered in time, are not transient: they say something.
func (e *Error) Transient() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case 0, http.StatusOK:
		return lost(e.Err)
	}
	return false
}

// Transient reports whether an error is, or wraps, an *Error of a call that may well succeed a moment later, and how long the
// service asks to wait before it.
func Transient(err error) (after time.Duration, ok bool) {
	var ours *Error
	if !errors.As(err, &ours) || !ours.Transient() {
		return 0, false
	}
	return ours.RetryAfter, true
}

// classOf maps an HTTP status that is not a success to a class.
func classOf(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ErrUnauthorized
	case http.StatusNotFound, http.StatusGone:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return ErrBusy
	}
	switch {
	case status >= 500:
		return ErrServer
	case status >= 400:
		return ErrRejected
	}
	return ErrMalformed // 1xx or 3xx where an answer is due
}
