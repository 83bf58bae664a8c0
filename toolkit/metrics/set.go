package metrics

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Level is the exporter's encoding of a status or health (rest contract 5.2).
type Level int

// Levels from worst to best: 0, 0.5 and 1 in the series.
const (
	Bad Level = iota
	Transitional
	Good
)

func (l Level) String() string {
	switch l {
	case Good:
		return "good"
	case Transitional:
		return "in transition"
	default:
		return "bad"
	}
}

// Condition is the status and health of an instance, job, PE or host as the metric exporter gives it. A nil level was
// not exported.
type Condition struct {
	Scope    Scope
	Domain   string
	Instance string
	Job      string
	PE       string
	Resource string
	Status   *Level
	Health   *Level
}

// Set is what one reading gave.
type Set struct {
	Samples    []Sample
	Conditions []Condition
	Ignored    int // series that are not metrics of a Streams instance
}

// Operator yields the samples of one metric of one operator, in every channel and port that matches.
func (s Set) Operator(operator string, port Port, name string) iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for _, sample := range s.Samples {
			if sample.Scope == Operator && sample.Operator == operator && sample.Name == name &&
				sample.Port.Matches(port) && !yield(sample) {
				return
			}
		}
	}
}

// Find is Pick for readings of one job: what is ambiguous there is not found.
func (s Set) Find(operator string, port Port, name string) (Sample, bool) {
	sample, ok, err := s.Pick(operator, port, name)
	return sample, ok && err == nil
}

// Pick returns one metric of one operator port. Where the port's index is unknown and its name does not match either,
// the only port of that direction is taken; with several, nothing is guessed. Of several series that only tell lives of the PE
// apart, the one of the present life is taken; others that match are refused with an *AmbiguousError. ok is false when there is none.
func (s Set) Pick(operator string, port Port, name string) (sample Sample, ok bool, err error) {
	found := slices.Collect(s.Operator(operator, port, name))
	if len(found) > 0 {
		return s.present(found)
	}
	if port.Index > 0 {
		return Sample{}, false, nil
	}
	for _, sample := range s.Samples {
		if sample.Scope == Operator && sample.Operator == operator && sample.Name == name &&
			sample.Port.Direction == port.Direction && sample.Port.Index == UnknownIndex {
			found = append(found, sample)
		}
	}
	if len(found) == 0 || slices.ContainsFunc(found, func(other Sample) bool { return other.Port != found[0].Port }) {
		return Sample{}, false, nil
	}
	return s.present(found)
}

// present picks the sample of the present life of a PE. What is left behind by a life before says so: its launchCount is lower, or
// its PE does not run while the other's does.
func (s Set) present(found []Sample) (Sample, bool, error) {
	if len(found) == 1 {
		return found[0], true, nil
	}
	newest := slices.MaxFunc(found, func(a, b Sample) int { return cmp.Compare(a.Launch, b.Launch) })
	var running []Sample
	onePE, rivals := true, 0
	for _, sample := range found {
		onePE = onePE && sample.Domain == newest.Domain && sample.Instance == newest.Instance && sample.Job == newest.Job && sample.PE == newest.PE
		if sample.Launch == newest.Launch {
			rivals++
		}
		if s.runs(sample) {
			running = append(running, sample)
		}
	}
	switch {
	case onePE && newest.Launch > 0 && rivals == 1:
		return newest, true, nil
	case len(running) == 1 && running[0].Domain == found[0].Domain && running[0].Instance == found[0].Instance:
		return running[0], true, nil
	}
	ambiguous := &AmbiguousError{What: found[0].Subject() + " " + found[0].Name}
	for _, sample := range found {
		ambiguous.Candidates = append(ambiguous.Candidates, sample.origin())
	}
	slices.Sort(ambiguous.Candidates)
	return Sample{}, false, ambiguous
}

// runs reports whether the exporter says that the sample's PE runs.
func (s Set) runs(of Sample) bool {
	return slices.ContainsFunc(s.Conditions, func(c Condition) bool {
		return c.Scope == PE && c.Domain == of.Domain && c.Instance == of.Instance && c.Job == of.Job && c.PE == of.PE && c.Resource == of.Resource &&
			c.Status != nil && *c.Status == Good
	})
}

// AmbiguousError is a counter that several series may be, so that none is taken.
type AmbiguousError struct {
	What       string
	Candidates []string // where each of them comes from
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%d series may be %s, none is taken: %s", len(e.Candidates), e.What, strings.Join(e.Candidates, "; "))
}

// origin names what tells series of one counter apart.
func (s Sample) origin() string {
	var parts []string
	for _, part := range []struct{ name, value string }{
		{"domain", s.Domain}, {"instance", s.Instance}, {"job", s.Job}, {"pe", s.PE}, {"resource", s.Resource},
	} {
		if part.value != "" {
			parts = append(parts, part.name+" "+part.value)
		}
	}
	if s.Launch > 0 {
		parts = append(parts, fmt.Sprintf("launch %d", s.Launch))
	}
	return strings.Join(parts, " ")
}

// Origin selects samples by where they come from; an empty field means any.
type Origin struct {
	Domain, Instance string
	Job              string // its id or its name
}

// Of returns the samples and conditions of one origin. A series that does not state its domain or instance may be of any.
func (s Set) Of(origin Origin) Set {
	may := func(want, stated string) bool { return want == "" || stated == "" || want == stated }
	from := func(domain, instance, job string) bool {
		return may(origin.Domain, domain) && may(origin.Instance, instance) && (origin.Job == "" || origin.Job == job)
	}
	out := Set{Ignored: s.Ignored, Samples: make([]Sample, 0, len(s.Samples))}
	for _, sample := range s.Samples {
		if from(sample.Domain, sample.Instance, sample.Job) {
			out.Samples = append(out.Samples, sample)
		}
	}
	for _, c := range s.Conditions {
		if from(c.Domain, c.Instance, c.Job) {
			out.Conditions = append(out.Conditions, c)
		}
	}
	return out
}
