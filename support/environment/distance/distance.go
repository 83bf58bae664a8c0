// Package distance measures how far away an address is, by TCP handshakes alone: how long one takes by the kernel's own account, and
// how many needed a repetition because a packet was lost. Nothing is sent over the connections, and whoever answers needs to be told
// nothing.
//
// It imports nothing of ours.
package distance

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"time"
)

// Way is what handshakes with one address showed.
type Way struct {
	Tried    int
	Repeated int             // handshakes in which the kernel sent a packet again: at least one was lost
	Failed   int             // handshakes that came to nothing
	RTT      []time.Duration // round trips of the others, in order of length
	// Blind says that nobody could see whether packets were sent again, as where a host asks for us: Repeated then means nothing, and
	// nothing is known of losses.
	Blind bool
}

// handshake bounds one attempt: the kernel repeats a lost packet after 1, 3 and 7 s.
const handshake = 10 * time.Second

// Measure makes handshakes with address (host:port), one after another with a pause between them. The error says why none came about;
// some that fail are counted.
func Measure(ctx context.Context, address string, handshakes int, pause time.Duration) (Way, error) {
	var way Way
	var last error
	timer := time.NewTimer(0)
	defer timer.Stop()
	for range handshakes {
		select {
		case <-ctx.Done():
			return way, fmt.Errorf("measure the way to %s: %w", address, context.Cause(ctx))
		case <-timer.C:
		}
		way.Tried++
		rtt, repeated, err := once(ctx, address)
		switch {
		case err != nil:
			way.Failed, last = way.Failed+1, err
		case repeated:
			way.Repeated++
		default:
			way.RTT = append(way.RTT, rtt)
		}
		timer.Reset(pause)
	}
	slices.Sort(way.RTT)
	if way.Tried == way.Failed {
		return way, fmt.Errorf("measure the way to %s: none of %d handshakes came about: %w", address, way.Tried, last)
	}
	return way, nil
}

func once(ctx context.Context, address string) (rtt time.Duration, repeated bool, err error) {
	dialer := net.Dialer{Timeout: handshake}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, false, err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	return account(connection.(*net.TCPConn))
}

// Quantile is the round trip that the share p of all did not exceed; 0 without any.
func (w *Way) Quantile(p float64) time.Duration {
	if len(w.RTT) == 0 {
		return 0
	}
	return w.RTT[max(int(math.Ceil(p*float64(len(w.RTT))))-1, 0)]
}

// Loss is the share of packets that were lost, and the most that it may be with 95 % confidence (Wilson's upper bound):
// 0 and 1 where nothing is known. A handshake came about without a repetition if both of its packets arrived; one that failed lost at least one.
func (w *Way) Loss() (share, most float64) {
	n := float64(w.Tried)
	if n == 0 || w.Blind {
		return 0, 1
	}
	const z = 1.6449 // of 95 %, one-sided
	q := float64(w.Repeated+w.Failed) / n
	middle, wide := q+z*z/(2*n), z*math.Sqrt(q*(1-q)/n+z*z/(4*n*n))
	upper := min((middle+wide)/(1+z*z/n), 1)
	return 1 - math.Sqrt(1-q), 1 - math.Sqrt(1-upper)
}
