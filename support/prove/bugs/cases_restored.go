package main

// Steps that catch, of the scenarios in which replicas come back by other ways than a takeover, and of those that leave two sides active.
const (
	cameLate   = "hands nothing over but what came behind the announcement (Q13)"
	inVain     = "hands nothing over, or everything as toolkit 1.x does (Q14)"
	fromStore  = "hands its replicas to the new active data center on request, each fragment once"
	givenBack  = "gives each side its own state back, each fragment once"
	inPart     = "is handed the fragments before that replica, each once"
	onRequest  = "starts both again, and each hands over on request what it had stored, each fragment once"
	dualActive = "heals, and then one side steps back or both stay active as toolkit 1.x has it (Q3)"
	oldAgain   = "comes home, and returns nothing to its healthy peer, or old replicas as toolkit 1.x does (Q23)"
)

// restoreControls are the specs of restoreProofs without any bug.
var restoreControls = []proof{
	{suite: "lifecycle", id: "S28"},
	{suite: "lifecycle", id: "S29"},
	{suite: "lifecycle", id: "S30"},
	{suite: "lifecycle", id: "S53"},
	{suite: "outage", id: "S31"},
	{suite: "partition", id: "S48"},
	{suite: "planned", id: "S13"},
	{suite: "planned", id: "S14"},
}

// restoreProofs are the proofs of these scenarios.
var restoreProofs = []proof{
	{"doubles-fragment", "dc1", "lifecycle", "S28", givenBack, "one fragment is returned twice"},
	{"merges-half-a-fragment", "dc1", "lifecycle", "S28", rpo, "half of every fragment is merged"},
	{"takes-over-again", "dc2", "lifecycle", "S29", oldAgain, "replicas are handed over again after the return"},
	{"doubles-fragment", "dc2", "lifecycle", "S30", onRequest, "one fragment is handed over twice"},
	{"takes-over-half", "dc2", "lifecycle", "S30", rpo, "every second fragment is reported, not merged"},
	{"doubles-fragment", "dc2", "lifecycle", "S53", inPart, "one fragment is handed over twice"},
	{"doubles-fragment", "dc2", "outage", "S31", fromStore, "one fragment is handed over twice"},
	{"takes-over-half", "dc2", "outage", "S31", rpo, "every second fragment is reported, not merged"},
	{"takes-over-half", "dc2", "planned", "S13", inVain, "every second fragment is reported, not merged"},
	{"hands-over-anyway", "dc2", "planned", "S14", cameLate, "an announced shutdown is taken over from"},
	{"stays-down", "dc1", "partition", "S48", dualActive, "who was DOWN is never UP again"},
}
