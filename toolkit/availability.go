package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"
)

// Outcome is what became of a probe event.
type Outcome string

// The outcomes. Unasked means that the probe failed on our side: it says nothing about the application.
const (
	Served      Outcome = "served"
	NotAccepted Outcome = "not accepted"
	NoResult    Outcome = "accepted but no result"
	Unasked     Outcome = "not asked"
)

// Availability says whether an event really goes through one site.
type Availability struct {
	Site    string
	Outcome Outcome
	// From acceptance to result, wall time, when served. Earliest is 0 unless Config.PushDelayBound is known.
	Earliest, Latest time.Duration
	Probe            string // the reserved stream name in the event's attribute dc
	Err              error  // why it was not served, or what made it uncertain
}

func (a Availability) String() string {
	s := fmt.Sprintf("%s: %s", a.Site, a.Outcome)
	if a.Outcome == Served {
		return fmt.Sprintf("%s within %v to %v", s, a.Earliest.Round(time.Microsecond), a.Latest.Round(time.Microsecond))
	}
	if a.Err != nil {
		s += ": " + a.Err.Error()
	}
	return s
}

// event is the tuple of the Events endpoint.
type event struct {
	DC      string `json:"dc"`
	Channel int32  `json:"channel"`
	Seq     uint64 `json:"seq"`
	Check   uint64 `json:"check"`
}

func newEvent(dc string, channel int32, seq uint64) event {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d/%d", dc, channel, seq)
	return event{dc, channel, seq, h.Sum64()}
}

// Availability sends one event of a reserved stream name, "probe-<random>", into each side and waits for its result, for
// at most CallTimeout each, and for as long again, twice, while the service only refuses for a moment (429, 502, 503, 504).
// The application keeps an entry of that name, as for every stream.
func (c *Client) Availability(ctx context.Context) [2]Availability {
	var out [2]Availability
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() { out[i] = c.available(ctx, &c.cfg.Sites[i]) })
	}
	wg.Wait()
	return out
}

func (c *Client) available(ctx context.Context, s *Site) Availability {
	ctx, cancel := context.WithTimeout(ctx, lenience*c.cfg.CallTimeout)
	defer cancel()
	limited := func(call func(ctx context.Context) error) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
			defer cancel()
			return call(ctx)
		}
	}
	a := Availability{Site: s.Name, Outcome: Unasked, Probe: fmt.Sprintf("probe-%016x", c.cfg.Random())}
	if s.Exchange == nil || s.Endpoints.Events == "" || s.Endpoints.Results == "" {
		a.Err = WithCause(CauseMissing, errors.New("no data exchange with endpoints for events and results"))
		return a
	}
	var sub Subscription
	subErr := patiently(ctx, limited(func(call context.Context) (err error) {
		sub, err = s.Exchange.Subscribe(call, s.Endpoints.Results)
		return err
	}))
	if subErr == nil {
		defer sub.Close()
	} else if CauseOf(subErr).Ours() {
		a.Err = fmt.Errorf("subscribe to %s: %w", s.Endpoints.Results, subErr)
		return a
	}
	var begun time.Time
	var e event
	if err := patiently(ctx, limited(func(ctx context.Context) error {
		// One whose answer was lost may have been taken: another attempt is another event, and only the accepted one is timed.
		a.Probe = fmt.Sprintf("probe-%016x", c.cfg.Random())
		e = newEvent(a.Probe, int32(c.cfg.Random()%uint64(max(1, s.Fragments))), 1)
		begun = c.cfg.Now()
		return s.Exchange.Inject(ctx, s.Endpoints.Events, e)
	})); err != nil {
		a.Err = fmt.Errorf("inject into %s: %w", s.Endpoints.Events, err)
		if cause := CauseOf(err); !cause.Ours() && cause != CauseMalformed && !errors.Is(err, context.Canceled) {
			a.Outcome = NotAccepted
		}
		return a
	}
	accepted := c.cfg.Now()
	a.Outcome = NoResult
	ctx, cancel = context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	at, err := c.awaitResult(ctx, s, sub, e)
	if err != nil {
		a.Err = fmt.Errorf("wait for the result of %s at %s: %w", a.Probe, s.Endpoints.Results, errors.Join(err, subErr))
		if CauseOf(err).Ours() || errors.Is(err, context.Canceled) {
			a.Outcome = Unasked
		}
		return a
	}
	a.Outcome, a.Latest = Served, at.Sub(begun)
	if c.cfg.PushDelayBound > 0 {
		a.Earliest = max(0, at.Add(-c.cfg.PushDelayBound).Sub(accepted))
	}
	return a
}

// awaitResult follows the results, or reads their buffer again and again where they cannot be followed.
func (c *Client) awaitResult(ctx context.Context, s *Site, sub Subscription, want event) (time.Time, error) {
	for {
		var tuples []json.RawMessage
		var at time.Time
		var err error
		if sub != nil {
			var push Push
			if push, err = sub.Next(ctx); err != nil && ctx.Err() == nil { // lost it: read the buffer from now on
				sub = nil
				continue
			}
			tuples, at = push.Tuples, push.Received
		} else {
			err = patiently(ctx, func(ctx context.Context) (err error) {
				tuples, err = s.Exchange.Read(ctx, s.Endpoints.Results, time.Time{})
				at = c.cfg.Now()
				return err
			})
		}
		if err != nil {
			return time.Time{}, err
		}
		for _, tuple := range tuples {
			var got event
			if json.Unmarshal(tuple, &got) != nil || got.DC != want.DC {
				continue
			}
			if got != want {
				return time.Time{}, WithCause(CauseMalformed, fmt.Errorf("sent %+v, the result says %+v", want, got))
			}
			return at, nil
		}
		if sub == nil {
			if err := pause(ctx, max(c.cfg.Refresh/4, 5*time.Millisecond)); err != nil {
				return time.Time{}, err
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
