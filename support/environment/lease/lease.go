// Package lease takes instances of Streams for one run, by an application configuration object in each (streams contract 2.12), so that two
// runs never break the same pair of data centers at once.
//
// The object says who holds it and counts: its holder raises the count as long as it lives. No clocks are compared. Whoever finds it watches
// it: a count that moves is a run that lives, one that stands still for as long as the lease lasts is that of a run that has died. Making an
// object is atomic, replacing that of a dead run is not: of two runs that replace it within the time of two calls of each other, the slower one may
// remove what the quicker one has made. Each looks once more after a pause, and the one whose object is gone gives up.
//
// It may import toolkit/access and toolkit/streams; support/environment imports it.
package lease

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/streams"
)

// Name is that of the object.
const Name = "crossdc-failover-suite"

// Properties of the object.
const (
	holderProperty  = "holder"
	processProperty = "process"
	sinceProperty   = "since"
	countProperty   = "count"
)

const description = "A run of the failover suite uses this instance. It goes away with the run; that of a run that has died is replaced by the next one."

// Place is an instance that is taken.
type Place struct {
	Name     string // of its data center, for errors
	Client   *streams.Client
	Instance func(context.Context) (streams.Instance, error)
}

// Options of Take.
type Options struct {
	Holder  string // who takes it, in words, for whoever is refused
	Process string // this process, as ThisProcess tells it; empty: nobody can tell whether it lives
	Dead    func(process string) bool
	Lasts   time.Duration // how long the object of a run that has died counts, wall time
	Look    time.Duration // how often a watched object is read; 0: a tenth of Lasts
	// Lost is told once when another run has taken a place, or nobody's object is there any more and it cannot be made again.
	Lost func(error)
}

// HeldError says that another run holds a place.
type HeldError struct {
	Place, Holder, Since string
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("take %s for this run: it is taken by %s, since %s", e.Place, e.Holder, e.Since)
}

// Lease is what was taken. It is safe for concurrent use.
type Lease struct {
	options Options
	taken   []*held
	without map[string]error
	end     context.CancelFunc
	over    sync.WaitGroup
	lost    sync.Once
}

// held is one place that was taken.
type held struct {
	place Place
	since string
	count int
}

// Take takes the places, one after another in the order given, so that two runs never hold one each. A *HeldError says that another run has one;
// none is kept then. A place whose platform knows no such objects, or whose account may not make them, is left out and listed by Without.
func Take(ctx context.Context, places []Place, options Options) (_ *Lease, err error) {
	if options.Look == 0 {
		options.Look = options.Lasts / 10
	}
	l := &Lease{options: options, without: map[string]error{}}
	renewing, end := context.WithCancel(context.WithoutCancel(ctx)) // until Give, not until who took them is done
	l.end = end
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Give(ctx))
		}
	}()
	for _, place := range places {
		h := &held{place: place, since: time.Now().UTC().Format(time.RFC3339)}
		err := l.take(ctx, h)
		var none *unkept
		switch {
		case err == nil:
			l.taken = append(l.taken, h)
		case errors.As(err, &none):
			l.without[place.Name] = none.error
		default:
			return nil, err
		}
	}
	for _, h := range l.taken {
		l.over.Go(func() { l.renew(renewing, h) })
	}
	return l, nil
}

// Without says which places were not taken, and why; never nil.
func (l *Lease) Without() map[string]error { return l.without }

// Give gives back what was taken. What another run has taken since stays.
func (l *Lease) Give(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.end()
	l.over.Wait()
	var problems []error
	for _, h := range l.taken {
		problems = append(problems, l.give(ctx, h))
	}
	l.taken = nil
	return errors.Join(problems...)
}

// give gives one place back, also for a run that is interrupted: each call has a limit of its own.
func (l *Lease) give(ctx context.Context, h *held) error {
	ctx = context.WithoutCancel(ctx)
	object, err := l.read(ctx, h)
	if err == nil && l.ours(object, h) {
		err = h.place.Client.DeleteApplicationConfiguration(ctx, object)
	}
	if err != nil && !errors.Is(err, streams.ErrNotFound) {
		return fmt.Errorf("give %s back: %w; the application configuration %s of its instance counts for %v more", h.place.Name, err, Name, l.options.Lasts)
	}
	return nil
}

// unkept is the error of a place where nothing can be kept for us and no live run was found, which is no reason not to run.
type unkept struct{ error }

func (e *unkept) Unwrap() error { return e.error }

// notKept says that a platform keeps no such object for us.
func notKept(err error) bool {
	for _, class := range []error{streams.ErrUnauthorized, streams.ErrNotFound, streams.ErrRejected, streams.ErrServer, streams.ErrMalformed} {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}

// take makes the object, or replaces that of a run that has died. Others may take and give the place back meanwhile, and a service may show
// none of what it says is there: after some attempts it is an error.
func (l *Lease) take(ctx context.Context, h *held) error {
	var made error
	for attempt := range attempts {
		if attempt > 0 {
			if err := pause(ctx, l.options.Look); err != nil {
				return err
			}
		}
		if made = l.make(ctx, h); made == nil {
			return nil
		}
		if !notKept(made) && !errors.Is(made, streams.ErrConflict) {
			return fmt.Errorf("take %s for this run: %w", h.place.Name, made)
		}
		// That a name which is taken is a conflict is inferred; what is there decides.
		object, err := l.read(ctx, h)
		if errors.Is(err, streams.ErrNotFound) && errors.Is(made, streams.ErrConflict) {
			continue // it was given back meanwhile
		}
		switch {
		case err == nil:
		case errors.Is(made, streams.ErrConflict) || !notKept(err):
			return fmt.Errorf("take %s for this run: whether another one has it is not known: %w", h.place.Name, err)
		default:
			return &unkept{fmt.Errorf("take %s for this run: %w", h.place.Name, made)}
		}
		if l.ours(object, h) { // it was made, and the answer was lost
			return nil
		}
		if err := l.outlived(ctx, h, object); err != nil {
			return err
		}
		if err := h.place.Client.DeleteApplicationConfiguration(ctx, object); err != nil {
			err = fmt.Errorf("take %s from a run that has died: %w", h.place.Name, err)
			if notKept(err) {
				return &unkept{err}
			}
			return err
		}
		if made = l.make(ctx, h); made != nil {
			continue // somebody was quicker, or it can be made no more: looking again tells
		}
		if err := pause(ctx, l.options.Look); err != nil {
			return errors.Join(err, l.give(ctx, h))
		}
		if object, err = l.read(ctx, h); err == nil && l.ours(object, h) {
			return nil
		}
		made = errors.New("what was made was not there a moment later")
	}
	return fmt.Errorf("take %s for this run: the application configuration %s of its instance could not be made in %d attempts; the last one: %w", h.place.Name, Name, attempts, made)
}

// outlived waits until the run that made an object is known to be dead: its object was seen unchanged when the lease had lasted. A look
// that failed shows nothing.
func (l *Lease) outlived(ctx context.Context, h *held, first streams.ApplicationConfiguration) error {
	if process := first.Properties[processProperty]; process != "" && l.options.Dead != nil && l.options.Dead(process) {
		return nil
	}
	for began := time.Now(); ; {
		if err := pause(ctx, l.options.Look); err != nil {
			return err
		}
		now, err := l.read(ctx, h)
		waited := time.Since(began)
		switch {
		case errors.Is(err, streams.ErrNotFound):
			return nil
		case err != nil && waited > 2*l.options.Lasts:
			return fmt.Errorf("look whether the run lives that has taken %s (%s): %w", h.place.Name, first.Properties[holderProperty], err)
		case err != nil:
		case now.Properties[countProperty] != first.Properties[countProperty] || now.Properties[processProperty] != first.Properties[processProperty]:
			return &HeldError{Place: h.place.Name, Holder: now.Properties[holderProperty], Since: now.Properties[sinceProperty]}
		case waited > l.options.Lasts:
			return nil
		}
	}
}

// renew raises the count until ctx ends, and makes the object again where it is gone, as after an instance was made anew. What cannot be
// reached for a while may be reached again.
func (l *Lease) renew(ctx context.Context, h *held) {
	for pause(ctx, l.options.Lasts/6) == nil {
		object, err := l.read(ctx, h)
		switch {
		case errors.Is(err, streams.ErrNotFound):
			if err := l.make(ctx, h); errors.Is(err, streams.ErrConflict) {
				continue // whose it is shows next time
			}
		case err != nil:
		case !l.ours(object, h):
			l.lost.Do(func() {
				l.options.Lost(&HeldError{Place: h.place.Name, Holder: object.Properties[holderProperty], Since: object.Properties[sinceProperty]})
			})
			return
		default:
			h.count++
			count := strconv.Itoa(h.count)
			_, _ = h.place.Client.UpdateApplicationConfiguration(ctx, object, map[string]*string{countProperty: &count}) // the next may succeed
		}
	}
}

func (l *Lease) make(ctx context.Context, h *held) error {
	instance, err := h.place.Instance(ctx)
	if err != nil {
		return err
	}
	properties := map[string]string{holderProperty: l.options.Holder, processProperty: l.options.Process, sinceProperty: h.since, countProperty: strconv.Itoa(h.count)}
	for attempt := 1; ; attempt++ {
		_, err = h.place.Client.CreateApplicationConfiguration(ctx, instance, Name, description, properties)
		after, transient := access.Transient(err)
		if !transient || attempt == attempts {
			return err
		}
		if err := pause(ctx, min(max(after, l.options.Look/10), l.options.Lasts)); err != nil {
			return err
		}
	}
}

// attempts is how often a place is tried, and an object is made where the service refuses for a moment.
const attempts = 5

func (l *Lease) read(ctx context.Context, h *held) (streams.ApplicationConfiguration, error) {
	instance, err := h.place.Instance(ctx)
	if err != nil {
		return streams.ApplicationConfiguration{}, err
	}
	return h.place.Client.ApplicationConfiguration(ctx, instance, Name)
}

func (l *Lease) ours(object streams.ApplicationConfiguration, h *held) bool {
	return object.Properties[holderProperty] == l.options.Holder && object.Properties[sinceProperty] == h.since
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
