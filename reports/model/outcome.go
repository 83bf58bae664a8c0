package model

import "slices"

// Outcome is how a scenario, or one of its steps, ended. The empty outcome means that it has not ended.
type Outcome string

// The outcomes; Outcomes lists them worst first with what each means to a reader, to CI and to a script.
const (
	Failed              Outcome = "failed"
	Panicked            Outcome = "panicked"
	TimedOut            Outcome = "timed out"
	Interrupted         Outcome = "interrupted"
	Running             Outcome = "running"
	Unfinished          Outcome = ""
	NotTested           Outcome = "not tested"
	OutcomeInconclusive Outcome = "inconclusive"
	HazardReproduced    Outcome = "hazard"
	Passed              Outcome = "passed"
	Skipped             Outcome = "skipped"
	Pending             Outcome = "pending"
)

// Element is the JUnit element that states an outcome.
type Element string

const (
	NoElement      Element = "" // the test case passed
	FailureElement Element = "failure"
	ErrorElement   Element = "error"
	SkippedElement Element = "skipped"
)

// Meaning is one row of the table of outcomes.
type Meaning struct {
	Outcome Outcome
	Word    string  // what reports print
	Means   string  // in one sentence
	Element Element // in JUnit; its type attribute is Word
	Exit    int     // of the programs that state it, such as reports/show
	Proves  bool    // something about the application was proven, either way
}

// meanings is worst first. reports/README.md prints it, and a test compares the two.
var meanings = []Meaning{
	{Failed, "failed", "the application, or the toolkit in it, broke an objective, a must or a must-not", FailureElement, 1, true},
	{Panicked, "panicked", "the suite itself broke", ErrorElement, 1, false},
	{TimedOut, "timed out", "a step took longer than it may; nothing was proven", ErrorElement, 1, false},
	{Interrupted, "interrupted", "somebody or something ended the run", ErrorElement, 1, false},
	{Running, "running", "it still runs, or its process died", ErrorElement, 1, false},
	{Unfinished, "unfinished", "the run ended before it did", ErrorElement, 1, false},
	{NotTested, "not tested", "what should have worked did not, before the application could be tested; the cause says what to mend", ErrorElement, 1, false},
	{OutcomeInconclusive, "inconclusive", "the test ran, and nothing was proven either way", ErrorElement, 1, false},
	{HazardReproduced, "hazard", "nothing but known quirks of the toolkit (Q-numbers)", NoElement, 0, true},
	{Passed, "passed", "everything held", NoElement, 0, true},
	{Skipped, "skipped", "known before the start to be impossible here", SkippedElement, 0, false},
	{Pending, "pending", "not built yet", SkippedElement, 0, false},
}

// Outcomes returns the table of outcomes, worst first.
func Outcomes() []Meaning { return slices.Clone(meanings) }

// Known reports whether an outcome is in the table.
func (o Outcome) Known() bool { return o.place() < len(meanings) }

// Meaning is the outcome's row of the table. A word of a later version, or a foreign one, proves nothing and never passes.
func (o Outcome) Meaning() Meaning {
	if at := o.place(); at < len(meanings) {
		return meanings[at]
	}
	return Meaning{Outcome: o, Word: "unknown outcome " + string(o), Means: "not a word of this version", Element: ErrorElement, Exit: 1}
}

// Word is the outcome as reports print it: "unfinished" for one that has not ended.
func (o Outcome) Word() string { return o.Meaning().Word }

// ExitCode is that of a program which states the outcome: 0 or 1.
func (o Outcome) ExitCode() int { return o.Meaning().Exit }

// Left reports whether the outcome says that something was left out on purpose: skipped or pending.
func (o Outcome) Left() bool { return o == Skipped || o == Pending }

// Ended reports whether an outcome is final: an empty or a running one is not.
func (o Outcome) Ended() bool { return o != Unfinished && o != Running }

// Green reports whether the outcome is a pass, with or without known hazards.
func (o Outcome) Green() bool { return o == Passed || o == HazardReproduced }

// FromOutside reports whether something other than a judgement ended it: a panic, a time limit, an interruption.
func (o Outcome) FromOutside() bool { return o == Panicked || o == TimedOut || o == Interrupted }

// Compare orders outcomes worst first: negative when o is worse than other. Unknown words are as bad as unfinished.
func (o Outcome) Compare(other Outcome) int { return o.rank() - other.rank() }

// Worst returns the worst of several outcomes; Skipped when there are none.
func Worst(outcomes ...Outcome) Outcome {
	if len(outcomes) == 0 {
		return Skipped
	}
	return slices.MinFunc(outcomes, Outcome.Compare)
}

func (o Outcome) place() int {
	for i := range meanings {
		if meanings[i].Outcome == o {
			return i
		}
	}
	return len(meanings)
}

func (o Outcome) rank() int {
	if !o.Known() {
		return Unfinished.place()
	}
	return o.place()
}
