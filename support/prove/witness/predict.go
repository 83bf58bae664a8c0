package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// status is what a side declares of its peer, in toolkit time since the fault: between earliest and latest.
type status struct {
	up               bool
	earliest, latest time.Duration
}

// statuses are those of one side, in their order.
type statuses []status

// order is the statuses without their times.
func (s statuses) order() string {
	var words []string
	for _, one := range s {
		words = append(words, map[bool]string{true: "UP", false: "DOWN"}[one.up])
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " ")
}

// String is the statuses with their times.
func (s statuses) String() string {
	if len(s) == 0 {
		return "nothing"
	}
	var words []string
	for _, one := range s {
		words = append(words, fmt.Sprintf("%s after %.1f-%.1f s", map[bool]string{true: "UP", false: "DOWN"}[one.up], one.earliest.Seconds(), one.latest.Seconds()))
	}
	return strings.Join(words, ", ")
}

// phases is how many phases of the two tick sources and the fault are drawn.
const phases = 400

// prediction is what the model says, over all phases.
type prediction struct {
	slack time.Duration
	said  map[string]*[2]statuses // by the orders of both sides: the span of each status
	times map[string]int
}

func predict(settings *config.Config, r row) (prediction, error) {
	p := prediction{slack: time.Duration(float64(slack) * settings.Speedup), said: map[string]*[2]statuses{}, times: map[string]int{}}
	random := rand.New(rand.NewPCG(uint64(settings.Seed), 1))
	for range phases {
		sides, err := play(settings, r, random, nil)
		if err != nil {
			return p, err
		}
		p.add(sides)
	}
	return p, nil
}

// play does a row to the model once, in phases drawn at random; bug is what the toolkit of both does wrong on purpose, nil for nothing.
func play(settings *config.Config, r row, random *rand.Rand, bug *model.Bug) (sides [2]statuses, err error) {
	setup := model.Shipped()
	for i := range setup.Centers {
		c := environment.ToolkitConfig(settings)
		c.LocalDataCenterName, c.RemoteMachineNames = setup.Centers[i].Config.LocalDataCenterName, setup.Centers[i].Config.RemoteMachineNames
		if c.StorageDirectory == "" && c.JDBCURL == "" {
			c.StorageDirectory = setup.Centers[i].Config.StorageDirectory
		}
		setup.Centers[i].Config, setup.Centers[i].Bug = c, bug
		if r.spread {
			setup.Centers[i].Place = crossdc.Distributed
		}
		setup.Centers[i].Start = time.Duration(random.Int64N(int64(c.Timing().Interval)))
	}
	timing := setup.Centers[0].Config.Timing()
	at := timing.InitDelay + 30*timing.Interval + time.Duration(random.Int64N(int64(timing.Interval)))
	actions := make([]model.Action, len(r.model))
	for i, a := range r.model {
		a.At, a.For = at, intervals(r.length, timing.Interval)
		if a.What == model.Step {
			a.For = intervals(r.step, timing.Interval)
		}
		a.Delay.Base = intervals(r.delay, timing.Interval)
		actions[i] = a
	}
	w, err := model.New(setup, actions, func(o model.Observation) {
		if o.At >= at && (o.What == model.Up || o.What == model.Down) {
			sides[o.Side] = append(sides[o.Side], status{o.What == model.Up, o.At - at, o.At - at})
		}
	})
	if err != nil {
		return sides, err
	}
	w.Run(at + intervals(r.watched, timing.Interval))
	return sides, nil
}

func key(sides [2]statuses) string { return sides[0].order() + " | " + sides[1].order() }

// add widens what was said of this order.
func (p *prediction) add(sides [2]statuses) {
	k := key(sides)
	p.times[k]++
	known, ok := p.said[k]
	if !ok {
		p.said[k] = &sides
		return
	}
	for side := range sides {
		for i, s := range sides[side] {
			one := &known[side][i]
			one.earliest, one.latest = min(one.earliest, s.earliest), max(one.latest, s.latest)
		}
	}
}

// differs says how what was seen differs from everything that the model says; "" where it does not.
func (p *prediction) differs(seen [2]statuses) string {
	known, ok := p.said[key(seen)]
	if !ok {
		return fmt.Sprintf("processes declare %s; the model %v", key(seen), p.times)
	}
	for side := range seen {
		for i, s := range seen[side] {
			if said := known[side][i]; s.latest < said.earliest-p.slack || s.earliest > said.latest+p.slack {
				return fmt.Sprintf("dc%d declares status %d after %.1f-%.1f s, in the model after %.1f-%.1f s", side+1, i+1,
					s.earliest.Seconds(), s.latest.Seconds(), said.earliest.Seconds(), said.latest.Seconds())
			}
		}
	}
	return ""
}

// spans is what the model says of a side, of the order that was seen there, over all phases.
func (p *prediction) spans(side int, order string) string {
	for _, said := range p.said {
		if said[side].order() == order {
			return said[side].String()
		}
	}
	return "another order"
}
