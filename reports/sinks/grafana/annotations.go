// Package grafana writes what a stored run did into Grafana as annotations, so that a drill is seen in every dashboard where
// its effects are. It imports nothing of this module outside of reports.
package grafana

import (
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// Annotation is the body of POST /api/annotations. Times are milliseconds since 1970.
type Annotation struct {
	Time    int64    `json:"time"`
	TimeEnd int64    `json:"timeEnd"`
	Tags    []string `json:"tags"`
	Text    string   `json:"text"`
}

// longest text of an annotation, in bytes: more is for the report.
const longest = 1000

// Annotations are those of a run: one for the run, and one for each fault from its earliest injection to its latest heal (to
// the scenario's end without one). Tags are failover and, for faults, the family, the scenario and the verdict. It is a pure function.
func Annotations(run model.Run) []Annotation {
	end := run.Finished
	for _, s := range run.Scenarios {
		if at := run.Started.Add(time.Duration(s.Finished)); run.Finished.IsZero() && at.After(end) {
			end = at
		}
	}
	if end.Before(run.Started) {
		end = run.Started
	}
	out := []Annotation{{Time: run.Started.UnixMilli(), TimeEnd: end.UnixMilli(), Tags: tags("failover", "run", string(summary.Worst(run))),
		Text: say("Failover drills, run %s: %s", run.ID, summary.Worst(run))}}
	for _, s := range run.Scenarios {
		if s.Fault != nil {
			out = append(out, ofFault(run, s))
		}
	}
	return out
}

func ofFault(run model.Run, s model.Scenario) Annotation {
	verdict := string(s.Outcome)
	if verdict == "" {
		verdict = "unfinished"
	}
	from, until := s.Fault.Injected.Earliest, max(s.Fault.Injected.Latest, s.Finished)
	if s.Fault.Healed != nil {
		until = max(from, s.Fault.Healed.Latest)
	}
	lines := []string{say("%s %s: %s", s.ID, s.Name, verdict), say("%s %s", s.Fault.Name, s.Fault.Target)}
	for _, m := range []struct {
		name    string
		measure *model.Measure
	}{{"detection", s.Measures.Detection}, {"takeover", s.Measures.Takeover}, {"recovery", s.Measures.Recovery}} {
		if m.measure != nil {
			lines = append(lines, say("%s %.4g to %.4g s (toolkit time): %s", m.name, m.measure.EarliestSeconds, m.measure.LatestSeconds, m.measure.Verdict))
		}
	}
	if loss := s.Measures.Loss; loss != nil {
		lines = append(lines, say("loss %d to %d events: %s", loss.EarliestEvents, loss.LatestEvents, loss.Verdict))
	}
	for _, reason := range s.Reasons {
		lines = append(lines, say("%s", reason))
	}
	return Annotation{Time: run.Started.Add(time.Duration(from)).UnixMilli(), TimeEnd: run.Started.Add(time.Duration(until)).UnixMilli(),
		Tags: tags("failover", s.Family, s.ID, verdict), Text: plain.Clip(strings.Join(lines, "\n"), longest)}
}

// markup is escaped: Grafana shows annotations as HTML (cleaned), and a text is a text.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func say(format string, values ...any) string {
	return markup.Replace(plain.Line(fmt.Sprintf(format, values...)))
}

func tags(all ...string) []string {
	var out []string
	for _, tag := range all {
		if tag = plain.Line(tag); tag != "" {
			out = append(out, tag)
		}
	}
	return out
}
