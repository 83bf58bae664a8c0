package main

// Steps that catch, of the scenarios in which storage, topology and time itself are not as they should be.
const (
	storedOnce = "stores no snapshot twice, although its sender gave it up"
	noPlace    = "hands each fragment to the survivor once, and says which found no place (Q28)"
	afterReset = "has what it took over after the reset, or has lost it as toolkit 1.x does (Q36)"
	mixed      = "meets every trouble as it must, and loses or doubles nothing that is not explained"
)

// stressControls are the specs of stressProofs without any bug.
var stressControls = []proof{
	{suite: "replication", id: "S36"},
	{suite: "replication", id: "S49"},
	{suite: "replication", id: "S51"},
	{suite: "endurance", id: "S56"},
}

// stressProofs are the proofs of these scenarios.
var stressProofs = []proof{
	{"stores-replicas-twice", "dc2", "replication", "S36", storedOnce, "every snapshot that arrives is stored twice"},
	{"drops-fragment", "dc2", "replication", "S49", noPlace, "one fragment is never handed over"},
	{"loses-checkpoints", "dc2", "replication", "S51", afterReset, "a reset of the consistent region restores nothing"},
	{"loses-acknowledged-events", "dc1", "endurance", "S56", mixed, "some events are accepted and then forgotten"},
}
