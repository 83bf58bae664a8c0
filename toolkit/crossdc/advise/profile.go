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
	add(p.RTT < 0 || p.RTT > time.Minute, "rtt = %s: give 0 to 1m", p.RTT)
	add(p.Jitter < 0 || p.Jitter > time.Minute, "jitter = %s: give 0 to 1m", p.Jitter)
	add(!(p.Loss >= 0 && p.Loss < 1), "loss = %g: give a share from 0 to below 1", p.Loss)
	add(p.Boot < 0 || p.Boot > 24*time.Hour, "boot = %s: give 0 to 24h", p.Boot)
	add(p.Reaction < 0, "reaction = %s: give 0 or more", p.Reaction)
	for name, rate := range map[string]float64{"crashes": p.Crashes, "restarts": p.Restarts} {
		add(!validRate(rate), "%s = %g a year: give 0 to 100000", name, rate)
	}
	for i, o := range p.Outages {
		add(o.Length <= 0 || o.Length > 30*24*time.Hour, "outages[%d]: length = %s: give more than 0 and at most 720h", i, o.Length)
		add(!validRate(o.PerYear), "outages[%d]: per_year = %g: give 0 to 100000", i, o.PerYear)
	}
	add(len(p.Outages) > 50, "outages: %d kinds, give at most 50", len(p.Outages))
	return errors.Join(problems...)
}

func validRate(r float64) bool { return !math.IsNaN(r) && r >= 0 && r <= 100_000 }
