package fault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Injection is a fault that was injected, until it is healed and beyond.
type Injection struct {
	// ID finds it in the journal.
	ID string
	// T0 is when it was injected: between the call and its effect.
	T0 Span
	// Acted is when the act was called: T0 must have begun by then, or every time since the fault is measured too short.
	Acted time.Time
	// Bite is the evidence that it took effect; empty when Inject failed.
	Bite string
	// Deadline is when it is healed at the latest, or its planned end.
	Deadline time.Time

	fault     Fault
	observers []string // the data centers that have to notice it
	env       Environment
	before    []Clock // clocks of the hosts
	action    action
	journal   *Journal
	timer     *time.Timer
	done      chan struct{}

	mu      sync.Mutex // one step at a time
	closed  bool
	after   []Clock
	healing Healing
}

// Healing is how a fault went away.
type Healing struct {
	// Span is between the call (or the deadline that the target enforced itself) and the proof.
	Span Span
	// Proof is what showed that it is gone; empty when nothing did.
	Proof string
	// Forgotten: nobody healed it before its deadline. A planned end is not forgotten.
	Forgotten bool
	// Err is why it is not healed; nil when it is, or when nobody tried yet.
	Err error
}

func newInjection(f Fault, bound action, journal *Journal) *Injection {
	return &Injection{ID: journal.nextID(), Deadline: time.Now().Add(f.life()), fault: f, action: bound, journal: journal, done: make(chan struct{})}
}

// Fault is what was injected.
func (in *Injection) Fault() Fault { return in.fault }

// Done is closed when the fault is proven gone.
func (in *Injection) Done() <-chan struct{} { return in.done }

// Healing tells how it went away; ok is false while it is in force (Err says so when an attempt to heal failed).
func (in *Injection) Healing() (h Healing, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.healing, in.closed
}

// Heal takes the fault back and proves that it is gone. It may be called any number of times, from any goroutine; once
// healed it does nothing. It is bounded by Limits.Heal and does not end with ctx: Ctrl-C must not leave a fault behind.
func (in *Injection) Heal(ctx context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.heal(ctx, "healed by the spec")
}

// GoesOn writes to the journal, before it is done, what a scenario does itself as a part of the fault, such as cancelling
// the job whose orderly shutdown was announced; healing takes it back.
func (in *Injection) GoesOn(what string) error { return in.note(eventGoesOn, what) }

// Ended says that the scenario itself ends what listens at a data center, as a part of what it is about: that nothing answers there any
// more then is no side effect of the fault.
func (in *Injection) Ended(dc string) {
	if a, ok := in.action.(interface{ excuse(dc string) }); ok {
		a.excuse(dc)
	}
}

// slack is what a target that ends a fault by itself is given to do so, before it is told to.
const slack = 100 * time.Millisecond

// arm starts the deadline. It is first of all: from here on the fault ends, whatever becomes of the act.
func (in *Injection) arm() {
	in.Deadline = in.T0.Earliest.Add(in.fault.life())
	wait := in.fault.life()
	if _, self := in.action.(selfEnding); self {
		wait += slack
	}
	in.timer = time.AfterFunc(wait, func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.closed {
			return
		}
		why := "planned end"
		if in.fault.ends == 0 {
			why, in.healing.Forgotten = "deadline passed, nobody had healed it", true
		}
		_ = in.heal(context.Background(), why) // kept in healing.Err
	})
}

// heal is Heal with the lock held.
func (in *Injection) heal(ctx context.Context, why string) error {
	if in.closed {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	start := time.Now()
	journalErr := in.note(eventHealing, why)
	proof, err := in.takeBack(ctx)
	if err != nil {
		in.healing.Err = fmt.Errorf("heal %s: %w: %w; %s", in.fault, ErrNotHealed, err, in.advice())
		_ = in.note(eventNotHealed, err.Error())
		return in.healing.Err
	}
	earliest := start
	if _, self := in.action.(selfEnding); self && in.Deadline.Before(start) {
		earliest = in.Deadline
	}
	in.healing.Span, in.healing.Proof, in.healing.Err = Span{Earliest: earliest, Latest: time.Now()}, proof, nil
	if in.timer != nil { // it was never armed where arming failed
		in.timer.Stop()
	}
	if in.env != nil {
		in.after = readClocks(ctx, in.env)
	}
	in.closed = true
	close(in.done)
	if err := in.note(eventHealed, proof); err != nil {
		journalErr = err
	}
	if journalErr != nil {
		return fmt.Errorf("heal %s: it is gone (%s), but the journal does not say so: %w", in.fault, proof, journalErr)
	}
	return nil
}

// Pauses between attempts to heal: after one that failed, twice as long each time, and after one that was accepted but
// shows no effect.
const (
	healPause    = 100 * time.Millisecond
	healPauseMax = 5 * time.Second
	healAgain    = 15 * time.Second
)

// takeBack heals again and again until the fault is proven gone or Limits.Heal is spent: a busy proxy, a connection that
// is reset or a service that asks to wait must not leave a data center broken. Whether it is gone decides, not whether a
// call succeeded: the target may have ended it by itself.
func (in *Injection) takeBack(ctx context.Context) (proof string, err error) {
	limit := in.fault.Limits.Heal
	trying, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	deadline, _ := trying.Deadline()
	var failures []error // the first, and the last if it says something else
	// An attempt that has no time left would only report our own deadline as its failure.
	for wait := healPause; trying.Err() == nil && time.Now().Before(deadline); wait = min(2*wait, healPauseMax) {
		_, failure := within(trying, limit, func(ctx context.Context) (struct{}, error) { return struct{}{}, in.action.heal(ctx) })
		look := healAgain
		if failure != nil {
			failures = firstAndLast(failures, failure)
			rest(trying, askedToWait(failure))
			look = wait
		}
		if trying.Err() != nil {
			break
		}
		if proof, err = within(trying, look, in.action.gone); err == nil {
			return proof, nil
		}
	}
	// Once more, whatever the attempts did with their time.
	if proof, err = within(ctx, limit, in.action.gone); err == nil {
		return proof, nil
	}
	if len(failures) > 0 { // the cause stands first
		return "", fmt.Errorf("healing it failed: %w; %w", errors.Join(failures...), err)
	}
	return "", err
}

// firstAndLast keeps the first error and the newest one that reads differently.
func firstAndLast(kept []error, next error) []error {
	switch {
	case len(kept) == 0:
		return []error{next}
	case kept[0].Error() == next.Error():
		return kept
	}
	return []error{kept[0], next}
}

// selfEnding marks actions whose target lifts them at the deadline by itself.
type selfEnding interface{ endsItself() }

func (in *Injection) advice() string {
	return fmt.Sprintf("it stays open as %s in %s", in.ID, in.journal.Path())
}
