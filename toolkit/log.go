package toolkit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Failure is a call of the monitor that failed, with how often it did so in a row.
type Failure struct {
	Problem
	First, Last time.Time
	Times       int
}

// changeLog keeps the newest changes and failures and wakes those who wait for more.
type changeLog struct {
	mu       sync.Mutex
	ring     []Change
	next     uint64 // sequence number of the next change; the ring holds the len(ring) before it
	limit    int
	failures []Failure
	maxFails int
	closed   bool
	more     broadcast
}

func newChangeLog(changes, failures int) *changeLog {
	return &changeLog{limit: changes, maxFails: failures}
}

func (l *changeLog) add(changes []Change) {
	if len(changes) == 0 {
		return
	}
	l.mu.Lock()
	for _, c := range changes {
		if len(l.ring) < l.limit {
			l.ring = append(l.ring, c)
		} else {
			l.ring[l.next%uint64(l.limit)] = c
		}
		l.next++
	}
	l.mu.Unlock()
	l.more.wake()
}

func (l *changeLog) fail(now time.Time, err error) {
	var p Problem
	if !errors.As(err, &p) {
		p = Problem{Cause: CauseOf(err), Err: err}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.failures) - 1; i >= 0; i-- {
		f := &l.failures[i]
		if f.Site == p.Site && f.Indicator == p.Indicator {
			if f.Cause == p.Cause && f.Error() == p.Error() {
				f.Last, f.Times = now, f.Times+1
				return
			}
			break
		}
	}
	if len(l.failures) == l.maxFails {
		l.failures = slices.Delete(l.failures, 0, 1)
	}
	l.failures = append(l.failures, Failure{Problem: p, First: now, Last: now, Times: 1})
}

func (l *changeLog) all() []Change {
	changes, _ := l.from(0)
	return changes
}

// from returns the kept changes with a sequence number of at least seq, and the next number.
func (l *changeLog) from(seq uint64) ([]Change, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq = max(seq, l.next-uint64(len(l.ring)))
	out := make([]Change, 0, l.next-seq)
	for ; seq < l.next; seq++ {
		out = append(out, l.ring[seq%uint64(l.limit)])
	}
	return out, l.next
}

func (l *changeLog) failed() []Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.failures)
}

func (l *changeLog) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.more.wake()
}

func (l *changeLog) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// Subscribe returns a channel of the changes from now on. It is closed when ctx or the monitor ends. A reader that lags
// by more than the monitor keeps loses the oldest.
func (m *Monitor) Subscribe(ctx context.Context) <-chan Change {
	out := make(chan Change)
	_, seq := m.log.from(0)
	go func() {
		defer close(out)
		for {
			more := m.log.more.wait()
			ended := m.log.ended()
			var changes []Change
			changes, seq = m.log.from(seq)
			for _, c := range changes {
				select {
				case out <- c:
				case <-ctx.Done():
					return
				}
			}
			if ended {
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// Want is what WaitFor waits for.
type Want struct {
	Site       string
	Event      Event
	Subject    string    // empty: any
	Since      time.Time // changes that had certainly happened before it do not count; zero: all that are kept
	Indicators int       // how many different indicators must have seen it; default 1
}

// ErrMonitorEnded is returned by WaitFor when the monitor ends first.
var ErrMonitorEnded = errors.New("the monitor has ended")

// WaitFor waits until enough indicators saw an event and returns the first change of each. Changes already kept count,
// so that nothing is missed between an injection and the call. The error lists what was seen instead.
func (m *Monitor) WaitFor(ctx context.Context, want Want) ([]Change, error) {
	need := max(1, want.Indicators)
	for {
		more := m.log.more.wait()
		ended := m.log.ended()
		seen := want.first(m.log.all())
		if len(seen) >= need {
			return seen, nil
		}
		err := ErrMonitorEnded
		if !ended {
			select {
			case <-more:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		conclusions := m.Conclusions()
		return seen, fmt.Errorf("wait for %q at %s by %d indicators: %d saw it: %w; now: %v; %v",
			want.Event, want.Site, need, len(seen), err, conclusions[0], conclusions[1])
	}
}

// first returns the first matching change of each indicator.
func (w Want) first(changes []Change) (seen []Change) {
	for _, c := range changes {
		if c.Site != w.Site || c.Event != w.Event || w.Subject != "" && c.Subject != w.Subject || c.Latest.Before(w.Since) {
			continue
		}
		if !slices.ContainsFunc(seen, func(s Change) bool { return s.Indicator == c.Indicator }) {
			seen = append(seen, c)
		}
	}
	return seen
}
