package main

import "slices"

// proof is one bug and the spec that must catch it.
type proof struct {
	bug   string // bug switch of the emulator, or broken sense of our own; empty: the control of a spec, nothing is broken
	at    string // where: "dc1" or "dc2" for a bug switch, "senses" for a sense; see place for what may follow
	suite string // folder below suites
	id    string // catalogue number of the scenario
	step  string // the step that must say so
	does  string // what is wrong, in words
}

// Steps that catch.
const (
	steady    = "serves events in both data centers"
	detection = "is declared DOWN by the survivor within the RTO"
	misses    = "is missed for exactly as many heartbeats as configured"
	takeover  = "hands its replicated state to the survivor, each fragment once"
	noLoss    = "loses nothing"
	rpo       = "loses no more than the RPO allows"
	home      = "comes home"
	unnoticed = "is noticed by nobody for longer than detection takes"
	verdict   = "meets its objectives"
	rpoReturn = "loses no more than the RPO allows, all in all"
	shortCut  = "loses the link in both directions for (N-1)*I"
)

// senses is where bugs of our own are.
const senses = "senses"

// controls are the specs without any bug: what finds something here would find anything anywhere.
var controls = slices.Concat(stepControls, faultControls, configurationControls, restoreControls, stressControls, storageControls, levelControls, []proof{
	{suite: "preflight", id: "control"},
	{suite: "outage", id: "S03"},
	{suite: "observation", id: "OB-1"},
	{suite: "degradation", id: "S20"},
	{suite: "replication", id: "S06"},
	{suite: "partition", id: "S15"},
})

// beside is the scenario that runs in the same environment as the one that catches a bug, in either order: the bug shows the second
// time only, and either of them may be the second.
var beside = map[string]string{"merges-nothing-again": "S08"}

// everyRunWith is what every scenario runs with, here. Snapshots come every 60 s of toolkit time instead of every 150 s, so that
// what must be replicated before a fault, and what a bug makes a spec wait for in vain, takes less than half as long; the
// controls run with it as well. Time passes faster than in the suites: what a watch costs, it costs per second of wall time, so two
// runs at this speed end sooner than three at theirs, and leave each other the processor that a verdict needs.
var everyRunWith = []string{"CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL=90s", "CROSSDC_SPEEDUP=100"}

// runsWith is what a scenario runs with, here: long enough for its bugs to show, and no longer.
var runsWith = map[string][]string{"S01": {"CROSSDC_STEADY_HEARTBEATS=45"}}

// proofs is every bug with its spec: the survivor dc2 has those that show in a failover of dc1.
var proofs = slices.Concat(stepProofs, faultProofs, configurationProofs, restoreProofs, stressProofs, storageProofs, levelProofs, []proof{
	{"never-notices", "dc2", "outage", "S03", detection, "the survivor never declares DOWN"},
	{"never-notices", "dc2", "observation", "OB-1", detection, "the survivor never declares DOWN, and can be looked at in fewer ways than usual"},
	{"notices-early", "dc2", "outage", "S03", misses, "it declares DOWN one heartbeat early"},
	{"notices-late", "dc2", "outage", "S03", misses, "it declares DOWN one heartbeat late"},
	{"drops-fragment", "dc2", "outage", "S03", takeover, "one fragment is never handed over"},
	{"doubles-fragment", "dc2", "outage", "S03", takeover, "one fragment is handed over twice"},
	{"takes-over-half", "dc2", "outage", "S03", takeover, "every second fragment is reported, not merged"},
	{"reports-up-while-down", "dc2", "outage", "S03", detection, "the status stream says UP whatever is true"},
	{"loses-acknowledged-events", "dc1", "preflight", "control", noLoss, "accepted events are forgotten"},
	{"serves-events-twice", "dc1", "preflight", "control", noLoss, "events are processed twice"},
	{"fails-over-on-slow-link", "dc2", "degradation", "S20", unnoticed, "a slow answer counts as DOWN"},
	{"forgets-replicas-on-restart", "dc2", "replication", "S06", takeover, "replicas are reported as stored and not kept"},
	{"corrupts-results", "dc1", "preflight", "control", noLoss, "results carry what was not sent"},
	{"reorders-events", "dc1", "preflight", "control", noLoss, "events are processed out of order"},
	{"takes-over-early", "dc2", "outage", "S03", verdict, "replicas are handed over one tick before DOWN"},
	{"merges-nothing-again", "dc2", "outage", "S03", takeover, "the second takeover is reported, not merged"},
	{"merges-half-a-fragment", "dc2", "outage", "S03", takeover, "half of every fragment is merged"},
	{"hands-over-older-replica", "dc2", "outage", "S03", takeover, "the replica before the newest is handed over"},
	{"hands-over-anothers-content", "dc2", "outage", "S03", takeover, "one fragment is handed the state of another"},
	{"keeps-first-replica", "dc2", "outage", "S03", takeover, "replicas after the first are not stored"},
	{"skips-snapshots", "dc1", "preflight", "S01", regular, "one fragment answers two of three signals"},
	{"drops-newest-at-takeover", "dc2", "outage", "S03", rpo, "the newest event of each entry is not merged"},
	{"forgets-after-takeover", "dc2", "outage", "S03", rpo, "the survivor forgets its first events of the lost side"},
	{"forgets-after-return", "dc1", "planned", "S10", rpoReturn, "who comes home forgets its first events"},
	{"keeps-state", "dc1", "planned", "S10", rpoReturn, "who lost its memory still has old state"},

	{"lying-indicator", senses, "outage", "S03", detection, "one indicator says the opposite"},
	{"dropped-observations", senses, "outage", "S03", detection, "one indicator alone sees changes"},
	{"delayed-observations", senses, "outage", "S03", verdict, "one indicator is an interval late"},
	// The older change arrives last, so that DOWN is the last word of the metrics: the way home asks for UP, and the verdict,
	// which finds the order itself, is not reached by a step of its own.
	{"reordered-observations", senses, "outage", "S03", home, "one indicator says UP before DOWN"},
	{"skewed-clock", senses, "outage", "S03", verdict, "one indicator's clock is an interval behind"},
	{"stepped-clock", senses, "outage", "S03", misses, "the clock that stamps the traces steps"},
	{"dead-heal", senses, "degradation", "S20", "replicates in both directions, also when the link is quick again", "a heal does not heal"},
	{"stopped-traffic", senses, "preflight", "control", verdict, "the generator stops at the fault"},
	{"stopped-observers", senses, "preflight", "control", verdict, "nobody looks any more after the fault"},
	{"stopped-observers", senses, "outage", "S03", detection, "nobody looks any more after the fault, which must not be blamed on the application"},
	{"short-fault", senses, "partition", "S15", shortCut, "the link lifts its rules after half their lives"},
	{"one-way-partition", senses, "partition", "S15", shortCut, "a partition cuts one direction only"},
	{"heartbeat-only-partition", senses, "partition", "S15", shortCut, "a partition cuts the heartbeat port only"},
	{"late-start", senses, "outage", "S03", detection, "the fault is said to begin after it was done"},
	{"failing-canary", senses, "outage", "S03", verdict, "the path that no fault touches fails"},
})
