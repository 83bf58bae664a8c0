package declared

import (
	"fmt"
	"strings"
)

// Step says in words what the i-th fault does, as a step of the scenario.
func (s *Scenario) Step(i int) string {
	f := s.Faults[i]
	text := "is met by " + strings.ReplaceAll(f.Kind, "-", " ")
	if f.Target != "" {
		text += " of " + f.Target
	}
	if keys := f.given(); len(keys) > 0 {
		text += " (" + strings.Join(f.shown(), ", ") + ")"
	}
	if i > 0 {
		text += fmt.Sprintf(", %s after the fault before it", f.After)
	}
	if !f.For.IsZero() {
		text += fmt.Sprintf(", for %s", f.For)
	}
	return text
}

func (f Fault) shown() (list []string) {
	for _, v := range []struct {
		name string
		text string
		is   bool
	}{
		{"", f.Mode, f.Mode != ""}, {"ports", f.Ports, f.Ports != ""}, {"delay", f.Delay.String(), !f.Delay.IsZero()}, {"jitter", f.Jitter.String(), !f.Jitter.IsZero()},
		{"bytes/s", fmt.Sprint(f.BytesPerSecond), f.BytesPerSecond != 0}, {"fragment", fmt.Sprint(f.Fragment), f.Fragment != 0}, {"corruption", f.Corruption, f.Corruption != ""}, {"lost", fmt.Sprint(f.Lost), f.Lost != 0}, {"share", fmt.Sprint(f.Share), f.Share != 0},
		{"down", f.Down.String(), !f.Down.IsZero()}, {"up", f.Up.String(), !f.Up.IsZero()}, {"back", f.Back.String(), !f.Back.IsZero()},
	} {
		if v.is {
			list = append(list, strings.TrimSpace(v.name+" "+v.text))
		}
	}
	return list
}

// String is the length as files state it.
func (l Length) String() string {
	switch {
	case l.Intervals && l.Time != 0:
		return fmt.Sprintf("%g I and %s", l.Count, l.Time)
	case l.Intervals:
		return fmt.Sprintf("%g I", l.Count)
	}
	return l.Time.String()
}
