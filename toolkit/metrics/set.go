package metrics

import "iter"

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

// Find returns one metric of one operator port. Where the port's index is unknown and its name does not match either,
// the only port of that direction is taken; with several, nothing is guessed.
func (s Set) Find(operator string, port Port, name string) (Sample, bool) {
	for sample := range s.Operator(operator, port, name) {
		return sample, true
	}
	var only Sample
	n := 0
	for _, sample := range s.Samples {
		if sample.Scope == Operator && sample.Operator == operator && sample.Name == name &&
			sample.Port.Direction == port.Direction && sample.Port.Index == UnknownIndex {
			only, n = sample, n+1
		}
	}
	return only, n == 1 && port.Index <= 0
}

// OfJob returns the samples and conditions of one job, known by its id or its name. An empty job means all.
func (s Set) OfJob(job string) Set {
	if job == "" {
		return s
	}
	out := Set{Ignored: s.Ignored, Samples: make([]Sample, 0, len(s.Samples))}
	for _, sample := range s.Samples {
		if sample.Job == job {
			out.Samples = append(out.Samples, sample)
		}
	}
	for _, c := range s.Conditions {
		if c.Job == job {
			out.Conditions = append(out.Conditions, c)
		}
	}
	return out
}
