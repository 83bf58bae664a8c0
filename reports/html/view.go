package html

import (
	"fmt"
	"html/template"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crossdc/failover/reports/junit"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// view is what the template shows: every decision is made here, so that the template holds none.
type view struct {
	Policy        string
	Style         template.CSS
	Script        template.JS
	Title         string
	Answer        string
	Sentence      string // how many scenarios ended how
	Next          string // what to do with the answer
	Changes       []string
	Since         string // what they are changes since
	Class, Symbol string
	Facts         []fact
	Notes         []string
	Scenarios     []scenario
	Many          bool     // more scenarios than a browser should lay out at once
	Verdicts      []string // that occur, for the filter
	Hazards       []hazard
	Repeated      []repeated
	Campaign      *campaign
	Grid          grid
	Trends        []trendView
	Glossary      []term
	Audit         audit
}

type fact struct{ Name, Value string }

// longFact is from how many characters on a fact is folded to its beginning, of shortFact characters.
const (
	longFact  = 180
	shortFact = 90
)

// Short is the beginning of a long fact, empty for one that needs none.
func (f fact) Short() string {
	if utf8.RuneCountInString(f.Value) <= longFact {
		return ""
	}
	return clipLabel(f.Value, shortFact)
}

type scenario struct {
	Anchor, Title, Verdict, Class, Symbol string
	Lasting                               string // an anchor that is the same on the page of every run; on the first of its variant only
	Open                                  bool
	Reasons                               []string
	Why, Find                             string
	Objective                             string
	Detection, Recovery, Steady, Loss     cell
	Facts                                 []fact
	Picture, Small                        template.HTML // for screens and paper, and for phones
	InWords                               string
	Sides                                 []side
	SideNames                             string
	Overlap                               string
	Measures                              []measureRow
	Remedies                              []string
	Formula                               []piece // how the objectives follow, each word of the glossary a link
	Hazards                               []known
	Contradictions                        []string
	Level                                 string   // how exactly the application could be accounted for
	LeftOut                               []string // what could not be said
	Concluded                             []string
	Ledger                                []fact
	Indicators                            []indicatorRow
	Observations                          []observationRow
	Since                                 string // what their times count from
	Omitted                               string
	Lines                                 []fact // instead of Facts, Measures, Ledger and Cleanup
	Traces                                []model.TraceLine
	Steps                                 []stepRow
	StepsOpen                             bool // one of them says why
	Cleanup                               []fact
	CleanupClass, CleanupSymbol           string
	CleanupVerdict                        string
	Attachments                           []string
	Command                               string
}

// cell of the table of objectives; Sort orders it.
type cell struct {
	Text, Wall, Verdict, Class, Sort string
	Formula                          string // the anchor of what its objective follows from
	Bullet                           template.HTML
}

type measureRow struct{ Name, Term, Interval, Wall, Objective, Verdict, Class, By, Why string }
type indicatorRow struct{ Site, Name, Used, Why, Polls string }
type observationRow struct{ When, Wall, Site, Indicator, Event, Subject, Evidence string }
type stepRow struct {
	Name, Verdict, Class, Symbol, Seconds, Failure, Location, Output string

	unreached int // how many steps this row stands for, which were left out because an earlier one failed
}
type chart struct {
	Title   string
	Drawing template.HTML
}

// repeated are the trials of one scenario.
type repeated struct {
	link
	Claim  string
	Charts []chart
}

// large is the number of scenarios from which those that passed are shown without their timeline, single observations and
// steps, and so are others beyond as many: a page of thousands must still open. Everything is in run.json.
const large = 300

// many is the number of scenarios up to which each has a picture for phones and its indicators by side; beyond it the picture
// for screens shrinks, and the indicators are in the list of observations.
const many = 80

const maxObservations = 120

func viewOf(run model.Run, options Options) view {
	class, symbol := look(summary.Worst(run))
	ordered := worstFirst(run.Scenarios)
	v := view{Policy: policy(), Style: template.CSS(style), Script: template.JS(script), //nolint:gosec // ours, embedded
		Title: "Failover report " + run.ID, Answer: answerOf(run, ordered), Sentence: summary.Sentence(run), Next: nextOf(run), Class: class, Symbol: symbol,
		Notes: run.Notes, Facts: runFacts(run), Glossary: glossary(run)}
	anchors := map[variant]string{}
	seen := map[string]bool{}
	hazards := map[string]*hazard{}
	var order []string
	if run.Interrupted {
		v.Notes = append([]string{"Somebody interrupted this run: what is below is what was known until then."}, run.Notes...)
	}
	detailed := 0
	v.Many = len(run.Scenarios) > large
	for i, s := range ordered {
		full := !v.Many || (detailed < large && s.Outcome != model.Passed && s.Outcome != model.Skipped)
		if full {
			detailed++
		}
		one := scenarioOf(run, s, "s"+strconv.Itoa(i+1), len(run.Scenarios), full)
		v.Scenarios = append(v.Scenarios, one)
		if at := (variant{s.ID, s.Name, s.Topology}); anchors[at] == "" {
			anchors[at] = one.Anchor
			v.Scenarios[len(v.Scenarios)-1].Lasting = at.anchor()
		}
		if s.Trials != nil && full {
			v.Repeated = append(v.Repeated, repeatedOf(s, one))
		}
		if !seen[one.Verdict] {
			seen[one.Verdict] = true
			v.Verdicts = append(v.Verdicts, one.Verdict)
		}
		for _, h := range s.Hazards {
			if hazards[h.Quirk] == nil {
				hazards[h.Quirk] = &hazard{Hazard: h}
				order = append(order, h.Quirk)
			}
			if known := hazards[h.Quirk]; len(known.Scenarios) < 20 {
				known.Scenarios = append(known.Scenarios, link{one.Anchor, s.ID, one.Title})
			}
		}
	}
	sort.Strings(v.Verdicts)
	for _, quirk := range order {
		hazards[quirk].tellApart()
		v.Hazards = append(v.Hazards, *hazards[quirk])
	}
	for _, p := range options.Problems {
		v.Notes = append(v.Notes, "The history has a line that was skipped: "+p.Error())
	}
	if options.MoreProblems > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("The history has %d more lines that were skipped.", options.MoreProblems))
	}
	v.Campaign = campaignOf(run.Campaign)
	v.Changes, v.Since = changesOf(run, options.History)
	v.Grid = gridOf(run, options, anchors)
	v.Trends = trends(options.History)
	v.Audit = auditOf(run, options)
	return v
}

// look gives an outcome a class and a symbol: color alone must not carry it.
func look(outcome model.Outcome) (class, symbol string) {
	switch outcome {
	case model.Passed:
		return "pass", "✓"
	case model.HazardReproduced:
		return "hazard", "!"
	case model.Failed:
		return "fail", "✕"
	case model.Panicked:
		return "fail", "✕"
	case model.Skipped, model.Pending:
		return "skip", "–"
	case model.NotTested:
		return "warn", "∅"
	default:
		return "warn", "?"
	}
}

func lookVerdict(v model.Verdict) string {
	switch v {
	case model.Met:
		return "pass"
	case model.Missed:
		return "fail"
	case model.Inconclusive:
		return "warn"
	default:
		return "skip"
	}
}

func runFacts(run model.Run) []fact {
	e := run.Environment
	facts := []fact{{"run", run.ID}, {"started", stamp(run.Started)}}
	if run.Finished.IsZero() {
		facts = append(facts, fact{"finished", "not yet: this is a partial report"})
	} else {
		facts = append(facts, fact{"took", run.Finished.Sub(run.Started).Round(time.Second).String() + " (wall)"})
	}
	if e.Kind != "" {
		facts = append(facts, fact{"environment", strings.Trim(e.Kind+", "+e.Topology, ", ")})
	}
	if e.Speedup > 0 { // else nothing was reached
		facts = append(facts, fact{"speedup", plain.Seconds(e.Speedup) + " toolkit seconds per wall second"})
	}
	facts = append(facts, fact{"seed", strconv.FormatInt(run.Seed, 10)})
	for _, cause := range run.Refused {
		facts = append(facts, fact{"refused", cause.Sentence()})
	}
	if e.AccuracyClass != "" {
		facts = append(facts, fact{"accuracy", e.AccuracyClass})
	}
	if run.By != "" {
		facts = append(facts, fact{"by", run.By})
	}
	for _, dc := range e.DataCenters {
		facts = append(facts, fact{dc.Name, strings.Join(strings.Fields(dc.Instance+" "+dc.ProductVersion+" "+dc.Application+" "+dc.Root), " ")})
	}
	for _, name := range sortedKeys(e.Capabilities) {
		if e.Capabilities[name] != "yes" {
			facts = append(facts, fact{"not possible here: " + name, e.Capabilities[name]})
		}
	}
	return facts
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func scenarioOf(run model.Run, s model.Scenario, anchor string, total int, full bool) scenario {
	class, symbol := look(outcomeOf(s))
	out := scenario{Anchor: anchor, Title: junit.Title(s), Verdict: summary.Word(s.Outcome), Class: class, Symbol: symbol,
		Open: total <= 12 && !s.Outcome.Left() && outcomeOf(s) != model.Passed, Reasons: s.Reasons, Why: why(s),
		Objective: objectiveText(s.Objectives), Detection: repeatedCell(s.Measures.Detection, s, detections), Steady: measureCell(s.Measures.Steady, s.Outcome),
		Recovery: repeatedCell(s.Measures.Recovery, s, recoveries), Loss: lossCell(s.Measures.Loss, s.Outcome), Hazards: knownOf(s.Hazards),
		Contradictions: s.Contradictions, Level: levelOf(s.Accounting), LeftOut: leftOut(s.Accounting), Ledger: ledgerFacts(s.Ledger), Traces: s.Traces, Command: s.Command}
	out.Facts, out.Remedies = scenarioFacts(run, s), remedies(run, s)
	out.explain(s, total <= many)
	for _, c := range s.Concluded {
		out.Concluded = append(out.Concluded, c.Sentence())
	}
	out.Overlap = overlapText(s)
	out.Measures = measureRows(s)
	out.Find = findable(s, 120)
	if full {
		out.Find = findable(s, 600)
		out.Picture, out.InWords = pictureOf(s, wide), inWords(s)
		if total <= many {
			out.Small = pictureOf(s, narrow)
			out.Sides = sidesOf(s)
			out.SideNames = sideNames(out.Sides)
		}
	}
	for _, a := range s.Attachments {
		if inside, ok := plain.Inside(a); ok {
			out.Attachments = append(out.Attachments, "./"+inside)
		}
	}
	out.cleanup(s)
	if !full {
		out.compact()
		out.Omitted = "This page holds many scenarios: the timeline, single observations, indicators, steps and trials of this one are in run.json."
		if len(s.Observations) == 0 && len(s.Served) == 0 && len(out.Attachments) > 0 {
			out.Omitted = "This page holds many scenarios: the timeline and single observations of this one are in the stored scenario that is attached, indicators, steps and trials in run.json."
		}
		return out
	}
	out.Indicators = indicatorRows(s.Indicators)
	out.Observations, out.Since = observationRows(s), clockOf(s).since()
	if hidden := len(s.Observations) - maxObservations; hidden > 0 {
		out.Omitted = fmt.Sprintf("%d more observations are in run.json.", hidden)
	}
	for _, step := range s.Steps {
		class, symbol := look(step.Outcome)
		if step.Follows && step.Outcome.Left() {
			out.Steps = unreached(out.Steps, step, class, symbol)
			continue
		}
		out.StepsOpen = out.StepsOpen || step.Failure != "" && !step.Outcome.Green() && !step.Outcome.Left()
		out.Steps = append(out.Steps, stepRow{Name: step.Name, Verdict: summary.Word(step.Outcome), Class: class, Symbol: symbol,
			Seconds: plain.Seconds(step.Seconds) + " s wall", Failure: plain.Clip(plain.Text(step.Failure), 8<<10), Location: step.Location,
			Output: plain.Clip(plain.Text(step.Output), 4<<10)})
	}
	return out
}

// unreached adds a step that was left out because an earlier one failed: all of them share a row, because they say nothing of their
// own.
func unreached(rows []stepRow, step model.Step, class, symbol string) []stepRow {
	if last := len(rows) - 1; last >= 0 && rows[last].unreached > 0 {
		rows[last].unreached++
		rows[last].Name += "; " + step.Name
		rows[last].Verdict = fmt.Sprintf("%d not reached:", rows[last].unreached)
		return rows
	}
	return append(rows, stepRow{Name: step.Name, Verdict: "not reached:", Class: class, Symbol: symbol, unreached: 1})
}

// repeatedOf draws the trials of a scenario. The link leads to the trial that carries the claim, the one that ended last.
func repeatedOf(s model.Scenario, one scenario) repeated {
	t := s.Trials
	out := repeated{link: link{Anchor: one.Anchor, Text: strings.TrimSpace(s.ID + " " + s.Name)}, Claim: t.Claim}
	for _, c := range []chart{
		{"Detection", distribution(fmt.Sprintf("Detection in %d trials", len(t.Detection)), t.Detection, t.Predicted, s.Objectives.RTOSeconds)},
		{"Recovery", distribution(fmt.Sprintf("Recovery in %d trials", len(t.Recovery)), t.Recovery, nil, s.Objectives.RTOSeconds)},
	} {
		if c.Drawing != "" {
			out.Charts = append(out.Charts, c)
		}
	}
	return out
}

func (out *scenario) cleanup(s model.Scenario) {
	if s.Cleanup == nil && s.Fault == nil {
		return
	}
	outcome := summary.CleanupOutcome(s)
	out.CleanupClass, out.CleanupSymbol = look(outcome)
	out.CleanupVerdict = summary.Word(outcome)
	if c := s.Cleanup; c != nil {
		out.Cleanup = []fact{{"injected", list(c.Injected)}, {"healed", list(c.Healed)}, {"left", list(c.Left)}}
		if c.Reason != "" {
			out.Cleanup = append(out.Cleanup, fact{"reason", c.Reason})
		}
	}
}

func list(all []string) string {
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
