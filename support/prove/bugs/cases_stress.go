package main

// Steps that catch, of the scenarios in which storage, topology and time itself are not as they should be.
const (
	storedOnce = "stores no snapshot twice, although its sender gave it up"
	noPlace    = "hands each fragment to the survivor once, and says which found no place (Q28)"
	afterReset = "has what it took over after the reset, or has lost it as toolkit 1.x does (Q36)"
	byItself   = "is heard again by itself, when the time has passed"
	otherHost  = "goes on to be heard, with no pause longer than N*I"
	outlives   = "leaves its peer unharmed, and both hold each other UP again"
	carries    = "carries its snapshots, and heartbeats on time"
	perTable   = "shows the effects that the contract gives, and no others"
	mixed      = "meets every trouble as it must, and loses or doubles nothing that is not explained"
)

// stressControls are the specs of stressProofs without any bug.
var stressControls = []proof{
	{suite: "replication", id: "S36"},
	{suite: "replication", id: "S49"},
	{suite: "replication", id: "S51"},
	{suite: "endurance", id: "S56"},
	{suite: "degradation", id: "S39"},
	{suite: "partition", id: "S47"},
	{suite: "lifecycle", id: "S40"},
	{suite: "replication", id: "S45"},
}

// stressProofs are the proofs of these scenarios.
var stressProofs = []proof{
	{"stores-replicas-twice", "dc2", "replication", "S36", storedOnce, "every snapshot that arrives is stored twice"},
	{"drops-fragment", "dc2", "replication", "S49", noPlace, "one fragment is never handed over"},
	{"loses-checkpoints", "dc2", "replication", "S51", afterReset, "a reset of the consistent region restores nothing"},
	{"loses-acknowledged-events", "dc1", "endurance", "S56", mixed, "some events are accepted and then forgotten"},
	{"catches-up-ticks", "dc1", "degradation", "S39", unnoticed, "ticks that a clock was set over are made up for"},
	{"clings-to-host", "dc1", "partition", "S47", otherHost, "a sender never forgets the host that took its last message"},
	{"mute-after-restart", "dc1", "lifecycle", "S40", outlives, "a restarted data center sends no heartbeat"},
	{"skips-heartbeats", "dc1", "replication", "S45", carries, "every third heartbeat is not sent"},
	{"mute-after-restart", "dc2", "replication", "S06", perTable, "a restarted preparer sends no heartbeat"},
	{"stays-down", "dc2", "degradation", "S39", byItself, "who was DOWN is never UP again"},
}
