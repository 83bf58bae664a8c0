package adapter

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/crossdc/failover/support/traffic"
)

// Sink sends the generator's events through ways in, made by templates. It implements traffic.Sink.
type Sink struct {
	ways map[string]In

	mu        sync.Mutex // guards what makes events
	templates Templates
	made      sync.Pool
}

// made is the memory of one injection.
type made struct {
	events []Event
	buffer []byte
}

// NewSink sends to the way of each data center; both names may stand for the same way, where an upstream of theirs routes.
func NewSink(templates Templates, ways map[string]In) (*Sink, error) {
	if err := templates.Validate(); err != nil {
		return nil, err
	}
	s := &Sink{ways: ways, templates: templates}
	s.made.New = func() any { return new(made) }
	return s, nil
}

// Inject implements traffic.Sink. Events of a protocol without acknowledgements are sent: see traffic.FateSent.
func (s *Sink) Inject(ctx context.Context, site string, events []traffic.Event) error {
	way, ok := s.ways[site]
	if !ok {
		return fmt.Errorf("inject into %s: there is no way into it: %w", site, traffic.ErrRefused)
	}
	m := s.made.Get().(*made)
	defer s.made.Put(m)
	s.mu.Lock()
	m.events, m.buffer = s.templates.Make(m.events[:0], m.buffer[:0], events)
	s.mu.Unlock()
	outcomes, err := way.Send(ctx, m.events)
	return combine(outcomes, len(events), err)
}

// combine says in one error what became of events.
func combine(outcomes []Outcome, n int, err error) error {
	fates := make([]traffic.Fate, n)
	counts := map[traffic.Fate]int{}
	for i := range fates {
		if i < len(outcomes) {
			switch outcomes[i] {
			case Acknowledged:
				fates[i] = traffic.FateAccepted
			case Sent:
				fates[i] = traffic.FateSent
			case Refused:
				fates[i] = traffic.FateRefused
			case Unknown:
			}
		}
		counts[fates[i]]++
	}
	switch n {
	case counts[traffic.FateAccepted]:
		return nil
	case counts[traffic.FateAccepted] + counts[traffic.FateSent]:
		return &traffic.MixedError{Fates: fates}
	}
	if err == nil {
		err = errors.New("the way in does not say why")
	}
	switch n {
	case counts[traffic.FateRefused]:
		return fmt.Errorf("%w: %w", traffic.ErrRefused, err)
	case counts[traffic.FateUnknown]:
		if errors.Is(err, traffic.ErrRefused) {
			return &traffic.MixedError{Fates: fates, Err: err}
		}
		return err
	}
	return &traffic.MixedError{Fates: fates, Err: err}
}
