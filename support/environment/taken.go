package environment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/lease"
)

// leaseOfInstances is how long instances belong to a run that has died, wall time. It is renewed six times as often.
const leaseOfInstances = 30 * time.Second

// take takes both instances for this run, so that a second one is refused while it lasts.
func (e *Environment) take(ctx context.Context, settings *config.Config, progress func(format string, values ...any)) error {
	if !settings.Lease || !e.kind.leased {
		return nil
	}
	var places []lease.Place
	for _, dc := range []*DataCenter{e.DC1, e.DC2} {
		if dc == e.DC2 && e.DC1.reach.Root == e.DC2.reach.Root && e.DC1.reach.Instance == e.DC2.reach.Instance {
			continue // two jobs of one instance
		}
		places = append(places, lease.Place{Name: dc.Name(), Client: dc.management.client, Instance: dc.management.knownInstance})
	}
	taken, err := lease.Take(ctx, places, lease.Options{
		Holder: newHolder(), Process: lease.ThisProcess(), Dead: lease.GoneHere, Lasts: leaseOfInstances, Look: time.Second,
		Lost: func(err error) {
			progress("another run breaks the same data centers: %v; everything is healed, and this run ends", err)
			if err := interruptSelf(); err != nil {
				progress("the run could not be interrupted: %v", err)
			}
		},
	})
	var held *lease.HeldError
	if errors.As(err, &held) {
		return &Obstacle{model.Cause{Kind: model.CauseEnvironment, DataCenter: held.Place, Setting: config.Prefix + "_LEASE",
			Problem: fmt.Sprintf("is taken by another run of the suite (%s, since %s)", held.Holder, held.Since),
			Remedy:  fmt.Sprintf("wait until that has ended; the application configuration %s of the instance says who it is, and counts for %v after a run that died", lease.Name, leaseOfInstances)}, err}
	}
	if err != nil {
		return fmt.Errorf("take both data centers for this run (%s_LEASE=false does without): %w", config.Prefix, err)
	}
	e.lease = taken
	for _, name := range slices.Sorted(maps.Keys(taken.Without())) {
		progress("%s cannot be taken for this run, so that another one beside it would not be noticed: %v", name, taken.Without()[name])
	}
	return nil
}

// Claim is for who heals: it takes data centers that are known by URL, until Close, or says that a run still uses them. One that cannot be
// asked is no reason not to heal it.
func (e *Environment) Claim(ctx context.Context, progress func(format string, values ...any)) error {
	err := e.take(ctx, e.settings, progress)
	if errors.As(err, new(*lease.HeldError)) {
		return err
	}
	if err != nil {
		progress("whether another run uses the data centers is not known: %v", err)
	}
	return nil
}

// leased says whether a second run would be refused: "yes", or why not.
func (e *Environment) leased() string {
	if e.lease == nil {
		return fmt.Sprintf("no: %s_LEASE is off", config.Prefix)
	}
	without := e.lease.Without()
	if len(without) == 0 {
		return "yes"
	}
	var reasons []string
	for _, name := range slices.Sorted(maps.Keys(without)) {
		reasons = append(reasons, name+": "+without[name].Error())
	}
	return "no: " + strings.Join(reasons, "; ")
}
