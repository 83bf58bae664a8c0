package streams

import "github.com/crossdc/failover/toolkit/access"

// Secret is a text that is never printed; see access.Secret.
type Secret = access.Secret

// Error is what every failed call returns; see access.Error.
type Error = access.Error

// NewSecret wraps a password or token.
func NewSecret(text string) Secret { return access.NewSecret(text) }

// Classes for errors.Is; see access for what falls under each.
var (
	ErrUnauthorized  = access.ErrUnauthorized
	ErrNotFound      = access.ErrNotFound
	ErrConflict      = access.ErrConflict
	ErrBusy          = access.ErrBusy
	ErrRejected      = access.ErrRejected
	ErrServer        = access.ErrServer
	ErrUnreachable   = access.ErrUnreachable
	ErrTLS           = access.ErrTLS
	ErrMalformed     = access.ErrMalformed
	ErrUntrustedHost = access.ErrUntrustedHost
)
