package adapter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho/session/state"
)

type mqttIn struct {
	at      string
	options mqttOptions
	now     func() time.Time
	unheard Outcome       // of an event that nobody subscribes to
	turn    chan struct{} // holds one token while somebody connects or writes
	link    *mqttLink
}

func openMQTTIn(_ context.Context, o Opening) (In, error) {
	options, err := readMQTT(o, WayIn)
	if err != nil {
		return nil, err
	}
	in := &mqttIn{at: o.at(WayIn, "mqtt"), options: options, now: o.now(), unheard: Acknowledged, turn: make(chan struct{}, 1)}
	if o.Values["unheard"] == "refused" {
		in.unheard = Refused
	}
	return in, nil
}

// Send implements In. Events follow each other on the wire, and their acknowledgements are waited for together. The broker limits how many may be
// under way; what waits for its turn when ctx ends is refused.
func (m *mqttIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	outcomes := every(len(events), Refused)
	link, answers, err := m.write(ctx, events, outcomes)
	for i, answer := range answers {
		if answer == nil {
			continue
		}
		var why error
		outcomes[i], why = m.settle(ctx, link, answer)
		if err == nil {
			err = why
		}
	}
	if err != nil {
		err = fmt.Errorf("send over the %s: %w", m.at, err)
	}
	return outcomes, err
}

// write writes the events and notes the outcomes that are known by it; the others' answers are to be waited for.
func (m *mqttIn) write(ctx context.Context, events []Event, outcomes []Outcome) (*mqttLink, []chan packets.ControlPacket, error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("wait for the connection: %w", ctx.Err())
	}
	defer func() { <-m.turn }()
	if m.link != nil && m.link.ended() {
		m.drop()
	}
	if m.link == nil {
		link, err := connectMQTT(ctx, m.options, state.NewInMemory(), true, 0, m.now, nil)
		if err != nil {
			return nil, nil, err
		}
		m.link = link
	}
	link := m.link
	answers := make([]chan packets.ControlPacket, len(events))
	var first error
	for i, e := range events {
		// A message may outlive this call in the session, and the caller's bytes do not.
		message := &packets.Publish{Topic: m.options.topic, QoS: m.options.qos, Payload: bytes.Clone(e.Body), Properties: &packets.Properties{}}
		if err := link.fits(message); err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		answer := make(chan packets.ControlPacket, 1)
		if message.QoS > 0 {
			if err := link.session.AddToSession(ctx, message, answer); err != nil {
				return link, answers, errors.Join(first, fmt.Errorf("wait until the broker permits another message: %w", err))
			}
		}
		n, size, err := link.send(ctx, message.ToControlPacket())
		switch {
		case err != nil:
			if n > 0 {
				outcomes[i] = Unknown
			}
			// The next Send connects anew, without this session, so that nothing of it is ever repeated.
			return link, answers, errors.Join(first, fmt.Errorf("%d of %d bytes left: %w", n, size, err))
		case message.QoS == 0:
			outcomes[i] = Sent
		default:
			outcomes[i], answers[i] = Unknown, answer
		}
	}
	return link, answers, first
}

// fits says why the broker would not take a message.
func (l *mqttLink) fits(message *packets.Publish) error {
	p := l.broker.Properties
	if p == nil {
		return nil
	}
	if p.MaximumQOS != nil && message.QoS > *p.MaximumQOS {
		return fmt.Errorf("the broker takes at most qos %d, and parameter \"qos\" is %d", *p.MaximumQOS, message.QoS)
	}
	const around = 16 // bytes of header, lengths and id, at most
	if size := len(message.Payload) + len(message.Topic) + around; p.MaximumPacketSize != nil && size > int(*p.MaximumPacketSize) {
		return fmt.Errorf("the broker takes packets of at most %d bytes, and an event makes one of %d", *p.MaximumPacketSize, size)
	}
	return nil
}

// settle waits for the answer to one message.
func (m *mqttIn) settle(ctx context.Context, link *mqttLink, answer chan packets.ControlPacket) (Outcome, error) {
	var packet packets.ControlPacket
	select {
	case packet = <-answer:
	case <-link.done:
		select {
		case packet = <-answer: // it came before the end
		default:
			return Unknown, fmt.Errorf("the connection ended before the acknowledgement: %w", link.why)
		}
	case <-ctx.Done():
		select {
		case packet = <-answer:
		default:
			return Unknown, fmt.Errorf("wait for the acknowledgement: %w", ctx.Err())
		}
	}
	var code byte
	var reason string
	switch content := packet.Content.(type) {
	case *packets.Puback:
		code, reason = content.ReasonCode, content.Reason()
	case *packets.Pubrec:
		code, reason = content.ReasonCode, content.Reason()
	case *packets.Pubcomp:
		return Acknowledged, nil // it ends what a Pubrec without an error began
	default:
		return Unknown, errors.New("the session ended before the acknowledgement")
	}
	switch {
	case code >= 0x80:
		return Refused, fmt.Errorf("the broker refuses a message with 0x%02x: %s", code, reason)
	case code == packets.PubackNoMatchingSubscribers && m.unheard == Refused:
		return Refused, fmt.Errorf("nobody subscribes to topic %s", m.options.topic)
	}
	return Acknowledged, nil
}

func (m *mqttIn) drop() {
	m.link.leave(nil)
	m.link = nil
}

// Close implements In.
func (m *mqttIn) Close() error {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	if m.link != nil {
		m.drop()
	}
	return nil
}
