// Package engine is what a campaign asks of whatever runs its shards. Engines run and tell; they decide nothing.
//
// It may import its siblings frame and plan.
package engine

import (
	"context"

	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/plan"
)

// Event is one thing that happened to an attempt.
type Event struct {
	Shard   int
	Attempt string
	Node    string
	Began   bool           // it runs; else it has ended
	Arrived *frame.Attempt // what its log held of it; nil where there was no log
	Why     string         // how it ended, where that is not well
}

// Round is what an engine is asked to run.
type Round struct {
	Number int
	Plan   plan.Request
	Todo   []plan.Shard
	Resume bool // an earlier process may have begun this very round
}

// Engine runs shards.
type Engine interface {
	// Name is the engine's, as reports and the -engine flag call it.
	Name() string
	// Run runs every shard of the round, telling what happens from one goroutine at a time, and returns when nothing of the
	// round is left running. A shard of which no attempt was told of has not been run.
	Run(ctx context.Context, round Round, tell func(Event) error) error
}
