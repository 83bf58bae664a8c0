package metrics

import (
	"errors"
	"fmt"
	"time"
)

// Reading is one element of a REST metrics list (rest contract 2.9).
type Reading struct {
	Name              string
	Kind              string // counter, gauge, time, unknown
	Type              string // system, custom, unknown
	Value             int64
	LastTimeRetrieved int64 // ms since 1970 by the host's clock; 0 when absent
}

// FromREST turns the readings of one operator, PE or port into samples. of says whose they are: scope, job, PE with its
// launchCount and processId, operator, port. Readings without a name, negative counters and names that occur twice are
// left out and named in the joined error.
func FromREST(of Sample, readings []Reading) ([]Sample, error) {
	var errs []error
	seen := make(map[string]bool, len(readings))
	samples := make([]Sample, 0, len(readings))
	for _, r := range readings {
		s := of
		s.Name, s.Value, s.Custom = r.Name, r.Value, r.Type == "custom"
		known := false
		if s.Kind, known = KindOf(r.Name); !known || s.Custom {
			s.Kind = Kind(r.Kind)
		}
		if r.LastTimeRetrieved > 0 {
			s.At = time.UnixMilli(r.LastTimeRetrieved)
		}
		switch {
		case r.Name == "":
			errs = append(errs, fmt.Errorf("metric of %s: value %d: no name", of.Subject(), r.Value))
			continue
		case s.Kind == Counter && r.Value < 0:
			errs = append(errs, fmt.Errorf("metric %s of %s: value %d: a negative counter", r.Name, of.Subject(), r.Value))
			continue
		case seen[r.Name]:
			errs = append(errs, fmt.Errorf("metric %s of %s: value %d: listed twice", r.Name, of.Subject(), r.Value))
			continue
		}
		seen[r.Name] = true
		samples = append(samples, s)
	}
	return samples, errors.Join(errs...)
}
