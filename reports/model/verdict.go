package model

// Verdict is the three-valued judgement of one measured value against its objective.
type Verdict string

const (
	// Met: the latest possible value is within the objective.
	Met Verdict = "met"
	// Missed: the earliest possible value is beyond the objective.
	Missed Verdict = "missed"
	// Inconclusive: the interval straddles the objective, or something was in the way of a measurement.
	Inconclusive Verdict = "inconclusive"
	// NotApplicable: the scenario has no such objective.
	NotApplicable Verdict = "not applicable"
)

// Outcome is how a scenario, or one of its steps, ended.
type Outcome string

const (
	Passed              Outcome = "passed"
	Failed              Outcome = "failed"       // an objective missed, or a must / must-not broken
	OutcomeInconclusive Outcome = "inconclusive" // nothing proven either way: an error in JUnit, never a pass
	HazardReproduced    Outcome = "hazard"       // only deviations that the toolkit contract predicts (a Q-number)
	Skipped             Outcome = "skipped"
	Pending             Outcome = "pending"
	Panicked            Outcome = "panicked"
	TimedOut            Outcome = "timed out"
	Interrupted         Outcome = "interrupted"
)
