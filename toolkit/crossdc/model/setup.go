package model

import (
	"errors"
	"fmt"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/workload"
)

// Setup is everything that a World is made of, but for what is done to it.
type Setup struct {
	Centers   [2]Center
	Fragments int             // state fragments of the application, each with an origin of its own; 0 = 5, as the toolkit's sample has
	Rate      float64         // events a second of toolkit time that each data center is sent; 0 = 10
	Policy    workload.Policy // how a fragment merges what it takes over
	Reroute   bool            // the events of a side that was declared DOWN go to the other one
	Delay     Delay           // one-way delay of the link where no action says otherwise
	Loss      float64         // share of packets lost, 0..1, where no action says otherwise
	Seed      uint64
}

// Center is one data center.
type Center struct {
	Config  crossdc.Config
	Order   crossdc.TickOrder
	Place   crossdc.Placement
	Start   time.Duration // when its processes start first
	Listen  time.Duration // from the start of its processes until its ports accept connections
	Persist time.Duration // to write one replica
	Boot    time.Duration // until a process that died by itself is back; 0 = 5 s
	Dead    []bool        // per remote machine name: true where nothing is behind it but a host that swallows packets
	Bug     *Bug          // what its toolkit does wrong on purpose; nil for nothing
}

// Bug makes the toolkit of a data center misbehave on purpose, to prove that whoever judges a World notices. It wraps the
// machines: what they believe, and what becomes of what they ask for.
type Bug struct {
	Alter   func(*crossdc.Config)                // changes what the machines believe to be configured; nil for nothing
	Repeats func(life int, a crossdc.Action) int // how often an action is carried out, in which life of the processes, from 1; nil: once
}

// Delay is a distribution of one-way delays: Base plus a uniform part of up to Jitter.
type Delay struct{ Base, Jitter time.Duration }

const (
	defaultFragments = 5
	defaultRate      = 10
	defaultBoot      = 5 * time.Second
)

// Shipped is a pair with the toolkit's shipped configuration (30 s, 4 misses, 180 s), files as storage, and a delay of
// 0.5 ms. The phases of the two tick sources are the caller's: Centers[i].Start.
func Shipped() Setup {
	var s Setup
	for i, name := range [2]string{"dc1", "dc2"} {
		c := crossdc.Shipped()
		c.LocalDataCenterName = name
		c.RemoteMachineNames = [2]string{"dc2", "dc1"}[i]
		c.StorageDirectory = "/replicas"
		s.Centers[i] = Center{Config: c}
	}
	s.Delay.Base = 500 * time.Microsecond
	return s
}

// check says what cannot be run.
func (s *Setup) check() error {
	var problems []error
	for i := range s.Centers {
		c := &s.Centers[i]
		if c.Config.HeartbeatInterval <= 0 {
			problems = append(problems, fmt.Errorf("centers[%d]: heartbeatExchangeInterval = %g: the model needs more than 0 (C14)", i, c.Config.HeartbeatInterval))
		}
		if c.Config.HTTPSenderReceiverPairs < 1 || c.Config.HTTPSenderReceiverPairs > maxPairs {
			problems = append(problems, fmt.Errorf("centers[%d]: numberOfHttpSenderReceiverPairs = %d: give 1 to %d", i, c.Config.HTTPSenderReceiverPairs, maxPairs))
		}
		if machines := len(c.Config.RemoteMachines()); len(c.Dead) > machines {
			problems = append(problems, fmt.Errorf("centers[%d]: dead has %d entries for %d remote machine names", i, len(c.Dead), machines))
		}
		for name, d := range map[string]time.Duration{"start": c.Start, "listen": c.Listen, "persist": c.Persist, "boot": c.Boot} {
			if d < 0 {
				problems = append(problems, fmt.Errorf("centers[%d]: %s = %s: give 0 or more", i, name, d))
			}
		}
	}
	if s.Fragments < 0 || s.Fragments > maxFragments {
		problems = append(problems, fmt.Errorf("fragments = %d: give 1 to %d, or 0 for %d", s.Fragments, maxFragments, defaultFragments))
	}
	if s.Rate < 0 || s.Rate > 1e9 {
		problems = append(problems, fmt.Errorf("rate = %g events/s: give 0 to 1e9", s.Rate))
	}
	if s.Loss < 0 || s.Loss > 1 {
		problems = append(problems, fmt.Errorf("loss = %g: give a share from 0 to 1", s.Loss))
	}
	if s.Delay.Base < 0 || s.Delay.Jitter < 0 {
		problems = append(problems, fmt.Errorf("delay = %s + %s: give 0 or more", s.Delay.Base, s.Delay.Jitter))
	}
	return errors.Join(problems...)
}

const (
	maxPairs     = 64
	maxFragments = 256
)
