package traffic

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// queueFull books events that were never sent because too much is under way.
func (l *Ledger) queueFull(stream int, events []Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range events {
		l.cells[stream][events[i].Channel].refused++
	}
	l.full += int64(len(events))
}

// QueueFull returns how many of the refused events were refused by the generator: "client queue full".
func (l *Ledger) QueueFull() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.full
}

// Window is a stretch of the run in which load is asked for.
type Window struct {
	Phase    string // "before", "during", "after" the fault; used in the words
	From, To model.Instant
	Served   bool // also ask that results came back at the minimum rate, not only that events were made due
}

// CheckLoad says in words, one sentence each, where less than the minimum share of the rate flowed. Without reasons
// the load sufficed.
func (l *Ledger) CheckLoad(window Window, share float64) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var reasons []string
	if l.options.Silent {
		return nil
	}
	for stream, name := range l.options.Sites {
		if name == l.options.Idle {
			continue
		}
		due, length := l.activity.due[stream].between(window.From, window.To)
		if length == 0 {
			return []string{fmt.Sprintf("load %s the fault: the window of %s is shorter than one bucket of %s, so nothing is known",
				window.Phase, time.Duration(window.To-window.From), l.options.Bucket)}
		}
		want := share * l.options.Rate * length.Seconds()
		if float64(due) < want {
			reasons = append(reasons, fmt.Sprintf("load %s the fault: stream %s made %d events due in %s, the minimum is %.0f",
				window.Phase, name, due, length, want))
		}
		if !window.Served {
			continue
		}
		served, _ := l.activity.served[stream][0].between(window.From, window.To)
		other, _ := l.activity.served[stream][1].between(window.From, window.To)
		if float64(served+other) < want {
			reasons = append(reasons, fmt.Sprintf("load %s the fault: of stream %s %d events were served in %s, the minimum is %.0f",
				window.Phase, name, served+other, length, want))
		}
	}
	return reasons
}

// Level is the rate, in events per wall second, at which a stream was served by any data center between two instants.
func (l *Ledger) Level(stream string, from, to model.Instant) float64 {
	s, ok := l.index(stream)
	if !ok {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	events, length := l.servedBetween(s, from, to)
	if length == 0 {
		return 0
	}
	return float64(events) / length.Seconds()
}

// AcceptedLevel is the rate, in events per wall second, at which events of a stream were accepted by any data center between two
// instants: what was refused on the way cannot be served.
func (l *Ledger) AcceptedLevel(stream string, from, to model.Instant) float64 {
	s, ok := l.index(stream)
	if !ok {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	one, length := l.activity.accepted[s][0].between(from, to)
	other, _ := l.activity.accepted[s][1].between(from, to)
	if length == 0 {
		return 0
	}
	return float64(one+other) / length.Seconds()
}

// Answered is how many events of a stream were accepted and how many were refused by any data center between two instants. What our
// own queue refused, and what nobody answered, is neither.
func (l *Ledger) Answered(stream string, from, to model.Instant) (accepted, refused uint64) {
	s, ok := l.index(stream)
	if !ok {
		return 0, 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for site := range 2 {
		taken, _ := l.activity.accepted[s][site].between(from, to)
		not, _ := l.activity.refused[s][site].between(from, to)
		accepted, refused = accepted+taken, refused+not
	}
	return accepted, refused
}

func (l *Ledger) servedBetween(stream int, from, to model.Instant) (uint64, time.Duration) {
	one, length := l.activity.served[stream][0].between(from, to)
	other, _ := l.activity.served[stream][1].between(from, to)
	return one + other, length
}

// BackToLevel returns when a stream came back to a level (events per wall second) after an instant and kept it for
// the given stretch of wall time: the bucket in which that stretch begins. ok is false while it has not.
func (l *Ledger) BackToLevel(stream string, after model.Instant, level float64, keep time.Duration) (when model.Interval, ok bool) {
	s, known := l.index(stream)
	if !known || level <= 0 || keep < l.options.Bucket {
		return model.Interval{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	width := model.Instant(l.options.Bucket)
	end := model.Instant(max(len(l.activity.served[s][0].counts), len(l.activity.served[s][1].counts))) * width
	// The last bucket is still filling, so it is not asked.
	for start := (after + width - 1) / width * width; start+model.Instant(keep) <= end-width; start += width {
		events, length := l.servedBetween(s, start, start+model.Instant(keep))
		first, _ := l.servedBetween(s, start, start+width)
		if first > 0 && float64(events) >= level*length.Seconds() {
			return model.Interval{Earliest: max(after, start-width), Latest: start + width}, true
		}
	}
	return model.Interval{}, false
}
