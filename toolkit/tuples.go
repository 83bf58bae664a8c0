package toolkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// statusTuple is the tuple of the application's status endpoint.
type statusTuple struct {
	Active *bool  `json:"activeOrInactive"`
	Local  string `json:"localDataCenter"`
	Number uint64 `json:"number"`
}

// arrived is a tuple of an inspect endpoint with the bounds of its emission.
type arrived struct {
	tuple     json.RawMessage
	indicator Indicator
	when      bounds
	baseline  bool // it was there when we came: a fact, not a change
}

// statusArrived takes in one tuple of the status stream.
func (m *memory) statusArrived(a arrived) ([]Change, error) {
	var t statusTuple
	if err := json.Unmarshal(a.tuple, &t); err != nil || t.Active == nil {
		return nil, WithCause(CauseMalformed, fmt.Errorf("status tuple %s: no boolean activeOrInactive: %w", clip(string(a.tuple)), orMissing(err)))
	}
	delete(m.problems, a.indicator)
	m.stream = &StreamStatus{Indicator: a.indicator, Active: *t.Active, Number: t.Number, Received: a.when.latest}
	why := m.irregularStatus(a.indicator, t.Number, *t.Active, a.when)
	if a.baseline {
		return nil, nil
	}
	event := PeerDown
	if *t.Active {
		event = PeerUp
	}
	changes := []Change{m.pushed(a, event, m.peer, fmt.Sprintf("activeOrInactive=%t number %d", *t.Active, t.Number))}
	if why != "" {
		changes = append(changes, m.irregular(a.indicator, "status stream", a.when, why))
	}
	return changes, nil
}

// takeoverTuple is the tuple of the application's takeover endpoint.
type takeoverTuple struct {
	Origin      string `json:"origin"`
	DataCenter  string `json:"dataCenter"`
	Count       uint64 `json:"count"`
	MessageType int32  `json:"messageType"`
	Local       string `json:"localDataCenter"`
}

// takeoverArrived takes in one fragment that the application merged.
func (m *memory) takeoverArrived(a arrived) ([]Change, error) {
	var t takeoverTuple
	if err := json.Unmarshal(a.tuple, &t); err != nil || t.DataCenter == "" {
		return nil, WithCause(CauseMalformed, fmt.Errorf("takeover tuple %s: no dataCenter: %w", clip(string(a.tuple)), orMissing(err)))
	}
	delete(m.problems, a.indicator)
	if a.baseline {
		return nil, nil
	}
	c := m.pushed(a, FragmentTakenOver, t.DataCenter+"-"+t.Origin, fmt.Sprintf("message type %d count %d", t.MessageType, t.Count))
	c.Round = t.Count
	return []Change{c}, nil
}

func (m *memory) pushed(a arrived, event Event, subject, evidence string) Change {
	return Change{
		Site: m.site.Name, Indicator: a.indicator, Event: event, Subject: subject, Count: 1,
		Earliest: a.when.earliest, Latest: a.when.latest, Evidence: evidence,
	}
}

func orMissing(err error) error {
	if err == nil {
		return errMissingAttribute
	}
	return err
}

var errMissingAttribute = fmt.Errorf("attribute missing or of another type")

// unseen returns the part of got that comes after what was already seen. Both are runs of the same sequence of tuples,
// and got may start before, at, or after the end of seen: the longest end of seen that got starts with is the overlap.
// Tuples may be equal to each other (a fragment handed over twice must count twice), hence no set of seen ones.
func unseen(seen, got []json.RawMessage) []json.RawMessage {
	for k := min(len(seen), len(got)); k > 0; k-- {
		if equalTuples(seen[len(seen)-k:], got[:k]) {
			return got[k:]
		}
	}
	return got
}

func equalTuples(a, b []json.RawMessage) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// resultsArrived notes that results of the application came in. gap is how long without results counts as a stop.
func (m *memory) resultsArrived(at time.Time, gap time.Duration) []Change {
	changes := m.resultsMissing(at, gap)
	last, stopped := m.result, m.stopped
	m.result, m.stopped = later(m.result, at), false
	delete(m.problems, Traffic)
	if !stopped {
		return changes
	}
	earliest := last
	if delay := m.cfg.delay(at); delay > 0 {
		earliest = later(last, at.Add(-delay))
	}
	return append(changes, Change{
		Site: m.site.Name, Indicator: Traffic, Event: ResultsResumed, Subject: m.site.Name, Count: 1,
		Earliest: earliest, Latest: at, Evidence: "result received",
	})
}

// resultsMissing reports, once, that no result came for longer than gap. They stopped after the last one was sent and
// before the next one was due, which is the sender's business to know: the bound here is the gap.
func (m *memory) resultsMissing(now time.Time, gap time.Duration) []Change {
	if gap <= 0 || m.stopped || m.result.IsZero() || now.Sub(m.result) < gap {
		return nil
	}
	m.stopped = true
	return []Change{{
		Site: m.site.Name, Indicator: Traffic, Event: ResultsStopped, Subject: m.site.Name, Count: 1,
		Earliest: m.result.Add(-m.cfg.delay(now)), Latest: m.result.Add(gap),
		Evidence: fmt.Sprintf("no result for %v", now.Sub(m.result).Round(time.Millisecond)),
	}}
}
