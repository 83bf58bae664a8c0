package adapter

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

type kafkaIn struct {
	at        string
	client    *kgo.Client
	partition int32 // negative: the key decides
	writes    *produceWrites
	taken     Outcome // of an event that the client says is through
}

// produceWrites counts the produce requests that left us, whole or in part, and keeps why no connection was made.
type produceWrites struct {
	n       atomic.Int64
	trouble atomic.Pointer[error] // of the last attempt to connect; nil: it succeeded
}

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (p *produceWrites) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err == nil {
		p.trouble.Store(nil)
		return
	}
	p.trouble.Store(&err)
}

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (p *produceWrites) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == int16(kmsg.Produce) {
		p.n.Add(1)
	}
}

func openKafkaIn(_ context.Context, o Opening) (In, error) {
	options, err := kafkaOptions(o.Values)
	if err != nil {
		return nil, err
	}
	in := &kafkaIn{at: o.at(WayIn, "kafka"), partition: -1, writes: new(produceWrites), taken: Acknowledged}
	more, err := in.produceOptions(o.Values)
	if err != nil {
		return nil, err
	}
	options = append(options, more...)
	if in.client, err = kgo.NewClient(options...); err != nil {
		return nil, err
	}
	return in, nil
}

// produceOptions are how events are produced.
func (k *kafkaIn) produceOptions(v Values) ([]kgo.Opt, error) {
	options := []kgo.Opt{kgo.DefaultProduceTopic(v["topic"]), kgo.WithHooks(k.writes)}
	acks := kgo.AllISRAcks()
	switch v["acks"] {
	case "leader":
		acks = kgo.LeaderAck()
	case "none":
		acks, k.taken = kgo.NoAck(), Sent
	}
	options = append(options, kgo.RequiredAcks(acks))
	if acks != kgo.AllISRAcks() {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.RecordRetries(0))
	}
	if v["partition"] != "" {
		k.partition = int32(v.number("partition"))
		options = append(options, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	}
	return options, nil
}

// settling collects the outcomes of one Send. Promises may come after the Send has given up.
type settling struct {
	mu       sync.Mutex
	outcomes []Outcome
	left     int
	err      error // the first
	done     chan struct{}
}

func (s *settling) settle(i int, outcome Outcome, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes[i] = outcome
	if s.err == nil {
		s.err = err
	}
	if s.left--; s.left == 0 {
		close(s.done)
	}
}

// Send implements In. Where every replica acknowledges, the client repeats a request whose answer was lost under the same sequence number, which the
// broker stores once. An event
// that failed is refused only if no produce request left us meanwhile; else it is unknown, because an earlier try may have arrived.
func (k *kafkaIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	if len(events) == 0 {
		return nil, nil
	}
	s := &settling{outcomes: every(len(events), Unknown), left: len(events), done: make(chan struct{})}
	before := k.writes.n.Load()
	// The client is to give up a little earlier than we: only it can say that an event never left.
	sending := ctx
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		var cancel context.CancelFunc
		sending, cancel = context.WithTimeout(ctx, left-min(left/10, 200*time.Millisecond))
		defer cancel()
	}
	for i, e := range events {
		// A record may outlive this call in the client, and the caller's bytes do not.
		record := &kgo.Record{Key: bytes.Clone(e.Key), Value: bytes.Clone(e.Body), Partition: max(k.partition, 0)}
		k.client.Produce(sending, record, func(_ *kgo.Record, err error) {
			switch {
			case err == nil:
				s.settle(i, k.taken, nil)
			case k.writes.n.Load() == before:
				s.settle(i, Refused, err)
			default:
				s.settle(i, Unknown, err)
			}
		})
	}
	var ended error
	select {
	case <-s.done:
	case <-ctx.Done():
		ended = ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.err
	if err == nil && s.left > 0 {
		err = ended
	}
	if err != nil {
		if trouble := k.writes.trouble.Load(); trouble != nil {
			err = fmt.Errorf("%w: %w", err, *trouble)
		}
		err = fmt.Errorf("send over the %s: %w", k.at, err)
	}
	return append([]Outcome(nil), s.outcomes...), err
}

// Close implements In.
func (k *kafkaIn) Close() error {
	k.client.Close()
	return nil
}
