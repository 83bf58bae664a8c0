package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrDidNotLast says that a fault was no longer in force, on something that it covers, before it was to end.
var ErrDidNotLast = errors.New("the fault did not last")

// enduring is implemented by actions whose effect lasts, so that their bite can be looked for again.
type enduring interface{ lasts() bool }

func (*crash) lasts() bool        { return true }
func (*hang) lasts() bool         { return true }
func (*stopService) lasts() bool  { return true }
func (*cancelJob) lasts() bool    { return true }
func (*stopInstance) lasts() bool { return true }
func (*loseStorage) lasts() bool  { return true }
func (*stallStorage) lasts() bool { return true }
func (*hangStorage) lasts() bool  { return true }
func (*stopDatabase) lasts() bool { return true }
func (*holdDatabase) lasts() bool { return true }
func (*clockStep) lasts() bool    { return true }
func (*breakStorage) lasts() bool { return true }
func (*orderly) lasts() bool      { return false } // what it does is over once it is announced
func (l *linkAction) lasts() bool { return l.rule.Mode != Flapping }

// EndedRule is a rule of the link that ended, as whoever enforces it saw it end.
type EndedRule struct {
	Direction string
	Ports     Ports
	Mode      Mode
	Lasted    time.Duration // for how long it held on all of its ports
	Expired   bool          // it ended by itself
}

// Reporter is a Link that reports when its rules really ended; of each direction the newest is the last.
type Reporter interface {
	Ended(ctx context.Context) ([]EndedRule, error)
}

// Still looks again, on everything that the fault covers, whether it is in force, and returns the evidence. An error that wraps
// ErrDidNotLast says that it was not, although it should have been: the look had ended before the fault's planned end. Without
// evidence and error there is nothing to look at: what it did does not last, it was healed, or it ended meanwhile as planned.
func (in *Injection) Still(ctx context.Context) (evidence string, err error) {
	if what, ok := in.action.(enduring); !ok || !what.lasts() {
		return "", nil
	}
	in.mu.Lock()
	closed := in.closed
	in.mu.Unlock()
	if closed {
		return "", nil
	}
	evidence, err = within(ctx, in.fault.Limits.Bite, in.action.bite)
	switch {
	case err == nil:
		return evidence, nil
	case !time.Now().Before(in.Deadline) || ctx.Err() != nil:
		return "", nil
	}
	return "", fmt.Errorf("%s: %w until its end: %w", in.fault, ErrDidNotLast, err)
}

// Lasted says how long a fault of the link held, as whoever enforces its rules reports it after their end. An error that wraps
// ErrDidNotLast says that one of them ended by itself before its planned end. Without a report there is neither.
func (in *Injection) Lasted(ctx context.Context) (report string, err error) {
	l, ok := in.action.(*linkAction)
	if !ok {
		return "", nil
	}
	reporter, ok := l.link.(Reporter)
	if !ok {
		return "", nil
	}
	ended, err := within(ctx, in.fault.Limits.Act, reporter.Ended)
	if err != nil {
		return "", fmt.Errorf("ask when the rules of %s ended: %w", in.fault, err)
	}
	var texts []string
	for _, direction := range l.directions {
		var last *EndedRule
		for i := range ended {
			if e := &ended[i]; e.Direction == direction && e.Mode == l.rule.Mode && e.Ports == l.rule.Ports {
				last = e
			}
		}
		switch {
		case last == nil:
			return "", fmt.Errorf("%s: %w: no rule %s on %s of the %s ports is reported as ended", in.fault, ErrDidNotLast, l.rule.Mode, arrow(l.env, direction), l.rule.Ports)
		case last.Expired && last.Lasted < in.fault.life()-tolerated:
			return "", fmt.Errorf("%s: %w: the rule on %s ended by itself after %v of %v", in.fault, ErrDidNotLast, arrow(l.env, direction),
				last.Lasted.Round(time.Millisecond), in.fault.life().Round(time.Millisecond))
		}
		texts = append(texts, fmt.Sprintf("%s for %v", arrow(l.env, direction), last.Lasted.Round(time.Millisecond)))
	}
	return strings.Join(texts, ", "), nil
}

// tolerated is how much shorter than its lifetime a rule may hold: it counts from when the rule is set, and it holds a moment later.
const tolerated = 50 * time.Millisecond
