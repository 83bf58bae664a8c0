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
	queuePayload       = 10

	queueBind     = 1
	queueCopyMeta = 1 // what is in the packets is none of our business
	queueCopyAll  = 2 // but for faults that change or repeat them
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
	each   func(packet []byte) []byte // instead of delay: sees each packet, and says what goes on in its place; nil: it as it is

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

// openQueue takes the number, which must be free, and holds each packet for its delay until close.
func openQueue(number uint16, delay func() time.Duration) (*packetQueue, error) {
	return serveQueue(&packetQueue{number: number, delay: delay})
}

// openPackets takes the number likewise, and lets each packet be seen, changed or not, from the header of IP on.
func openPackets(number uint16, each func(packet []byte) []byte) (*packetQueue, error) {
	return serveQueue(&packetQueue{number: number, each: each})
}

func serveQueue(q *packetQueue) (*packetQueue, error) {
	conn, err := netlink.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return nil, err
	}
	number := q.number
	q.conn, q.over, q.wakeup = conn, make(chan struct{}), make(chan struct{}, 1)
	params := []byte{0, 0, 0, 0, queueCopyMeta}
	if q.each != nil {
		params = []byte{0, 0, 0xff, 0xff, queueCopyAll}
	}
	// A burst that the socket cannot take shows as a full queue; it is no error of ours.
	err = errors.Join(conn.SetOption(netlink.NoENOBUFS, true), conn.SetReadBuffer(8<<20),
		q.configure(netlink.Attribute{Type: queueConfigCommand, Data: []byte{queueBind, 0, 0, 0}}))
	if err == nil {
		err = errors.Join(
			q.configure(netlink.Attribute{Type: queueConfigParams, Data: params}),
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
		q.accept(p.id, nil)
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

// accept lets a packet go on, with other content where there is any.
func (q *packetQueue) accept(id uint32, instead []byte) {
	verdict := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, queueAccept), id)
	attributes := []netlink.Attribute{{Type: queueVerdictHeader, Data: verdict}}
	if instead != nil {
		attributes = append(attributes, netlink.Attribute{Type: queuePayload, Data: instead})
	}
	if m, err := q.message(queueMessageVerdict, attributes...); err == nil {
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
			id, packet, is := packetOf(m)
			switch {
			case is && q.each != nil:
				q.accept(id, q.each(packet))
			case is:
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

// packetOf is the kernel's number of a packet, and its content where that is copied.
func packetOf(m netlink.Message) (id uint32, packet []byte, is bool) {
	if m.Header.Type != netlink.HeaderType(unix.NFNL_SUBSYS_QUEUE<<8|queueMessagePacket) || len(m.Data) < 4 {
		return 0, nil, false
	}
	attributes, err := netlink.NewAttributeDecoder(m.Data[4:])
	if err != nil {
		return 0, nil, false
	}
	for attributes.Next() {
		switch data := attributes.Bytes(); attributes.Type() {
		case queuePacketHeader:
			if len(data) >= 4 {
				id, is = binary.BigEndian.Uint32(data), true
			}
		case queuePayload:
			packet = data
		}
	}
	return id, packet, is
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
			q.accept(heap.Pop(&q.held).(heldPacket).id, nil)
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
