package scenario

import (
	"fmt"
	"strings"

	"github.com/crossdc/failover/support/config"
)

// switched is the bug switches of the emulated data centers, by place of the data center.
func switched(settings *config.Config) map[string][]string {
	return map[string][]string{
		"dc1": settings.Emulator.Switches.DC1,
		"dc2": settings.Emulator.Switches.DC2,
	}
}

// brokenOnPurpose says in words what was broken for the sake of proof, so that nobody takes such a report for a real one.
func brokenOnPurpose(settings *config.Config) []string {
	var notes []string
	for i, switches := range [][]string{settings.Emulator.Switches.DC1, settings.Emulator.Switches.DC2} {
		if len(switches) > 0 {
			notes = append(notes, fmt.Sprintf("for proving only: the emulated data center dc%d has the bugs %s", i+1, strings.Join(switches, ", ")))
		}
	}
	if len(settings.Proof.Senses) > 0 {
		notes = append(notes, "for proving only: our own senses are broken: "+strings.Join(settings.Proof.Senses, ", "))
	}
	return notes
}
