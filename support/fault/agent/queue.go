package main

import (
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Messages and attributes of linux/netfilter/nfnetlink_queue.h.
const (
	queueMessagePacket  = 0
	queueMessageVerdict = 1
	queueMessageConfig  = 2

	queueConfigCommand = 1
	queueConfigParams  = 2
	queueConfigLength  = 3
	queueConfigMask    = 4
	queueConfigFlags   = 5

	queuePacketHeader  = 1
	queueVerdictHeader = 2

	queueBind     = 1
	queueCopyMeta = 1 // what is in the packets is none of our business
	queueFailOpen = 1 // a full queue lets packets pass
	queueAccept   = 1

	// queueLength is how many packets may be held at once.
	queueLength = 65536
)

// packetQueue holds the packets that the kernel hands over under one number, each for a time of its own, and lets them go.
type packetQueue struct {
	conn   *netlink.Conn
	number uint16
	delay  func() time.Duration

	both   sync.WaitGroup
	over   chan struct{}
	wakeup chan struct{}

	mu   sync.Mutex
	held heldPackets
}

type heldPacket struct {
	id  uint32
	due time.Time
}

type heldPackets []heldPacket

func (h heldPackets) Len() int           { return len(h) }
func (h heldPackets) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h heldPackets) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heldPackets) Push(x any)        { *h = append(*h, x.(heldPacket)) }
func (h *heldPackets) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// openQueue takes the number, which must be free, and serves it until close.
func openQueue(number uint16, delay func() time.Duration) (*packetQueue, error) {
	conn, err := netlink.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return nil, err
	}
	q := &packetQueue{conn: conn, number: number, delay: delay, over: make(chan struct{}), wakeup: make(chan struct{}, 1)}
	// A burst that the socket cannot take shows as a full queue; it is no error of ours.
	err = errors.Join(conn.SetOption(netlink.NoENOBUFS, true), conn.SetReadBuffer(8<<20),
		q.configure(netlink.Attribute{Type: queueConfigCommand, Data: []byte{queueBind, 0, 0, 0}}))
	if err == nil {
		err = errors.Join(
			q.configure(netlink.Attribute{Type: queueConfigParams, Data: []byte{0, 0, 0, 0, queueCopyMeta}}),
			q.configure(netlink.Attribute{Type: queueConfigLength, Data: binary.BigEndian.AppendUint32(nil, queueLength)}),
			q.configure(netlink.Attribute{Type: queueConfigMask, Data: binary.BigEndian.AppendUint32(nil, queueFailOpen)},
				netlink.Attribute{Type: queueConfigFlags, Data: binary.BigEndian.AppendUint32(nil, queueFailOpen)}))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the kernel's packet queue %d: %w", number, err), conn.Close())
	}
	q.both.Go(q.receive)
	q.both.Go(q.release)
	return q, nil
}

// close lets go of every packet at once and joins the goroutines. Without it the kernel would drop them.
func (q *packetQueue) close() error {
	close(q.over)
	err := q.conn.SetReadDeadline(time.Now())
	q.both.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range q.held {
		q.accept(p.id)
	}
	return errors.Join(err, q.conn.Close())
}

func (q *packetQueue) message(kind uint16, attributes ...netlink.Attribute) (netlink.Message, error) {
	data, err := netlink.MarshalAttributes(attributes)
	header := binary.BigEndian.AppendUint16([]byte{unix.AF_UNSPEC, 0}, q.number)
	return netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(unix.NFNL_SUBSYS_QUEUE<<8 | kind), Flags: netlink.Request},
		Data:   append(header, data...),
	}, err
}

func (q *packetQueue) configure(attributes ...netlink.Attribute) error {
	m, err := q.message(queueMessageConfig, attributes...)
	if err != nil {
		return err
	}
	m.Header.Flags |= netlink.Acknowledge
	_, err = q.conn.Execute(m)
	return err
}

func (q *packetQueue) accept(id uint32) {
	verdict := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, queueAccept), id)
	if m, err := q.message(queueMessageVerdict, netlink.Attribute{Type: queueVerdictHeader, Data: verdict}); err == nil {
		_, _ = q.conn.Send(m) // a packet whose interface went away is nobody's any more
	}
}

func (q *packetQueue) receive() {
	for {
		messages, err := q.conn.Receive()
		select {
		case <-q.over:
		default:
			if err != nil {
				continue // one packet that could not be told; the next one may
			}
		}
		now := time.Now()
		q.mu.Lock()
		for _, m := range messages {
			if id, is := packetID(m); is {
				heap.Push(&q.held, heldPacket{id, now.Add(q.delay())})
			}
		}
		q.mu.Unlock()
		select {
		case q.wakeup <- struct{}{}:
		default:
		}
		select {
		case <-q.over:
			return
		default:
		}
	}
}

func packetID(m netlink.Message) (uint32, bool) {
	if m.Header.Type != netlink.HeaderType(unix.NFNL_SUBSYS_QUEUE<<8|queueMessagePacket) || len(m.Data) < 4 {
		return 0, false
	}
	attributes, err := netlink.NewAttributeDecoder(m.Data[4:])
	if err != nil {
		return 0, false
	}
	for attributes.Next() {
		if attributes.Type() == queuePacketHeader && len(attributes.Bytes()) >= 4 {
			return binary.BigEndian.Uint32(attributes.Bytes()), true
		}
	}
	return 0, false
}

func (q *packetQueue) release() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := time.Hour
		q.mu.Lock()
		for len(q.held) > 0 {
			if wait = time.Until(q.held[0].due); wait > 0 {
				break
			}
			q.accept(heap.Pop(&q.held).(heldPacket).id)
			wait = time.Hour
		}
		q.mu.Unlock()
		timer.Reset(wait)
		select {
		case <-q.over:
			return
		case <-q.wakeup:
		case <-timer.C:
		}
	}
}
