package adapter

import (
	"context"
	"fmt"
	"time"
)

// Outcome is what became of one event on the way in.
type Outcome int

const (
	// Unknown: the event may have arrived or not. It is the zero value: who says nothing knows nothing.
	Unknown Outcome = iota
	// Acknowledged: the other side said that it has the event.
	Acknowledged
	// Sent: the event left us whole, and the protocol has no acknowledgement. Loss among sent events is an upper bound.
	Sent
	// Refused: surely nobody has the event: no connection was made, not a byte of it left us, or the other side said so.
	Refused
)

// String gives the outcome in a word.
func (o Outcome) String() string {
	switch o {
	case Unknown:
		return "unknown"
	case Acknowledged:
		return "acknowledged"
	case Sent:
		return "sent"
	case Refused:
		return "refused"
	}
	return fmt.Sprintf("outcome %d", int(o))
}

// Event is one event in the application's own bytes.
type Event struct {
	Key  []byte // of the protocol, where it has keys (Kafka); empty: none
	Body []byte
}

// In is an open way into the application of one data center. It is safe for concurrent use.
type In interface {
	// Send sends events in their order and gives one outcome for each, in the same order. It returns when every outcome is settled, at the latest
	// when ctx ends; what is not settled then is unknown. It never sends an event twice and takes no longer than ctx
	// allows to accept backpressure. The error says why not all events were acknowledged or sent, and is nil when all were. The
	// events' bytes are free for reuse once it has returned.
	Send(ctx context.Context, events []Event) ([]Outcome, error)
	// Close ends the way in and everything that it started.
	Close() error
}

// Result is one result in the application's own bytes.
type Result struct {
	Bytes []byte // the receiver may keep them
	Key   []byte // of the protocol, where it has keys; else nil
	// Site is the data center that the result came from, as Opening.Site names it; empty where both write to the same place.
	Site string
	// The result arrived at us not before Earliest (when the same way was last seen without it) and not after Latest. They are the same
	// where it woke a reader that waited for it.
	Earliest, Latest time.Time
}

// Gap says that results may have been missed: they were written while nobody of us could read them.
type Gap struct {
	Site        string // as in Result
	From, Until time.Time
	Why         string // in words, for reports; nothing decides by it
}

// Receiver takes what comes out. An Out never calls it twice at the same time.
type Receiver interface {
	// Results takes results in the order in which they came.
	Results([]Result)
	// Gap takes a time in which results may have been missed. Claims that a result never came must not rest on it.
	Gap(Gap)
}

// Out is an open way out of the application of one data center, or of both where they write to one place.
type Out interface {
	// Receive hands every result to the receiver until ctx ends, and then returns nil. It connects again by itself for as long as it may take; an
	// error is what connecting again cannot mend. A result is given once even where we read it twice.
	Receive(ctx context.Context, to Receiver) error
	// Close ends the way out and everything that it started. Nobody may be in Receive.
	Close() error
}
