package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// cut loses packets by rules that drop or reject them; the kernel ends it.
var cut = kind{
	name:       "cut",
	kernelEnds: true,
	try: func() (string, error) {
		sample := &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{"192.0.2.1", "2001:db8::/32"}, Ports: []uint16{9}}, Verdict: protocol.Reject, Share: 0.5}
		rules, err := cutRules(sample)
		if err != nil {
			return "", err
		}
		return "nft element with timeout", elsewhere(func() error { return install("crossdc_trial", sample.Ports, rules, time.Second, 0) })
	},
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		if err := h.spare(r.Fault.Cut.Traffic); err != nil {
			return nil, "", err
		}
		rules, err := cutRules(r.Fault.Cut)
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeInvalid, Text: err.Error()}
		}
		steps := transaction(r.mark(), r.Fault.Cut.Ports, rules, r.Fault.For, r.Fault.Cut.Down)
		if r.Fault.Cut.Down > 0 {
			steps = append(steps, fmt.Sprintf("fill set %s for %v again, each time %v after it ran empty", downSet, r.Fault.Cut.Down, r.Fault.Cut.Up))
		}
		return steps, "nft element with timeout", nil
	},
	act: func(r *record) error {
		rules, err := cutRules(r.Fault.Cut)
		if err != nil {
			return err
		}
		return install(r.mark(), r.Fault.Cut.Ports, rules, until(r.Deadline), r.Fault.Cut.Down)
	},
	during: flap,
	heal:   removeTable,
	report: reportTable,
	owns:   ownsTable,
}

func cutRules(c *protocol.Cut) ([]match, error) {
	chance, draw := share(c.Share)
	if c.Down > 0 {
		chance, draw = strings.TrimSpace("meta nfproto @"+downSet+" "+chance), append([]expr.Any{&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1}, &expr.Lookup{SourceRegister: 1, SetName: downSet}}, draw...)
	}
	drop := []expr.Any{&expr.Counter{}, &expr.Verdict{Kind: expr.VerdictDrop}}
	var rules []match
	add := func(text string, end []expr.Any, transports ...transport) error {
		selected, err := matches(c.Traffic, transports...)
		for _, m := range selected {
			rules = append(rules, m.and(chance, draw...).and("counter "+text, end...))
		}
		return err
	}
	if c.Accepting {
		if c.Verdict == protocol.Reject {
			return rules, add("reject with tcp reset", reset(), tcpAccepted)
		}
		return rules, add("drop", drop, tcpAccepted)
	}
	if c.Verdict != protocol.Reject {
		var transports []transport
		if len(c.Ports) > 0 {
			transports = []transport{tcp, udp}
		}
		return rules, add("drop", drop, transports...)
	}
	unreachable := []expr.Any{&expr.Counter{}, &expr.Reject{Type: unix.NFT_REJECT_ICMPX_UNREACH, Code: unix.NFT_REJECT_ICMPX_PORT_UNREACH}}
	if err := add("reject with tcp reset", reset(), tcpAlive); err != nil {
		return nil, err
	}
	if err := add("reject with icmpx port-unreachable", unreachable, udp); err != nil || len(c.Ports) > 0 {
		return rules, err
	}
	return rules, add("drop", drop, echoes...)
}

func reset() []expr.Any {
	return []expr.Any{&expr.Counter{}, &expr.Reject{Type: unix.NFT_REJECT_TCP_RST}}
}

// removeTable keeps the counters in the record: they go with the table.
func removeTable(r *record) error {
	packets, bytes, exists, _, err := counted(r.mark())
	if err == nil && exists {
		r.Packets, r.Bytes = packets, bytes
	}
	return remove(r.mark())
}

func reportTable(r *record, out *protocol.Report) error {
	packets, bytes, exists, alive, err := counted(r.mark())
	if err != nil {
		return err
	}
	switch {
	case exists:
		r.Packets, r.Bytes = packets, bytes
		if !alive {
			out.Phase = protocol.PhaseEnded // by the kernel; its keeper will take the table away
		}
	case until(r.Deadline) > 0:
		out.Phase = protocol.PhaseLost
	default:
		out.Phase = protocol.PhaseEnded
	}
	out.Packets, out.Bytes, out.Bites = r.Packets, r.Bytes, r.Packets > 0
	out.Evidence = append(out.Evidence, fmt.Sprintf("%d packets hit, %d bytes", r.Packets, r.Bytes))
	return nil
}

func ownsTable(r *record, t trace) bool { return t.Kind == tableTrace && t.Of == r.mark() }
