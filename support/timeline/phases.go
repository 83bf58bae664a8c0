package timeline

import "github.com/crossdc/failover/reports/model"

// Names of the phases that the judge computes; others (such as "steady before") are kept as they are.
const (
	PhaseFault       = "fault"
	PhaseDetection   = "detection"
	PhaseTakeover    = "takeover"
	PhaseRestoration = "restoration"
	PhaseSteady      = "steady"
	PhaseHome        = "home"
)

var judgedPhases = []string{PhaseFault, PhaseDetection, PhaseTakeover, PhaseRestoration, PhaseSteady, PhaseHome}

// phases strings the found events together: each phase begins where the last one that was seen ended.
func (j *judgement) phases() {
	fault := j.s.Fault
	at := fault.Injected
	for _, step := range []struct {
		name string
		end  found
	}{
		{PhaseDetection, j.detection}, {PhaseTakeover, j.takeover}, {PhaseRestoration, j.recovery}, {PhaseSteady, j.steady},
	} {
		if step.end.seen {
			j.s.Phases = append(j.s.Phases, model.Phase{Name: step.name, From: at, To: step.end.when})
			at = step.end.when
		}
	}
	if fault.Healed == nil {
		return
	}
	j.s.Phases = append(j.s.Phases, model.Phase{Name: PhaseFault, From: fault.Injected, To: *fault.Healed})
	var home model.Interval
	seen := false
	for _, site := range j.sites() {
		for _, observations := range j.firsts(PeerUp, site, fault.Healed.Earliest) {
			when := Fuse(observations...).When()
			if !seen {
				home, seen = when, true
			}
			home = later(home, when)
		}
	}
	if seen {
		j.s.Phases = append(j.s.Phases, model.Phase{Name: PhaseHome, From: *fault.Healed, To: home})
	}
}

// bothActive is the split brain: the stretch in which each of two data centers declared the other DOWN and so acted
// for it. It begins with the second DOWN and ends with the first UP after that, or with the scenario.
func bothActive(s model.Scenario) *model.Span {
	if s.Fault == nil {
		return nil
	}
	j := &judgement{s: s}
	var begin, end model.Interval
	declared := 0
	for _, site := range j.sites() {
		for _, observations := range j.firsts(PeerDown, site, s.Fault.Injected.Earliest) {
			begin = later(begin, Fuse(observations...).When())
			declared++
		}
	}
	if declared < 2 {
		return nil
	}
	end = model.Interval{Earliest: max(begin.Earliest, s.Finished), Latest: max(begin.Latest, s.Finished)}
	for _, site := range j.sites() {
		for _, observations := range j.firsts(PeerUp, site, begin.Latest+1) {
			up := Fuse(observations...).When()
			end = model.Interval{Earliest: min(end.Earliest, up.Earliest), Latest: min(end.Latest, up.Latest)}
		}
	}
	return &model.Span{From: begin, To: end}
}
