// Package explore looks for schedules of faults that nobody thought of. It draws configurations and schedules at random, runs
// them in the model, holds what happened against invariants that a user would expect of a pair of data centers, explains
// violations by the known quirks of the toolkit, and shrinks what is left, or what is asked for, to the smallest case.
//
// An invariant says what should be; a Recognizer says which quirk of the toolkit contract makes it fail. A violation that no
// recognizer explains is unknown: a defect of the model, of the invariant, or something that the contract does not know.
//
// It is pure: the same seed gives the same cases on every machine. It imports crossdc and its subpackages only.
package explore
