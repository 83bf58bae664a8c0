package traffic

import (
	"errors"
	"slices"
	"time"
)

// Fate is what became of one event of an injection.
type Fate int

const (
	// FateUnknown: it may have been accepted or not. It is the zero value.
	FateUnknown Fate = iota
	// FateAccepted: the application said that it has it.
	FateAccepted
	// FateSent: it left us whole, and the protocol has no answer. It counts as accepted, and its loss is an upper bound.
	FateSent
	// FateRefused: surely nobody has it.
	FateRefused
)

// MixedError is what Sink.Inject returns when the events of one injection met different fates, or were sent where no answer exists. It does not wrap ErrRefused, even if Err does.
type MixedError struct {
	Fates []Fate // one for each event, in their order; what is missing is unknown
	Err   error  // why not all were accepted; nil: all were sent
}

// Error gives the reason.
func (m *MixedError) Error() string {
	if m.Err == nil {
		return "sent, and no answer exists"
	}
	return "accepted in part: " + m.Err.Error()
}

// whole reports whether every event was accepted or sent.
func (m *MixedError) whole() bool {
	return len(m.Fates) > 0 && !slices.ContainsFunc(m.Fates, func(f Fate) bool { return f != FateAccepted && f != FateSent })
}

// answers books the outcome of one injection, event by event where the sink tells them apart.
func (l *Ledger) answers(stream, site int, events []Event, err error, at time.Time) {
	var mixed *MixedError
	if !errors.As(err, &mixed) {
		l.answer(stream, site, events, classify(err), at)
		return
	}
	var parts [answers][]Event
	for i, event := range events {
		verdict := unanswered
		if i < len(mixed.Fates) {
			switch mixed.Fates[i] {
			case FateAccepted:
				verdict = accepted
			case FateSent:
				verdict = sent
			case FateRefused:
				verdict = refused
			case FateUnknown:
			}
		}
		parts[verdict] = append(parts[verdict], event)
	}
	for verdict, part := range parts {
		if len(part) > 0 {
			l.answer(stream, site, part, answer(verdict), at)
		}
	}
}
