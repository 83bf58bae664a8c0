package main

import (
	"math/rand/v2"
	"testing"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// trials is how often each bug is looked for.
const trials = 50

// What a toolkit does wrong differs from the model in every trial of the row that shows it, and a right one in none.
func TestAPlantedBugIsADifference(t *testing.T) {
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	misses := func(by int) *model.Bug {
		return &model.Bug{Alter: func(c *crossdc.Config) { c.MissesAllowed = uint8(int(c.MissesAllowed) + by) }}
	}
	silent := func(kind crossdc.ActionKind) *model.Bug {
		return &model.Bug{Repeats: func(_ int, a crossdc.Action) int {
			if a.Kind == kind {
				return 0
			}
			return 1
		}}
	}
	twice := &model.Bug{Repeats: func(_ int, a crossdc.Action) int {
		if a.Kind == crossdc.EmitStatus {
			return 2
		}
		return 1
	}}
	for _, c := range []struct {
		name, row string
		bug       *model.Bug
	}{
		{"nothing", "crash dc1", nil}, {"nothing", "partition 7 I", nil}, {"nothing", "clock step dc1 -7 I", nil}, {"nothing", "restart heartbeat watchdog dc1", nil},
		{"waits for three misses more", "crash dc1", misses(3)},
		{"waits for three misses less", "crash dc1", misses(-3)},
		{"waits for three misses less", "clock step dc2 -2 I", misses(-3)},
		{"never declares anything", "clock step dc1 -7 I", silent(crossdc.EmitStatus)},
		{"declares everything twice", "partition 7 I", twice},
		{"never declares anything", "restart heartbeat watchdog dc2", silent(crossdc.EmitStatus)},
	} {
		chosen, err := selected([]string{c.row})
		if err != nil {
			t.Fatal(err)
		}
		p, err := predict(settings, chosen[0])
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		random := rand.New(rand.NewPCG(2, 2))
		for range trials {
			seen, err := play(settings, chosen[0], random, c.bug)
			if err != nil {
				t.Fatal(err)
			}
			if p.differs(seen) != "" {
				found++
			}
		}
		if want := map[bool]int{true: 0, false: trials}[c.bug == nil]; found != want {
			t.Errorf("%s, %s: a difference in %d of %d trials; want %d", c.name, c.row, found, trials, want)
		}
	}
}

// A bug in real processes is a difference as well: it is the emulator that is held against the model, not a copy of it.
func TestABugInProcessesIsADifference(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a pair of data centers for each bug: make test-long runs it")
	}
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := environment.Build(environment.Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := programs.Close(); err != nil {
			t.Error(err)
		}
	})
	settings.Emulator.Path, settings.Emulator.Relay = programs.Emulator, programs.Relay
	for _, c := range []struct{ row, bug string }{{"crash dc1", ""}, {"crash dc1", "never-notices"}, {"hang dc1 8 I", "stays-down"}} {
		t.Run(c.row+" "+c.bug, func(t *testing.T) {
			settings := *settings
			if c.bug != "" {
				settings.Emulator.Switches.DC2 = []string{c.bug}
			}
			chosen, err := selected([]string{c.row})
			if err != nil {
				t.Fatal(err)
			}
			p, err := predict(&settings, chosen[0])
			if err != nil {
				t.Fatal(err)
			}
			seen, err := measure(t.Context(), &settings, chosen[0])
			if err != nil {
				t.Fatal(err)
			}
			if why := p.differs(seen); (why == "") != (c.bug == "") {
				t.Errorf("difference %q with the bug %q", why, c.bug)
			}
		})
	}
}
