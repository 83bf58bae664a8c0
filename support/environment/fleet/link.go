package fleet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Link is the network between two data centers whose hosts are reached. It implements fault.Link by the kernels of the hosts: a rule on the
// requests of one data center acts on the hosts that they go to, on the toolkit's ports alone, so that all else between the two goes on.
type Link struct {
	one, two *Fleet
	port     int // P
	pairs    int // W: P..P+W are the toolkit's
	holder   string

	mu      sync.Mutex
	rules   []*rule
	ended   []fault.EndedRule
	claimed []string // holders whose faults are ours to end
}

// rule is one that was armed.
type rule struct {
	fault.LinkRule
	hits []*hit
}

// NewLink knows the hosts on both sides and asks them nothing.
func NewLink(one, two *Fleet, port, pairs int, holder string) *Link {
	return &Link{one: one, two: two, port: port, pairs: pairs, holder: holder}
}

// ends are the data center that opens the connections of a direction, and the one that takes them.
func (l *Link) ends(direction string) (from, to *Fleet) {
	if direction == fault.ToDC1 {
		return l.two, l.one
	}
	return l.one, l.two
}

// ports of the toolkit that a rule covers.
func (l *Link) ports(which fault.Ports) (list []uint16) {
	if which != fault.SnapshotPorts {
		list = append(list, uint16(l.port))
	}
	for i := 1; i <= l.pairs && which != fault.HeartbeatPort; i++ {
		list = append(list, uint16(l.port+i))
	}
	return list
}

// CannotApply implements fault.Particular.
func (l *Link) CannotApply(r fault.LinkRule) string {
	for _, side := range []*Fleet{l.one, l.two} {
		if _, why := side.networks(); why != "" {
			return "the link cannot be cut: " + why
		}
	}
	if n := len(l.ports(r.Ports)); n > protocol.MaxPorts {
		return fmt.Sprintf("%d ports of the toolkit (CROSSDC_TOOLKIT_PAIRS) are more than the %d that one rule takes", n, protocol.MaxPorts)
	}
	var kinds []string
	switch r.Mode {
	case fault.Refuse, fault.Reset, fault.HangUp, fault.Blackhole, fault.Lossy, fault.Flapping:
		kinds = []string{"cut"}
		if r.Mode == fault.Flapping && min(r.Down, r.Up) < protocol.MinPhase {
			return fmt.Sprintf("a link that is down for %v and up for %v by turns is too fast for a host; both must be %v or more", r.Down, r.Up, protocol.MinPhase)
		}
	case fault.Reordering:
		kinds = []string{"delay"}
	case fault.Duplicating:
		kinds = []string{"duplicate"}
		for _, side := range []*Fleet{l.one, l.two} {
			if why := side.onlyIPv4("packets are duplicated"); why != "" {
				return why
			}
		}
	case fault.Corrupting:
		kinds = []string{"corrupt"}
	case fault.Delay, fault.Throttle:
		if r.Delay+r.Jitter > 0 {
			kinds = append(kinds, "delay")
		}
		if r.BytesPerSecond > 0 {
			kinds = append(kinds, l.narrowing(r.Ports))
		}
	default:
		return fmt.Sprintf("link mode %q is nothing that a kernel does and ends by itself", r.Mode)
	}
	for _, kind := range kinds {
		for _, side := range []*Fleet{l.one, l.two} {
			if why := side.Cannot(kind); why != "" {
				return why
			}
		}
	}
	return ""
}

// narrowing is how a rate is limited: on the toolkit's ports alone where the hosts can, else for all that leaves through an interface, if
// all ports are meant.
func (l *Link) narrowing(ports fault.Ports) string {
	if ports == fault.AllPorts && (l.one.Cannot("narrow") != "" || l.two.Cannot("narrow") != "") {
		return "rate"
	}
	return "narrow"
}

// orders are what a rule demands of which host.
func (l *Link) orders(ctx context.Context, r fault.LinkRule) ([]order, error) {
	if why := l.CannotApply(r); why != "" {
		return nil, fmt.Errorf("%w: %s", fault.ErrNotAvailable, why)
	}
	from, to := l.ends(r.Direction)
	peers, _ := from.networks()
	traffic := protocol.Traffic{Peers: peers, Ports: l.ports(r.Ports), At: protocol.OnHost}
	var list []order
	for _, m := range to.members {
		if cut := cutOf(r, traffic); cut != nil {
			list = append(list, order{m, protocol.Fault{For: r.Lifetime, Cut: cut}})
		}
		if disturbance := disturbanceOf(r, traffic); disturbance != nil {
			list = append(list, order{m, *disturbance})
			continue
		}
		if r.Delay+r.Jitter > 0 { // the rule's jitter is added to its delay, the agent's lies on both sides of it
			list = append(list, order{m, protocol.Fault{For: r.Lifetime, Delay: &protocol.Delay{Traffic: traffic, Delay: r.Delay + r.Jitter/2, Jitter: r.Jitter / 2}}})
		}
	}
	if r.BytesPerSecond > 0 || r.Mode == fault.Duplicating {
		there, _ := to.networks()
		outgoing := protocol.Traffic{Peers: there, Ports: l.ports(r.Ports), At: protocol.OnPeer, Direction: protocol.Outgoing}
		for _, m := range from.members {
			c, err := m.reached(ctx)
			if err != nil {
				return nil, err
			}
			_, device, err := m.applicationEnd(c.welcome)
			if err != nil {
				return nil, err
			}
			f := protocol.Fault{For: r.Lifetime}
			switch rate := uint64(r.BytesPerSecond); {
			case r.Mode == fault.Duplicating:
				f.Duplicate = &protocol.Duplicate{Traffic: outgoing, Share: r.Share}
			case l.narrowing(r.Ports) == "narrow":
				f.Narrow = &protocol.Narrow{Traffic: outgoing, Interface: device, BytesPerSecond: rate}
			default:
				f.Rate = &protocol.Rate{Interface: device, BytesPerSecond: rate}
			}
			list = append(list, order{m, f})
		}
	}
	return list, nil
}

// cutOf is what a mode does to packets; nil: nothing is lost.
func cutOf(r fault.LinkRule, traffic protocol.Traffic) *protocol.Cut {
	switch r.Mode {
	case fault.Refuse:
		return &protocol.Cut{Traffic: traffic, Verdict: protocol.Reject}
	case fault.Reset:
		return &protocol.Cut{Traffic: traffic, Verdict: protocol.Reject, Accepting: true}
	case fault.HangUp:
		return &protocol.Cut{Traffic: traffic, Verdict: protocol.Drop, Accepting: true}
	case fault.Blackhole:
		return &protocol.Cut{Traffic: traffic, Verdict: protocol.Drop}
	case fault.Lossy:
		return &protocol.Cut{Traffic: traffic, Verdict: protocol.Drop, Share: r.Lost}
	case fault.Flapping:
		return &protocol.Cut{Traffic: traffic, Verdict: protocol.Reject, Down: r.Down, Up: r.Up}
	}
	return nil
}

// disturbanceOf is what a mode does to single packets on the hosts that listen; nil: nothing.
func disturbanceOf(r fault.LinkRule, traffic protocol.Traffic) *protocol.Fault {
	switch r.Mode {
	case fault.Reordering:
		return &protocol.Fault{For: r.Lifetime, Delay: &protocol.Delay{Traffic: traffic, Delay: r.Delay, Share: r.Share}}
	case fault.Corrupting:
		traffic.Direction = protocol.Incoming
		return &protocol.Fault{For: r.Lifetime, Corrupt: &protocol.Corrupt{Traffic: traffic, Share: r.Share}}
	}
	return nil
}

// Apply implements fault.Link.
func (l *Link) Apply(ctx context.Context, r fault.LinkRule) error {
	armed, err := l.Arm(ctx, []fault.LinkRule{r})
	if err != nil {
		return err
	}
	return armed.Fire(ctx)
}

// Arm implements fault.Armable.
func (l *Link) Arm(ctx context.Context, rules []fault.LinkRule) (fault.Armed, error) {
	var all []order
	var ends []int
	for _, r := range rules {
		orders, err := l.orders(ctx, r)
		if err != nil {
			return nil, err
		}
		all = append(all, orders...)
		ends = append(ends, len(all))
	}
	hits, err := arm(ctx, all)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at := 0
	for i, r := range rules {
		l.rules = append(l.rules, &rule{r, hits[at:ends[i]]})
		at = ends[i]
	}
	return armed(hits), nil
}

type armed []*hit

// Fire implements fault.Armed.
func (a armed) Fire(ctx context.Context) error { return fire(ctx, a) }

// Clear implements fault.Link.
func (l *Link) Clear(ctx context.Context, direction string) error {
	for _, r := range l.on(direction) {
		healed, err := heal(ctx, r.hits)
		if err != nil {
			return err
		}
		l.over(r, healed)
	}
	claimed, err := l.foreign(ctx, direction, true)
	if err == nil {
		_, err = heal(ctx, claimed)
	}
	return err
}

func (l *Link) on(direction string) (list []*rule) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.rules {
		if r.Direction == direction {
			list = append(list, r)
		}
	}
	return list
}

// over takes a rule from the list and keeps how long it held on all hosts.
func (l *Link) over(r *rule, healed []protocol.Healed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rules = slices.DeleteFunc(l.rules, func(other *rule) bool { return other == r })
	ended := fault.EndedRule{Direction: r.Direction, Ports: r.Ports, Mode: r.Mode, Lasted: -1}
	for i, h := range r.hits {
		fired := h.acted()
		if fired.DoneNs == 0 {
			return // it never acted
		}
		lasted := time.Duration(fired.DeadlineNs - fired.DoneNs)
		switch healed[i].Was {
		case protocol.PhaseActive:
			lasted = min(lasted, time.Duration(healed[i].DoneNs-fired.DoneNs))
			ended.Expired = ended.Expired || healed[i].CalledNs >= fired.DeadlineNs // the kernel was first
		case protocol.PhaseLost:
			lasted, ended.Expired = 0, true // somebody else removed it, nobody knows when
		default:
			ended.Expired = true
		}
		if ended.Lasted < 0 || lasted < ended.Lasted {
			ended.Lasted = lasted
		}
	}
	l.ended = append(l.ended, ended)
}

// foreign are faults of the link that hosts on this direction hold and that we did not arm: of holders whose faults are ours to end, or of anybody.
func (l *Link) foreign(ctx context.Context, direction string, claimedOnly bool) ([]*hit, error) {
	from, to := l.ends(direction)
	l.mu.Lock()
	claimed := slices.Clone(l.claimed)
	own := map[string]bool{}
	for _, r := range l.rules {
		for _, h := range r.hits {
			own[h.id] = true
		}
	}
	l.mu.Unlock()
	var list []*hit
	add := func(side *Fleet, holder string, kinds ...string) error {
		hits, err := side.left(ctx, holder, kinds...)
		for _, h := range hits {
			if !own[h.id] {
				list = append(list, h)
			}
		}
		return err
	}
	holders := []string{""}
	if claimedOnly {
		holders = claimed
	}
	for _, holder := range holders {
		if err := add(to, holder, "cut", "delay", "corrupt"); err != nil {
			return nil, err
		}
		if err := add(from, holder, "rate", "narrow", "duplicate"); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Rules implements fault.Link.
func (l *Link) Rules(ctx context.Context) ([]fault.LinkRule, error) {
	var list []fault.LinkRule
	for _, direction := range fault.Directions() {
		for _, r := range l.on(direction) {
			acts, left, err := inForce(ctx, r.hits)
			if err != nil {
				return nil, err
			}
			if acts {
				now := r.LinkRule
				now.Lifetime = left
				list = append(list, now)
			}
		}
		foreign, err := l.foreign(ctx, direction, false)
		if err != nil {
			return nil, err
		}
		for _, h := range foreign {
			acts, left, err := inForce(ctx, []*hit{h})
			if err != nil {
				return nil, err
			}
			if acts {
				list = append(list, fault.LinkRule{Direction: direction, Ports: fault.AllPorts, Mode: modeOf(h.fault), Lifetime: left})
			}
		}
	}
	return list, nil
}

// modeOf is what a fault that somebody else armed does to the link, as far as its kind tells.
func modeOf(f protocol.Fault) fault.Mode {
	switch {
	case f.Delay != nil:
		return fault.Delay
	case f.Corrupt != nil:
		return fault.Corrupting
	case f.Duplicate != nil:
		return fault.Duplicating
	case f.Rate != nil || f.Narrow != nil:
		return fault.Throttle
	}
	return fault.Blackhole
}

// inForce says whether any of them acts now, and for how long at most.
func inForce(ctx context.Context, hits []*hit) (acts bool, left time.Duration, err error) {
	reports := make([]protocol.Report, len(hits))
	err = together(len(hits), func(i int) (err error) {
		reports[i], _, err = hits[i].report(ctx)
		return err
	})
	for _, r := range reports {
		if r.Phase == protocol.PhaseActive {
			acts, left = true, max(left, time.Duration(r.DeadlineNs-r.NowNs))
		}
	}
	return acts, left, err
}

// Ended implements fault.Reporter.
func (l *Link) Ended(context.Context) ([]fault.EndedRule, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ended), nil
}

// Felt implements fault.Counter: every host must have counted packets that its rule hit.
func (l *Link) Felt(ctx context.Context, direction string) (string, error) {
	var texts []string
	for _, r := range l.on(direction) {
		for _, h := range r.hits {
			report, over, err := h.report(ctx)
			switch {
			case err != nil:
				return "", err
			case over || report.Phase == protocol.PhaseLost:
				return "", fmt.Errorf("host %s: somebody else removed the %s", h.on.host.Address, h.fault.Kind())
			}
			texts = append(texts, fmt.Sprintf("host %s: %s", h.on.host.Address, strings.Join(report.Evidence, ", ")))
			// A probe meets what hits every packet of a host that is the only one; of several, or of a share, it may meet none.
			certain := h.fault.Delay != nil && h.fault.Delay.Share == 0 || h.fault.Cut != nil && h.fault.Cut.Share == 0
			if report.Packets == 0 && certain && len(r.hits) == 1 {
				return "", fmt.Errorf("the kernel of host %s counts no packet that the %s hit", h.on.host.Address, h.fault.Kind())
			}
		}
	}
	return strings.Join(texts, "; "), nil
}

// Holder implements fault.Held.
func (l *Link) Holder() string { return l.holder }

// Claim implements fault.Held.
func (l *Link) Claim(holder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.claimed, holder) {
		l.claimed = append(l.claimed, holder)
	}
}
