package html

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

const maxChanges = 12

// changesOf says what became different since the last run under the same conditions, scenario by scenario: another outcome,
// values whose intervals do not meet any more, hazards that are new or gone. since is the newest run that was compared with;
// empty when there is none.
func changesOf(run model.Run, entries []history.Entry) (changes []string, since string) {
	toolkit := history.Fingerprint(run.Environment.Toolkit)
	type drill struct {
		id, name, topology string
		trial              int
	}
	last := map[drill]history.Entry{}
	for _, e := range entries {
		if e.Run == run.ID || e.Environment != run.Environment.Kind || e.Toolkit != toolkit || !e.At.Before(run.Started) {
			continue
		}
		d := drill{e.Scenario, e.Name, e.Topology, e.Trial}
		if old, known := last[d]; !known || old.At.Before(e.At) {
			last[d] = e
		}
	}
	var newest time.Time
	for _, s := range summary.Ordered(run.Scenarios) {
		before, known := last[drill{s.ID, s.Name, s.Topology, s.Trial}]
		if !known || before.Speedup != s.Speedup {
			continue
		}
		if before.At.After(newest) {
			newest, since = before.At, before.Run
		}
		if what := differences(before, s); len(what) > 0 {
			changes = append(changes, plain.Line(s.ID+" "+s.Name)+": "+strings.Join(what, ", "))
		}
	}
	if more := len(changes) - maxChanges; more > 0 {
		changes = append(changes[:maxChanges:maxChanges], fmt.Sprintf("and %d more", more))
	}
	if since != "" {
		since += " of " + newest.UTC().Format("2006-01-02 15:04")
	}
	return changes, since
}

func differences(before history.Entry, s model.Scenario) []string {
	var what []string
	if before.Outcome != s.Outcome {
		what = append(what, fmt.Sprintf("%s, was %s", summary.Word(s.Outcome), summary.Word(before.Outcome)))
	}
	for _, m := range []struct {
		name   string
		before *history.Bounds
		now    *model.Measure
	}{{"detection", before.Detection, s.Measures.Detection}, {"takeover", before.Takeover, s.Measures.Takeover}, {"recovery", before.Recovery, s.Measures.Recovery}} {
		if m.before == nil || m.now == nil || m.now.EarliestSeconds <= m.before.Latest && m.now.LatestSeconds >= m.before.Earliest {
			continue
		}
		change := (m.now.EarliestSeconds+m.now.LatestSeconds)/2 - m.before.Mid()
		sign := "+"
		if change < 0 {
			sign = "-"
			change = -change
		}
		what = append(what, fmt.Sprintf("%s %s%s s (now %s)", m.name, sign, plain.Seconds(change), plain.Range(m.now.EarliestSeconds, m.now.LatestSeconds)))
	}
	var quirks []string
	for _, h := range s.Hazards {
		quirks = append(quirks, h.Quirk)
		if !slices.Contains(before.Hazards, h.Quirk) {
			what = append(what, "new: "+h.Quirk)
		}
	}
	for _, quirk := range before.Hazards {
		if !slices.Contains(quirks, quirk) {
			what = append(what, "gone: "+quirk)
		}
	}
	return what
}
