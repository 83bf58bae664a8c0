package main

import "cmp"

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
	standby     = "serves events in the active data center"
	standbyHome = "goes back to one active and one passive side"
	addsUp      = "is back after detection, script, submission and start, and no later"
	nothingByIt = "hands no data over by itself (Q32)"
	silent      = "is sent no heartbeat any more"
	noFailover  = "starts no failover, or does as toolkit 1.x does (Q12)"
	contact     = "heals, and then finds contact again or stays silent as toolkit 1.x does (Q1)"
	once        = "causes no second takeover and no second DOWN"
	notTwice    = "has no event processed twice"
	refuses     = "refuses connections at once instead of leaving its peer hanging"
)

// stepControls are the specs of stepProofs without any bug.
var stepControls = []proof{
	{suite: "outage", id: "S04"},
	{suite: "outage", id: "S05"},
	{suite: "outage", id: "S07"},
	{suite: "outage", id: "S08"},
	{suite: "outage", id: "S37"},
	{suite: "partition", id: "S16"},
	{suite: "planned", id: "S10"},
	{suite: "planned", id: "S11"},
	{suite: "planned", id: "S12"},
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
	{"leaks-memory", "dc1", "preflight", "S01", regular, "something of every event is kept for ever"},
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
	{"starts-script-again", "dc2", "outage", "S04", standbyHome, "the script runs once more, later"},
	{"starts-script-twice", "dc2", "planned", "S12", noFailover, "the script runs twice"},
	{"sends-no-snapshots", "dc1", "outage", "S04", standby, "no round of snapshots is ever asked for"},
	{"mute-after-restart", "dc1", "outage", "S04", standbyHome, "a restarted data center sends no heartbeat"},
	{"starts-slowly", "dc2", "outage", "S04", addsUp, "a started application ignores its first events"},
	{"hands-over-anyway", "dc2", "outage", "S04", nothingByIt, "DOWN hands every replica over"},
	{"heartbeats-while-down", "dc1", "outage", "S05", silent, "heartbeats are sent to a peer that is DOWN"},
	{"one-sided-contact", "dc2", "partition", "S16", contact, "only one side finds contact again"},
	{"takes-over-again", "dc2", "planned", "S10", once, "replicas are handed over again after the return"},
	{"serves-events-twice", "dc2", "planned", "S10", notTwice, "events are processed twice"},
	{"listeners-outlive-job", "dc1", "outage", "S08", refuses, "listeners stay open after the job has gone"},
	{"restarts-after-return", "dc2", "outage", "S03", home, "the survivor's toolkit dies when its peer is back"},
	{"emits-up-twice", "dc2", "outage", "S03", home, "UP is emitted twice"},
}

// key names a proof: a bug may be caught by several scenarios.
func (p proof) key() string { return cmp.Or(p.bug, nothing) + "@" + p.id }

// nothing is what controls are called on the command line.
const nothing = "nothing"

// named says whether a name of the command line means this proof.
func (p proof) named(name string) bool { return name == cmp.Or(p.bug, nothing) || name == p.key() }

// doubted are the proofs whose step doubts instead of failing, because the bug takes away what a verdict would rest on, or
// shows before any fault. For all others a doubt is no catch.
var doubted = map[string]bool{
	"sends-no-snapshots@control":   true,
	"sends-no-snapshots@S04":       true,
	"delayed-observations@S03":     true,
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
	"never-notices@OB-1":          "Side.DeclaresDown",
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
	"stays-down@S18":              "Drill.FindsContactAgain",
	"fails-over-on-slow-link@S21": "Drill.NothingChanges",
	"fails-over-on-slow-link@S38": "Drill.NothingChanges",
	"catches-up-ticks@S39":        "Drill.NothingChanges",
	"one-sided-contact@S16":       "Drill.RecoversContactOrReportsSilence",
}

// narrowed are the scenarios, or single proofs, of which several variants run under one number, with the variant that proofs need.
// Long forms of sweeps (soak) are never run here.
var narrowed = map[string]string{"S16": "fast", "S37": "slow", "S20": "fast", "OB-1": "fast", "queues-heartbeats@S20": "slow",
	"S06": "fast", "mute-after-restart@S06": "Q19", "stays-down@S39": "Q4", "catches-up-ticks@S39": "!soak && !Q4",
	"loses-a-row@S35":         "database-well",
	"never-reconnects@S35":    "database-down",
	"beats-with-storage@S35":  "database-down",
	"answers-unwritten@S35":   "database-slow",
	"deletes-unread-rows@S35": "database-down-at-takeover",
	"corrupts-results@S35":    "database-down-at-takeover",
	"hands-over-known@S35":    "database-slow-at-takeover",
	"doubles-fragment@S35":    "database-slow-at-takeover",

	"beats-with-storage@S34":        "storage-hangs",
	"stores-replicas-twice@S34":     "storage-hangs",
	"answers-unwritten@S34":         "storage-hangs",
	"hands-over-known@S34":          "storage-hangs-at-takeover",
	"doubles-fragment@S34":          "storage-hangs-at-takeover",
	"doubles-fragment@S32":          "replica-empty",
	"loses-acknowledged-events@S32": "replica-empty",
	"hides-corruption@S32":          "replica-garbage",
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
	"Drill.Watch":                        waits,
	"Drill.WatchUntil":                   waits,
	"Drill.Beside":                       acts,
	"Side.LeavesInTime":                  "the emulated platform ends a job that hangs after 2 s, sooner than its senders may give up",
	"Drill.EndsAsPlanned":                "it waits for the planned end of a fault; what ended early is caught where InjectFor calls it (short-fault)",
	"Drill.ReportsTheWindow":             "it reports where the observed window differs from the contract's, which is no failure",
	"Drill.AllowsForLostRounds":          "it states an objective, and claims nothing",
	"Drill.WatchSnapshotPeriods":         waits,
	"Drill.Obscures":                     "it makes our own view worse, and claims nothing of the application",
	"Drill.Clears":                       "it gives our own view back; a view that was never spoilt leaves it inconclusive",
	"Drill.TellsByWhatItSaw":             "its two claims are unit-tested; no sense of ours was broken in an obscured view yet",
	"Drill.ToldTheTruth":                 "its claim is unit-tested; no sense of ours was broken in an obscured view yet",
	"Drill.RestartsToolkit":              acts,
	"Side.Cancels":                       acts,
	"Side.AwaitsSnapshotRound":           "a side without rounds of snapshots is found before any fault, by IsSteady",
	"Drill.GoesUnmissed":                 "a restarted data center that sends no heartbeat did not make it fail; no other bug was tried",
	"Drill.LosesWhatOneSideHeld":         "memory that is kept did not make it fail; no other bug was tried",
	"Drill.StartsNothing":                "the monitor, who alone starts the script, is dead while it looks; it guards environments where somebody else may",
	"Drill.NamesTheTrap":                 "what it asks is a pure function of what was configured, which tests of its own hold",
	"Drill.HasContact":                   "it is what must hold before anything is claimed: without contact it leaves the scenario inconclusive",
	"Side.KeepsToItsDirectory":           "it reports a hazard of toolkit 1.x; that every request is answered is proven where one is accepted that must not be",
	"Drill.NarrowsSnapshots":             acts,
	"Drill.AllowsForSlowRounds":          "it states an objective, and claims nothing",
	"Drill.LosesWhatFoundNoPlace":        "a fragment that is dropped is caught where it is handed over; no other bug was tried",
	"Drill.SaysWhatTheResetCost":         "a checkpoint that is not restored is caught where the state is compared; no other bug was tried",
	"Drill.SurvivesFailovers":            "twenty failovers take longer than a proof may",
	"Side.DiesHalfway":                   acts,
	"Side.LosesAPeerWithStalledStorage":  acts,
	"Side.LosesAPeerWithACorruptReplica": acts,
	"Side.TookOverHalfway":               "no bug was tried that hands a fragment over again in the life after a crash; in the life before it, the step before catches it",
	"Side.StepsClock":                    acts,
	"Side.MovesToTheOtherHost":           "a sender that clings to a host is caught where its heartbeats are missing; no other bug was tried",
	"Side.IsStormed":                     acts,
	"Drill.LosesWhatTheStormTook":        "no bug was tried that makes up or loses more than the storm takes",
}

// Reasons of unproven.
const (
	waits = "it only waits, and claims nothing"
	acts  = "it acts on the platform, and claims nothing of the application"
)

// toothless are the scenarios that no bug makes fail, each with the reason.
var toothless = map[string]string{
	"outage.ShortHang":        "each of its steps is proven in the control (nothing changes, nothing is lost), and none of its own",
	"degradation.PacketLoss":  "a bug that leaves out every third heartbeat was not caught by it: so few are expected in its time that chance explains it",
	"lifecycle.SecondFailure": "a bug that keeps the memory of who lost it was not caught by it",
	"endurance.ManyFailovers": "twenty failovers take longer than a proof may; each of their steps is proven by the scenario that makes one",
}
