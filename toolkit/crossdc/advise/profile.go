// Package advise answers, without any environment, what a configuration of the toolkit and a network mean for a pair of data
// centers: how long a failover takes, how much is lost, how often one happens for nothing, and which configurations would be
// better. It draws failures from a profile and runs them in the model.
//
// It is pure: the same input gives the same output. It imports crossdc and its subpackages only.
package advise

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// Profile says what happens to a pair of data centers in a year, and what lies between them.
type Profile struct {
	RTT      time.Duration // round trip
	Jitter   time.Duration // on top of each way, uniform
	Loss     float64       // share of packets lost, 0..1
	Outages  []Outage      // of the link
	Crashes  float64       // of a data center for good, a year
	Restarts float64       // of a data center's processes, a year
	Boot     time.Duration // from the death of the processes until they run again
	Reaction time.Duration // until somebody ends a mutual silence by hand
}

// Outage is one kind of link outage.
type Outage struct {
	Length  time.Duration
	PerYear float64
	Refused bool // the link refuses at once, as a closed firewall does; else packets are dropped
}

// Typical is a profile for two data centers of one continent where nothing is known: five short outages, one of a few minutes and
// one long one every other year.
func Typical() Profile {
	return Profile{
		RTT: 20 * time.Millisecond, Jitter: 5 * time.Millisecond,
		Outages: []Outage{
			{Length: 10 * time.Second, PerYear: 12}, {Length: time.Minute, PerYear: 4}, {Length: 3 * time.Minute, PerYear: 1}, {Length: 30 * time.Minute, PerYear: 0.5},
		},
		Crashes: 0.2, Restarts: 12, Boot: 45 * time.Second, Reaction: time.Hour,
	}
}

// Input is what advice is asked for.
type Input struct {
	Config  crossdc.Config // of both data centers, but for their names
	RTO     time.Duration  // objective; 0: none
	RPO     time.Duration  // objective; 0: none
	Profile Profile
	Samples int    // failures drawn for each kind; 0 = 400
	Seed    uint64 // of the draws

	// Peer is the other data center's configuration, if it is known, and Known what crossdc.Validate may know beside Config: for the
	// traps that show in both together. Failures are drawn for two data centers with Config.
	Peer  *crossdc.Config
	Known []crossdc.Known
	Notes []string // said beside the traps: what is known of where the configuration came from

	// Intervals (seconds) and Misses span the grid of configurations that are compared; empty: the usual ones.
	Intervals []float64
	Misses    []uint8
}

const (
	defaultSamples = 400
	maxSamples     = 1_000_000
)

// check names what cannot be advised on.
func (in *Input) check() error {
	var problems []error
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	p := &in.Profile
	add(in.Config.HeartbeatInterval <= 0, "heartbeatExchangeInterval = %g: advice needs more than 0 s (C14)", in.Config.HeartbeatInterval)
	add(in.Config.HeartbeatInterval > 86400, "heartbeatExchangeInterval = %g: give at most a day; more means that the toolkit is off (C1)", in.Config.HeartbeatInterval)
	add(in.Config.SnapshotInterval < 1, "dataSnapshotExchangeInterval = %g: below 1 s the toolkit divides by zero (C6)", in.Config.SnapshotInterval)
	add(in.RTO < 0 || in.RPO < 0, "objectives: RTO = %s, RPO = %s: give 0 or more", in.RTO, in.RPO)
	add(in.Samples < 0 || in.Samples > maxSamples, "samples = %d: give 1 to %d, or 0 for %d", in.Samples, maxSamples, defaultSamples)
	for _, i := range in.Intervals {
		add(!(i > 0 && i <= 86400), "intervals: %g s: give more than 0 and at most a day", i)
	}
	for _, problem := range p.Problems() {
		problems = append(problems, problem)
	}
	return errors.Join(problems...)
}

// Problem is a value of a profile that nothing can be drawn from.
type Problem struct {
	Field   string // as in the file: "rtt", "outages[0].length"
	Value   string
	Allowed string
}

// Error names the field, its value and what is allowed.
func (p Problem) Error() string { return fmt.Sprintf("%s = %s: give %s", p.Field, p.Value, p.Allowed) }

// maxOutages bounds how many kinds of outage a profile may have: each costs a simulation of its own.
const maxOutages = 50

// Problems are the values that nothing can be drawn from, in the order of the fields.
func (p *Profile) Problems() []Problem {
	var problems []Problem
	lasts := func(field string, d, least, most time.Duration, allowed string) {
		if d < least || d > most {
			problems = append(problems, Problem{field, d.String(), allowed})
		}
	}
	number := func(field string, v float64, right bool, allowed string) {
		if !right {
			problems = append(problems, Problem{field, fmt.Sprintf("%g", v), allowed})
		}
	}
	lasts("rtt", p.RTT, 0, time.Minute, "0 to 1m")
	lasts("jitter", p.Jitter, 0, time.Minute, "0 to 1m")
	number("loss", p.Loss, p.Loss >= 0 && p.Loss < 1, "a share from 0 to below 1")
	if len(p.Outages) > maxOutages {
		problems = append(problems, Problem{"outages", fmt.Sprintf("%d kinds", len(p.Outages)), fmt.Sprintf("at most %d", maxOutages)})
	}
	for i, o := range p.Outages {
		lasts(fmt.Sprintf("outages[%d].length", i), o.Length, 1, 30*24*time.Hour, "more than 0 and at most 720h")
		number(fmt.Sprintf("outages[%d].per_year", i), o.PerYear, validRate(o.PerYear), "0 to 100000")
	}
	number("crashes_per_year", p.Crashes, validRate(p.Crashes), "0 to 100000")
	number("restarts_per_year", p.Restarts, validRate(p.Restarts), "0 to 100000")
	lasts("boot", p.Boot, 0, 24*time.Hour, "0 to 24h")
	lasts("reaction", p.Reaction, 0, 365*24*time.Hour, "0 to 8760h")
	return problems
}

func validRate(r float64) bool { return !math.IsNaN(r) && r >= 0 && r <= 100_000 }
