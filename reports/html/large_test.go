package html

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/sample"
)

func TestAPageOfThousandsDrawsABoundedNumberOfTimelines(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample.Many(2000, 5), Options{}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if got := strings.Count(page, `<figure class="failover`); got == 0 || got > large {
		t.Errorf("%d pictures, want 1 to %d", got, large)
	}
	if !strings.Contains(page, "are in run.json") {
		t.Error("the page does not say where the rest is")
	}
	if b.Len() > 7<<20 {
		t.Errorf("%d bytes, want at most 7 MiB", b.Len())
	}
	// The time to open the page goes with the number of its elements: with 227,000 it took 1.6 s, with 120,000 1 s.
	if got := len(regexp.MustCompile(`<[a-z]`).FindAllString(page, -1)); got > 150_000 {
		t.Errorf("%d elements, want at most 150,000", got)
	}
}

func TestAScenarioOfThousandsSaysTheSameInLines(t *testing.T) {
	s := sample.Rich().Scenarios[1]
	lines := scenarioOf(sample.Rich(), s, "s1", 2000, false)
	if lines.Facts != nil || lines.Measures != nil || lines.Ledger != nil || lines.Cleanup != nil {
		t.Error("there are lists and tables still")
	}
	var text strings.Builder
	for _, line := range lines.Lines {
		text.WriteString(line.Name + ": " + line.Value + "\n")
	}
	full := scenarioOf(sample.Rich(), s, "s1", 2, true)
	if full.Lines != nil {
		t.Error("a scenario in full has lines too")
	}
	for _, list := range [][]fact{full.Facts, full.Ledger, full.Cleanup} {
		for _, f := range list {
			if f.Value != "" && !strings.Contains(text.String(), f.Name+": "+f.Value) {
				t.Errorf("%s: %s is not in\n%s", f.Name, f.Value, &text)
			}
		}
	}
	for _, row := range full.Measures {
		for _, want := range []string{"Measured " + row.Name + ": " + row.Interval, row.Wall, row.Verdict, row.Objective, row.By, row.Why} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%q is not in\n%s", want, &text)
			}
		}
	}
	if !strings.Contains(text.String(), full.CleanupSymbol+" "+full.CleanupVerdict) {
		t.Errorf("the cleanup's verdict is not in\n%s", &text)
	}
}

func TestAnInterruptedRunSaysSo(t *testing.T) {
	const note = "Somebody interrupted this run"
	run := sample.Rich()
	for _, interrupted := range []bool{true, false} {
		run.Interrupted = interrupted
		var b bytes.Buffer
		if err := Write(&b, run, Options{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), note) != interrupted {
			t.Errorf("interrupted is %v, and the page does not say that", interrupted)
		}
	}
}

func TestTheTableShowsTheTrialsWhereThereIsNothingElse(t *testing.T) {
	s := sample.Rich().Scenarios[3]
	if s.Trials == nil {
		t.Fatal("the sample has no trials any more")
	}
	if own := scenarioOf(sample.Rich(), s, "s1", 1, true).Detection; strings.Contains(own.Wall, "trials") {
		t.Errorf("its own value is hidden: %+v", own)
	}
	s.Measures.Detection = nil
	if all := scenarioOf(sample.Rich(), s, "s1", 1, true).Detection; all.Wall != "over 29 trials" || all.Text == "not measured" {
		t.Errorf("%+v", all)
	}
}
