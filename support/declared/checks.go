package declared

import (
	"fmt"
	"slices"
	"strings"
)

// Check is something that a scenario can claim. Package specs has the step of each.
type Check struct {
	Name  string
	Sided bool   // it is about one data center, which is named after it: "declares-down dc2"
	words string // of its step in reports; %s is the data center
	needs string // another check that must stand somewhere before it; empty: none
}

// Names of the checks that decide what a scenario expects at all.
const (
	declaresDown   = "declares-down"
	nothingChanges = "nothing-changes"
	neverDown      = "never-declares-down"
	endsAsPlanned  = "ends-as-planned"
)

// checks is the table of what files may claim.
var checks = []Check{
	{declaresDown, true, "is declared DOWN by %s within the RTO", ""},
	{nothingChanges, false, "is noticed by nobody for longer than detection takes", ""},
	{neverDown, true, "is never declared DOWN by %s", ""},
	{"counts-its-misses", false, "is missed for exactly as many heartbeats as configured", declaresDown},
	{"takes-over-every-replica", false, "hands its replicated state to the survivor, each fragment once", declaresDown},
	{"takes-over-nothing", true, "hands nothing over to %s", ""},
	{"serves-the-lost-side", false, "is served by the survivor within the RTO", declaresDown},
	{"stays-served", false, "stays served", "serves-the-lost-side"},
	{"loses-no-more-than-rpo", false, "loses no more than the RPO allows", ""},
	{"loses-nothing", false, "loses nothing", ""},
	{"survivor-is-unharmed", false, "leaves the survivor unharmed", declaresDown},
	{"both-sides-serve", false, "keeps both sides serving", ""},
	{"announces-no-shutdown", false, "announces no orderly shutdown", ""},
	{"hears-the-announcement", true, "announces its shutdown, and %s hears it", ""},
	{"leaves", true, "is cancelled at %s two heartbeat intervals later", "hears-the-announcement"},
	{"discards-as-announced", false, "gives up what it held, and nothing else", "hears-the-announcement"},
	{"holds-no-replica", true, "has no replica left at %s", ""},
	{endsAsPlanned, false, "lasts until its planned end, and no longer", ""},
	{"reports-split-brain", false, "says what both sides processed (Q2)", ""},
	{"heals", false, "is mended after 1.2 times the longest detection", ""},
	{"recovers-contact-or-reports-silence", false, "then finds contact again or stays silent as toolkit 1.x does (Q1)", "heals"},
	{"recovers-by-one-heartbeat", false, "recovers by one heartbeat (S55)", "recovers-contact-or-reports-silence"},
	{"resumes-without-restart", false, "goes on without a restart, and both hold each other UP again", ""},
	{"processes-nothing-twice", false, "processes nothing twice", ""},
	{"comes-home", false, "comes home", ""},
}

// Names lists the names of all checks.
func Names() []string {
	list := make([]string, len(checks))
	for i, c := range checks {
		list[i] = c.Name
	}
	return list
}

// Checks lists the names of all checks, with "dc1|dc2" after those that are about one data center.
func Checks() []string {
	list := make([]string, len(checks))
	for i, c := range checks {
		list[i] = c.Name
		if c.Sided {
			list[i] += " dc1|dc2"
		}
	}
	return list
}

// Claim is a check of a file, understood.
type Claim struct {
	Check
	Side string // dc1 or dc2; empty where the check is not about one
}

// Words are its step in reports.
func (c Claim) Words() string {
	if c.Sided {
		return fmt.Sprintf(c.words, c.Side)
	}
	return c.words
}

func parseCheck(text string) (Claim, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Claim{}, fmt.Errorf("none; want one of %s", strings.Join(Checks(), ", "))
	}
	at := slices.IndexFunc(checks, func(c Check) bool { return c.Name == words[0] })
	if at < 0 {
		return Claim{}, fmt.Errorf("%q; want one of %s", text, strings.Join(Checks(), ", "))
	}
	c := Claim{Check: checks[at]}
	switch {
	case c.Sided && (len(words) != 2 || words[1] != First && words[1] != Second):
		return Claim{}, fmt.Errorf("%q; want %s dc1 or %s dc2", text, c.Name, c.Name)
	case !c.Sided && len(words) != 1:
		return Claim{}, fmt.Errorf("%q; %s stands alone", text, c.Name)
	case c.Sided:
		c.Side = words[1]
	}
	return c, nil
}

// Claims are the checks of a file; those that cannot be read were refused before.
func (s *Scenario) Claims() (list []Claim) {
	for _, text := range s.Checks {
		if c, err := parseCheck(text); err == nil {
			list = append(list, c)
		}
	}
	return list
}

func (s *Scenario) claimed(name string) bool {
	return slices.ContainsFunc(s.Claims(), func(c Claim) bool { return c.Name == name })
}

// Unnoticed reports whether a scenario expects that nothing fails over.
func (s *Scenario) Unnoticed() bool {
	return s.claimed(nothingChanges) || s.claimed(neverDown) && !s.claimed(declaresDown)
}

// Discards reports whether what a side held is given up on purpose: its shutdown is announced.
func (s *Scenario) Discards() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Kind == orderlyShutdown })
}

// checkChecks holds the checks against the table and against one another: a scenario that claims nothing of what happens is none.
func (s *Scenario) checkChecks() (problems []error) {
	seen := map[string]bool{}
	for i, text := range s.Checks {
		key := fmt.Sprintf("checks/%d", i)
		c, err := parseCheck(text)
		if err != nil {
			problems = append(problems, s.wrong(key, "%v", err))
			continue
		}
		if seen[text] {
			problems = append(problems, s.wrong(key, "%q stands there twice", text))
		}
		if c.needs != "" && !slices.ContainsFunc(s.Claims()[:min(i, len(s.Claims()))], func(before Claim) bool { return before.Name == c.needs }) {
			problems = append(problems, s.wrong(key, "%q needs %s before it", text, c.needs))
		}
		seen[text] = true
	}
	switch down, nothing := s.claimed(declaresDown), s.claimed(nothingChanges); {
	case down && nothing:
		problems = append(problems, s.wrong("checks", "%s and %s contradict each other", declaresDown, nothingChanges))
	case !down && !nothing && !s.claimed(neverDown) && len(problems) == 0:
		problems = append(problems, s.wrong("checks", "it claims nothing of what happens: want %s dc1, %s dc2 or %s among them", declaresDown, declaresDown, nothingChanges))
	}
	for _, side := range []string{First, Second} {
		if slices.Contains(s.Checks, declaresDown+" "+side) && slices.Contains(s.Checks, neverDown+" "+side) {
			problems = append(problems, s.wrong("checks", "%s %s and %s %s contradict each other", declaresDown, side, neverDown, side))
		}
	}
	if s.claimed(endsAsPlanned) && len(s.Faults) > 0 && s.Faults[s.Measured()].For.IsZero() {
		problems = append(problems, s.wrong("checks", "ends-as-planned needs a planned end (for) of the fault that is measured"))
	}
	return problems
}
