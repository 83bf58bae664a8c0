package record

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
)

// scenarioID is a catalogue number of the toolkit contract, section 10, as it stands among a scenario's labels.
var scenarioID = regexp.MustCompile(`^S\d\d$`)

// ID returns the catalogue number among the labels, "control" for the control, or "" for specs that are no scenario.
func ID(labels []string) string {
	for _, label := range labels {
		if scenarioID.MatchString(label) || label == "control" || label == "preflight" || label == "endurance" {
			return label
		}
	}
	return ""
}

// maxOutput bounds what one step's captured output may add to a report.
const maxOutput = 16 << 10

// Run joins Ginkgo's account of a suite with the stored scenarios. Ginkgo knows how every step ended, also when a step
// panicked, timed out or was interrupted; the stored scenarios know what was measured.
func Run(report types.Report, suite string, stored []Stored) model.Run {
	run := model.Run{Schema: model.SchemaVersion, Suites: []string{suite}, Started: report.StartTime, Finished: report.EndTime}
	byKey := map[key]Stored{}
	for _, s := range stored {
		byKey[key{s.Scenario.Name, s.Scenario.Trial}] = s
	}
	for _, reason := range report.SpecialSuiteFailureReasons {
		run.Notes = append(run.Notes, reason)
		run.Interrupted = run.Interrupted || strings.Contains(strings.ToLower(reason), "interrupt")
	}
	index := map[key]int{}
	for _, spec := range report.SpecReports {
		if spec.LeafNodeType != types.NodeTypeIt || !selected(report.SuiteConfig.LabelFilter, spec) {
			continue
		}
		of := keyOf(spec)
		at, known := index[of]
		if !known {
			at = len(run.Scenarios)
			index[of] = at
			run.Scenarios = append(run.Scenarios, begin(spec, suite, of, byKey))
		}
		run.Scenarios[at].Steps = append(run.Scenarios[at].Steps, step(spec, report))
	}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		conclude(s, run.Interrupted)
	}
	run.Notes = append(run.Notes, suiteNodeFailures(report)...)
	if len(stored) > 0 {
		run.ID, run.Environment = stored[0].RunID, stored[0].Environment
		run.Seed = stored[0].Scenario.Seed
	}
	return run
}

// key identifies a scenario within a suite.
type key struct {
	name  string
	trial int
}

func keyOf(spec types.SpecReport) key {
	name, trial, _ := Title(spec.ContainerHierarchyTexts)
	if name == "" {
		name = spec.LeafNodeText
	}
	return key{name, trial}
}

// selected tells a spec that the label filter left out (not part of this run) from one that was skipped (part of it).
func selected(filter string, spec types.SpecReport) bool {
	if spec.State != types.SpecStateSkipped || filter == "" {
		return spec.State != types.SpecStateSkipped || spec.Failure.Message != "" || spec.NumAttempts > 0
	}
	matches, err := types.ParseLabelFilter(filter)
	return err != nil || matches(spec.Labels())
}

func begin(spec types.SpecReport, suite string, of key, byKey map[key]Stored) model.Scenario {
	if s, ok := byKey[of]; ok {
		s.Scenario.Steps = nil
		return s.Scenario
	}
	return model.Scenario{ID: ID(spec.Labels()), Name: of.name, Trial: of.trial, Family: suite, Labels: spec.Labels()}
}

func step(spec types.SpecReport, report types.Report) model.Step {
	s := model.Step{
		Name:     stepName(spec),
		Outcome:  outcome(spec),
		Started:  model.Instant(spec.StartTime.Sub(report.StartTime)),
		Seconds:  spec.RunTime.Seconds(),
		Output:   bounded(spec.CapturedGinkgoWriterOutput),
		Location: filepath.Base(spec.LeafNodeLocation.FileName),
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
		if at := spec.Failure.Location.FileName; !strings.Contains(filepath.ToSlash(at), "/onsi/ginkgo/") { // a shared step as a whole body: the line of its It says more
			s.Location = filepath.Base(at)
		}
	}
	return s
}

func stepName(spec types.SpecReport) string {
	_, _, inner := Title(spec.ContainerHierarchyTexts)
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

func conclude(s *model.Scenario, interrupted bool) {
	judged := s.Outcome // what was judged from the measurements counts as much as the steps
	has := map[model.Outcome]bool{}
	for _, step := range s.Steps {
		has[step.Outcome] = true
		if step.Cause != nil && s.Cause == nil {
			s.Cause = step.Cause
		}
		if step.Failure != "" && step.Outcome != model.Passed && !strings.HasPrefix(step.Failure, skippedAfterFailure) {
			s.Reasons = appendNew(s.Reasons, step.Name+": "+gist(step.Failure))
		}
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
	case has[model.Skipped]:
		s.Outcome = model.Skipped
	case has[model.Pending]:
		s.Outcome = model.Pending
	case s.Outcome == model.HazardReproduced || len(s.Hazards) > 0:
		s.Outcome = model.HazardReproduced
	default:
		s.Outcome = model.Passed
	}
}

// suiteNodeFailures are failures outside any scenario: set-up of the environment, teardown.
func suiteNodeFailures(report types.Report) []string {
	var notes []string
	for _, spec := range report.SpecReports {
		if spec.LeafNodeType != types.NodeTypeIt && spec.State.Is(types.SpecStateFailureStates) {
			notes = append(notes, spec.LeafNodeType.String()+": "+spec.Failure.Message)
		}
	}
	return notes
}

func bounded(text string) string {
	if len(text) <= maxOutput {
		return text
	}
	return text[:maxOutput/2] + "\n... cut ...\n" + text[len(text)-maxOutput/2:]
}

// skippedAfterFailure begins Ginkgo's text for a step that was left out because an earlier one failed: no reason of its own.
const skippedAfterFailure = "Spec skipped because an earlier spec"

// gist is the first line of a failure; of one that waited in vain, what it waited for as well.
func gist(text string) string {
	line, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if strings.HasPrefix(line, "Timed out after ") || strings.HasPrefix(line, "Context was cancelled after ") {
		next, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
		line = strings.TrimSpace(line + " " + strings.TrimSpace(next))
	}
	return line
}

func appendNew(list []string, text string) []string {
	for _, entry := range list {
		if entry == text {
			return list
		}
	}
	return append(list, text)
}
