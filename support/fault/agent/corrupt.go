package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// corrupt hands incoming packets to a queue whose keeper flips a bit behind the header of IP. The kernel then trusts no checksum that was
// verified before, so that the transport throws the packet away and counts it, as after a bit error on the wire.
var corrupt = kind{
	name:       "corrupt",
	kernelEnds: true,
	try: func() (string, error) {
		way, _, err := queueWay()
		return way, err
	},
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		c := r.Fault.Corrupt
		if err := h.spare(c.Traffic); err != nil {
			return nil, "", err
		}
		way, native, err := queueWay()
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeUnavailable, Text: err.Error()}
		}
		before, err := checksumErrors()
		if err != nil { // what the queue itself counts is evidence enough
			before = unknownErrors
		}
		r.Queue, r.NativeQueue, r.Errors = newQueue(), native, before
		rules, err := queueRules(r, c.Traffic, c.Share, true)
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeInvalid, Text: err.Error()}
		}
		steps := transaction(r.mark(), c.Ports, rules, r.Fault.For, 0)
		return append(steps, fmt.Sprintf("flip a bit in each packet of queue %d", r.Queue)), way, nil
	},
	serve: func(r *record) (func() error, error) {
		q, err := openPackets(r.Queue, flipped)
		if err != nil {
			return nil, err
		}
		return q.close, nil
	},
	act: func(r *record) error {
		c := r.Fault.Corrupt
		rules, err := queueRules(r, c.Traffic, c.Share, true)
		if err != nil {
			return err
		}
		return install(r.mark(), c.Ports, rules, until(r.Deadline), 0)
	},
	heal: removeTable,
	report: func(r *record, out *protocol.Report) error {
		if err := reportTable(r, out); err != nil {
			return err
		}
		out.Evidence = append(out.Evidence, moreErrors(r.Errors))
		return nil
	},
	owns: ownsTable,
}

// flipped is the packet with one bit flipped that its transport protects; nil: there is none.
func flipped(packet []byte) []byte {
	from := headerLength(packet)
	if from == 0 || len(packet) <= from {
		return nil
	}
	at := from + rand.N(len(packet)-from)
	packet[at] ^= 1 << rand.N(8)
	return packet
}

// headerLength is that of IP, without extensions of IPv6; 0 where it cannot be told.
func headerLength(packet []byte) int {
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4:
		return int(packet[0]&15) * 4
	case len(packet) >= 40 && packet[0]>>4 == 6:
		return 40
	}
	return 0
}

// unknownErrors stands for a count of wrong checksums that could not be read.
const unknownErrors = math.MaxUint64

// moreErrors says by how much the count of wrong checksums grew.
func moreErrors(before uint64) string {
	now, err := checksumErrors()
	switch {
	case err != nil:
		return "the host does not say how many wrong checksums it counts: " + err.Error()
	case before == unknownErrors || now < before:
		return fmt.Sprintf("the host counts %d wrong checksums; how many it counted before is not known", now)
	}
	return fmt.Sprintf("the host counts %d wrong checksums more than before", now-before)
}

// checksumErrors are those that the kernel counts for TCP and UDP in this network namespace.
func checksumErrors() (sum uint64, err error) {
	text, err := os.ReadFile("/proc/thread-self/net/snmp")
	if err != nil {
		return 0, fmt.Errorf("count wrong checksums: %w", err)
	}
	found := false
	var names []string
	for line := range strings.Lines(string(text)) { // a line of names, a line of values
		fields := strings.Fields(line)
		for i, f := range fields {
			if i < len(names) && names[0] == fields[0] && names[i] == "InCsumErrors" && (fields[0] == "Tcp:" || fields[0] == "Udp:") {
				n, err := strconv.ParseUint(f, 10, 64)
				if err != nil {
					return 0, fmt.Errorf("count wrong checksums: InCsumErrors of %s %w", fields[0], err)
				}
				sum, found = sum+n, true
			}
		}
		names = fields
	}
	if !found {
		return 0, errors.New("count wrong checksums: this kernel counts none")
	}
	return sum, nil
}
