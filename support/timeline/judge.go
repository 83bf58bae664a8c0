package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Reasons and contradictions that the judge writes start with these words; it replaces its own and keeps all others.
const (
	verdictPrefix       = "verdict: "
	contradictionPrefix = "indicators contradict each other"
)

// Judge computes phases, measures, verdicts, reasons and outcome of a stored scenario. It is a pure function of the
// fault, the observations, the indicators' use, the ledger with the loss in seconds, the objectives, the steps and the
// hazards, used online and offline alike; judging a judged scenario changes nothing. The argument is not modified.
func Judge(s model.Scenario) model.Scenario {
	if s.Outcome == model.NotTested || s.Outcome.Left() && s.Fault == nil {
		return s // nothing was seen that could be judged
	}
	j := &judgement{s: s}
	j.s.Contradictions = without(s.Contradictions, contradictionPrefix)
	j.s.Reasons = without(s.Reasons, verdictPrefix)
	j.s.Phases = slices.DeleteFunc(slices.Clone(s.Phases), func(p model.Phase) bool { return slices.Contains(judgedPhases, p.Name) })
	j.s.BothActive = bothActive(s)
	j.s.Measures = model.Measures{Loss: s.Measures.Loss}
	if s.Fault != nil {
		j.times()
		j.sequence()
		j.phases()
	}
	j.loss()
	j.anomalies()
	j.own()
	j.outcome()
	return j.s
}

// judgement is a scenario being judged.
type judgement struct {
	s                                     model.Scenario
	detection, takeover, recovery, steady found

	without []model.Verdict // verdicts on what was not seen or not measured: those have no measure to carry them
}

// found is one event of the scenario over all sites where it was looked for.
type found struct {
	seen         bool
	when         model.Interval
	by           []string
	contradicted []string
	missing      []string // sites where it should have been seen too
}

// times finds the events after the fault and measures them.
func (j *judgement) times() {
	observers := j.observers()
	j.detection = j.find(PeerDown, observers, true)
	if j.takeover = j.find(TakeoverComplete, observers, false); !j.takeover.seen {
		j.takeover = j.find(TakenOver, observers, false)
	}
	j.recovery = j.find(Served, observers, false)
	j.steady = j.find(Steady, observers, false)

	m, rto := &j.s.Measures, j.s.Objectives.RTOSeconds
	m.Detection = j.measure("detection", j.detection, rto)
	bound := rto
	if j.s.Objectives.TakeoverHeldUp {
		bound = 0
	}
	m.Takeover = j.measure("takeover", j.takeover, bound)
	m.Recovery = j.measure("recovery", j.widen(j.recovery), rto)
	m.Steady = j.measure("steady", j.widen(j.steady), 0)
	if rto > 0 {
		if !j.detection.seen {
			j.absent("detection", PeerDown, observers, rto)
		}
		if !j.recovery.seen && j.losesService() {
			j.absent("recovery", Served, observers, rto)
		}
	}
}

// widen takes the generator's own lateness off the lower bound: an event sent late was served late because of us.
func (j *judgement) widen(f found) found {
	if f.seen && j.s.Ledger != nil && j.s.Ledger.LatenessP99 > 0 {
		f.when.Earliest -= model.Instant(j.s.Ledger.LatenessP99 * float64(time.Millisecond))
	}
	return f
}

// find fuses the first observations of an event after the fault, per site and subject, and takes the last of them:
// the event is complete when it has happened everywhere. With each, every site has to have it.
func (j *judgement) find(event string, sites []string, each bool) found {
	var f found
	origin := j.s.Fault.Injected
	for _, site := range sites {
		subjects := j.firsts(event, site, origin.Earliest)
		if len(subjects) == 0 && each {
			f.missing = append(f.missing, site)
		}
		for _, subject := range sortedKeys(subjects) {
			observations := subjects[subject]
			fused := Fuse(observations...)
			if fused.Contradicted() {
				text := contradiction(site, event, subject, observations, origin.Earliest)
				f.contradicted = append(f.contradicted, text)
				j.s.Contradictions = append(j.s.Contradictions, text)
			}
			when := fused.When()
			if !f.seen {
				f.seen, f.when = true, when
			}
			f.when = later(f.when, when)
			f.by = append(f.by, fused.By()...)
		}
	}
	slices.Sort(f.by)
	f.by = slices.Compact(f.by)
	return f
}

// firsts returns, per subject, each indicator's first observation of an event at a site that may lie after the fault.
// Of fragments, indicators that name only the data center count only where none can do better, with their last one.
func (j *judgement) firsts(event, site string, after model.Instant) map[string][]model.Observation {
	type key struct{ subject, indicator string }
	first := map[key]model.Observation{}
	sites := j.sites()
	for _, o := range j.s.Observations {
		if o.Event != event || o.Site != site || o.When.Latest < after || o.When.Earliest > o.When.Latest {
			continue
		}
		k := key{o.Subject, o.Indicator}
		if event != TakenOver || slices.Contains(sites, o.Subject) {
			k.subject = "" // the site says it all; indicators word their subject differently
		}
		unnamed := event == TakenOver && k.subject == ""
		if have, ok := first[k]; !ok || before(o.When, have.When) != unnamed {
			first[k] = o
		}
	}
	if event == PeerDown || event == PeerUp {
		for k, o := range first {
			o.When = Repeated(o, j.s.Observations)
			first[k] = o
		}
	}
	subjects := map[string][]model.Observation{}
	for k, o := range first {
		subjects[k.subject] = append(subjects[k.subject], o)
	}
	if len(subjects) > 1 {
		delete(subjects, "")
	}
	return subjects
}

// Repeated is when the observed change of the status happened, with what the same indicator says more exactly about the
// same change: several of an application's operators trace one change, each with a bound of its own. It narrows the lower
// end only, by what may be about the same change.
func Repeated(first model.Observation, all []model.Observation) model.Interval {
	when := first.When
	for _, o := range all {
		same := o.Site == first.Site && o.Indicator == first.Indicator && o.Event == first.Event
		if same && o.When.Earliest <= when.Latest && o.When.Latest >= when.Latest {
			when.Earliest = max(when.Earliest, o.When.Earliest)
		}
	}
	return when
}

// before orders observations of one indicator.
func before(a, b model.Interval) bool {
	return a.Latest < b.Latest || a.Latest == b.Latest && a.Earliest < b.Earliest
}

// later is when the second of two events has happened.
func later(a, b model.Interval) model.Interval {
	return model.Interval{Earliest: max(a.Earliest, b.Earliest), Latest: max(a.Latest, b.Latest)}
}

// measure turns a found event into a measure with its verdict, and writes the reason when it is not met.
func (j *judgement) measure(name string, f found, objective float64) *model.Measure {
	if !f.seen {
		return nil
	}
	slow, whySlow := j.slowness(f)
	f.when.Earliest = max(f.when.Earliest-slow, min(f.when.Earliest, j.s.Fault.Injected.Earliest))
	m := MeasureOf(f.when, j.s.Fault.Injected, j.s.Speedup)
	m.By = f.by
	m.ObjectiveSeconds = objective
	m.Verdict = VerdictOf(m.EarliestSeconds, m.LatestSeconds, objective)
	why := j.doubts(f)
	if slowed := j.slowed(f); slowed != "" && m.Verdict == model.Missed {
		m.Verdict, why = model.Inconclusive, append(why, slowed)
	}
	if m.Verdict == model.Inconclusive && len(why) == 0 {
		why = []string{"the interval straddles the objective"}
	}
	if m.Verdict != model.NotApplicable && len(j.doubts(f)) > 0 {
		m.Verdict = model.Inconclusive
	}
	if whySlow != "" {
		why = append(why, whySlow)
	}
	m.Why = strings.Join(why, "; ")
	switch m.Verdict {
	case model.Missed:
		j.reason("%s took %.1f..%.1f s, more than the objective of %.1f s%s", name, m.EarliestSeconds, m.LatestSeconds, objective, j.derivation())
	case model.Inconclusive:
		j.reason("%s of %.1f..%.1f s against the objective of %.1f s is inconclusive: %s", name, m.EarliestSeconds, m.LatestSeconds, objective, m.Why)
	}
	return &m
}

// slowness is by how much our own slowness may have delayed what was seen: the longest stretch for which the canary was
// slow between the fault and the event.
func (j *judgement) slowness(f found) (delay model.Instant, why string) {
	stretch := model.Interval{Earliest: j.s.Fault.Injected.Earliest, Latest: f.when.Latest}
	for _, o := range j.s.Observations {
		if o.Event != CanarySlow || o.When.Earliest > o.When.Latest {
			continue
		}
		if _, overlaps := o.When.Intersect(stretch); overlaps && o.When.Latest-o.When.Earliest > delay {
			delay, why = o.When.Latest-o.When.Earliest, "widened: "+o.Evidence
		}
	}
	return delay, why
}

// slowed says why an event that came too late may have done so because of us; empty when nothing says so.
func (j *judgement) slowed(f found) string {
	stretch := model.Interval{Earliest: j.s.Fault.Injected.Earliest, Latest: f.when.Latest}
	for _, o := range j.s.Observations {
		if _, overlaps := o.When.Intersect(stretch); overlaps && o.Event == ObserverSlow {
			return o.Event + ": " + o.Evidence
		}
	}
	return ""
}

// doubts lists why a found event proves nothing although it has bounds.
func (j *judgement) doubts(f found) []string {
	doubts := slices.Clone(f.contradicted)
	if !(j.s.Speedup > 0) {
		doubts = append(doubts, fmt.Sprintf("speedup %g is not above 0", j.s.Speedup))
	}
	if injected := j.s.Fault.Injected; injected.Earliest > injected.Latest {
		doubts = append(doubts, "the fault's own interval is reversed")
	}
	for _, site := range f.missing {
		doubts = append(doubts, "not seen at "+site)
	}
	stretch := model.Interval{Earliest: j.s.Fault.Injected.Earliest, Latest: f.when.Latest}
	for _, o := range j.s.Observations {
		if !ourTrouble(o.Event) {
			continue
		}
		if _, overlaps := o.When.Intersect(stretch); overlaps {
			doubts = append(doubts, o.Event+": "+o.Evidence)
		}
	}
	slices.Sort(doubts)
	return slices.Compact(doubts)
}

// absent judges an event that should have been seen and was not: missed when somebody was watching for longer than
// the objective, else inconclusive.
func (j *judgement) absent(name, event string, sites []string, objective float64) {
	watched := float64(j.s.Finished-j.s.Fault.Injected.Latest) / 1e9 * j.s.Speedup
	indicators := j.watching(event, sites)
	m := struct {
		Verdict model.Verdict
		Why     string
	}{Verdict: model.Inconclusive}
	trouble := j.doubts(found{when: model.Interval{Latest: j.s.Finished}})
	if slowed := j.slowed(found{when: model.Interval{Latest: j.s.Finished}}); slowed != "" {
		trouble = append(trouble, slowed)
	}
	trouble = append(trouble, j.blind(event, sites)...)
	switch {
	case len(indicators) == 0:
		m.Why = "never seen, but no indicator was in use that could have"
	case len(trouble) > 0:
		m.Why = "never seen; " + strings.Join(trouble, "; ")
	case watched > objective:
		m.Verdict = model.Missed
		m.Why = fmt.Sprintf("never seen in %.1f s by %s", watched, strings.Join(indicators, ", "))
	default:
		m.Why = fmt.Sprintf("never seen, but watched for %.1f s only", max(0, watched))
	}
	j.without = append(j.without, m.Verdict)
	j.reason("%s against the objective of %.1f s is %s: %s%s", name, objective, m.Verdict, m.Why, j.derivation())
}

// blind says why an event that was not seen at some sites may have happened there all the same: too few could look.
func (j *judgement) blind(event string, sites []string) []string {
	var reasons []string
	for _, o := range j.s.Observations {
		if o.Event == ObserverBlind && o.Subject == event && slices.Contains(sites, o.Site) {
			reasons = append(reasons, o.Event+": at "+o.Site+" "+o.Evidence)
		}
	}
	slices.Sort(reasons)
	return slices.Compact(reasons)
}

// watching lists the indicators in use at the observing sites that can see an event.
func (j *judgement) watching(event string, sites []string) []string {
	var list []string
	for _, use := range j.s.Indicators {
		traffic := use.Indicator == TrafficIndicator || use.Indicator == CountersIndicator
		if use.Used && traffic == (event == Served || event == Steady) && (traffic || slices.Contains(sites, use.Site)) {
			list = append(list, use.Indicator)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (j *judgement) derivation() string {
	if j.s.Objectives.Derivation == "" {
		return ""
	}
	return " (" + j.s.Objectives.Derivation + ")"
}

func (j *judgement) reason(format string, arguments ...any) {
	j.s.Reasons = append(j.s.Reasons, verdictPrefix+fmt.Sprintf(format, arguments...))
}

func without(list []string, prefix string) []string {
	var rest []string
	for _, text := range list {
		if !strings.HasPrefix(text, prefix) {
			rest = append(rest, text)
		}
	}
	return rest
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
