package timeline

import (
	"fmt"
	"slices"
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
	doubts := append(ledgerDoubts(j.s.Ledger, loss), tooLittle(loss.Before)...)
	everything := loss.Of > 0 && loss.LatestEvents >= loss.Of
	switch {
	case !everything || loss.Verdict != model.Met:
	case loss.EarliestEvents >= loss.Of && loss.Before != nil && len(doubts) == 0: // it had been replicated, twice
		loss.Verdict = model.Missed
	default:
		doubts = append(doubts, fmt.Sprintf("all of the %d events that %s had taken may be lost, which is never within an objective", loss.Of, loss.Side))
	}
	for _, o := range j.s.Observations {
		// Slowness of ours makes no event appear or vanish; missing load does, and so does what the data centers themselves suffer.
		if o.Event == LoadTooLow || o.Event == DataCentersSlow && loss.Verdict == model.Missed && !everything {
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
	measured := fmt.Sprintf("data loss of %d..%d events, %.1f..%.1f s of traffic%s,", loss.EarliestEvents, loss.LatestEvents,
		loss.EarliestSeconds, loss.LatestSeconds, share(loss))
	switch loss.Verdict {
	case model.Missed:
		if everything {
			j.reason("%s is everything that %s had taken: never within an objective", measured, loss.Side)
			break
		}
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

// share is the loss in per cent of what the lost side had taken, in words; empty where that is not known.
func share(loss model.Loss) string {
	earliest, latest, ok := loss.Percent()
	if !ok {
		return ""
	}
	return fmt.Sprintf(", %.1f..%.1f %% of the %d that %s had taken", earliest, latest, loss.Of, loss.Side)
}

// tooLittle says what the load before the fault lacked for its loss to mean anything.
func tooLittle(before *model.LoadBefore) []string {
	if before == nil {
		return nil
	}
	var lacks []string
	if before.Seconds < before.NeededSeconds {
		lacks = append(lacks, fmt.Sprintf("load had run for %.1f s before the fault, RPO + P_s = %.1f s are needed", before.Seconds, before.NeededSeconds))
	}
	if before.Rounds < before.NeededRounds {
		lacks = append(lacks, fmt.Sprintf("not every fragment had been replicated %d times before the fault, since the load began and the peer last came UP: one was only %d times",
			before.NeededRounds, before.Rounds))
	}
	return lacks
}

// anomalies gives what replication does not explain its verdict: each kind is a failure of its own, whatever the RPO.
func (j *judgement) anomalies() {
	if j.s.Ledger == nil {
		return
	}
	first, times := map[string]model.Anomaly{}, map[string]int{}
	for _, a := range j.s.Ledger.Anomalies {
		if a.Quirk != "" && slices.ContainsFunc(j.s.Hazards, func(h model.Hazard) bool { return h.Quirk == a.Quirk }) {
			continue // reported with the hazard
		}
		if times[a.Kind]++; times[a.Kind] == 1 {
			first[a.Kind] = a
		}
	}
	for _, kind := range sortedKeys(first) {
		j.without = append(j.without, model.Missed)
		more := ""
		if times[kind] > 1 {
			more = fmt.Sprintf(" (and %d more channels)", times[kind]-1)
		}
		j.reason("%s%s", first[kind].Text, more)
	}
	if n := j.s.Ledger.Resurrected; n > 0 {
		j.without = append(j.without, model.Missed)
		j.reason("%d events were lost with the data center that lost its memory, and came back", n)
	}
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
	if l.Present != 0 || l.Undecided != 0 { // runs of older versions do not say
		check(l.Present >= 0 && l.Undecided >= 0 && l.Present+l.Lost+l.Undecided == l.Acknowledged,
			"%d present, %d lost and %d undecided are not %d acknowledged", l.Present, l.Lost, l.Undecided, l.Acknowledged)
	}
	check(loss.Of >= 0 && (loss.Of == 0 || loss.Of <= l.Acknowledged), "the lost side had taken %d of %d acknowledged", loss.Of, l.Acknowledged)
	check(loss.EarliestEvents == l.Lost, "it says %d lost, the loss begins at %d", l.Lost, loss.EarliestEvents)
	check(loss.LatestEvents >= loss.EarliestEvents && loss.LatestEvents <= l.Lost+l.Unknown, "it allows %d lost, the loss ends at %d", l.Lost+l.Unknown, loss.LatestEvents)
	check((loss.LatestEvents == 0) == (loss.LatestSeconds == 0), "%d events cannot be %.3f s", loss.LatestEvents, loss.LatestSeconds)
	return doubts
}
