package traffic

import (
	"context"
	"errors"
)

// Sink injects events into the application of one data center. Implementations must be safe for concurrent use.
type Sink interface {
	// Inject returns nil when all events were accepted. An error that wraps ErrRefused says that surely none was
	// accepted; a *MixedError what became of each; any other error that some may have been (a request that got no answer).
	Inject(ctx context.Context, site string, events []Event) error
}

// ErrRefused marks an injection of which surely nothing was accepted: the connection was refused, or the service
// answered with an error of its own.
var ErrRefused = errors.New("refused")

// SinkFunc makes a function a Sink.
type SinkFunc func(ctx context.Context, site string, events []Event) error

// Inject calls f.
func (f SinkFunc) Inject(ctx context.Context, site string, events []Event) error {
	return f(ctx, site, events)
}
