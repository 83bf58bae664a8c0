package main

// Steps that catch, of the scenarios of the network and of lives that end and begin.
const (
	grown      = "lets no replica through, and asks for them all the same"
	unchanged  = "changes no status and hands nothing over"
	notAfter   = "ends replication in both directions, and nothing but a heartbeat brings a peer back"
	staysUp    = "stays served while the fault lasts"
	unreplaced = "loses what was acknowledged since the last replica, and no more"
	paired     = "declared UP after every DOWN, and took over once for each"
	overlaps   = "says what takeovers that overlap did to the application (Q31)"
	inTurn     = "starves the other one in turn"
	again      = "finds contact again within I of the heal, by itself"
	handsEach  = "hands each side's replicated state to the other, each fragment once"
	queues     = "makes heartbeats wait for their sender as the round trip predicts"
	jittered   = "is noticed by nobody for many heartbeats"
	answered   = "is noticed by nobody, also not when the answers are back"
	counted    = "is seen to count its heartbeats from the beginning"
	silently   = "keeps its state, or loses it in silence as toolkit 1.x does (Q17)"
	bothAgain  = "starts both again: both UP within D0 + I, both replicate"
	bothLost   = "has its state again, or has lost all of it as toolkit 1.x does (Q22)"
	exposed    = "has lost what one side alone had held, and says for how long it was exposed"
	hostile    = "answers each as the contract says, and none hangs"
	malformed  = "refuses bodies that are no message, or dies of them and comes back as toolkit 1.x does (Q5)"
	unstored   = "stores no replica, and traces each as an error"
	tooNarrow  = "replicates as slowly as the bandwidth allows, and heartbeats on time"
	staggered  = "starts one after the other: both UP within D0 + I of the later start"
)

// faultControls are the specs of faultProofs without any bug.
var faultControls = []proof{
	{suite: "partition", id: "S25"},
	{suite: "partition", id: "S26"},
	{suite: "partition", id: "S17"},
	{suite: "partition", id: "S18"},
	{suite: "partition", id: "S19"},
	{suite: "degradation", id: "S21"},
	{suite: "degradation", id: "S24"},
	{suite: "degradation", id: "S38"},
	{suite: "lifecycle", id: "S02"},
	{suite: "lifecycle", id: "S09"},
	{suite: "lifecycle", id: "S27"},
	{suite: "replication", id: "S50"},
	{suite: "degradation", id: "S23"},
	{suite: "replication", id: "S33"},
}

// faultProofs are the proofs of the scenarios of the network and of lives that end and begin.
var faultProofs = []proof{
	{"heartbeats-while-down", "dc2", "partition", "S25", notAfter, "heartbeats and snapshots go on to a peer that is DOWN"},
	{"heartbeat-only-partition", senses, "partition", "S26", grown, "a block of the snapshot ports does nothing"},
	{"fails-over-on-lost-snapshot", "dc2", "partition", "S26", unchanged, "a snapshot that could not be sent counts as DOWN"},
	{"refuses-foreign-events", "dc2", "outage", "S03", staysUp, "a third of the events of the lost side is refused"},
	{"stops-serving", "dc2", "partition", "S26", staysUp, "events of the lost side are served for a while only"},
	{"forgets-after-takeover", "dc2", "partition", "S26", unreplaced, "the survivor forgets its first events of the lost side"},
	{"emits-down-twice", "dc2", "degradation", "S24", paired, "DOWN is emitted twice"},
	{"corrupts-results", "dc1", "degradation", "S24", overlaps, "results carry what was not sent"},
	{"notices-late", "dc1", "partition", "S18", inTurn, "it declares DOWN one heartbeat late"},
	{"stays-down", "dc2", "partition", "S18", again, "who was DOWN is never UP again"},
	{"hands-over-older-replica", "dc2", "partition", "S17", handsEach, "the replica before the newest is handed over"},
	{"idles-while-down", "dc2", "partition", "S19", bothServe, "nothing is processed while the peer is DOWN"},
	{"drops-fragment", "dc2", "partition", "S19", handsEach, "one fragment is never handed over"},
	{"queues-heartbeats", "dc1", "degradation", "S20", queues, "heartbeats pile up before they are sent"},
	{"fails-over-on-slow-link", "dc2", "degradation", "S21", jittered, "a slow answer counts as DOWN"},
	{"skips-heartbeats", "dc1", "preflight", "S01", regular, "every third heartbeat is not sent"},
	{"fails-over-on-slow-link", "dc2", "degradation", "S38", answered, "a slow answer counts as DOWN"},
	{"doubles-fragment", "dc2", "degradation", "S38", handsEach, "one fragment is handed over twice"},
	{"counts-stand-still", "dc1", "lifecycle", "S09", counted, "every heartbeat carries count 1"},
	{"keeps-state", "dc1", "lifecycle", "S09", silently, "who lost its memory still has old state"},
	{"mute-after-restart", "dc1", "lifecycle", "S27", bothAgain, "a restarted data center sends no heartbeat"},
	{"keeps-state", "dc1", "lifecycle", "S27", bothLost, "who lost its memory still has old state"},
	{"skips-heartbeats", "dc1", "degradation", "S23", tooNarrow, "every third heartbeat is not sent"},
	{"keeps-first-replica", "dc2", "replication", "S33", unstored, "replicas are reported as stored and not kept"},
	{"takes-any-type", "dc2", "replication", "S50", hostile, "a body is accepted whatever its content type is"},
	{"mute-after-restart", "dc2", "replication", "S50", malformed, "a restarted data center sends no heartbeat"},
	{"mute-after-restart", "dc1", "lifecycle", "S02", staggered, "a restarted data center sends no heartbeat"},
}
