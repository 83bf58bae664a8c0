package adapter

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session/state"
)

// mqttLimit bounds what has no limit of its own: connecting, and writing an acknowledgement.
const mqttLimit = 10 * time.Second

// mqttLink is one connection to a broker. It is made of paho's packets, session and pinger; paho's client would not say how many bytes of a
// message left us, nor when one came.
type mqttLink struct {
	net.Conn
	session *state.State
	pinger  *paho.DefaultPinger
	from    *bufio.Reader
	watch   watch
	came    [2]time.Time     // when what was read last arrived: earliest and latest
	broker  *packets.Connack // what the broker said at the beginning
	writing sync.Mutex
	parts   bytes.Buffer // of the packet that the session writes; guarded by writing

	wait   sync.WaitGroup
	cancel context.CancelFunc
	done   chan struct{} // closed when the connection has ended
	why    error         // what ended it; valid once done is closed
}

// mqttRefusal is the broker's answer to a connection that it does not want.
type mqttRefusal struct {
	code   byte
	reason string
}

// Error implements error.
func (r *mqttRefusal) Error() string {
	return fmt.Sprintf("the broker refuses the connection with 0x%02x: %s", r.code, r.reason)
}

// connectMQTT connects and proves who we are. Messages are given one at a time, until done is closed; a nil give takes none.
func connectMQTT(ctx context.Context, o mqttOptions, session *state.State, cleanStart bool, expiry uint32, now func() time.Time, give func(*packets.Publish, [2]time.Time)) (*mqttLink, error) {
	ctx, cancel := context.WithTimeout(ctx, mqttLimit)
	defer cancel()
	conn, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	l := &mqttLink{Conn: conn, session: session, pinger: paho.NewDefaultPinger(), watch: watch{now: now}, done: make(chan struct{})}
	l.from = bufio.NewReaderSize(stamping{l}, 64<<10)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = l.greet(o, cleanStart, expiry)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return nil, err
	}
	running, end := context.WithCancel(context.Background())
	l.cancel = end
	keepAlive := o.keepAlive
	if p := l.broker.Properties; p != nil && p.ServerKeepAlive != nil {
		keepAlive = *p.ServerKeepAlive
	}
	l.wait.Go(func() {
		if err := l.pinger.Run(running, l, keepAlive); err != nil {
			_ = conn.Close() // the reader notices
		}
	})
	l.wait.Go(func() {
		l.why = l.read(give)
		end()
		_ = conn.Close()
		_ = session.ConnectionLost(nil)
		close(l.done)
	})
	return l, nil
}

// greet exchanges CONNECT and CONNACK.
func (l *mqttLink) greet(o mqttOptions, cleanStart bool, expiry uint32) error {
	largest := uint32(maxLine)
	hello := &packets.Connect{
		ProtocolName: "MQTT", ProtocolVersion: 5, ClientID: o.clientID, KeepAlive: o.keepAlive, CleanStart: cleanStart,
		Properties: &packets.Properties{MaximumPacketSize: &largest, SessionExpiryInterval: &expiry},
	}
	if o.user != "" {
		hello.UsernameFlag, hello.Username = true, o.user
	}
	if !o.password.IsZero() {
		hello.PasswordFlag, hello.Password = true, []byte(o.password.Reveal())
	}
	if _, err := hello.WriteTo(l.Conn); err != nil {
		return err
	}
	answer, err := packets.ReadPacket(l.from)
	if err != nil {
		return fmt.Errorf("read the broker's answer to the connection: %w", err)
	}
	ack, ok := answer.Content.(*packets.Connack)
	switch {
	case !ok:
		return fmt.Errorf("the broker answers %s to a connection: is it MQTT 5?", answer.PacketType())
	case ack.ReasonCode >= 0x80:
		return &mqttRefusal{code: ack.ReasonCode, reason: ack.Reason()}
	}
	l.broker = ack
	return l.session.ConAckReceived(l, hello, ack)
}

// read handles what the broker sends until the connection ends, and says what ended it.
func (l *mqttLink) read(give func(*packets.Publish, [2]time.Time)) error {
	fresh := make(chan *packets.Publish, 1)
	for {
		packet, err := packets.ReadPacket(l.from)
		if err != nil {
			return err
		}
		l.pinger.PacketReceived()
		switch content := packet.Content.(type) {
		case *packets.Publish:
			if content.QoS > 0 {
				if err := l.session.PacketReceived(packet, fresh); err != nil {
					return err
				}
				select {
				case content = <-fresh:
				default:
					continue // the session knows it from before
				}
			}
			if give != nil {
				give(content, l.came)
			}
			if content.QoS > 0 {
				if err := l.session.Ack(content); err != nil {
					return err
				}
			}
		case *packets.Puback, *packets.Pubrec, *packets.Pubrel, *packets.Pubcomp, *packets.Suback:
			if err := l.session.PacketReceived(packet, nil); err != nil {
				return err
			}
		case *packets.Pingresp:
			l.pinger.PingResp()
		case *packets.Disconnect:
			return fmt.Errorf("the broker ends the connection with 0x%02x: %s", content.ReasonCode, content.Reason())
		default:
			return fmt.Errorf("the broker sends %s, which has no place here", packet.PacketType())
		}
	}
}

// ended reports whether the connection is gone.
func (l *mqttLink) ended() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// alive is when the broker was last heard of, for a connection that has ended.
func (l *mqttLink) alive() time.Time { return l.came[1] }

// send writes one packet whole, or says how many of its bytes were handed to the operating system. After an error the connection is useless.
func (l *mqttLink) send(ctx context.Context, packet *packets.ControlPacket) (n, size int, err error) {
	var wire bytes.Buffer
	if _, err := packet.WriteTo(&wire); err != nil {
		return 0, 0, err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	deadline, _ := ctx.Deadline() // the zero time is none
	if err := l.SetWriteDeadline(deadline); err != nil {
		return 0, wire.Len(), err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.SetWriteDeadline(time.Unix(1, 0)) })
	n, err = l.Conn.Write(wire.Bytes())
	stop()
	if err != nil {
		_ = l.Conn.Close()
		return n, wire.Len(), err
	}
	l.pinger.PacketSent()
	return n, wire.Len(), nil
}

// Lock begins a packet of the session or the pinger, which write one in parts. With Unlock it implements sync.Locker, which paho looks for.
func (l *mqttLink) Lock() { l.writing.Lock() }

// Write takes a part of a packet.
func (l *mqttLink) Write(part []byte) (int, error) { return l.parts.Write(part) }

// Unlock writes the packet.
func (l *mqttLink) Unlock() {
	defer l.writing.Unlock()
	err := l.SetWriteDeadline(time.Now().Add(mqttLimit))
	if err == nil {
		_, err = l.Conn.Write(l.parts.Bytes())
	}
	l.parts.Reset()
	if err != nil {
		_ = l.Conn.Close() // the reader notices
		return
	}
	l.pinger.PacketSent()
}

// leave tells the broker that we go, with how long it shall keep our session in seconds (nil: as agreed), and joins what was started.
func (l *mqttLink) leave(expiry *uint32) {
	if !l.ended() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, _, _ = l.send(ctx, &packets.ControlPacket{
			FixedHeader: packets.FixedHeader{Type: packets.DISCONNECT}, Content: &packets.Disconnect{Properties: &packets.Properties{SessionExpiryInterval: expiry}},
		})
		cancel()
	}
	_ = l.Conn.Close()
	l.wait.Wait()
}

// stamping reads from a link's connection and notes when what it read arrived.
type stamping struct{ l *mqttLink }

// Read implements io.Reader.
func (s stamping) Read(p []byte) (int, error) {
	s.l.watch.begin()
	n, err := s.l.Conn.Read(p)
	s.l.came[0], s.l.came[1] = s.l.watch.end(n == len(p))
	return n, err
}
