package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// duplicate hands outgoing packets to a queue whose keeper sends a copy of each. Copies carry a mark, by which the kernel counts them and
// does not queue them again.
var duplicate = kind{
	name:       "duplicate",
	kernelEnds: true,
	try: func() (string, error) {
		way, _, err := queueWay()
		if err == nil {
			var s *sender
			if s, err = openSender(1); err == nil {
				err = s.close()
			}
		}
		return way + ", copies by a raw socket", err
	},
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		d := r.Fault.Duplicate
		if err := h.spare(d.Traffic); err != nil {
			return nil, "", err
		}
		way, native, err := queueWay()
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeUnavailable, Text: err.Error()}
		}
		r.Queue, r.NativeQueue = newQueue(), native
		rules, err := duplicateRules(r)
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeInvalid, Text: err.Error()}
		}
		steps := transaction(r.mark(), d.Ports, rules, r.Fault.For, 0)
		return append(steps, fmt.Sprintf("send each packet of queue %d once more, with mark %#x", r.Queue, copyMark(r))), way, nil
	},
	serve: func(r *record) (func() error, error) {
		s, err := openSender(copyMark(r))
		if err != nil {
			return nil, err
		}
		q, err := openPackets(r.Queue, s.again)
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		return func() error { return errors.Join(q.close(), s.close()) }, nil
	},
	act: func(r *record) error {
		rules, err := duplicateRules(r)
		if err != nil {
			return err
		}
		return install(r.mark(), r.Fault.Duplicate.Ports, rules, until(r.Deadline), 0)
	},
	heal:   removeTable,
	report: reportTable,
	owns:   ownsTable,
}

// copyMark is the mark of the copies.
func copyMark(r *record) uint32 { return 0xcdc0<<16 | uint32(r.Queue) }

// duplicateRules count copies, and queue what is none.
func duplicateRules(r *record) ([]match, error) {
	d := r.Fault.Duplicate
	var transports []transport
	if len(d.Ports) > 0 {
		transports = []transport{tcp, udp}
	}
	selected, err := matches(d.Traffic, transports...)
	if err != nil {
		return nil, err
	}
	mark := func(op expr.CmpOp) []expr.Any {
		return []expr.Any{&expr.Meta{Key: expr.MetaKeyMARK, Register: 1},
			&expr.Cmp{Register: 1, Op: op, Data: binary.NativeEndian.AppendUint32(nil, copyMark(r))}}
	}
	var rules []match
	for _, m := range selected {
		rules = append(rules, m.and(fmt.Sprintf("meta mark %#x", copyMark(r)), mark(expr.CmpOpEq)...).
			and("counter accept", &expr.Counter{}, &expr.Verdict{Kind: expr.VerdictAccept}))
	}
	queued, err := queueRules(r, d.Traffic, d.Share, false, mark(expr.CmpOpNeq)...)
	return append(rules, queued...), err
}

// sender sends packets of IPv4 as they are.
type sender struct {
	mu sync.Mutex
	fd int
}

func openSender(mark uint32) (*sender, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_RAW)
	if err != nil {
		return nil, fmt.Errorf("open a raw socket: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, int(mark)); err != nil {
		return nil, errors.Join(fmt.Errorf("mark what a raw socket sends: %w", err), unix.Close(fd))
	}
	return &sender{fd: fd}, nil
}

func (s *sender) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return unix.Close(s.fd)
}

// again sends a copy and leaves the packet as it is. A copy that cannot be sent is not counted either.
func (s *sender) again(packet []byte) []byte {
	if len(packet) >= 20 && packet[0]>>4 == 4 {
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = unix.Sendto(s.fd, packet, 0, &unix.SockaddrInet4{Addr: [4]byte(packet[16:20])})
	}
	return nil
}
