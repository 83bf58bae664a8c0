package main

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// narrowClass is the class of our queue into which the rules of a narrow send its packets.
const narrowClass = rateHandle | 1

// narrow limits some traffic by a class of htb in place of the interface's default queue. Rules send its packets there by their priority; what
// has none passes as before. The rules end with their element: from then on nothing is limited, and the keeper takes the queue away.
var narrow = kind{
	name:       "narrow",
	kernelEnds: true,
	try: func() (string, error) {
		sample := &protocol.Narrow{Traffic: protocol.Traffic{Peers: []string{"192.0.2.1"}, Ports: []uint16{9}, Direction: protocol.Outgoing}}
		rules, err := narrowRules(sample)
		if err != nil {
			return "", err
		}
		return "htb, by the priority that nft rules give", elsewhere(func() error {
			lo, err := netlink.LinkByName("lo")
			if err != nil {
				return err
			}
			return errors.Join(addClass(lo, 1<<20), install("crossdc_trial", sample.Ports, rules, 1e9, 0))
		})
	},
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		n := r.Fault.Narrow
		if err := h.spare(n.Traffic); err != nil {
			return nil, "", err
		}
		if _, refused := freeDevice("narrow", n.Interface); refused != nil {
			return nil, "", refused
		}
		rules, err := narrowRules(n)
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeInvalid, Text: err.Error()}
		}
		return append([]string{
			fmt.Sprintf("tc qdisc add dev %s root handle cdc0: htb", n.Interface),
			fmt.Sprintf("tc class add dev %s parent cdc0: classid cdc0:1 htb rate %dbps burst %d", n.Interface, n.BytesPerSecond, burst(n.BytesPerSecond)),
		}, transaction(r.mark(), n.Ports, rules, r.Fault.For, 0)...), "htb", nil
	},
	act: func(r *record) error {
		n := r.Fault.Narrow
		link, err := netlink.LinkByName(n.Interface)
		if err != nil {
			return err
		}
		if root := notDefault(link); root != "" {
			return fmt.Errorf("%s has a queue that somebody configured meanwhile: %s", n.Interface, root)
		}
		if err := addClass(link, n.BytesPerSecond); err != nil {
			return err
		}
		rules, err := narrowRules(n)
		if err != nil {
			return err
		}
		return install(r.mark(), n.Ports, rules, until(r.Deadline), 0)
	},
	heal: func(r *record) error {
		err := removeTable(r)
		q, gone := ourQueue(r.Fault.Narrow.Interface, "htb")
		if gone == nil && q != nil {
			err = errors.Join(err, netlink.QdiscDel(q))
		}
		return err // an interface or a queue that is gone needs nothing
	},
	report: func(r *record, out *protocol.Report) error {
		if err := reportTable(r, out); err != nil {
			return err
		}
		q, err := ourQueue(r.Fault.Narrow.Interface, "htb")
		if err != nil {
			return err
		}
		if q == nil && out.Phase == protocol.PhaseActive {
			out.Phase, out.Bites = protocol.PhaseLost, false
			return nil
		}
		if q != nil {
			if s := q.Attrs().Statistics; s != nil && s.Queue != nil {
				out.Evidence = append(out.Evidence, fmt.Sprintf("the queue held packets back %d times and dropped %d", s.Queue.Overlimits, s.Queue.Drops))
			}
		}
		return nil
	},
	owns: func(r *record, t trace) bool {
		return ownsTable(r, t) || ownsQueue(r.Fault.Narrow.Interface, t)
	},
}

func narrowRules(n *protocol.Narrow) ([]match, error) {
	selected, err := matches(n.Traffic, tcp, udp)
	var rules []match
	for _, m := range selected {
		rules = append(rules, m.and("counter meta priority set cdc0:1", &expr.Counter{},
			&expr.Immediate{Register: 1, Data: binary.NativeEndian.AppendUint32(nil, narrowClass)},
			&expr.Meta{Key: expr.MetaKeyPRIORITY, Register: 1, SourceRegister: true}))
	}
	return rules, err
}

// addClass puts our queue with its class in place of the default one.
func addClass(link netlink.Link, bytesPerSecond uint64) error {
	index := link.Attrs().Index
	root := netlink.NewHtb(netlink.QdiscAttrs{LinkIndex: index, Handle: rateHandle, Parent: netlink.HANDLE_ROOT})
	if err := netlink.QdiscAdd(root); err != nil {
		return fmt.Errorf("add htb to %s: %w", link.Attrs().Name, err)
	}
	b := burst(bytesPerSecond)
	class := netlink.NewHtbClass(netlink.ClassAttrs{LinkIndex: index, Parent: rateHandle, Handle: narrowClass},
		netlink.HtbClassAttrs{Rate: 8 * bytesPerSecond, Buffer: b, Cbuffer: b})
	if err := netlink.ClassAdd(class); err != nil {
		return errors.Join(fmt.Errorf("add a class to htb of %s: %w", link.Attrs().Name, err), netlink.QdiscDel(root))
	}
	return nil
}
