package html

import (
	"bytes"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	xhtml "golang.org/x/net/html"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// richOptions has twelve earlier runs, one drill that nobody ever ran and one that is overdue.
func richOptions(t testing.TB) Options {
	t.Helper()
	o := Options{Drills: []string{"S48"}, Evidence: []Evidence{{"run.json", strings.Repeat("0123456789abcdef", 4)}}}
	for i := range 12 {
		run := sample.Rich()
		run.ID = "earlier-" + strconv.Itoa(i)
		run.Started = run.Started.AddDate(0, 0, -14*(12-i))
		for j := range run.Scenarios {
			if d := run.Scenarios[j].Measures.Detection; d != nil {
				moved := *d
				moved.EarliestSeconds += float64(i*7%13) - 6
				moved.LatestSeconds += float64(i*7%13) - 5
				run.Scenarios[j].Measures.Detection = &moved
			}
		}
		entries, err := history.Of(run)
		if err != nil {
			t.Fatal(err)
		}
		o.History = append(o.History, entries...)
	}
	old := o.History[1]
	old.Scenario, old.At = "S05", sample.Started.AddDate(-1, 0, 0)
	o.History = append(o.History, old)
	return o
}

// TestAnOldProofIsKnownWithoutItsRun: the history that a page gets holds the newest runs only.
func TestAnOldProofIsKnownWithoutItsRun(t *testing.T) {
	o := richOptions(t)
	o.Proven, o.MoreProblems = map[string]time.Time{"S77": sample.Started.AddDate(0, 0, -200), "S78": {}, "S79": sample.Started.AddDate(0, 0, -5)}, 7
	page := write(t, sample.Rich(), o)
	for _, want := range []string{"S77: last on 2026-05-06, 200 days ago", "S78: no run has proved anything yet", "The history has 7 more lines that were skipped."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "S79: ") {
		t.Error("S79 is not overdue")
	}
}

func write(t testing.TB, run model.Run, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, run, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePageTellsEverything(t *testing.T) {
	page := write(t, sample.Rich(), richOptions(t))
	for _, want := range []string{
		"The application did NOT fail over as required", "131.2–133.9 s", "2.19–2.23 s wall", "RTO 120 s", "Q1: After both sides declared each other DOWN",
		"send one HTTP body to the toolkit", "Both data centers were active at once for", "resurrected", "_XXXXX_ Remote data center is inactive",
		"CROSSDC_SEED=4712 go tool ginkgo --label-filter=S03 ./suites/outage", "29 trials carry a P90", "predicted", "S48: no run has proved anything yet",
		"S05: last on 2025-11-22", "SHA-256 0123456789abcdef", "release pipeline 812", "relay 127.23.4.12 still flaps", "The machine was busy",
		"healed", "both active", "served by dc1", "May we rely on the failover?", "No: S08, A job is cancelled without orderly shutdown: detection took 131.2 to 133.9 s, the objective is 120 s",
		"curl -i -X POST -H", "no command ends it: what both have processed", "What changed since run earlier-11", "detection -6.5 s", `href="./attachments/S03/dc2-pe31.log"`,
	} {
		if !strings.Contains(page, want) && !strings.Contains(page, strings.ReplaceAll(want, "'", "&#39;")) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestThePageIsWellFormedAndSelfContained(t *testing.T) {
	for name, run := range map[string]model.Run{"rich": sample.Rich(), "one": sample.Many(1, 3), "sixty": sample.Many(60, 5), "empty": {}} {
		page := write(t, run, richOptions(t))
		root, err := xhtml.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		var links []string
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				switch a.Key {
				case "id":
					if ids[a.Val] {
						t.Errorf("%s: two elements have the ID %q", name, a.Val)
					}
					ids[a.Val] = true
				case "href":
					links = append(links, a.Val)
				case "src", "style", "onclick", "srcset", "action":
					t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
				}
			}
			switch n.Data {
			case "link", "img", "iframe", "object", "embed", "base":
				t.Errorf("%s: there is a <%s>", name, n.Data)
			}
		}
		for _, link := range links {
			if target, local := strings.CutPrefix(link, "#"); local && !ids[target] {
				t.Errorf("%s: nothing has the ID %q", name, target)
			} else if !local && !strings.HasPrefix(link, "./") {
				t.Errorf("%s: a link to %q", name, link)
			}
		}
		if regexp.MustCompile(`url\(|@import`).MatchString(page) {
			t.Errorf("%s: the style loads something", name)
		}
		if strings.Contains(page, "NaN") || strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: NaN or a refused value in the page", name)
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	evil := `<script>alert(1)</script>"'><img src=x onerror=alert(1)>` + "\x00\xff]]>"
	s := model.Scenario{ID: evil, Name: evil, Family: evil, Outcome: model.Outcome(evil), Reasons: []string{evil}, Labels: []string{evil}, Command: evil,
		Fault: &model.Fault{Name: evil, Target: evil, Bite: evil}, Objectives: model.Objectives{RTOSeconds: 5, Derivation: evil},
		Measures:     model.Measures{Detection: &model.Measure{EarliestSeconds: math.Inf(-1), LatestSeconds: math.NaN(), By: []string{evil}, Why: evil, ObjectiveSeconds: 3}},
		Observations: []model.Observation{{Site: evil, Indicator: evil, Event: evil, Subject: evil, Evidence: evil}},
		Phases:       []model.Phase{{Name: evil}}, Served: []model.Served{{Site: evil, To: 5, Events: -3}}, Hazards: []model.Hazard{{Quirk: evil, Title: evil, Remedy: evil}},
		Traces: []model.TraceLine{{Site: evil, Line: evil}}, Steps: []model.Step{{Name: evil, Failure: evil, Output: evil}}, Attachments: []string{"javascript:alert(1)", "/etc/passwd"},
		Trials: &model.Trials{Claim: evil, Detection: []model.Measure{{EarliestSeconds: math.Inf(1)}}, Predicted: []float64{math.NaN(), 1}}}
	run := model.Run{ID: evil, Notes: []string{evil}, Scenarios: []model.Scenario{s}, Environment: model.Environment{Toolkit: map[string]string{evil: evil}}}
	page := write(t, run, Options{History: []history.Entry{{Run: "a", Scenario: evil}, {Run: "b", Scenario: evil, Detection: &history.Bounds{Latest: 3}}}})
	root, err := xhtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	scripts := 0
	for n := range root.Descendants() {
		if n.Type == xhtml.ElementNode && n.Data == "script" {
			scripts++
		}
		if n.Data == "img" {
			t.Error("an element came out of a text")
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts", scripts)
	}
}

// TestContrast computes WCAG 2 contrast of the colors that texts and marks have on their grounds, light and dark.
func TestContrast(t *testing.T) {
	blocks := regexp.MustCompile(`:root\{([^}]*)\}`).FindAllStringSubmatch(style, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d sets of colors, want light and dark", len(blocks))
	}
	for i, block := range blocks {
		color := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z0-9]+):#([0-9a-f]{6})`).FindAllStringSubmatch(block[1], -1) {
			color[m[1]] = luminance(t, m[2])
		}
		check := func(front, back string, least float64) {
			a, b := color[front], color[back]
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < least {
				t.Errorf("set %d: %s on %s has contrast %.2f, want %.1f", i, front, back, ratio, least)
			}
		}
		for _, text := range []string{"fg", "muted", "link", "pass", "fail", "warn", "hazard"} {
			check(text, "bg", 4.5)
			check(text, "box", 4.5)
		}
		check("inside", "phase", 4.5)
		check("inside", "odd", 4.5)
		for _, mark := range []string{"dc1", "dc2", "mark", "fused", "fault"} {
			check(mark, "bg", 3)
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestTheSameRunGivesTheSamePage(t *testing.T) {
	o := richOptions(t)
	if first, second := write(t, sample.Rich(), o), write(t, sample.Rich(), o); first != second {
		t.Error("it does not")
	}
}

func TestAScaleMayGrowUpwards(t *testing.T) {
	up := scale{from: 1, to: 0, left: 20, width: 180}
	if up.at(1) != 20 || up.at(0) != 200 || up.at(0.5) != 110 {
		t.Errorf("1 at %v, 0.5 at %v, 0 at %v", up.at(1), up.at(0.5), up.at(0))
	}
}

func TestTicksAreRound(t *testing.T) {
	for _, s := range []scale{{from: -120, to: 480}, {from: 0, to: 0.003}, {from: 5, to: 5}, {from: 0, to: math.Inf(1)}} {
		if got := s.ticks(10); len(got) == 0 || len(got) > 14 {
			t.Errorf("%v: %v", s, got)
		}
	}
}

func BenchmarkTwoThousandScenarios(b *testing.B) {
	run := sample.Many(2000, 5)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, run, Options{Now: time.Unix(1, 0)}); err != nil {
			b.Fatal(err)
		}
	}
}

// Of several trials the audit sheet says how the worst deviates, not the best.
func TestTheAuditSheetSaysHowTheWorstTrialDeviates(t *testing.T) {
	run := model.Run{ID: "r", Started: time.Unix(1700000000, 0), Finished: time.Unix(1700000100, 0), Scenarios: []model.Scenario{
		{ID: "S03", Name: "A data center crashes", Outcome: model.Passed, Trial: 1, Fault: &model.Fault{Name: "crash", Target: "dc1", Injected: model.Interval{Earliest: model.Instant(time.Second)}}},
		{ID: "S03", Name: "A data center crashes", Outcome: model.Failed, Trial: 2, Reasons: []string{"never served again"}},
	}}
	row := auditOf(run, Options{}).Rows[0]
	if row.Deviation != "failed: never served again" || row.Fault != "crash of dc1" || row.At != "2023-11-14 22:13:21 UTC" {
		t.Errorf("%+v", row)
	}
}

func TestAnObjectiveLeadsToItsFormulaAndEachSymbolToTheGlossary(t *testing.T) {
	page := write(t, sample.Rich(), Options{})
	for _, want := range []string{`<a href="#s1-formula">of 120 s</a>`, `<p class="extra" id="s1-formula">`, `(<a href="#g-n">N</a>&#43;1)*<a href="#g-i">I</a> &#43; d = (4&#43;1)*30 s &#43; 0 s = 150 s`,
		`<th scope="row"><a href="#g-takeover">takeover</a></th>`, `<a href="#h-Q1">What it means and what to do</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	ids := map[string]bool{}
	for _, found := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[found[1]] {
			t.Errorf("two elements are called %s", found[1])
		}
		ids[found[1]] = true
	}
	for _, found := range regexp.MustCompile(` href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !ids[found[1]] {
			t.Errorf("a link leads to #%s, which is not there", found[1])
		}
	}
}
