package adapter

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho/session/state"
)

type mqttOut struct {
	at, site string
	options  mqttOptions
	expiry   uint32 // seconds
	keeps    bool
	retry    time.Duration
	now      func() time.Time
	session  *state.State
	seed     maphash.Seed
	// acknowledged holds what the last message of each packet identifier was, for qos 1: the broker sends it again if our acknowledgement was lost.
	acknowledged map[uint16]uint64
}

func openMQTTOut(_ context.Context, o Opening) (Out, error) {
	options, err := readMQTT(o, WayOut)
	if err != nil {
		return nil, err
	}
	out := &mqttOut{
		at: o.at(WayOut, "mqtt"), site: o.Site, options: options, expiry: wholeSeconds(o.Values.duration("expiry")), keeps: o.Values.on("keeps"),
		retry: o.Values.duration("retry"), now: o.now(), session: state.NewInMemory(), seed: maphash.MakeSeed(), acknowledged: map[uint16]uint64{},
	}
	if out.keeps && options.qos == 0 {
		return nil, errors.New("parameter \"keeps\": with qos 0 the broker keeps nothing: give qos 1 or 2")
	}
	return out, nil
}

// Receive implements Out. The broker keeps our subscription while we connect again, and with it what it has room for. Results that it says to send
// again and that we know are not given twice; those that it retained from before our subscription are not asked for.
func (m *mqttOut) Receive(ctx context.Context, to Receiver) error {
	blind := blindness{site: m.site, since: m.now(), why: "nobody subscribed to the topic yet"}
	shared := &alone{to: to} // messages come while gaps are told
	defer func() { blind.end(m.now(), shared) }()
	again := false
	for {
		link, err := connectMQTT(ctx, m.options, m.session, !again, m.expiry, m.now, func(p *packets.Publish, came [2]time.Time) { m.give(p, came, shared) })
		switch refusal := new(mqttRefusal); {
		case ctx.Err() != nil:
			if err == nil {
				m.bye(link)
			}
			return nil
		case errors.As(err, &refusal) && refusal.final():
			return fmt.Errorf("receive over the %s: %w", m.at, err)
		case err == nil:
			kept := again && link.broker.SessionPresent
			if !kept {
				clear(m.acknowledged)
			}
			err := m.subscribe(ctx, link)
			switch refused := new(subscriptionRefused); {
			case errors.As(err, &refused):
				m.bye(link)
				return fmt.Errorf("receive over the %s: %w", m.at, err)
			case err == nil:
				again = true
				if kept && m.keeps {
					blind.forget()
				}
				blind.end(m.now(), shared)
				select {
				case <-link.done:
					blind.begin(link.alive(), "the connection to the broker was lost")
				case <-ctx.Done():
					m.bye(link)
					return nil
				}
			}
			link.leave(nil)
		}
		if !pause(ctx, m.retry) {
			return nil
		}
	}
}

// bye ends the subscription at the broker.
func (m *mqttOut) bye(link *mqttLink) {
	none := uint32(0)
	link.leave(&none)
}

// final reports a refusal that trying again does not mend.
func (r *mqttRefusal) final() bool {
	switch r.code {
	case packets.ConnackUnsupportedProtocolVersion, packets.ConnackInvalidClientID, packets.ConnackBadUsernameOrPassword, packets.ConnackNotAuthorized, packets.ConnackBanned:
		return true
	}
	return false
}

type subscriptionRefused struct {
	topic string
	code  byte
}

// Error implements error.
func (s *subscriptionRefused) Error() string {
	return fmt.Sprintf("the broker refuses the subscription of %s with 0x%02x", s.topic, s.code)
}

// subscribe asks for the topic; asking again changes nothing.
func (m *mqttOut) subscribe(ctx context.Context, link *mqttLink) error {
	ctx, cancel := context.WithTimeout(ctx, mqttLimit)
	defer cancel()
	request := &packets.Subscribe{
		Properties:    &packets.Properties{},
		Subscriptions: []packets.SubOptions{{Topic: m.options.topic, QoS: m.options.qos, RetainHandling: packets.RetainDoNotSend}},
	}
	answer := make(chan packets.ControlPacket, 1)
	if err := m.session.AddToSession(ctx, request, answer); err != nil {
		return err
	}
	if _, _, err := link.send(ctx, &packets.ControlPacket{FixedHeader: packets.FixedHeader{Type: packets.SUBSCRIBE, Flags: 2}, Content: request}); err != nil {
		return err
	}
	select {
	case packet := <-answer:
		ack, ok := packet.Content.(*packets.Suback)
		if !ok {
			return errors.New("the session ended before the subscription")
		}
		for _, code := range ack.Reasons {
			if code >= 0x80 {
				return &subscriptionRefused{topic: m.options.topic, code: code}
			}
		}
		return nil
	case <-link.done:
		return link.why
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give hands one message on, unless the broker sends it again because our acknowledgement was lost. Should the application write the same bytes
// under the same identifier twice, just when the connection is lost, the second counts as the first.
func (m *mqttOut) give(p *packets.Publish, came [2]time.Time, to Receiver) {
	if p.Retain {
		return // it was there before we subscribed
	}
	if p.QoS == 1 {
		what := maphash.Bytes(m.seed, append([]byte(p.Topic+"\x00"), p.Payload...))
		if before, ok := m.acknowledged[p.PacketID]; ok && p.Duplicate && before == what {
			return
		}
		m.acknowledged[p.PacketID] = what
	}
	to.Results([]Result{{Bytes: p.Payload, Site: m.site, Earliest: came[0], Latest: came[1]}})
}

// Close implements Out.
func (m *mqttOut) Close() error { return m.session.Close() }
