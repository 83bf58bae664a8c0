package main

// Steps that catch what cases.go has no name for.
const (
	served      = "is served by the survivor within the RTO"
	unharmed    = "leaves the survivor unharmed"
	noSnapshot  = "sends no snapshot after it is gone"
	unannounced = "announces no orderly shutdown"
	regular     = "changes no status, heartbeats and replicates on time"
	resumes     = "goes on without a restart, and both hold each other UP again"
	splitBrain  = "loses nothing, and says what both sides processed (Q2)"
	bothServe   = "keeps both sides serving while each believes to be alone"
	oneBeat     = "recovers by one heartbeat (S55)"
	announced   = "announces its shutdown, and the other side hears it"
	nothingOver = "hands nothing over: its replicas are deleted"
	discards    = "gives up what it held, and nothing else"
	returns     = "comes home: both UP within D0 + I, both replicate, its events at home again"
	scriptOnce  = "makes the script start the application, exactly once"
)

// stepControls are the specs of stepProofs without any bug.
var stepControls = []proof{
	{suite: "outage", id: "S04"},
	{suite: "outage", id: "S07"},
	{suite: "outage", id: "S08"},
	{suite: "outage", id: "S37"},
	{suite: "partition", id: "S16"},
	{suite: "planned", id: "S10"},
	{suite: "planned", id: "S11"},
	{suite: "preflight", id: "S01"},
}

// stepProofs are the proofs of steps that nothing else makes fail.
var stepProofs = []proof{
	{"sends-no-snapshots", "dc1", "preflight", "control", steady, "no round of snapshots is ever asked for"},
	{"serves-only-its-own", "dc2", "outage", "S03", served, "events of a peer that is DOWN are accepted and not processed"},
	{"restarts-after-down", "dc2", "outage", "S03", unharmed, "the survivor's toolkit dies once"},
	{"freezes-metrics", "dc2", "outage", "S03", unharmed, "the metrics stand still since DOWN"},
	{"freezes-status", "dc2", "outage", "S03", home, "the status stream stands still since DOWN"},
	{"emits-down-twice", "dc2", "outage", "S03", home, "DOWN is emitted twice"},
	{"counts-stand-still", "dc1", "preflight", "control", verdict, "every heartbeat carries count 1"},
	{"ghost-snapshots", "dc2", "outage", "S08", noSnapshot, "replicas of a job that is gone are accepted"},
	{"queues-heartbeats", "dc1", "preflight", "S01", regular, "heartbeats pile up before they are sent"},
	{"takes-over-in-peace", "dc2", "preflight", "control", unnoticed, "replicas are handed over although the peer is UP"},
	{"stays-down", "dc2", "outage", "S37", resumes, "who was DOWN is never UP again"},
	{"stays-down", "dc2", "partition", "S16", oneBeat, "who was DOWN is never UP again"},
	{"serves-events-twice", "dc2", "outage", "S37", splitBrain, "events are processed twice"},
	{"idles-while-down", "dc2", "partition", "S16", bothServe, "nothing is processed while the peer is DOWN"},
	{"never-announces", "dc1", "planned", "S11", announced, "a shutdown is not announced"},
	{"spares-a-file", "dc2", "planned", "S11", nothingOver, "one replica stays on the disk"},
	{"hands-over-anyway", "dc2", "planned", "S11", nothingOver, "an announced shutdown is taken over from"},
	{"loses-acknowledged-events", "dc2", "planned", "S11", discards, "the survivor forgets accepted events"},
	{"announces-every-stop", "dc1", "outage", "S07", unannounced, "a stopped instance announces a shutdown"},
	{"mute-after-restart", "dc1", "planned", "S10", returns, "a restarted data center sends no heartbeat"},
	{"starts-script-twice", "dc2", "outage", "S04", scriptOnce, "the script runs twice"},
}

// key names a proof: a bug may be caught by several scenarios.
func (p proof) key() string { return p.bug + "@" + p.id }

// doubted are the proofs whose step doubts instead of failing, because the bug takes away what a verdict would rest on, or
// shows before any fault. For all others a doubt is no catch.
var doubted = map[string]bool{
	"sends-no-snapshots@control":   true,
	"delayed-observations@S03":     true,
	"reordered-observations@S03":   true,
	"skewed-clock@S03":             true,
	"stopped-traffic@control":      true,
	"stopped-observers@control":    true,
	"stopped-observers@S03":        true,
	"stepped-clock@S03":            true,
	"failing-canary@S03":           true,
	"dropped-observations@S03":     true,
	"short-fault@S15":              true,
	"one-way-partition@S15":        true,
	"heartbeat-only-partition@S15": true,
}

// failing says which step must fail where the It of a proof calls several.
var failing = map[string]string{
	"never-notices@S03":           "Side.DeclaresDown",
	"stopped-observers@S03":       "Side.DeclaresDown",
	"reports-up-while-down@S03":   "Side.DeclaresDown",
	"lying-indicator@S03":         "Side.DeclaresDown",
	"dropped-observations@S03":    "Side.DeclaresDown",
	"fails-over-on-slow-link@S20": "Drill.NothingChanges",
	"takes-over-in-peace@control": "Drill.NothingChanges",
	"late-start@S03":              "Drill.Inject",
	"never-announces@S11":         "Side.HearsTheAnnouncement",
	"spares-a-file@S11":           "Side.HoldsNoReplica",
	"hands-over-anyway@S11":       "Side.TakesOverNothingOnDown",
}

// through are steps that another step calls, with the proof in which that one fails because of them.
var through = map[string]string{
	"Side.TakesOverEveryReplica": "drops-fragment@S03",
	"Side.KeepsItsMind":          "fails-over-on-slow-link@S20",
	"Side.TakesOverNothing":      "takes-over-in-peace@control",
	"Side.KeepsRunning":          "restarts-after-down@S03",
	"Drill.Heal":                 "dead-heal@S20",
}

// unproven are the steps that no bug makes fail yet, each with the reason. A test holds this list against the suites: a step
// that is neither here nor proven fails it, and so does one that is both.
var unproven = map[string]string{
	"Drill.Watch":                           waits,
	"Drill.WatchUntil":                      waits,
	"Drill.WatchSnapshotPeriods":            waits,
	"Drill.RestartsToolkit":                 acts,
	"Side.Cancels":                          acts,
	"Side.AwaitsSnapshotRound":              "a side without rounds of snapshots is found before any fault, by IsSteady",
	"Drill.SurvivesFailovers":               "twenty failovers take longer than a proof may",
	"Drill.AddsUp":                          noBugYet,
	"Drill.HandsNoDataOver":                 noBugYet,
	"Drill.IsSteadyWithStandby":             noBugYet,
	"Drill.ProcessesNothingTwice":           noBugYet,
	"Drill.RecoversContactOrReportsSilence": noBugYet,
	"Drill.RefusesConnections":              noBugYet,
	"Drill.ReturnsOnce":                     noBugYet,
	"Drill.ReturnsToStandby":                noBugYet,
	"Drill.StartsNothing":                   noBugYet,
	"Drill.StartsNothingOnAPlannedShutdown": noBugYet,
	"Side.FallsSilent":                      noBugYet,
}

// Reasons of unproven.
const (
	waits    = "it only waits, and claims nothing"
	acts     = "it acts on the platform, and claims nothing of the application"
	noBugYet = "the emulator has no bug yet that only this step can see"
)
