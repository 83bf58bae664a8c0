package record

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/scenario/roster"
)

// maxOutput bounds what one step's captured output may add to a report.
const maxOutput = 16 << 10

// Planned is a drill that a run selects, before anything is known of it but what its author wrote.
type Planned struct {
	model.Scenario
	Depth int // of the drill's own container: 1 at the top level
}

// Run joins Ginkgo's account of a suite with the drills that were planned and with the stored scenarios. Ginkgo knows how
// every step ended, also when a step panicked, timed out or was interrupted; the stored scenarios know what was measured.
// A planned drill is there whatever became of it, unless Ginkgo did not select it after all. told says that this process was told to
// end: Ginkgo marks the spec that ran then, and nothing when none did.
func Run(report types.Report, suite string, planned []Planned, stored []Stored, told bool) model.Run {
	run := model.Run{Schema: model.SchemaVersion, Suites: []string{suite}, Started: report.StartTime, Finished: report.EndTime, Interrupted: told}
	run.Notes = append(run.Notes, report.SpecialSuiteFailureReasons...)
	byKey := map[string]model.Scenario{}
	for _, s := range stored {
		byKey[s.Scenario.Key] = s.Scenario
	}
	index := map[string]int{}
	add := func(key string, s model.Scenario) int {
		if measured, ok := byKey[s.Key]; ok && s.Key != "" {
			measured.Steps = nil
			s = measured
		}
		index[key] = len(run.Scenarios)
		run.Scenarios = append(run.Scenarios, s)
		return index[key]
	}
	depth := map[string]int{}
	for _, s := range planned {
		depth[s.Key] = s.Depth
		add(s.Key, s.Scenario)
	}
	touched := map[int]bool{}
	for _, spec := range report.SpecReports {
		run.Interrupted = run.Interrupted || spec.State.Is(types.SpecStateInterrupted)
		if spec.LeafNodeType != types.NodeTypeIt {
			continue
		}
		key, drill := roster.KeyOf(spec.Labels())
		if !drill {
			key = "no drill: " + strings.Join(spec.ContainerHierarchyTexts, "\x00")
		}
		at, known := index[key]
		if !known {
			if drill && leftOut(spec) || !drill && !selected(report.SuiteConfig.LabelFilter, spec) {
				continue
			}
			at = add(key, unplanned(spec, suite, key, drill))
		}
		touched[at] = touched[at] || !drill || !leftOut(spec)
		run.Scenarios[at].Steps = append(run.Scenarios[at].Steps, step(spec, depth[key], report))
	}
	var kept []model.Scenario
	for i, s := range run.Scenarios {
		if !touched[i] {
			ending, why, cause := neverBegan(report, run.Interrupted)
			if why == "" {
				continue // Ginkgo did not select it
			}
			s.Outcome, s.Steps, s.Reasons, s.Cause = ending, nil, appendNew(s.Reasons, why), cause
		}
		conclude(&s, run.Interrupted)
		kept = append(kept, s)
	}
	run.Scenarios = kept
	if s, failed := suiteItself(report, suite, len(run.Scenarios) > 0); failed {
		run.Scenarios = append(run.Scenarios, s)
	}
	if len(stored) > 0 {
		run.ID, run.Environment = stored[0].RunID, stored[0].Environment
		run.Seed = stored[0].Scenario.Seed
	}
	return run
}

// before are the nodes of a suite that run before any spec.
const before = types.NodeTypeBeforeSuite | types.NodeTypeSynchronizedBeforeSuite | types.NodeTypeReportBeforeSuite

// neverBegan says what became of a planned drill that has not begun, and why; why is empty when Ginkgo did not select it.
func neverBegan(report types.Report, interrupted bool) (ending model.Outcome, why string, cause *model.Cause) {
	for _, spec := range report.SpecReports {
		if spec.LeafNodeType.Is(before) && spec.Failed() {
			if cause = ended.Of(spec).Cause; cause == nil {
				cause = &model.Cause{Kind: model.CauseEnvironment, Problem: "the suite could not begin: " + gist(spec.Failure.Message)}
			}
			return model.NotTested, cause.Sentence(), cause
		}
	}
	switch {
	case interrupted:
		return model.Interrupted, "the run was interrupted before this scenario began", nil
	case report.SuiteConfig.FailFast && !report.SuiteSucceeded:
		return model.Interrupted, "--fail-fast ended the run before this scenario began", nil
	}
	return model.Skipped, "", nil
}

// leftOut reports whether Ginkgo never got to a spec, or did not select it.
func leftOut(spec types.SpecReport) bool {
	return spec.State == types.SpecStateSkipped && spec.Failure.Message == "" && spec.NumAttempts == 0
}

// selected tells a spec that the label filter left out (not part of this run) from one that was skipped (part of it).
func selected(filter string, spec types.SpecReport) bool {
	if spec.State != types.SpecStateSkipped || filter == "" {
		return !leftOut(spec)
	}
	matches, err := types.ParseLabelFilter(filter)
	return err != nil || matches(spec.Labels())
}

// unplanned is a scenario that Ginkgo ran although the plan does not have it, or a group of specs that belong to no drill.
func unplanned(spec types.SpecReport, suite, key string, drill bool) model.Scenario {
	name := strings.Join(spec.ContainerHierarchyTexts, " › ")
	if name == "" {
		name = spec.LeafNodeText
	}
	labels := roster.WithoutKey(spec.Labels())
	s := model.Scenario{ID: roster.ID(labels, name), Name: name, Family: suite, Labels: labels}
	if drill {
		s.Key = key
	}
	return s
}

func step(spec types.SpecReport, depth int, report types.Report) model.Step {
	s := model.Step{
		Name:     stepName(spec, depth),
		Outcome:  outcome(spec),
		Started:  model.Instant(spec.StartTime.Sub(report.StartTime)),
		Seconds:  spec.RunTime.Seconds(),
		Output:   bounded(spec.CapturedGinkgoWriterOutput),
		Location: location(spec.LeafNodeLocation, report.SuitePath),
	}
	if spec.StartTime.IsZero() {
		s.Started = 0
	}
	if spec.State.Is(types.SpecStateFailed) {
		s.Cause = ended.Of(spec).Cause
	}
	if !spec.Failure.IsZero() {
		s.Failure = spec.Failure.Message
		if spec.Failure.ForwardedPanic != "" {
			s.Failure += "\n" + spec.Failure.ForwardedPanic
		}
		s.Location = failedAt(spec, report.SuitePath)
		s.Follows = spec.State.Is(types.SpecStateSkipped) && spec.NumAttempts == 0 // who skips itself was tried
	}
	return s
}

// stepName is the text of the It, after those of the containers inside of the drill's own, which is at the given depth.
func stepName(spec types.SpecReport, depth int) string {
	inner := spec.ContainerHierarchyTexts[len(spec.ContainerHierarchyTexts):]
	if depth > 0 && depth < len(spec.ContainerHierarchyTexts) {
		inner = spec.ContainerHierarchyTexts[depth:]
	}
	return strings.Join(append(slices.Clone(inner), spec.LeafNodeText), " ")
}

func outcome(spec types.SpecReport) model.Outcome {
	switch spec.State {
	case types.SpecStatePassed:
		return model.Passed
	case types.SpecStateSkipped:
		return model.Skipped
	case types.SpecStatePending:
		return model.Pending
	case types.SpecStatePanicked:
		return model.Panicked
	case types.SpecStateTimedout:
		return model.TimedOut
	case types.SpecStateInterrupted, types.SpecStateAborted:
		return model.Interrupted
	default:
		return ended.Of(spec).Outcome
	}
}

// Ending is how a spec ended, and the reason as reports state it.
func Ending(spec types.SpecReport) (model.Outcome, string) {
	return outcome(spec), spec.LeafNodeText + ": " + gist(spec.Failure.Message)
}

func conclude(s *model.Scenario, interrupted bool) {
	judged := s.Outcome // what was judged from the measurements counts as much as the steps
	stored := s.Reasons
	if s.Fault == nil { // what could not be measured then is a consequence of what the steps met, and comes after it
		s.Reasons = nil
	}
	has := map[model.Outcome]bool{}
	left := 0
	for _, step := range s.Steps {
		has[step.Outcome] = true
		if step.Cause != nil && s.Cause == nil {
			s.Cause = step.Cause
		}
		switch {
		case step.Outcome == model.Passed:
		case step.Outcome == model.NotTested && step.Cause != nil: // the cause comes first, whichever step met it
			s.Reasons = appendNew(s.Reasons, step.Cause.Sentence())
		case step.Outcome == model.Skipped && step.Failure == "":
			left++
		case step.Outcome == model.Skipped && step.Follows:
		case step.Outcome == model.Skipped: // one reason, however many steps it leaves out
			s.Reasons = appendNew(s.Reasons, gist(step.Failure))
		case step.Failure != "":
			s.Reasons = appendNew(s.Reasons, step.Name+": "+gist(step.Failure))
		}
	}
	for _, reason := range stored {
		s.Reasons = appendNew(s.Reasons, reason)
	}
	if !has[model.Panicked] && !has[model.TimedOut] && !has[model.Interrupted] { // a judgement of half a scenario is none
		has[judged] = true
	}
	for _, meaning := range model.Outcomes() {
		if o := meaning.Outcome; has[o] && meaning.Exit != 0 && o.Ended() {
			s.Outcome = o
			return
		}
	}
	switch {
	case interrupted && !has[model.Passed]:
		s.Outcome = model.Interrupted
		s.Reasons = appendNew(s.Reasons, "the run was interrupted before this scenario began")
	case interrupted && left > 0:
		s.Outcome = model.Interrupted
		s.Reasons = appendNew(s.Reasons, "the run was interrupted before this scenario ended")
	case left > 0:
		s.Outcome = model.OutcomeInconclusive
		s.Reasons = appendNew(s.Reasons, fmt.Sprintf("%d of its %d steps were left out by the selection (--focus, --skip, labels of steps): only whole scenarios prove something", left, len(s.Steps)))
	case has[model.Skipped]:
		s.Outcome = model.Skipped
	case has[model.Pending]:
		s.Outcome = model.Pending
	case judged == model.Running:
		s.Outcome = model.Interrupted
		s.Reasons = appendNew(s.Reasons, "it did not reach its end")
	case s.Outcome == model.HazardReproduced || len(s.Hazards) > 0:
		s.Outcome = model.HazardReproduced
	default:
		s.Outcome = model.Passed
	}
}

// suiteItself is the row of a suite whose set-up failed where no drill carries that, or whose teardown failed after
// all of them: without it the reports would be green where the exit code is not.
func suiteItself(report types.Report, suite string, carried bool) (model.Scenario, bool) {
	s := model.Scenario{ID: model.SuiteID, Name: suite + ", before and after its scenarios", Family: suite}
	for _, spec := range report.SpecReports {
		if spec.LeafNodeType == types.NodeTypeIt || !spec.State.Is(types.SpecStateFailureStates) || carried && spec.LeafNodeType.Is(before) {
			continue
		}
		why := spec.LeafNodeType.String() + ": " + gist(spec.Failure.Message)
		if cause := ended.Of(spec).Cause; cause != nil {
			why = cause.Sentence()
		}
		s.Reasons = appendNew(s.Reasons, why)
		if s.Outcome = outcome(spec); s.Outcome == model.Failed { // of the application it says nothing
			s.Outcome = model.OutcomeInconclusive
		}
		if s.Cause = ended.Of(spec).Cause; s.Cause != nil {
			s.Reasons = []string{s.Cause.Sentence()}
		}
		if spec.LeafNodeType.Is(types.NodeTypeAfterSuite | types.NodeTypeSynchronizedAfterSuite | types.NodeTypeCleanupAfterSuite) {
			s.Cleanup = &model.Cleanup{Outcome: model.Failed, Reason: why}
		}
	}
	return s, len(s.Reasons) > 0
}

func bounded(text string) string {
	if len(text) <= maxOutput {
		return text
	}
	return text[:maxOutput/2] + "\n... cut ...\n" + text[len(text)-maxOutput/2:]
}

// StillLacks begins the line of a failure that names what a step waited for in vain.
const StillLacks = "still missing: "

// whatWasSeen ends the line of a failure that is followed by what each indicator showed.
const whatWasSeen = "what was seen:"

// failedWith begins what Gomega says of an error that should not have been; the error follows, behind its type.
var failedWith = regexp.MustCompile(`^(?:Unexpected error|Expected success, but got an error):$`)

// typed is how Gomega begins a value.
var typed = regexp.MustCompile(`^<[^>]*>:\s*`)

// gist is the first line of a failure; of one that waited in vain, what it waited for, what was still missing and what was
// seen instead as well, and of one with an error what that says: the cause is there, and nowhere else.
func gist(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	said, rest := lines[0], lines[1:]
	if (strings.HasPrefix(said, "Timed out after ") || strings.HasPrefix(said, "Context was cancelled after ")) && len(rest) > 0 {
		said, rest = said+" "+rest[0], rest[1:]
	}
	if len(rest) > 0 && strings.HasPrefix(rest[0], StillLacks) {
		return said + "; " + rest[0]
	}
	if before, ends := strings.CutSuffix(said, whatWasSeen); ends {
		if len(rest) == 0 {
			return strings.TrimRight(before, " ;")
		}
		return said + " " + strings.Join(rest, "; ")
	}
	if at := slices.IndexFunc(lines, failedWith.MatchString); at >= 0 && at+1 < len(lines) {
		cause := typed.ReplaceAllString(lines[at+1], "")
		if at == 0 {
			return cause
		}
		return said + ": " + cause
	}
	return said
}

func appendNew(list []string, text string) []string {
	for _, entry := range list {
		if entry == text {
			return list
		}
	}
	return append(list, text)
}
