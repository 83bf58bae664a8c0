package traffic

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// answer is the outcome of one injection.
type answer int

const (
	accepted answer = iota
	refused
	unanswered
	sent    // accepted, as far as the protocol goes
	answers = iota
)

func classify(err error) answer {
	var mixed *MixedError
	switch {
	case errors.As(err, &mixed) && mixed.whole():
		return sent
	case err == nil:
		return accepted
	case errors.Is(err, ErrRefused):
		return refused
	default:
		return unanswered
	}
}

// Reroute is one change of a stream's way.
type Reroute struct {
	Stream string         `json:"stream"`
	From   string         `json:"from"`
	To     string         `json:"to"`
	When   model.Interval `json:"when"` // from the decision until the new site's first answer
	Why    string         `json:"why"`
}

// router decides where one stream goes. A stream leaves its home only when the home fails to take events and the
// other data center's application says that it is DOWN; it returns when the home takes events again and the other
// says UP. Either alone proves nothing: a slow home is not dead, and a home declared DOWN may still serve.
type router struct {
	mu       sync.Mutex
	home     int
	at       int           // where the stream goes now
	failing  bool          // the home did not take the last injection
	down     bool          // the other data center declares the home DOWN
	probed   time.Time     // last attempt to come home
	silence  chan struct{} // closed when the peer declares the home DOWN
	pending  *Reroute      // decided, not yet answered
	reroutes []Reroute
}

func newRouter(home int) *router {
	return &router{home: home, at: home, silence: make(chan struct{})}
}

func (r *router) setDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if down == r.down {
		return
	}
	r.down = down
	if down {
		close(r.silence)
	} else {
		r.silence = make(chan struct{})
	}
}

// choose returns where the next injection goes, and whether it is a probe of the home.
func (r *router) choose(now time.Time, probe time.Duration, names [2]string, instant func(time.Time) model.Instant) (site int, probing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at == r.home {
		if !r.failing || !r.down {
			return r.home, false
		}
		r.turn(1-r.home, now, "the home does not take events and its peer declares it DOWN", names, instant)
		r.probed = now
		return r.at, false
	}
	if !r.down && now.Sub(r.probed) >= probe {
		r.probed = now
		return r.home, true
	}
	return r.at, false
}

// answered tells the outcome of an injection.
func (r *router) answered(site int, verdict answer, now time.Time, names [2]string, instant func(time.Time) model.Instant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if site == r.home {
		taken := verdict == accepted || verdict == sent
		r.failing = !taken
		if !r.failing && r.at != r.home && !r.down {
			r.turn(r.home, now, "the home took a probe and its peer declares it UP", names, instant)
		}
	}
	if r.pending != nil && (verdict == accepted || verdict == sent) && site == r.at {
		r.pending.When.Latest = instant(now)
		r.reroutes = append(r.reroutes, *r.pending)
		r.pending = nil
	}
}

func (r *router) turn(to int, now time.Time, why string, names [2]string, instant func(time.Time) model.Instant) {
	if r.pending != nil { // nobody answered before the next change: it took until now
		r.pending.When.Latest = instant(now)
		r.reroutes = append(r.reroutes, *r.pending)
	}
	at := instant(now)
	r.pending = &Reroute{Stream: names[r.home], From: names[r.at], To: names[to], When: model.Interval{Earliest: at, Latest: at}, Why: why}
	r.at = to
}

func (r *router) list() []Reroute {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := append([]Reroute(nil), r.reroutes...)
	if r.pending != nil {
		list = append(list, *r.pending)
	}
	return list
}

// limit bounds one injection: by timeout, and once the site's peer declares it DOWN, by patience counted from the start.
func (r *router) limit(ctx context.Context, site int, timeout, patience time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	if site != r.home {
		return ctx, cancel
	}
	r.mu.Lock()
	silence := r.silence
	r.mu.Unlock()
	patient, stop := context.WithTimeout(context.WithoutCancel(ctx), patience)
	done := context.AfterFunc(patient, func() {
		// Patience is over: from here on the peer's word ends the injection at once.
		select {
		case <-silence:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { done(); stop(); cancel() }
}
