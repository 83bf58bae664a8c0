package main

import (
	"fmt"
	"slices"

	"github.com/vishvananda/netlink"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// rateHandle marks our queue: an administrator's tc would hardly choose it.
const rateHandle = 0xcdc0 << 16

// rate limits an interface by a token bucket in place of its default queue.
var rate = kind{
	name: "rate",
	try: func() (string, error) {
		return "tbf", elsewhere(func() error {
			lo, err := netlink.LinkByName("lo")
			if err != nil {
				return err
			}
			return netlink.QdiscAdd(bucket(lo, 1<<20))
		})
	},
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		f := r.Fault.Rate
		link, refused := freeDevice("rate", f.Interface)
		if refused != nil {
			return nil, "", refused
		}
		for _, e := range h.management {
			address, err := e.Addr()
			if err != nil {
				return nil, "", &protocol.Error{Code: protocol.CodeForbidden, Text: err.Error()}
			}
			routes, err := netlink.RouteGet(address.AsSlice())
			if err != nil || slices.ContainsFunc(routes, func(r netlink.Route) bool { return r.LinkIndex == link.Attrs().Index }) {
				return nil, "", &protocol.Error{Code: protocol.CodeForbidden, Text: fmt.Sprintf("%s leads to the management path %s (%v)", f.Interface, e.Address, err),
					Remedy: "name the interface of the application network"}
			}
		}
		return []string{fmt.Sprintf("tc qdisc add dev %s root handle cdc0: tbf rate %dbps burst %d", f.Interface, f.BytesPerSecond, burst(f.BytesPerSecond))}, "tbf", nil
	},
	act: func(r *record) error {
		link, err := netlink.LinkByName(r.Fault.Rate.Interface)
		if err != nil {
			return err
		}
		if root := notDefault(link); root != "" {
			return fmt.Errorf("%s has a queue that somebody configured meanwhile: %s", r.Fault.Rate.Interface, root)
		}
		return netlink.QdiscAdd(bucket(link, r.Fault.Rate.BytesPerSecond))
	},
	heal: func(r *record) error {
		q, err := ourBucket(r)
		if err != nil || q == nil {
			return nil // the interface or the queue is gone
		}
		return netlink.QdiscDel(q)
	},
	report: func(r *record, out *protocol.Report) error {
		q, err := ourBucket(r)
		if err != nil {
			return err
		}
		if q == nil {
			out.Phase = protocol.PhaseLost
			return nil
		}
		if s := q.Attrs().Statistics; s != nil && s.Basic != nil && s.Queue != nil {
			// Overlimits count the packets that had to wait for a token.
			out.Packets, out.Bytes = uint64(s.Queue.Overlimits), s.Basic.Bytes
			out.Bites = s.Queue.Overlimits > 0
			out.Evidence = append(out.Evidence, fmt.Sprintf("%d packets passed, %d had to wait, %d dropped", s.Basic.Packets, s.Queue.Overlimits, s.Queue.Drops))
		}
		return nil
	},
	owns: func(r *record, t trace) bool { return ownsQueue(r.Fault.Rate.Interface, t) },
}

// burst is what passes at once, in bytes: 10 ms worth, and some full packets of a virtual link (64 KB each) as long as that is
// less than 4 s worth: the kernel counts it in nanoseconds, in 32 bits.
func burst(bytesPerSecond uint64) uint32 {
	return uint32(min(max(bytesPerSecond/100, 128<<10), 4*bytesPerSecond, 64<<20))
}

func bucket(link netlink.Link, bytesPerSecond uint64) *netlink.Tbf {
	return &netlink.Tbf{
		QdiscAttrs: netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: rateHandle, Parent: netlink.HANDLE_ROOT},
		Rate:       bytesPerSecond, Buffer: netlink.Xmittime(bytesPerSecond, burst(bytesPerSecond)), Limit: burst(bytesPerSecond) * 4,
	}
}

// freeDevice is the interface, which must have its default queue.
func freeDevice(kind, name string) (netlink.Link, *protocol.Error) {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, &protocol.Error{Code: protocol.CodeInvalid, Text: fmt.Sprintf("%s.interface is %q: %v", kind, name, err)}
	}
	if root := notDefault(link); root != "" {
		return nil, &protocol.Error{Code: protocol.CodeUnavailable, Text: name + " has a queue that somebody configured: " + root,
			Remedy: "remove it, or limit the link elsewhere"}
	}
	return link, nil
}

func ownsQueue(device string, t trace) bool { return t.Kind == queueTrace && t.Of == device }

// notDefault describes a root queue that the kernel did not choose by itself; those have the handle 0.
func notDefault(link netlink.Link) string {
	list, err := netlink.QdiscList(link)
	if err != nil {
		return err.Error()
	}
	for _, q := range list {
		if q.Attrs().Parent == netlink.HANDLE_ROOT && q.Attrs().Handle != 0 {
			return q.Type() + " " + netlink.HandleStr(q.Attrs().Handle)
		}
	}
	return ""
}

func ourBucket(r *record) (netlink.Qdisc, error) { return ourQueue(r.Fault.Rate.Interface, "tbf") }

// ourQueue is the queue with our mark; nil: there is none.
func ourQueue(device, kind string) (netlink.Qdisc, error) {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return nil, err
	}
	list, err := netlink.QdiscList(link)
	for _, q := range list {
		if q.Attrs().Handle == rateHandle && q.Type() == kind {
			return q, nil
		}
	}
	return nil, err
}
