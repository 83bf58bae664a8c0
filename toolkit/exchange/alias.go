package exchange

import (
	"errors"

	"github.com/crossdc/failover/toolkit/access"
)

// Secret is a text that is never printed; see access.Secret.
type Secret = access.Secret

// Error is what every failed call returns; see access.Error.
type Error = access.Error

// Message is a remark of the service: a warning in a success, or part of an error.
type Message = access.Message

// NewSecret wraps a password or token.
func NewSecret(text string) Secret { return access.NewSecret(text) }

// Classes for errors.Is; see access for what falls under each.
var (
	ErrUnauthorized  = access.ErrUnauthorized
	ErrNotFound      = access.ErrNotFound
	ErrTooLarge      = access.ErrTooLarge
	ErrBusy          = access.ErrBusy
	ErrRejected      = access.ErrRejected
	ErrServer        = access.ErrServer
	ErrUnreachable   = access.ErrUnreachable
	ErrTLS           = access.ErrTLS
	ErrMalformed     = access.ErrMalformed
	ErrUntrustedHost = access.ErrUntrustedHost
)

// ErrNoWebSocket says that the service lists no WebSocket address for the endpoint (older revision of the service).
var ErrNoWebSocket = errors.New("endpoint has no websocket address")

// ErrWindowFull says that as many frames as the window allows are waiting to be acknowledged.
var ErrWindowFull = errors.New("window of unacknowledged frames is full")

// ErrClosed says that the stream has ended; the cause is wrapped beside it.
var ErrClosed = errors.New("stream closed")
