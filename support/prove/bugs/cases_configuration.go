package main

// Steps that catch, of the scenarios of what was configured.
const (
	cadence   = "changes no status, heartbeats and replicates at the period that the formula gives"
	itself    = "holds its peer UP on its own heartbeats, and the other side hears nobody, as toolkit 1.x has it (Q6)"
	fallback  = "changes no status, heartbeats and replicates as the application configuration says"
	everyPair = "gives every pair its share of the replicas"
	flaps     = "is declared DOWN and UP once for each of its heartbeats"
	strangers = "never meets: no UP, hence no DOWN, as toolkit 1.x has it (Q7)"
)

// configurationControls are the specs of configurationProofs without any bug.
var configurationControls = []proof{
	{suite: "configuration", id: "S41"},
	{suite: "configuration", id: "S42"},
	{suite: "configuration", id: "S43"},
	{suite: "configuration", id: "S44"},
	{suite: "configuration", id: "S46"},
	{suite: "configuration", id: "S52"},
}

// configurationProofs are the proofs of the scenarios of what was configured.
var configurationProofs = []proof{
	{"never-notices", "dc2", "configuration", "S41", flaps, "the receiver never declares DOWN"},
	{"takes-over-in-peace", "dc2", "configuration", "S41", unnoticed, "replicas are handed over although the peer is UP"},
	{"up-unheard", "dc2", "configuration", "S42", strangers, "a peer that was never heard is declared UP"},
	{"up-unheard", "dc2", "configuration", "S43", itself, "a peer that was never heard is declared UP"},
	{"takes-over-in-peace", "dc2", "configuration", "S44", fallback, "replicas are handed over although the peer is UP"},
	{"idle-pairs", "dc1", "configuration", "S46", everyPair, "all pairs but the first send nothing"},
	{"skips-snapshots", "dc1", "configuration", "S52", cadence, "one fragment answers two of three signals"},
}
