package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/crossdc/failover/toolkit/access"
)

// CloseCode is how the peer ended a WebSocket (RFC 6455).
type CloseCode int

// Codes that the contract names.
const (
	GoingAway       CloseCode = 1001 // the job was canceled
	Abnormal        CloseCode = 1006 // the connection broke without a close frame
	PolicyViolation CloseCode = 1008 // the credentials were refused
)

// ClosedError ends a stream. errors.Is finds ErrClosed and the class: ErrNotFound (1001: job canceled), ErrUnauthorized (1008),
// ErrUnreachable (1006), ErrMalformed (1002, 1003, 1007, 1009), ErrServer (others).
type ClosedError struct {
	Op     string
	Code   CloseCode
	Reason string
	Class  error
	Err    error // cause when the connection broke; may be nil
}

func (e *ClosedError) Error() string {
	text := fmt.Sprintf("%s: websocket closed with code %d", e.Op, e.Code)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is matches ErrClosed and the class.
func (e *ClosedError) Is(target error) bool {
	return target == ErrClosed || e.Class != nil && target == e.Class
}

// Unwrap gives the cause.
func (e *ClosedError) Unwrap() error { return e.Err }

// dial opens an endpoint's WebSocket within the call timeout.
func (c *Client) dial(ctx context.Context, op string, endpoint Endpoint) (*websocket.Conn, error) {
	if endpoint.WebSocketURI == "" {
		failure := c.access.Fail(op, "", endpoint.URI, ErrNoWebSocket)
		failure.Class = ErrRejected
		return nil, failure
	}
	target, err := c.access.Resolve(endpoint.WebSocketURI)
	if err != nil {
		return nil, c.access.Fail(op, http.MethodGet, endpoint.WebSocketURI, err)
	}
	short, _ := c.access.Timeout()
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	conn, failure := c.handshake(ctx, op, target.String())
	if failure != nil && failure.Trouble == access.StaleSession {
		conn, failure = c.handshake(ctx, op, target.String()) // without the cookies
	}
	if failure != nil {
		return nil, failure
	}
	conn.SetReadLimit(c.access.MaxBody())
	return conn, nil
}

func (c *Client) handshake(ctx context.Context, op, target string) (*websocket.Conn, *Error) {
	header := http.Header{"User-Agent": {"crossdc-failover"}}
	c.access.Authorize(header)
	conn, response, err := websocket.Dial(ctx, target, &websocket.DialOptions{HTTPClient: c.access.HTTPClient(), HTTPHeader: header})
	if err == nil {
		return conn, nil
	}
	if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
		return nil, c.access.Refusal(op, http.MethodGet, target, response)
	}
	failure := c.access.Fail(op, http.MethodGet, target, err)
	if response != nil { // 101, but not a proper WebSocket answer
		failure.Class = ErrMalformed
	}
	return nil, failure
}

// closed turns the error that ended a connection into a ClosedError.
func (c *Client) closed(op string, err error) *ClosedError {
	var frame websocket.CloseError
	if errors.As(err, &frame) {
		reason := c.access.Fail(op, "", "", errors.New(frame.Reason)) // scrubbed
		return &ClosedError{Op: op, Code: CloseCode(frame.Code), Reason: reason.Err.Error(), Class: classOfCode(CloseCode(frame.Code))}
	}
	out := &ClosedError{Op: op, Code: Abnormal, Class: ErrUnreachable, Err: c.access.Fail(op, "", "", err).Err}
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		out.Code, out.Class = 1009, ErrMalformed
	case errors.Is(err, access.ErrMalformed):
		out.Code, out.Class = 1007, ErrMalformed
	case errors.Is(err, context.Canceled):
		out.Class = nil
	}
	return out
}

func classOfCode(code CloseCode) error {
	switch code {
	case GoingAway:
		return ErrNotFound
	case PolicyViolation:
		return ErrUnauthorized
	case 1002, 1003, 1007, 1009:
		return ErrMalformed
	case Abnormal:
		return ErrUnreachable
	}
	return ErrServer
}

// readMessage reads one frame into a buffer of its own.
func readMessage(ctx context.Context, conn *websocket.Conn) ([]byte, error) {
	kind, reader, err := conn.Reader(ctx)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	if kind != websocket.MessageText {
		return nil, fmt.Errorf("%w: binary frame, want text", access.ErrMalformed)
	}
	return body, nil
}

// ping asks the peer for a sign of life until ctx ends the asking.
func ping(ctx context.Context, conn *websocket.Conn, bound time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	return conn.Ping(ctx)
}
