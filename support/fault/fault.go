package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Span is when something happened on this process's monotonic clock: between the call and its verified effect.
type Span struct {
	Earliest, Latest time.Time
}

// DefaultLifetime is the deadline of a fault that was not given one, in wall time.
const DefaultLifetime = 5 * time.Minute

// HealLimit is Limits.Heal of a fault that was given no other.
const HealLimit = 2 * time.Minute

// Limits bound the single steps of a fault in wall time, so that a target that hangs cannot hang the suite. A remote
// instance may need minutes where an emulated one needs a second.
type Limits struct {
	Act  time.Duration // to do it; also to look at the state before
	Bite time.Duration // to show that it took effect
	Heal time.Duration // to take it back, and once more to show that it is gone
}

// Fault is one thing that can be injected into an environment: a value, which does nothing until Inject.
type Fault struct {
	// Name is the word in the catalogue, e.g. "crash".
	Name string
	// Title says in a sentence what will be done.
	Title string
	// Target is what it is done to, for people: "dc1", "link dc1->dc2". What is decided reads Struck and what follows it.
	Target string
	// Struck is the data center that it is done to, or to a part of it; empty for the link, and for nothing at all.
	Struck string
	// TakesService says that the struck data center serves no events while it lasts.
	TakesService bool
	// CutsLink says that it cuts the link in both directions and on all ports.
	CutsLink bool
	// ClosesListeners says that the struck data center's toolkit stops listening, on hosts that go on.
	ClosesListeners bool
	// Parameters rebuild the fault from its name (see Make).
	Parameters Parameters
	// Lifetime is the deadline, wall time since the call: after it the fault is healed whatever the spec does.
	Lifetime time.Duration
	// Forgets says that the struck data center loses its application's memory: what was not replicated is lost with it.
	Forgets bool
	// Limits bound its steps.
	Limits Limits

	ends      time.Duration // planned end; 0 = lasts until it is healed
	footprint footprint     // what it may change; all else must look the same before and after
	bind      func(f Fault, env Environment) (action, string)
}

// action is a fault bound to its target. Every method is bounded by its context. heal and gone look at the state as they
// find it, so that they can be repeated and can follow an act that failed half way.
type action interface {
	// prepare reads the state before and returns what a later process must know to heal, or an error when the target is
	// not fit: a bite can only be told from a target that worked.
	prepare(ctx context.Context) (memory string, err error)
	// recall is prepare for a later process.
	recall(memory string)
	// act does it and returns when the effect is there.
	act(ctx context.Context) error
	// bite shows the effect from a second, independent side.
	bite(ctx context.Context) (evidence string, err error)
	heal(ctx context.Context) error
	gone(ctx context.Context) (proof string, err error)
}

func newFault(name, target, title string, p Parameters, touches footprint, bind func(Fault, Environment) (action, string)) Fault {
	return Fault{
		Name: name, Target: target, Title: title, Parameters: p, Lifetime: DefaultLifetime,
		Limits: Limits{Act: time.Minute, Bite: 15 * time.Second, Heal: HealLimit},
		Struck: touches.dc, footprint: touches, bind: bind,
	}
}

// takingService returns the fault as one that takes its data center's service away.
func (f Fault) takingService() Fault {
	f.TakesService = true
	return f
}

// forgetting returns the fault as one that takes service away together with the application's memory.
func (f Fault) forgetting() Fault {
	f.Forgets, f.TakesService = true, true
	return f
}

// closingListeners returns the fault as one after which nothing listens where the toolkit did, on hosts that go on.
func (f Fault) closingListeners() Fault {
	f.ClosesListeners = true
	return f
}

// observers are the data centers that have to notice the fault: the peer of the one that is struck or no longer heard, else both.
func (f Fault) observers(env Environment) []string {
	gone := f.Struck
	if gone == "" {
		gone = f.footprint.from
	}
	one, two := env.DataCenters()
	return slices.DeleteFunc([]string{one.Name(), two.Name()}, func(name string) bool { return name == gone })
}

// For returns the fault with a planned end: d after it was injected it is healed by itself. Link rules are lifted by the
// relay exactly then; processes are resumed or started by this package.
func (f Fault) For(d time.Duration) Fault {
	f.ends = d
	return f
}

// Within returns the fault with another deadline.
func (f Fault) Within(d time.Duration) Fault {
	f.Lifetime = d
	return f
}

// String is the fault as it is referred to in texts, e.g. "crash of dc1".
func (f Fault) String() string {
	if f.Target == "" {
		return f.Name
	}
	return f.Name + " of " + f.Target
}

// Available says whether env can do it, and if not, why not. It asks nobody: it is cheap and may be called for every spec.
func (f Fault) Available(env Environment) (ok bool, reason string) {
	_, reason = f.bound(env)
	return reason == "", reason
}

func (f Fault) bound(env Environment) (action, string) {
	f, tooLong := f.capped(env)
	switch {
	case tooLong != "":
		return nil, tooLong
	case f.bind == nil:
		return nil, "it is the zero Fault; make one with a constructor of package fault"
	case f.Lifetime <= 0 || f.ends < 0:
		return nil, fmt.Sprintf("its deadline is %v and its planned end %v; neither can be negative, and a fault without a deadline is not injected", f.Lifetime, f.ends)
	case f.ends > f.Lifetime:
		return nil, fmt.Sprintf("its planned end %v lies beyond its deadline %v; give it more with Within", f.ends, f.Lifetime)
	}
	return f.bind(f, env)
}

// life is how long it lasts unless it is healed before.
func (f Fault) life() time.Duration {
	if f.ends > 0 {
		return f.ends
	}
	return f.Lifetime
}

// Inject does it: journal, arm the deadline, act, verify the bite. On an error whatever was done has been taken back, or
// the error says what could not be.
//
// The injection is not nil whenever anything may have been done, also with an error, so that the cleanup can account for
// it. Errors wrap ErrNotAvailable, ErrDidNotBite, ErrTouchedOthers, ErrNotHealed.
func (f Fault) Inject(ctx context.Context, env Environment, journal *Journal) (*Injection, error) {
	f, _ = f.capped(env) // what is wrong with that bound says
	bound, reason := f.bound(env)
	if reason != "" {
		return nil, fmt.Errorf("inject %s: %w: %s", f, ErrNotAvailable, reason)
	}
	if journal == nil {
		return nil, fmt.Errorf("inject %s: there is no journal, and nothing is injected that could not be found again", f)
	}
	memory, err := within(ctx, f.Limits.Act, bound.prepare)
	if err != nil {
		return nil, fmt.Errorf("inject %s: look at the state before: %w", f, err)
	}
	before, err := within(ctx, f.Limits.Act, func(ctx context.Context) (picture, error) { return look(ctx, env, f.footprint), nil })
	if err != nil {
		return nil, fmt.Errorf("inject %s: look at what must stay untouched: %w", f, err)
	}
	return f.inject(ctx, env, journal, bound, memory, before)
}

func (f Fault) inject(ctx context.Context, env Environment, journal *Journal, bound action, memory string, before picture) (*Injection, error) {
	f.Target = f.footprint.target(env, f.Target)
	in := newInjection(f, bound, journal)
	in.observers, in.env = f.observers(env), env
	in.before = readClocks(ctx, env)
	in.mu.Lock() // until the bite is judged: the deadline waits behind it
	defer in.mu.Unlock()
	if err := in.open(memory); err != nil {
		return nil, fmt.Errorf("inject %s: %w; nothing was done", f, err)
	}

	var evidence string
	err := in.load(ctx)
	if err == nil {
		evidence, err = in.strike(ctx)
	}
	if err == nil {
		var untouched string
		untouched, err = within(ctx, f.Limits.Bite, func(ctx context.Context) (string, error) {
			return before.compare(look(ctx, env, f.footprint))
		})
		if evidence == "" {
			evidence = untouched
		}
	}
	if err == nil {
		in.Bite = evidence
		err = in.note(eventBit, evidence)
	}
	if err != nil {
		err = fmt.Errorf("inject %s: %w", f, err)
		return in, errors.Join(err, in.heal(ctx, "taken back because it failed"))
	}
	return in, nil
}

// arming is implemented by actions whose target is told beforehand what will be done, so that doing it is short. It is known to the journal
// by then: what is armed on a target is something to find again.
type arming interface {
	arm(ctx context.Context) error
}

// load arms what can be armed.
func (in *Injection) load(ctx context.Context) error {
	a, ok := in.action.(arming)
	if !ok {
		return nil
	}
	_, err := within(ctx, in.fault.Limits.Act, func(ctx context.Context) (struct{}, error) { return struct{}{}, a.arm(ctx) })
	if err != nil {
		in.Acted = time.Now() // nothing acted; what reads these times finds them in order
		in.T0 = Span{Earliest: in.Acted, Latest: in.Acted}
		return fmt.Errorf("arm: %w", err)
	}
	return nil
}

// strike arms the deadline, acts, and verifies the bite.
func (in *Injection) strike(ctx context.Context) (string, error) {
	in.T0.Earliest = time.Now()
	in.arm()
	acted := make(chan time.Time, 1)
	_, err := within(ctx, min(in.fault.Limits.Act, in.fault.life()), func(ctx context.Context) (struct{}, error) {
		acted <- time.Now()
		return struct{}{}, in.action.act(ctx)
	})
	in.T0.Latest = time.Now()
	in.Acted = <-acted
	if err != nil {
		return "", fmt.Errorf("act: %w", err)
	}
	if in.T0.Earliest.After(in.Acted) {
		return "", fmt.Errorf("the fault is said to begin %v after it was done", in.T0.Earliest.Sub(in.Acted))
	}
	if err := in.note(eventActed, ""); err != nil {
		return "", err
	}
	// Never longer than half its life: a short fault must end in time, and be seen before that.
	evidence, err := within(ctx, min(in.fault.Limits.Bite, in.fault.life()/2), in.action.bite)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDidNotBite, err)
	}
	return evidence, nil
}
