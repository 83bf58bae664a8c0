package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// A fault of packets is one nftables table of its own, in one transaction:
//
//	set live    the families, as elements with a timeout: every rule asks it first, so that all of them end at once
//	set ports   if ports were named
//	incoming, outgoing: one chain each, a rule for each peer, with a counter
//
// The kernel removes the elements at the deadline, whoever is alive.
const (
	liveSet  = "live"
	downSet  = "down" // likewise, in a table that cuts now and then: for as long as it cuts
	portsSet = "ports"
	incoming = "incoming"
	outgoing = "outgoing"
)

// priority comes before connection tracking (-200) and before what any firewall does.
var priority = nftables.ChainPriority(-310)

// match is one rule up to its counter; text is how nft would write it.
type match struct {
	chain string
	text  string
	exprs []expr.Any
}

// matches selects the traffic; each of transports gives a rule of its own (none: whatever the peer sends).
func matches(t protocol.Traffic, transports ...transport) ([]match, error) {
	prefixes, err := t.Prefixes()
	if err != nil {
		return nil, err
	}
	if len(transports) == 0 {
		transports = []transport{{}}
	}
	var all []match
	for _, chain := range []string{incoming, outgoing} {
		if chain == incoming && t.Direction == protocol.Outgoing || chain == outgoing && t.Direction == protocol.Incoming {
			continue
		}
		for _, prefix := range prefixes {
			peer := peerMatch(chain, prefix)
			for _, tr := range transports {
				if tr.family != 0 && tr.family != family(prefix) {
					continue
				}
				if len(t.Ports) == 0 || tr.portless {
					all = append(all, peer.and(tr.text, tr.exprs...))
					continue
				}
				for offset, name := range []string{"sport", "dport"} {
					if !portCounts(t.At, chain, name) {
						continue
					}
					all = append(all, peer.and(tr.text, tr.exprs...).and(name+" @"+portsSet,
						&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: uint32(2 * offset), Len: 2},
						&expr.Lookup{SourceRegister: 1, SetName: portsSet}))
				}
			}
		}
	}
	return all, nil
}

// portCounts says whether a packet's port of that name is on the end that is meant: the target host's own is where incoming
// packets go to and outgoing ones come from.
func portCounts(at protocol.End, chain, name string) bool {
	own := (chain == incoming) == (name == "dport")
	switch at {
	case protocol.OnHost:
		return own
	case protocol.OnPeer:
		return !own
	}
	return true
}

func (m match) and(text string, exprs ...expr.Any) match {
	if text != "" {
		m.text += " " + text
	}
	m.exprs = append(append([]expr.Any{}, m.exprs...), exprs...)
	return m
}

func family(p netip.Prefix) byte {
	if p.Addr().Is4() {
		return unix.NFPROTO_IPV4
	}
	return unix.NFPROTO_IPV6
}

func peerMatch(chain string, prefix netip.Prefix) match {
	address := prefix.Addr().AsSlice()
	size, name := uint32(len(address)), "ip"
	offset := uint32(12)
	if size == 16 {
		name, offset = "ip6", 8
	}
	field := " saddr "
	if chain == outgoing {
		offset += size
		field = " daddr "
	}
	exprs := []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Lookup{SourceRegister: 1, SetName: liveSet},
		&expr.Cmp{Register: 1, Op: expr.CmpOpEq, Data: []byte{family(prefix)}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: size},
	}
	if prefix.Bits() < len(address)*8 {
		mask := make([]byte, size)
		for bit := range prefix.Bits() {
			mask[bit/8] |= 0x80 >> (bit % 8)
		}
		exprs = append(exprs, &expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: size, Mask: mask, Xor: make([]byte, size)})
	}
	exprs = append(exprs, &expr.Cmp{Register: 1, Op: expr.CmpOpEq, Data: address})
	return match{chain, "meta nfproto @" + liveSet + " " + name + field + prefix.String(), exprs}
}

// transport narrows a rule to a protocol above IP.
type transport struct {
	text     string
	exprs    []expr.Any
	family   byte // 0: both
	portless bool
}

func above(number byte) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Register: 1, Op: expr.CmpOpEq, Data: []byte{number}},
	}
}

var (
	tcp = transport{text: "tcp", exprs: above(unix.IPPROTO_TCP)}
	udp = transport{text: "udp", exprs: above(unix.IPPROTO_UDP)}
	// tcpAlive leaves resets out: those that a reject answers must get through.
	tcpAlive = transport{text: "tcp flags & rst == 0", exprs: without(4)}
	// tcpAccepted leaves out resets, and what opens a connection.
	tcpAccepted = transport{text: "tcp flags & (syn | rst) == 0", exprs: without(4 | 2)}
)

// without matches packets of TCP in which none of the flags is set.
func without(flags byte) []expr.Any {
	return append(above(unix.IPPROTO_TCP),
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{flags}, Xor: []byte{0}},
		&expr.Cmp{Register: 1, Op: expr.CmpOpEq, Data: []byte{0}})
}

func echo(text string, fam, number, kind byte) transport {
	return transport{text: text, family: fam, portless: true, exprs: append(above(number),
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 0, Len: 1},
		&expr.Cmp{Register: 1, Op: expr.CmpOpEq, Data: []byte{kind}})}
}

var echoes = []transport{
	echo("icmp type echo-request", unix.NFPROTO_IPV4, unix.IPPROTO_ICMP, 8), echo("icmp type echo-reply", unix.NFPROTO_IPV4, unix.IPPROTO_ICMP, 0),
	echo("icmpv6 type echo-request", unix.NFPROTO_IPV6, unix.IPPROTO_ICMPV6, 128), echo("icmpv6 type echo-reply", unix.NFPROTO_IPV6, unix.IPPROTO_ICMPV6, 129),
}

// share lets a rule hit that share of the packets, drawn at random by the kernel.
func share(s float64) (string, []expr.Any) {
	if s == 0 || s == 1 {
		return "", nil
	}
	const parts = 1_000_000
	limit := max(1, uint32(s*parts))
	return fmt.Sprintf("numgen random mod %d < %d", parts, limit), []expr.Any{
		&expr.Numgen{Register: 1, Modulus: parts, Type: unix.NFT_NG_RANDOM},
		&expr.Byteorder{SourceRegister: 1, DestRegister: 1, Op: expr.ByteorderHton, Len: 4, Size: 4},
		&expr.Cmp{Register: 1, Op: expr.CmpOpLt, Data: binary.BigEndian.AppendUint32(nil, limit)},
	}
}

func connect() (*nftables.Conn, error) {
	return nftables.New(nftables.WithSockOptions(func(c *netlink.Conn) error {
		// A transaction of many rules is one message, and each rule is acknowledged.
		return errors.Join(c.SetWriteBuffer(4<<20), c.SetReadBuffer(4<<20))
	}))
}

// families are elements that the kernel removes after left.
func families(left time.Duration) []nftables.SetElement {
	left = (left + time.Millisecond - 1).Truncate(time.Millisecond) // the kernel is told milliseconds
	return []nftables.SetElement{{Key: []byte{unix.NFPROTO_IPV4}, Timeout: left}, {Key: []byte{unix.NFPROTO_IPV6}, Timeout: left}}
}

// install adds the table in one transaction that lasts for left. With down it also has the set of that name, filled for so long.
func install(name string, ports []uint16, rules []match, left, down time.Duration) error {
	conn, err := connect()
	if err != nil {
		return err
	}
	table := conn.CreateTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: name})
	live := &nftables.Set{Table: table, Name: liveSet, KeyType: nftables.TypeNFProto, HasTimeout: true}
	if err := conn.AddSet(live, families(left)); err != nil {
		return err
	}
	if down > 0 {
		if err := conn.AddSet(&nftables.Set{Table: table, Name: downSet, KeyType: nftables.TypeNFProto, HasTimeout: true}, families(min(down, left))); err != nil {
			return err
		}
	}
	if len(ports) > 0 {
		var list []nftables.SetElement
		for _, p := range ports {
			list = append(list, nftables.SetElement{Key: binaryutil.BigEndian.PutUint16(p)})
		}
		if err := conn.AddSet(&nftables.Set{Table: table, Name: portsSet, KeyType: nftables.TypeInetService}, list); err != nil {
			return err
		}
	}
	chains := map[string]*nftables.Chain{
		incoming: {Name: incoming, Table: table, Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookInput, Priority: &priority},
		outgoing: {Name: outgoing, Table: table, Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookOutput, Priority: &priority},
	}
	for _, c := range chains {
		conn.AddChain(c)
	}
	for _, r := range rules {
		conn.AddRule(&nftables.Rule{Table: table, Chain: chains[r.chain], Exprs: r.exprs})
	}
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("add the nftables table %s with %d rules: %w", name, len(rules), err)
	}
	return nil
}

// transaction in the words of nft, for a dry run.
func transaction(name string, ports []uint16, rules []match, left, down time.Duration) []string {
	lines := []string{
		"add table inet " + name,
		fmt.Sprintf("add set inet %s %s { type nf_proto; flags timeout; elements = { ipv4 timeout %v, ipv6 timeout %v } }", name, liveSet, left, left),
	}
	if down > 0 {
		lines = append(lines, fmt.Sprintf("add set inet %s %s { type nf_proto; flags timeout; elements = { ipv4 timeout %v, ipv6 timeout %v } }", name, downSet, down, down))
	}
	if len(ports) > 0 {
		lines = append(lines, fmt.Sprintf("add set inet %s %s { type inet_service; elements = { %s } }", name, portsSet,
			strings.Trim(strings.ReplaceAll(fmt.Sprint(ports), " ", ", "), "[]")))
	}
	lines = append(lines,
		fmt.Sprintf("add chain inet %s %s { type filter hook input priority %d; }", name, incoming, priority),
		fmt.Sprintf("add chain inet %s %s { type filter hook output priority %d; }", name, outgoing, priority))
	for _, r := range rules {
		lines = append(lines, fmt.Sprintf("add rule inet %s %s %s", name, r.chain, r.text))
	}
	return lines
}

// counted sums the counters of the table and says whether it exists and how many elements are alive.
func counted(name string) (packets, bytes uint64, exists, alive bool, err error) {
	conn, err := connect()
	if err != nil {
		return 0, 0, false, false, err
	}
	tables, err := conn.ListTablesOfFamily(nftables.TableFamilyINet)
	if err != nil {
		return 0, 0, false, false, fmt.Errorf("list nftables: %w", err)
	}
	for _, table := range tables {
		if table.Name != name {
			continue
		}
		elements, err := conn.GetSetElements(&nftables.Set{Table: table, Name: liveSet})
		if err != nil {
			return 0, 0, true, false, fmt.Errorf("list set %s of table %s: %w", liveSet, name, err)
		}
		for _, chain := range []string{incoming, outgoing} {
			rules, err := conn.GetRules(table, &nftables.Chain{Name: chain, Table: table})
			if err != nil {
				return 0, 0, true, false, fmt.Errorf("read the counters of table %s: %w", name, err)
			}
			for _, r := range rules {
				for _, e := range r.Exprs {
					if c, is := e.(*expr.Counter); is {
						packets += c.Packets
						bytes += c.Bytes
					}
				}
			}
		}
		return packets, bytes, true, len(elements) > 0, nil
	}
	return 0, 0, false, false, nil
}

// remove deletes the table; without one there is nothing to do.
func remove(name string) error {
	conn, err := connect()
	if err != nil {
		return err
	}
	conn.DelTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: name})
	if err := conn.Flush(); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("delete the nftables table %s: %w", name, err)
	}
	return nil
}
