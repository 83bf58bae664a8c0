package fault

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// ErrLeftBehind: an earlier run left a fault that is not taken back without being asked.
var ErrLeftBehind = errors.New("left behind by an earlier run")

// healCommand heals what is open; it takes the same settings as the run.
const healCommand = "make heal (go run github.com/crossdc/failover/support/fault/heal) with the same CROSSDC_* settings"

// lasting marks actions that change a data center for good, so that somebody may have mended or changed it since.
type lasting interface {
	// asLeft is nil when the data center is exactly as the fault, or a healing that died half way, left it; last is the last
	// event known of the fault.
	asLeft(ctx context.Context, last string) error
}

// Finding is what has become of a fault that was left behind.
type Finding struct {
	// Gone is the proof that it is no longer there; empty when it is.
	Gone string
	// Changed is why the data center is not as the fault left it, so that healing it may undo somebody's work; nil when it is.
	Changed error
}

// lookLimit bounds how long it is looked whether a fault is still there, wall time.
const lookLimit = 3 * time.Second

// Examine looks what has become of the fault, and changes nothing.
func (o Open) Examine(ctx context.Context, env Environment) (Finding, error) {
	_, bound, err := o.rebuilt(env)
	if err != nil {
		return Finding{}, fmt.Errorf("look for %s: %w", o, err)
	}
	proof, err := within(ctx, lookLimit, bound.gone)
	if err == nil {
		return Finding{Gone: proof}, nil
	}
	if stays, ok := bound.(lasting); ok {
		_, changed := within(ctx, lookLimit, func(ctx context.Context) (struct{}, error) { return struct{}{}, stays.asLeft(ctx, o.Last) })
		return Finding{Changed: changed}, nil
	}
	return Finding{}, nil
}

// HealLeftovers is for the start of a run: it heals what dead runs left open in the journal where nobody can mind, which
// is a link rule, a stopped process, and a job or an instance that is exactly as the fault left it. For anything else the
// run is to be refused: the error, which wraps ErrLeftBehind, names each fault, since when, and the command. say is told what is done.
func HealLeftovers(ctx context.Context, env Environment, journal *Journal, say func(format string, values ...any)) error {
	return eachOpen(journal, func(o Open) error {
		if err := o.claimable(); err != nil {
			return fmt.Errorf("%w: %w", ErrLeftBehind, err)
		}
		found, err := o.Examine(ctx, env)
		if err != nil {
			return fmt.Errorf("%w: %w; run %s", ErrLeftBehind, err, healCommand)
		}
		if found.Changed != nil {
			return fmt.Errorf("%w: %s, in force since %s: %w; see what was done to it, then run %s",
				ErrLeftBehind, o, o.Time.Format(time.RFC3339), found.Changed, healCommand)
		}
		if err := o.Heal(ctx, env, journal); err != nil {
			return fmt.Errorf("%w, in force since %s: %w; run %s", ErrLeftBehind, o.Time.Format(time.RFC3339), err, healCommand)
		}
		say("healed what an earlier run left: %s", o)
		return nil
	})
}

// HealAll heals everything that is open in the journal, asked or not; with dry it only tells. say is told about each fault.
func HealAll(ctx context.Context, env Environment, journal *Journal, dry bool, say func(format string, values ...any)) error {
	return eachOpen(journal, func(o Open) error {
		since := o.Time.Format(time.RFC3339)
		if err := o.claimable(); err != nil {
			say("left alone: %v", err)
			return err
		}
		if dry {
			found, err := o.Examine(ctx, env)
			switch {
			case err != nil:
				return err
			case found.Gone != "":
				say("would close %s, in force since %s: it is gone (%s)", o, since, found.Gone)
			case found.Changed != nil:
				say("would try to heal %s, in force since %s, although it is not as the fault left it: %v", o, since, found.Changed)
			default:
				say("would heal %s, in force since %s", o, since)
			}
			return nil
		}
		if err := o.Heal(ctx, env, journal); err != nil {
			say("not healed: %s, in force since %s: %v", o, since, err)
			return err
		}
		say("healed %s, in force since %s", o, since)
		return nil
	})
}

// eachOpen calls do with every fault that is open in the journal, newest first: what was broken last is mended first.
func eachOpen(journal *Journal, do func(Open) error) error {
	recovery, err := Recover(journal.Path())
	if err != nil {
		return err
	}
	var problems []error
	for i := len(recovery.Open) - 1; i >= 0; i-- {
		o := recovery.Open[i]
		if o.Where != journal.where {
			problems = append(problems, fmt.Errorf("%s was injected into %q, and this is %q; aim CROSSDC_* at that environment to heal it", o, o.Where, journal.where))
			continue
		}
		problems = append(problems, do(o))
	}
	return errors.Join(problems...)
}

// claimable is nil when nobody who may still live holds the fault.
func (o Open) claimable() error {
	switch {
	case o.Alive:
		return fmt.Errorf("%s is in use since %s: process %d still runs and heals it; wait for that run, or end it", o, o.Time.Format(time.RFC3339), o.Owner.PID)
	case o.Elsewhere:
		return fmt.Errorf("%s is in use since %s: it was injected from %s, where its run may still be alive; at %s it is surely healed or left, try again then",
			o, o.Time.Format(time.RFC3339), o.Owner.Host, o.Deadline.Add(2*HealLimit).Format(time.RFC3339))
	}
	return nil
}

// Bury closes what dead runs left open in journals of a kind of environment whose data centers were processes of the run
// and ended with it. A process of theirs that is still there, stopped, is resumed, so that it ends by itself; it is known
// by its start time and boot, not by its number alone. Journals with nothing open are removed.
func (j Journals) Bury(kind string, say func(format string, values ...any)) error {
	paths, err := j.Paths(kind)
	if err != nil {
		return err
	}
	var problems []error
	for _, path := range paths {
		problems = append(problems, bury(path, say), Discard(path))
	}
	return errors.Join(problems...)
}

func bury(path string, say func(format string, values ...any)) error {
	recovery, err := Recover(path)
	if err != nil {
		return err
	}
	for _, o := range recovery.Open {
		if o.Alive || o.Elsewhere {
			continue
		}
		journal, err := OpenJournal(path, o.Where)
		if err != nil {
			return err
		}
		proof := "its data centers were processes of the run and ended with it"
		if resumed := resumeStopped(o.Memory); resumed > 0 {
			proof = fmt.Sprintf("%d processes were still stopped and are resumed, which ends them", resumed)
		}
		err = errors.Join(journal.append(Entry{ID: o.ID, Event: eventHealed, Text: proof}), journal.Close())
		if err != nil {
			return err
		}
		say("closed %s: %s", o, proof)
	}
	return nil
}

// resumeStopped sends SIGCONT to those of the remembered processes that are still there and stopped.
func resumeStopped(memory string) (resumed int) {
	m, ok := parseStopped(memory)
	if !ok || m.Boot == "" || m.Boot != bootID() {
		return 0
	}
	for pid, started := range m.Processes {
		if state, ticks := processState(pid); ticks == started && state == 'T' && syscall.Kill(pid, syscall.SIGCONT) == nil {
			resumed++
		}
	}
	return resumed
}
