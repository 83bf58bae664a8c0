package traffic

import (
	"errors"
	"time"
)

// Fate is what became of one event of an injection.
type Fate int

const (
	// FateUnknown: it may have been accepted or not. It is the zero value.
	FateUnknown Fate = iota
	// FateAccepted: the application has it, or it left us where no answer exists.
	FateAccepted
	// FateRefused: surely nobody has it.
	FateRefused
)

// MixedError is what Sink.Inject returns when the events of one injection met different fates. It does not wrap ErrRefused, even if Err does.
type MixedError struct {
	Fates []Fate // one for each event, in their order; what is missing is unknown
	Err   error  // why not all were accepted
}

// Error gives the reason.
func (m *MixedError) Error() string { return "accepted in part: " + m.Err.Error() }

// answers books the outcome of one injection, event by event where the sink tells them apart.
func (l *Ledger) answers(stream, site int, events []Event, err error, at time.Time) {
	var mixed *MixedError
	if !errors.As(err, &mixed) {
		l.answer(stream, site, events, classify(err), at)
		return
	}
	var parts [3][]Event // by answer
	for i, event := range events {
		verdict := unanswered
		if i < len(mixed.Fates) {
			switch mixed.Fates[i] {
			case FateAccepted:
				verdict = accepted
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
