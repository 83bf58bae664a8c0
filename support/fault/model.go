package fault

import (
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Model is the injection as the report stores it; instant converts a time to the run's own clock.
func (in *Injection) Model(instant func(time.Time) model.Instant) model.Fault {
	interval := func(s Span) model.Interval {
		return model.Interval{Earliest: instant(s.Earliest), Latest: instant(s.Latest)}
	}
	f := model.Fault{Name: in.fault.Name, Target: in.fault.Target, Struck: in.fault.Struck, Observers: in.observers, TakesService: in.fault.TakesService, Injected: interval(in.T0), Bite: in.Bite}
	if healing, ok := in.Healing(); ok {
		healed := interval(healing.Span)
		f.Healed, f.HealProof = &healed, healing.Proof
	}
	f.Clocks = in.clocks()
	return f
}

// clocks of the hosts as far as they are known by now.
func (in *Injection) clocks() []model.HostClock {
	in.mu.Lock()
	defer in.mu.Unlock()
	return pairs(in.before, in.after)
}

// Cleanup is the verdict on the healing of all injections of a scenario; nil ones are ignored.
//
// Failed: something could not be shown to be gone. OutcomeInconclusive: all is gone, but a fault was forgotten and had to
// be ended at its deadline, so what was measured after it may not be what the spec meant to measure.
func Cleanup(injections ...*Injection) model.Cleanup {
	c := model.Cleanup{Outcome: model.Passed}
	var reasons []string
	for _, in := range injections {
		if in == nil {
			continue
		}
		c.Injected = append(c.Injected, in.fault.String())
		healing, ok := in.Healing()
		if !ok {
			c.Left = append(c.Left, in.fault.String())
			c.Outcome = model.Failed
			if healing.Err != nil {
				reasons = append(reasons, healing.Err.Error())
			} else {
				reasons = append(reasons, fmt.Sprintf("%s was not healed yet", in.fault))
			}
			continue
		}
		for _, reason := range movedClocks(in.clocks(), healing.Span.Latest.Sub(in.T0.Earliest)) {
			reasons = append(reasons, reason)
			if c.Outcome == model.Passed {
				c.Outcome = model.OutcomeInconclusive
			}
		}
		c.Healed = append(c.Healed, fmt.Sprintf("%s: %s", in.fault, healing.Proof))
		if healing.Forgotten {
			reasons = append(reasons, fmt.Sprintf("%s was forgotten and ended at its deadline", in.fault))
			if c.Outcome == model.Passed {
				c.Outcome = model.OutcomeInconclusive
			}
		}
	}
	c.Reason = strings.Join(reasons, "; ")
	return c
}
