package declared

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/support/fault"
)

// Targets as files name them; the data centers of a run may have any names.
const (
	First  = "dc1"
	Second = "dc2"
)

// orderlyShutdown is the kind of fault that announces itself.
const orderlyShutdown = "orderly-shutdown"

// aims are the kinds of faults that have a target, and whether they need one; the others strike the whole link, or nothing.
var aims = []string{"crash", "kill-pe", "hang", "hang-application", "stop-service", "cancel-job", "stop-instance", "restart-pe", "lose-storage", "fill-storage", "deny-storage", "stall-storage", "hang-storage", "corrupt-replica", "stop-database", "hold-database", "clock-step", orderlyShutdown, "one-way", "drop"}

// keyed are the keys that a kind of fault reads besides fault, target, after and for.
var keyed = map[string][]string{
	"stall-storage": {"fragment"}, "corrupt-replica": {"fragment", "corruption"}, "partition": {"mode"}, "one-way": {"mode"}, "block": {"mode", "ports"}, "degrade": {"delay", "jitter", "bytes_per_second"}, "lose": {"lost"}, "flap": {"down", "up"}, "reorder": {"share", "delay"}, "duplicate": {"share"}, "corrupt": {"share"}, "clock-step": {"back"},
}

// planned are the kinds that can end by themselves at a planned time.
var planned = []string{"partition", "one-way", "drop", "block", "degrade", "lose", "flap", "reorder", "duplicate", "corrupt", "hang", "hang-application"}

func kinds() (names []string) {
	for _, kind := range fault.Kinds() {
		names = append(names, kind.Name)
	}
	return names
}

func corruptions() (names []string) {
	for _, c := range fault.Corruptions() {
		names = append(names, string(c))
	}
	return names
}

// given are the keys of a fault that have a value.
func (f Fault) given() (keys []string) {
	for _, k := range []struct {
		name string
		is   bool
	}{
		{"mode", f.Mode != ""}, {"ports", f.Ports != ""}, {"delay", !f.Delay.IsZero()}, {"jitter", !f.Jitter.IsZero()}, {"bytes_per_second", f.BytesPerSecond != 0},
		{"fragment", f.Fragment != 0}, {"corruption", f.Corruption != ""}, {"lost", f.Lost != 0}, {"share", f.Share != 0}, {"down", !f.Down.IsZero()}, {"up", !f.Up.IsZero()}, {"back", !f.Back.IsZero()},
	} {
		if k.is {
			keys = append(keys, k.name)
		}
	}
	return keys
}

func (s *Scenario) checkFault(i int) (problems []error) {
	f := s.Faults[i]
	add := func(key, format string, values ...any) {
		problems = append(problems, s.wrong(fmt.Sprintf("faults/%d/%s", i, key), format, values...))
	}
	if !slices.Contains(kinds(), f.Kind) {
		add("fault", "%q; want one of %s", f.Kind, strings.Join(kinds(), ", "))
		return problems
	}
	switch aimed := slices.Contains(aims, f.Kind); {
	case aimed && f.Target != First && f.Target != Second:
		add("target", "%q; want dc1 or dc2", f.Target)
	case !aimed && f.Target != "":
		add("target", "%q; %s strikes the whole link: leave it out", f.Target, f.Kind)
	}
	for _, key := range f.given() {
		if !slices.Contains(keyed[f.Kind], key) {
			add(key, "%s does not read it; it reads %s", f.Kind, strings.Join(append([]string{"fault", "target", "measured", "after", "for"}, keyed[f.Kind]...), ", "))
		}
	}
	if modes := []string{"", string(fault.Refuse), string(fault.Reset), string(fault.HangUp), string(fault.Blackhole)}; !slices.Contains(modes, f.Mode) {
		add("mode", "%q; want one of %s", f.Mode, strings.Join(modes[1:], ", "))
	}
	if f.Kind == "block" && f.Ports != string(fault.HeartbeatPort) && f.Ports != string(fault.SnapshotPorts) {
		add("ports", "%q; want %s or %s", f.Ports, fault.HeartbeatPort, fault.SnapshotPorts)
	}
	if f.BytesPerSecond < 0 {
		add("bytes_per_second", "%d; want 0 (no limit) or more", f.BytesPerSecond)
	}
	if f.Kind == "degrade" && f.Delay.IsZero() && f.Jitter.IsZero() && f.BytesPerSecond == 0 {
		add("delay", "none; degrade needs delay, jitter or bytes_per_second")
	}
	if f.Kind == "lose" && !(f.Lost > 0 && f.Lost < 1) {
		add("lost", "%v; want a share of the packets above 0 and below 1", f.Lost)
	}
	if fault.Mode(f.Kind).OfPackets() && !(f.Share > 0 && f.Share <= 1) {
		add("share", "%v; want a share of the packets above 0, up to 1", f.Share)
	}
	if f.Kind == string(fault.Reordering) && f.Delay.IsZero() {
		add("delay", "none; reorder needs how long a packet is held back")
	}
	if f.Corruption != "" && !slices.Contains(corruptions(), f.Corruption) {
		add("corruption", "%q; want one of %s", f.Corruption, strings.Join(corruptions(), ", "))
	}
	if f.Fragment < 0 {
		add("fragment", "%d; want the index of a channel, from 0", f.Fragment)
	}
	if f.Kind == "flap" && (f.Down.IsZero() || f.Up.IsZero()) {
		add("down", "flap needs down and up, both above 0")
	}
	if f.Kind == "clock-step" && f.Back.IsZero() {
		add("back", "none; clock-step needs by how much the clock is set back")
	}
	if !f.For.IsZero() && !slices.Contains(planned, f.Kind) {
		add("for", "%s has no planned end; those that have one: %s", f.Kind, strings.Join(planned, ", "))
	}
	if f.For.IsZero() && s.document.Has(fmt.Sprintf("faults/%d/for", i)) {
		add("for", "%s; a fault that lasts no time is none: want more than 0, or leave it out", f.For)
	}
	if i == 0 && !f.After.IsZero() {
		add("after", "the first fault comes when both data centers are steady: leave it out")
	}
	return problems
}

// Make makes the fault for a run: names are the run's data centers by dc1 and dc2, interval is I in toolkit time, and wall turns
// toolkit time into wall time.
func (f Fault) Make(names map[string]string, interval time.Duration, wall func(time.Duration) time.Duration) (fault.Fault, error) {
	length := func(l Length) time.Duration { return wall(l.Of(interval)) }
	p := fault.Parameters{
		DC: names[f.Target], From: names[f.Target], Mode: fault.Mode(f.Mode), Ports: fault.Ports(f.Ports), Delay: length(f.Delay), Jitter: length(f.Jitter),
		BytesPerSecond: f.BytesPerSecond, Down: length(f.Down), Up: length(f.Up), Fragment: f.Fragment, Corruption: fault.Corruption(f.Corruption), Step: -length(f.Back), Lost: f.Lost, Share: f.Share, Handshake: length(Length{Time: time.Second}), Retransmit: length(Length{Time: 200 * time.Millisecond}),
	}
	made, err := fault.Make(f.Kind, p)
	if err == nil && !f.For.IsZero() {
		made = made.For(length(f.For))
	}
	return made, err
}
