package main

import (
	"fmt"
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
		r.Queue, r.NativeQueue, r.Errors = newQueue(), native, checksumErrors()
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
		out.Evidence = append(out.Evidence, fmt.Sprintf("the host counts %d wrong checksums more than before", checksumErrors()-r.Errors))
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

// checksumErrors are those that the kernel counts for TCP and UDP in this network namespace.
func checksumErrors() (sum uint64) {
	text, err := os.ReadFile("/proc/thread-self/net/snmp")
	if err != nil {
		return 0
	}
	var names []string
	for line := range strings.Lines(string(text)) { // a line of names, a line of values
		fields := strings.Fields(line)
		for i, f := range fields {
			if i < len(names) && names[0] == fields[0] && names[i] == "InCsumErrors" && (fields[0] == "Tcp:" || fields[0] == "Udp:") {
				n, _ := strconv.ParseUint(f, 10, 64) // a name, in a line of names
				sum += n
			}
		}
		names = fields
	}
	return sum
}
