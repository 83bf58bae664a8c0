package timeline

import (
	"fmt"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// loss judges the stored loss in seconds against the RPO, after checking that ledger and loss tell the same story.
func (j *judgement) loss() {
	objective := j.s.Objectives.RPOSeconds
	if j.s.Measures.Loss == nil {
		if objective > 0 {
			j.without = append(j.without, model.Inconclusive)
			j.reason("data loss against the objective of %.1f s is inconclusive: it was not measured", objective)
		}
		return
	}
	loss := *j.s.Measures.Loss
	loss.ObjectiveSeconds = objective
	loss.Verdict = VerdictOf(loss.EarliestSeconds, loss.LatestSeconds, objective)
	doubts := ledgerDoubts(j.s.Ledger, loss)
	for _, o := range j.s.Observations {
		if o.Event == LoadTooLow { // slowness of ours makes no event appear or vanish, missing load does
			doubts = append(doubts, o.Event+": "+o.Evidence)
		}
	}
	// The ledger's own words come first and stay; the judge's are replaced.
	own, _, _ := strings.Cut(loss.Why, judgeMark)
	loss.Why = own
	if len(doubts) > 0 {
		loss.Why += judgeMark + strings.Join(doubts, "; ")
		if loss.Verdict != model.NotApplicable {
			loss.Verdict = model.Inconclusive
		}
	}
	measured := fmt.Sprintf("data loss of %d..%d events, %.1f..%.1f s of traffic,", loss.EarliestEvents, loss.LatestEvents, loss.EarliestSeconds, loss.LatestSeconds)
	switch loss.Verdict {
	case model.Missed:
		j.reason("%s is more than the objective of %.1f s%s", measured, objective, j.derivation())
	case model.Inconclusive:
		why := strings.TrimPrefix(loss.Why, judgeMark)
		if why == "" {
			why = "the interval straddles the objective"
		}
		j.reason("%s against the objective of %.1f s is inconclusive: %s", measured, objective, why)
	}
	j.s.Measures.Loss = &loss
}

// judgeMark separates what the ledger said about the loss from what the judge adds.
const judgeMark = " | judged: "

// ledgerDoubts lists where the account does not add up: then somebody changed it, or it was closed wrongly.
func ledgerDoubts(l *model.Ledger, loss model.Loss) []string {
	if l == nil {
		return []string{"there is no ledger that the loss could rest on"}
	}
	var doubts []string
	check := func(holds bool, format string, arguments ...any) {
		if !holds {
			doubts = append(doubts, "the ledger does not add up: "+fmt.Sprintf(format, arguments...))
		}
	}
	var inState int64
	for site, n := range l.InState {
		inState += n
		check(n >= 0, "%d events in the state of %s", n, site)
	}
	for name, n := range map[string]int64{
		"due": l.Due, "acknowledged": l.Acknowledged, "refused": l.Refused, "lost": l.Lost,
		"duplicated": l.Duplicated, "unknown": l.Unknown, "resurrected": l.Resurrected,
	} {
		check(n >= 0, "%s is %d", name, n)
	}
	check(l.Acknowledged+l.Refused <= l.Due, "%d acknowledged and %d refused of %d due", l.Acknowledged, l.Refused, l.Due)
	check(l.Lost <= l.Acknowledged, "%d lost of %d acknowledged", l.Lost, l.Acknowledged)
	check(len(l.InState) == 0 || inState+l.Lost+l.Unknown >= l.Acknowledged, "%d in state, %d lost and %d unknown are fewer than %d acknowledged",
		inState, l.Lost, l.Unknown, l.Acknowledged)
	check(loss.EarliestEvents == l.Lost, "it says %d lost, the loss begins at %d", l.Lost, loss.EarliestEvents)
	check(loss.LatestEvents >= loss.EarliestEvents && loss.LatestEvents <= l.Lost+l.Unknown, "it allows %d lost, the loss ends at %d", l.Lost+l.Unknown, loss.LatestEvents)
	check((loss.LatestEvents == 0) == (loss.LatestSeconds == 0), "%d events cannot be %.3f s", loss.LatestEvents, loss.LatestSeconds)
	return doubts
}
