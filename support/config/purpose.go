package config

import (
	"slices"
	"strings"
)

// bugSwitches are the bugs that the emulator can be given (fixtures/emulator/pe); a test holds the two lists against each
// other.
var bugSwitches = []string{
	"never-notices",
	"notices-early",
	"notices-late",
	"drops-fragment",
	"doubles-fragment",
	"takes-over-half",
	"mute-after-restart",
	"reports-up-while-down",
	"loses-acknowledged-events",
	"serves-events-twice",
	"fails-over-on-slow-link",
	"forgets-replicas-on-restart",
	"corrupts-results",
	"takes-over-early",
	"merges-nothing-again",
	"merges-half-a-fragment",
	"hands-over-older-replica",
	"hands-over-anothers-content",
	"keeps-first-replica",
	"skips-snapshots",
	"drops-newest-at-takeover",
	"forgets-after-takeover",
	"forgets-after-return",
	"keeps-state",
	"leaks-memory",
	"reorders-events",
	"sends-no-snapshots",
	"restarts-after-down",
	"emits-down-twice",
	"counts-stand-still",
	"ghost-snapshots",
	"queues-heartbeats",
	"takes-over-in-peace",
	"stays-down",
	"never-announces",
	"spares-a-file",
	"hands-over-anyway",
	"announces-every-stop",
	"starts-script-twice",
	"serves-only-its-own",
	"freezes-status",
	"freezes-metrics",
	"idles-while-down",
	"takes-any-type",
	"restarts-after-return",
	"takes-over-again",
	"emits-up-twice",
	"heartbeats-while-down",
	"one-sided-contact",
	"listeners-outlive-job",
	"starts-slowly",
	"starts-script-again",
	"skips-heartbeats",
	"stops-serving", "refuses-foreign-events",
	"fails-over-on-lost-snapshot", "up-unheard", "idle-pairs",
	"stores-replicas-twice", "loses-checkpoints",
	"never-reconnects", "beats-with-storage", "deletes-unread-rows", "loses-a-row", "answers-unwritten", "hands-over-known", "hides-corruption",
	"catches-up-ticks", "clings-to-host",
}

// brokenSenses are the senses of our own that can be broken (support/scenario); a test holds the two lists against each other.
var brokenSenses = []string{
	"lying-indicator",
	"dropped-observations",
	"delayed-observations",
	"reordered-observations",
	"skewed-clock",
	"stepped-clock",
	"dead-heal",
	"stopped-traffic",
	"stopped-observers",
	"failing-canary",
	"short-fault",
	"one-way-partition",
	"heartbeat-only-partition",
	"late-start",
}

// BrokenSenses lists what CROSSDC_PROOF_SENSES may name.
func BrokenSenses() []string { return slices.Clone(brokenSenses) }

// purpose refuses what is broken on purpose by a name that does not exist, and keeps it away from data centers that are
// not ours.
func (k *checker) purpose(c *Config) {
	for _, list := range []struct {
		variable     string
		given, known []string
	}{
		{Prefix + "_EMULATOR_SWITCHES_DC1", c.Emulator.Switches.DC1, bugSwitches},
		{Prefix + "_EMULATOR_SWITCHES_DC2", c.Emulator.Switches.DC2, bugSwitches},
		{Prefix + "_PROOF_SENSES", c.Proof.Senses, brokenSenses},
	} {
		for _, name := range list.given {
			if !slices.Contains(list.known, name) {
				k.complain(list.variable, "%s: %q is not known; did you mean %s? allowed: %s", list.variable, name,
					nearest(name, list.known), strings.Join(list.known, ", "))
			}
		}
	}
	if !c.Kind().Emulated && len(c.Emulator.Switches.DC1)+len(c.Emulator.Switches.DC2)+len(c.Proof.Senses) > 0 {
		k.complain(Prefix+"_EMULATOR_SWITCHES_DC1", "%s_EMULATOR_SWITCHES_* and %s_PROOF_SENSES are for proving the suites against emulated data centers: unset them with %s_ENVIRONMENT=%s", Prefix, Prefix, Prefix, c.Environment)
	}
}
