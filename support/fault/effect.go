package fault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// ErrNotRunning is what Management.Reachable wraps where the management API answers and says that the instance does not run.
var ErrNotRunning = errors.New("not running")

// idle says that the management API answers, and that no job of the application serves.
type idle struct{ text string }

func (i idle) Error() string { return i.text }

// idles reports that nothing serves at a data center, as its management API or its kernel say; not that nobody could be asked.
func idles(err error) bool {
	var nothing idle
	return errors.As(err, &nothing) || notRunning.shown(err) || refused.shown(err)
}

// effect is what a target shows while a fault is in force: the one error that the fault can cause. A refused login, a bad
// certificate, a name that is not found or a missing route show nothing of a fault, whatever else they keep from answering.
type effect struct {
	text  string
	shown func(error) bool
}

var (
	refused    = effect{"refuses connections", func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }}
	cutOff     = effect{"resets connections", func(err error) bool { return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) }}
	unanswered = effect{"does not answer", timedOut}
	notRunning = effect{"says that it does not run", func(err error) bool { return errors.Is(err, ErrNotRunning) }}
)

// timedOut reports that an answer did not come in time, from an address that was known.
func timedOut(err error) bool {
	var name *net.DNSError
	if errors.As(err, &name) {
		return false
	}
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// effectOf is what each mode of a link rule shows to a new connection.
var effectOf = map[Mode]effect{Refuse: refused, Reset: cutOff, HangUp: unanswered, Blackhole: unanswered, Flapping: refused}

// leastSilence is how long nothing must have come before giving up asking counts as silence.
const leastSilence = 100 * time.Millisecond

// shows asks the management API, which answered before, and returns in words which of the effects it shows. It asks once:
// whoever acted returned with the effect. Only a connection that was lost in the midst of an exchange is tried again, on a new
// one, and so is what somebody else answers in the target's place, such as a proxy that is busy.
func shows(ctx context.Context, dc DataCenter, effects ...effect) (string, error) {
	for {
		start := time.Now()
		err := dc.Management().Reachable(ctx)
		took := time.Since(start)
		switch {
		case err == nil:
			return "", fmt.Errorf("the management API of %s still answers", dc.Name())
		case errors.Is(ctx.Err(), context.Canceled), ctx.Err() != nil && took < leastSilence:
			return "", fmt.Errorf("gave up asking %s after %v, which says nothing about it: %w", dc.Name(), took, ctx.Err())
		}
		for _, e := range effects {
			if e.shown(err) {
				return fmt.Sprintf("the management API of %s %s (%v)", dc.Name(), e.text, err), nil
			}
		}
		wait, transient := access.Transient(err)
		rest(ctx, max(pollEvery, wait))
		if ctx.Err() != nil || !transient && !cutOff.shown(err) && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("the management API of %s fails in another way than this fault can cause: %w", dc.Name(), err)
		}
	}
}
