package explore

import (
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Finding is a violation with the quirks that explain it; none: nothing known does.
type Finding struct {
	Violation
	Quirks []string
}

// Judge runs a case and returns every violation with what explains it.
func Judge(c *Case) ([]Finding, error) {
	h, err := run(c)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, check := range invariants() {
		for _, v := range check(h) {
			f := Finding{Violation: v}
			for _, r := range Recognizers() {
				if r.explains(h, v) {
					f.Quirks = append(f.Quirks, r.Quirk)
				}
			}
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// Unexplained returns the first finding that nothing known explains when the recognizer of one quirk, without, is switched off;
// "" switches none off.
func Unexplained(findings []Finding, without string) (Finding, bool) {
	i := slices.IndexFunc(findings, func(f Finding) bool {
		return !slices.ContainsFunc(f.Quirks, func(q string) bool { return q != without })
	})
	if i < 0 {
		return Finding{}, false
	}
	return findings[i], true
}

// Shrink returns the smallest case that it finds for which holds is still true: fewer actions, fewer deviations from the shipped
// configuration, rounder times. holds must be true for c and must not depend on anything but its argument.
func Shrink(c Case, holds func(c *Case) bool) Case {
	for again := true; again; {
		again = false
		for _, smaller := range smaller(&c) {
			if holds(&smaller) {
				c, again = smaller, true
				break
			}
		}
	}
	return c
}

// smaller lists the cases that are one step simpler, the simplest first.
func smaller(c *Case) (cases []Case) {
	add := func(change func(n *Case)) {
		n := Case{Seed: c.Seed, Bug: c.Bug, Phase: c.Phase, Traits: slices.Clone(c.Traits), Schedule: slices.Clone(c.Schedule)}
		change(&n)
		cases = append(cases, n)
	}
	for i := range c.Schedule {
		add(func(n *Case) { n.Schedule = slices.Delete(n.Schedule, i, i+1) })
	}
	for i := range c.Traits {
		add(func(n *Case) { n.Traits = slices.Delete(n.Traits, i, i+1) })
	}
	for i := range c.Schedule {
		a := c.Schedule[i]
		if a.Ports != model.AllPorts {
			add(func(n *Case) { n.Schedule[i].Ports = model.AllPorts })
		}
		for _, unit := range []time.Duration{10 * time.Minute, time.Minute, 30 * time.Second, 10 * time.Second, time.Second} {
			if round := a.For.Truncate(unit); round != a.For && (round > 0) == (a.For > 0) && (round < 0) == (a.For < 0) {
				add(func(n *Case) { n.Schedule[i].For = round })
				break
			}
		}
		for _, unit := range []time.Duration{warmUp, 5 * time.Minute, time.Minute, 10 * time.Second, time.Second} {
			if round := a.At.Truncate(unit); round != a.At && round >= warmUp {
				add(func(n *Case) { n.Schedule[i].At = round })
				break
			}
		}
	}
	for i := range c.Phase {
		if round := c.Phase[i].Truncate(time.Second); round != c.Phase[i] {
			add(func(n *Case) { n.Phase[i] = round })
		}
		if c.Phase[i] > 0 {
			add(func(n *Case) { n.Phase[i] = 0 })
		}
	}
	return cases
}
