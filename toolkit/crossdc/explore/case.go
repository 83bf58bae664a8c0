package explore

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Case is one experiment: how the pair deviates from the shipped configuration, and what is done to it.
type Case struct {
	Seed     uint64
	Phase    [2]time.Duration // when each data center starts
	Traits   []Trait          // deviations from the shipped configuration, in the order in which they apply
	Schedule []model.Action
	Bug      *Bug // switched on in dc1; nil for none
}

// Trait is one deviation from the shipped configuration.
type Trait struct {
	Name   string // as a report names it
	Target int    // data center, where the trait concerns one; else -1
	rare   bool   // costs a hundred times the events of others
	apply  func(s *model.Setup, target int)
}

// String names the trait and its data center.
func (t Trait) String() string {
	if t.Target < 0 {
		return t.Name
	}
	return fmt.Sprintf("dc%d: %s", t.Target+1, t.Name)
}

// both makes a trait that concerns both data centers, one makes a trait of one of them.
func both(name string, change func(c *model.Center)) Trait {
	return Trait{Name: name, Target: -1, apply: func(s *model.Setup, _ int) {
		change(&s.Centers[0])
		change(&s.Centers[1])
	}}
}

func one(name string, change func(c *model.Center)) Trait {
	return Trait{Name: name, apply: func(s *model.Setup, target int) { change(&s.Centers[target]) }}
}

// traits is the table of deviations that cases are drawn from.
func traits() []Trait {
	return []Trait{
		both("distributed operators", func(c *model.Center) { c.Place = crossdc.Distributed }),
		both("watchdog sees ticks first", func(c *model.Center) { c.Order = crossdc.WatchdogFirst }),
		both("retainOlderDataSnapshotsAtStartup=true", func(c *model.Center) { c.Config.RetainOlderSnapshots = true }),
		both("sendDataSnapshotsToOriginDCAtStartup=true", func(c *model.Center) { c.Config.SendSnapshotsToOriginDC = true }),
		both("a database stores the replicas", func(c *model.Center) { c.Config.StorageDirectory, c.Config.JDBCURL = "", "jdbc:model" }),
		both("a replica takes 5 s to write", func(c *model.Center) { c.Persist = 5 * time.Second }),
		both("3 pairs of sender and receiver", func(c *model.Center) { c.Config.HTTPSenderReceiverPairs = 3 }),
		both("dataSnapshotExchangeInterval=60", func(c *model.Center) { c.Config.SnapshotInterval = 60 }),
		one("crossDCOperationMode=0", func(c *model.Center) { c.Config.OperationMode = 0 }),
		one("consecutiveHeartbeatMissesAllowed=255", func(c *model.Center) { c.Config.MissesAllowed = 255 }),
		one("consecutiveHeartbeatMissesAllowed=0", func(c *model.Center) { c.Config.MissesAllowed = 0 }),
		one("dataSnapshotExchangeInterval=0.5", func(c *model.Center) { c.Config.SnapshotInterval = 0.5 }),
		{Name: "heartbeatExchangeInterval=0.5", Target: -1, rare: true, apply: func(s *model.Setup, _ int) {
			s.Centers[0].Config.HeartbeatInterval, s.Centers[1].Config.HeartbeatInterval = 0.5, 0.5
		}},
		{Name: "the remote machine is the local one", apply: func(s *model.Setup, target int) {
			c := &s.Centers[target].Config
			c.RemoteMachineNames = c.LocalDataCenterName
		}},
		{Name: "the remote machine does not exist", apply: func(s *model.Setup, target int) {
			s.Centers[target].Config.RemoteMachineNames = "nowhere"
		}},
	}
}

// Setup is the pair of a case.
func (c *Case) Setup() model.Setup {
	s := model.Shipped()
	s.Seed = c.Seed
	for i := range s.Centers {
		s.Centers[i].Start = c.Phase[i]
	}
	for _, t := range c.Traits {
		t.apply(&s, t.Target)
	}
	if c.Bug != nil {
		s.Centers[0].Bug = &c.Bug.bug
	}
	return s
}

// Until is how long the case is watched: until everything that was done has an end and had time to show.
func (c *Case) Until() time.Duration {
	until := warmUp
	for _, a := range c.Schedule {
		until = max(until, a.At+max(a.For, 0))
	}
	return until + settle
}

const (
	warmUp = 15 * time.Minute // two rounds of snapshots were exchanged by then, with every trait that replicates
	settle = 25 * time.Minute // after the last action: detection, return, and two rounds
)

// String is the case in a few lines.
func (c *Case) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, dc1 starts at %s, dc2 at %s\n", c.Seed, c.Phase[0], c.Phase[1])
	if c.Bug != nil {
		fmt.Fprintf(&b, "  dc1: bug %s\n", c.Bug.Name)
	}
	for _, t := range c.Traits {
		fmt.Fprintf(&b, "  %s\n", t)
	}
	for _, a := range c.Schedule {
		fmt.Fprintf(&b, "  %s\n", a)
	}
	return b.String()
}

// Draw makes the nth case of a seed.
func Draw(seed, n uint64) Case {
	r := rand.New(rand.NewPCG(seed, n))
	c := Case{Seed: r.Uint64()}
	for i := range c.Phase {
		c.Phase[i] = time.Duration(r.Int64N(int64(30 * time.Second)))
	}
	for _, t := range traits() {
		share := 0.08
		if t.rare {
			share = 0.005
		}
		if r.Float64() >= share {
			continue
		}
		if t.Target >= 0 {
			t.Target = r.IntN(2)
		}
		c.Traits = append(c.Traits, t)
	}
	distributed := false
	for _, t := range c.Traits {
		distributed = distributed || t.Name == "distributed operators"
	}
	at := warmUp
	for range r.IntN(4) + 1 {
		apart := 6 * time.Minute
		if r.IntN(3) == 0 {
			apart = 40 * time.Second // what happens within one detection time is worth more than what does not
		}
		at += time.Duration(r.Int64N(int64(apart)))
		c.Schedule = append(c.Schedule, action(r, at, distributed)...)
	}
	return c
}

// action draws what is done at an instant; a partition is two actions.
func action(r *rand.Rand, at time.Duration, distributed bool) []model.Action {
	a := model.Action{At: at, Target: r.IntN(2), For: time.Duration(1+r.IntN(300)) * time.Second}
	kinds := []model.What{model.Crash, model.Crash, model.PowerOff, model.Hang, model.Refuse, model.Drop, model.Swallow, model.Step,
		model.Special, model.Stranger, model.FullDisk, model.ReadOnly, model.Corrupt, model.NoStorage}
	if distributed {
		kinds = append(kinds, model.Restart, model.Restart, model.Restart)
	}
	a.What = kinds[r.IntN(len(kinds))]
	switch a.What {
	case model.Crash, model.PowerOff:
		if r.IntN(3) == 0 {
			a.For = 0 // for good
		}
	case model.Refuse, model.Drop, model.Swallow:
		a.Ports = [...]model.Ports{model.AllPorts, model.AllPorts, model.HeartbeatPort, model.SnapshotPorts}[r.IntN(4)]
		if a.What == model.Refuse && r.IntN(2) == 0 {
			back := a
			back.Target = 1 - a.Target
			return []model.Action{a, back}
		}
	case model.Step:
		if r.IntN(2) == 0 {
			a.For = -a.For
		}
	case model.Special:
		a.For, a.Text = 0, crossdc.OrderlyShutdownText
	case model.Restart:
		a.For = 0
		operators := []model.Operator{model.PreparerOperator, model.WatchdogOperator, model.RemoteWatchdogOperator, model.TickOperator, model.ApplicationOperator}
		a.Operator = operators[r.IntN(len(operators))]
	case model.Corrupt:
		a.For = 0
	}
	return []model.Action{a}
}
