package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/campaign/state"
)

// control gives an engine round after round of shards, until each has a result or was tried too often.
type control struct {
	state    *state.State
	engine   engine.Engine
	retries  int
	leaveOut []int
	out      io.Writer
	now      func() time.Time
	every    time.Duration // between two lines of progress

	atOnce int

	running   map[string]bool
	begun     time.Time
	delivered []state.Entry // to this process
	said      time.Time
}

// errNoProgress is that of an engine that ran nothing of what it was given.
var errNoProgress = errors.New("the engine ran nothing of what it was given")

func (c *control) run(ctx context.Context) error {
	c.running, c.begun = map[string]bool{}, c.now()
	for {
		number, todo, open := c.state.LastRound()
		if !open {
			todo = slices.DeleteFunc(c.state.Todo(c.retries), func(shard int) bool { return slices.Contains(c.leaveOut, shard) })
			if len(todo) == 0 {
				return nil
			}
			var err error
			if number, err = c.state.BeginRound(todo); err != nil {
				return err
			}
		}
		round := engine.Round{Number: number, Plan: c.state.Request, Resume: open}
		for _, shard := range todo {
			round.Todo = append(round.Todo, c.state.Shards[shard])
		}
		before := len(c.state.Entries())
		if err := c.engine.Run(ctx, round, func(e engine.Event) error { return c.tell(ctx, e) }); err != nil {
			return err
		}
		if err := c.state.EndRound(); err != nil {
			return err
		}
		clear(c.running)
		if !open && len(c.state.Entries()) == before+1 {
			return fmt.Errorf("%w: shards %s", errNoProgress, plan.Ranges(todo))
		}
	}
}

// tell decides about one event of the engine. What ends because we are being ended is not the shard's fault: it is run again.
func (c *control) tell(ctx context.Context, e engine.Event) error {
	key := fmt.Sprintf("%d/%s", e.Shard, e.Attempt)
	if e.Began {
		if !c.state.Known(e.Shard, e.Attempt) {
			c.running[key] = true
		}
		c.progress(false)
		return nil
	}
	delete(c.running, key)
	if c.state.Known(e.Shard, e.Attempt) || ctx.Err() != nil && (e.Arrived == nil || !e.Arrived.Whole()) {
		return nil
	}
	fate := model.FateLost
	var err error
	if e.Arrived != nil {
		fate, err = c.state.Take(e.Arrived, e.Node, e.Why)
	} else {
		err = c.state.Lose(e.Shard, e.Attempt, e.Node, e.Why)
	}
	if err != nil {
		return err
	}
	switch fate {
	case state.Delivered:
		entries := c.state.Entries()
		c.delivered = append(c.delivered, entries[len(entries)-1])
	case "":
	default:
		entries := c.state.Entries()
		last := entries[len(entries)-1]
		c.line(fmt.Sprintf("%s: attempt %s on %s is %s: %s", c.state.Shards[e.Shard], e.Attempt, last.Node, fate, last.Why))
	}
	c.progress(false)
	return nil
}

// progress prints how far the campaign is, from time to time.
func (c *control) progress(always bool) {
	if !always && c.now().Sub(c.said) < c.every {
		return
	}
	c.said = c.now()
	left := len(c.state.Missing())
	text := fmt.Sprintf("%d of %d shards done, %d running", len(c.state.Shards)-left, len(c.state.Shards), len(c.running))
	if lost := c.lost(); lost > 0 {
		text += fmt.Sprintf(", %d attempts lost", lost)
	}
	if len(c.delivered) > 0 && left > 0 {
		each := c.now().Sub(c.begun) / time.Duration(len(c.delivered))
		text += fmt.Sprintf(", about %v left", (each * time.Duration(left)).Round(time.Second))
	}
	c.line(text)
}

func (c *control) lost() (n int) {
	for _, e := range c.state.Entries() {
		if e.Kind == model.FateLost {
			n++
		}
	}
	return n
}

func (c *control) line(text string) {
	_, _ = fmt.Fprintln(c.out, strings.TrimRight(text, "\n")) // a terminal that is gone ends no campaign
}
