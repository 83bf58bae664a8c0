package html

import (
	"fmt"
	"strconv"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// nextOf says what to do with the answer: sign off or not, and where on the page to go on. It needs no knowledge of the toolkit.
func nextOf(run model.Run) string {
	text := ""
	switch summary.Worst(run) {
	case model.Failed:
		text = "Do not sign off. The first row below says what was missed; its details say what it rests on, what to change and how to repeat it."
	case model.Panicked, model.TimedOut:
		text = "Do not sign off: a test did not get to its end, which says nothing about the application. Repeat it with the command at the end of its details."
	case model.Interrupted, model.Running, model.Unfinished:
		text = "Do not sign off: the run did not get to its end. Run it again."
	case model.NotTested:
		text = "Do not sign off yet: mend what is named here, then run it again."
	case model.OutcomeInconclusive:
		text = "Do not sign off yet: repeat what proved nothing, with the command at the end of its details. Its reasons say what was missing; often the machine was busy."
	case model.HazardReproduced:
		text = "Sign off only if you accept what the runbook describes: it will happen in production as well. The runbook says how to see it there, and the way out."
	case model.Passed:
		text = "Sign off for what is listed here and for nothing else; the audit sheet has the objectives, what was achieved, and under which configuration."
	default:
		return "There is nothing to sign off."
	}
	if run.Environment.Kind == "embedded" {
		text += " The data centers were emulated: this speaks for the toolkit's configuration, not yet for your application, hosts and network."
	}
	return text
}

// remedies say what to change where an objective was missed, with the settings of the toolkit by name and as they were.
func remedies(run model.Run, s model.Scenario) []string {
	missed := func(m *model.Measure) bool { return m != nil && m.Verdict == model.Missed }
	setting := func(key string) string {
		if v := run.Environment.Toolkit[key]; v != "" {
			return key + " (here " + v + ")"
		}
		return key
	}
	var out []string
	m := s.Measures
	switch {
	case missed(m.Detection):
		text := "The other data center is declared DOWN after up to (N+1)*I"
		longest, known := longestDetection(run)
		if known {
			text += " = " + plain.Seconds(longest) + " s"
		}
		if known && longest <= m.Detection.ObjectiveSeconds {
			out = append(out, text+", which is within the objective: the settings are not the reason. Look at what the surviving data center was busy with, and at the link.")
			break
		}
		out = append(out, text+": lower "+setting("consecutiveHeartbeatMissesAllowed")+" or "+setting("heartbeatExchangeInterval")+
			", at the price of failovers for nothing on a bad link, or raise the objective (CROSSDC_RTO). make advise shows what each costs.")
	case missed(m.Takeover), missed(m.Recovery):
		out = append(out, "The loss was noticed in time; what came after it was too slow. Compare takeover and recovery above: until takeover it is the size of the replicated state, after it the application. Or raise the objective (CROSSDC_RTO).")
	}
	if l := m.Loss; l != nil && l.Verdict == model.Missed {
		out = append(out, fmt.Sprintf("What was processed since the last snapshot that arrived is lost (up to P_s, more where a round failed): lower %s, or raise the objective (CROSSDC_RPO). make advise shows what each costs.",
			setting("dataSnapshotExchangeInterval")))
	}
	return out
}

// longestDetection is (N+1)*I in toolkit seconds, if the configuration says both.
func longestDetection(run model.Run) (float64, bool) {
	i, err := strconv.ParseFloat(run.Environment.Toolkit["heartbeatExchangeInterval"], 64)
	n, bad := strconv.ParseUint(run.Environment.Toolkit["consecutiveHeartbeatMissesAllowed"], 10, 8)
	if err != nil || bad != nil || !(i > 0) {
		return 0, false
	}
	return float64(n+1) * i, true
}
