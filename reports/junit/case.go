package junit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// result is what JUnit can say about a test case.
type result int

const (
	passed result = iota
	failure
	errored
	skipped
)

type testCase struct {
	name, class   string
	seconds       float64
	result        result
	ended         model.Outcome
	kind          string // the type attribute: the outcome in words
	message, body string
	output        string
	attachments   string // lines of their own, never clipped
	properties    []property
}

// resultOf maps an outcome by the table of outcomes: a hazard passed (the property and the output tell it apart); what
// proves nothing is an error. An outcome that is empty or unknown never passes.
func resultOf(outcome model.Outcome) (result, string) {
	meaning := outcome.Meaning()
	kind := plain.Line(meaning.Word)
	switch meaning.Element {
	case model.NoElement:
		return passed, kind
	case model.FailureElement:
		return failure, kind
	case model.SkippedElement:
		return skipped, kind
	default:
		return errored, kind
	}
}

func (tc *testCase) outcome(o model.Outcome) {
	tc.ended = o
	tc.result, tc.kind = resultOf(o)
}

// Title is the human name of a scenario in every report: "S03 A data center crashes (trial 2)".
func Title(scenario model.Scenario) string {
	title := plain.Line(scenario.ID + " " + scenario.Name)
	if scenario.Trial > 0 {
		title += fmt.Sprintf(" (trial %d)", scenario.Trial)
	}
	if title == "" {
		return "unnamed scenario"
	}
	return title
}

// casesOf makes the test cases of one scenario: its steps, its verdict where no step carries it, its cleanup.
func casesOf(run model.Run, scenario model.Scenario, options Options) []testCase {
	clean := func(s string) string {
		if options.Redact != nil {
			s = options.Redact(s)
		}
		return plain.Text(s)
	}
	line := func(s string) string { return plain.Line(clean(s)) }

	title := line(Title(scenario))
	class := ClassPrefix + family(scenario.Family)
	properties := scenarioProperties(run, scenario, options)
	with := func(more ...property) []property {
		return append(properties[:len(properties):len(properties)], more...)
	}

	var cases []testCase
	for i, step := range scenario.Steps {
		name := line(step.Name)
		if name == "" {
			name = fmt.Sprintf("step %d", i+1)
		}
		tc := testCase{name: clip(title+": "+name, maxName), class: class, seconds: step.Seconds,
			output:     noAttachments(clean(step.Output)),
			properties: with(property{"step", strconv.Itoa(i + 1)}, property{"step.outcome", outcomeText(step.Outcome)})}
		tc.outcome(step.Outcome)
		reason := step.Failure
		if reason == "" && tc.result != passed {
			reason = strings.Join(scenario.Reasons, "\n")
		}
		tc.explain(clean(reason), line(step.Location))
		cases = append(cases, tc)
	}

	if !carried(scenario.Outcome, cases) {
		tc := testCase{name: clip(title+": verdict", maxName), class: class,
			properties: with(property{"step", "verdict"}, property{"step.outcome", outcomeText(scenario.Outcome)})}
		tc.outcome(scenario.Outcome)
		if len(cases) == 0 {
			tc.seconds = float64(scenario.Finished-scenario.Started) / 1e9
		}
		tc.explain(clean(strings.Join(scenario.Reasons, "\n")), "")
		cases = append(cases, tc)
	}
	teller := &cases[tellerOf(cases)]
	teller.output = join(teller.output, noAttachments(story(scenario, clean)))
	teller.attachments = attachments(scenario, clean)

	if tc, ok := cleanupCase(scenario, title, class, clean); ok {
		tc.properties = with(property{"step", "cleanup"}, property{"step.outcome", outcomeText(outcomeOfCleanup(scenario))})
		cases = append(cases, tc)
	}
	return cases
}

// refused is the one test case of a run that was refused before it had any scenario: without it the file would be empty.
func refused(run model.Run, options Options) testCase {
	var causes []string
	for _, cause := range run.Refused {
		text := cause.Sentence()
		if options.Redact != nil {
			text = options.Redact(text)
		}
		causes = append(causes, plain.Text(text))
	}
	tc := testCase{name: "the run can begin", class: ClassPrefix + family(strings.Join(run.Suites, " "))}
	tc.outcome(model.NotTested)
	tc.explain(strings.Join(causes, "\n"), "")
	return tc
}

// explain fills in message and body of a test case that did not pass.
func (tc *testCase) explain(reason, location string) {
	if tc.result == passed {
		return
	}
	if strings.TrimSpace(reason) == "" {
		reason = "no reason was recorded"
		if tc.ended == model.Unfinished {
			reason = "the run ended before this finished"
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(reason), "\n")
	tc.message = clip(plain.Line(first), maxMessage)
	tc.body = noAttachments(plain.Clip(reason, maxBody))
	if location != "" {
		tc.body += "\nat " + location
	}
}

// carried reports whether some step says at least what the scenario's outcome says.
func carried(outcome model.Outcome, cases []testCase) bool {
	want, _ := resultOf(outcome)
	for _, tc := range cases {
		if tc.result == want {
			return true
		}
	}
	return false
}

// tellerOf is the test case whose output tells the scenario's story: the first that did not pass, else the last.
func tellerOf(cases []testCase) int {
	for i, tc := range cases {
		if tc.result == failure || tc.result == errored {
			return i
		}
	}
	return len(cases) - 1
}

// story is what a reader of the test case needs beside the step's own output: hazards, the command that repeats the
// scenario.
func story(scenario model.Scenario, clean func(string) string) string {
	var b strings.Builder
	for _, h := range scenario.Hazards {
		fmt.Fprintf(&b, "known hazard %s reproduced: %s\n  evidence: %s\n", plain.Line(h.Quirk), clean(h.Title), clean(h.Evidence))
		if h.Remedy != "" {
			fmt.Fprintf(&b, "  what to do: %s\n", clean(h.Remedy))
		}
		if h.WayOut != "" {
			fmt.Fprintf(&b, "  way out: %s\n", strings.ReplaceAll(clean(h.WayOut), "\n", "\n           "))
		} else if h.Note != "" {
			b.WriteString("  way out: no command\n")
		}
		if h.Note != "" {
			fmt.Fprintf(&b, "    %s\n", clean(h.Note))
		}
	}
	for _, c := range scenario.Contradictions {
		fmt.Fprintf(&b, "indicators contradict each other: %s\n", clean(c))
	}
	for _, c := range scenario.Concluded {
		fmt.Fprintf(&b, "concluded on the way: %s\n", clean(c.Sentence()))
	}
	if scenario.Command != "" {
		fmt.Fprintf(&b, "to repeat it: %s\n", plain.Line(clean(scenario.Command)))
	}
	return b.String()
}

// attachments names the scenario's files in the form that Jenkins' junit-attachments and GitLab understand.
func attachments(scenario model.Scenario, clean func(string) string) string {
	var b strings.Builder
	for i, a := range scenario.Attachments {
		if i == maxAttachments {
			fmt.Fprintf(&b, "%d more attachments left out\n", len(scenario.Attachments)-i)
			break
		}
		if relative, ok := plain.Inside(clean(a)); ok {
			b.WriteString("[[ATTACHMENT|" + relative + "]]\n")
		} else {
			b.WriteString("attachment left out, its path leads out of the report folder: " + noAttachments(plain.Line(clean(a))) + "\n")
		}
	}
	return b.String()
}

// noAttachments disarms attachment lines in text that we did not write: a CI server would collect whatever file they name.
func noAttachments(s string) string { return strings.ReplaceAll(s, "[[ATTACHMENT|", "[[ATTACHMENT |") }

// cleanupCase states what was injected, healed, and that nothing was left. A scenario that injected something and has no
// cleanup verdict gets an error; one that never injected anything gets no test case.
func cleanupCase(scenario model.Scenario, title, class string, clean func(string) string) (testCase, bool) {
	outcome := outcomeOfCleanup(scenario)
	if scenario.Cleanup == nil && scenario.Fault == nil {
		return testCase{}, false
	}
	tc := testCase{name: clip(title+": leaves nothing behind", maxName), class: class}
	tc.outcome(outcome)
	if scenario.Cleanup == nil {
		tc.explain("a fault was injected and there is no cleanup verdict: the run ended before it", "")
		return tc, true
	}
	c := scenario.Cleanup
	reason := clean(c.Reason)
	if len(c.Left) > 0 {
		reason = join(reason, "could not be proven gone: "+clean(strings.Join(c.Left, ", ")))
	}
	tc.explain(reason, "")
	var b strings.Builder
	for _, part := range []struct {
		verb string
		what []string
	}{{"injected", c.Injected}, {"healed", c.Healed}, {"left", c.Left}} {
		what := "nothing"
		if len(part.what) > 0 {
			what = clean(strings.Join(part.what, ", "))
		}
		fmt.Fprintf(&b, "%s: %s\n", part.verb, what)
	}
	tc.output = noAttachments(b.String())
	return tc, true
}

// outcomeOfCleanup is the cleanup's own outcome, except that something left behind never passes.
func outcomeOfCleanup(scenario model.Scenario) model.Outcome {
	switch c := scenario.Cleanup; {
	case c == nil:
		return ""
	case len(c.Left) > 0 && c.Outcome.Green():
		return model.Failed
	default:
		return c.Outcome
	}
}

func outcomeText(outcome model.Outcome) string {
	if outcome == model.Unfinished {
		return outcome.Word()
	}
	return plain.Line(string(outcome))
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return strings.TrimSuffix(a, "\n") + "\n" + b
}

// clip bounds a line.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.TrimSpace(plain.Line(plain.Clip(s, limit)))
}
