package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// delay hands packets to a queue that its keeper serves: it holds each for its time. The rule's element ends with the deadline,
// and a queue that nobody serves any more lets packets pass.
var delay = kind{
	name:       "delay",
	kernelEnds: true,
	try: func() (string, error) {
		way, _, err := queueWay()
		return way, err
	},
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		if err := h.spare(r.Fault.Delay.Traffic); err != nil {
			return nil, "", err
		}
		way, native, err := queueWay()
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeUnavailable, Text: err.Error()}
		}
		r.Queue, r.NativeQueue = newQueue(), native
		rules, err := delayRules(r)
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeInvalid, Text: err.Error()}
		}
		steps := transaction(r.mark(), r.Fault.Delay.Ports, rules, r.Fault.For, 0)
		return append(steps, fmt.Sprintf("hold each packet of queue %d for %v +- %v", r.Queue, r.Fault.Delay.Delay, r.Fault.Delay.Jitter)), way, nil
	},
	serve: func(r *record) (func() error, error) {
		d := r.Fault.Delay
		q, err := openQueue(r.Queue, func() time.Duration {
			if d.Jitter == 0 {
				return d.Delay
			}
			return d.Delay - d.Jitter + rand.N(2*d.Jitter+1)
		})
		if err != nil {
			return nil, err
		}
		return q.close, nil
	},
	act: func(r *record) error {
		rules, err := delayRules(r)
		if err != nil {
			return err
		}
		return install(r.mark(), r.Fault.Delay.Ports, rules, until(r.Deadline), 0)
	},
	heal:   removeTable,
	report: reportTable,
	owns:   ownsTable,
}

// queueWay finds out which of the kernel's two ways to its packet queues exists here, and that the queues themselves do.
func queueWay() (way string, native bool, err error) {
	sample := &record{Fault: protocol.Fault{Delay: &protocol.Delay{Traffic: protocol.Traffic{Peers: []string{"192.0.2.1"}}}}, Queue: 1}
	try := func() error {
		rules, err := delayRules(sample)
		if err != nil {
			return err
		}
		return elsewhere(func() error {
			q, err := openQueue(1, func() time.Duration { return 0 })
			if err != nil {
				return err
			}
			defer q.close()
			return install("crossdc_trial", nil, rules, time.Second, 0)
		})
	}
	sample.NativeQueue = true
	if try() == nil {
		return "nft queue with bypass", true, nil
	}
	sample.NativeQueue = false
	return "NFQUEUE with bypass through nft_compat", false, try()
}

func delayRules(r *record) ([]match, error) {
	return queueRules(r, r.Fault.Delay.Traffic, r.Fault.Delay.Share, true)
}

// newQueue is a number that hardly anybody has. Whoever has it already makes the keeper fail, and with it arming.
func newQueue() uint16 { return uint16(1024 + bootNow()/int64(time.Millisecond)%64000) }

// queueRules hand a share of the traffic to the queue of the record.
func queueRules(r *record, traffic protocol.Traffic, s float64, count bool, but ...expr.Any) ([]match, error) {
	var transports []transport
	if len(traffic.Ports) > 0 {
		transports = []transport{tcp, udp}
	}
	selected, err := matches(traffic, transports...)
	if err != nil {
		return nil, err
	}
	text, hand := fmt.Sprintf("queue num %d bypass", r.Queue), queueStatement(r)
	if count {
		text, hand = "counter "+text, append([]expr.Any{&expr.Counter{}}, hand...)
	}
	chance, draw := share(s)
	var rules []match
	for _, m := range selected {
		rules = append(rules, m.and("", but...).and(chance, draw...).and(text, hand...))
	}
	return rules, nil
}

func queueStatement(r *record) []expr.Any {
	if r.NativeQueue {
		return []expr.Any{&expr.Queue{Num: r.Queue, Total: 1, Flag: expr.QueueFlagBypass}}
	}
	// struct xt_NFQ_info_v3: number, how many, flags (1: bypass), filled up to 8 bytes.
	info := xt.Unknown(binary.NativeEndian.AppendUint16(nil, r.Queue))
	info = append(binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(info, 1), 1), 0, 0)
	return []expr.Any{&expr.Target{Name: "NFQUEUE", Rev: 3, Info: &info}}
}
