package scenario

import (
	"context"
	"fmt"

	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
)

// inspect reads the state of every data center whose application serves and hands it to the ledger.
func (d *Drill) inspect(ctx context.Context) error {
	inspected := 0
	for _, side := range d.sides() {
		if !d.servingAt(ctx, side) {
			d.ledger.Forget(side.Name())
			continue
		}
		states, err := d.statesAt(ctx, side)
		if err != nil {
			return err
		}
		var entries []traffic.Entry
		for _, state := range states {
			for _, e := range state.Entries {
				if name, own := d.streams.Own(e.DC); own {
					entries = append(entries, traffic.Entry{DC: name, Channel: int(e.Channel), LastSeq: e.LastSeq, Count: e.Count, Sum: e.Sum})
				}
			}
		}
		if err := d.ledger.InState(side.Name(), entries); err != nil {
			return err
		}
		inspected++
	}
	if inspected == 0 {
		return fmt.Errorf("no data center serves: there is no state to inspect")
	}
	return nil
}

// statesAt are the fragments of the application that serves at a side.
func (d *Drill) statesAt(ctx context.Context, side *Side) ([]toolkit.FragmentState, error) {
	if d.byScript(side) {
		return d.env.StandbyStates(ctx)
	}
	return d.env.Client.FragmentStates(ctx, side.Name())
}

// servingAt reports whether the application serves at a side.
func (d *Drill) servingAt(ctx context.Context, side *Side) bool {
	if !d.byScript(side) {
		return side.Serving(ctx)
	}
	_, running, err := side.StandbyRunning(ctx)
	return err == nil && running
}

// byScript reports whether a side serves by the application that its failover script started.
func (d *Drill) byScript(side *Side) bool { return d.restores && d.passive && side == d.DC2 }
