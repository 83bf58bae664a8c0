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
