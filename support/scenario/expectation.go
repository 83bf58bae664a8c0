package scenario

import "github.com/crossdc/failover/support/application"

// expectation is what a scenario says of its fault before anything is broken. Steps read it; only options write it.
type expectation struct {
	unnoticed bool // nothing must fail over
	mayNotice bool // a fault that may be noticed, at no time of its own
	late      bool // replicas arrive after the fault
	aimed     bool // the fault comes when the step says, not at a random phase
	partly    bool // what some fragments held is lost, and of the others no more than the RPO allows
	restores  bool // what was lost is restored, so that the RPO holds although nothing fails over
	discards  bool // the lost side gives its state up on purpose
	passive   bool // dc1 is active, dc2 passive
	noService bool // the lost side served nothing
	oneOfMany bool // one of many failovers in a row: it holds no loss against anything
	// lowest is the level from which on the main claim can be judged of an application.
	lowest application.Level
}

// Option adjusts what a scenario expects.
type Option func(*expectation)

// Unnoticed says that nothing must fail over, so that there is no recovery time to hold against the RTO.
func Unnoticed(e *expectation) { e.unnoticed = true }

// MayGoUnnoticed is Unnoticed for a fault that may be noticed, at a time that follows from no single instant of it: there is neither an
// RTO nor a detection time to hold it against.
func MayGoUnnoticed(e *expectation) { e.unnoticed, e.mayNotice = true, true }

// ReplicatesOn says that replicas go on arriving after the fault, so that the newest may come after what was handed over.
func ReplicatesOn(e *expectation) { e.late = true }

// Restores says that what both sides lost is restored from their replicas: nothing fails over, and the RPO holds all the same.
func Restores(e *expectation) { e.unnoticed, e.mayNotice, e.restores = true, true, true }

// LosesPartly says that what some fragments held is lost whatever the RPO: a step says which, and holds the others against it. Load and
// replication run before the fault as for an RPO.
func LosesPartly(e *expectation) { e.partly = true }

// RestoresOnRequest says that the replicas of a passive data center are asked for once it is active, so that the RPO holds.
func RestoresOnRequest(e *expectation) { e.restores = true }

// Aimed says that a step chooses the instant of the fault, which then comes at no random phase.
func Aimed(e *expectation) { e.aimed = true }

// ActivePassive says that dc1 is active and dc2 passive: the application runs in dc1 only, until the monitor's script
// starts it in dc2, and no replica is handed over by itself (RW6).
func ActivePassive(e *expectation) { e.passive = true }

// NothingToServe says that the lost side served nothing, so that there is no service to restore.
func NothingToServe(e *expectation) { e.noService = true }

// Discards says that the lost side gives its state up on purpose, as an orderly shutdown does: what it held is counted
// and reported, but there is no RPO to hold it against.
func Discards(e *expectation) { e.discards = true }
