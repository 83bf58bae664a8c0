package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/toolkit"
)

// ComesHome heals the fault and expects normal operation: both data centers hold each other UP, snapshots are replicated
// in both directions again, and an event really goes through each.
func (d *Drill) ComesHome(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	before, err := d.env.Client.Status(ctx)
	var gone *toolkit.NoIndicatorError
	switch {
	case errors.As(err, &gone):
		progress("    before the way home: nothing answers at %s, so its counters begin anew", gone.Site)
	case err != nil:
		progress("    before the way home: %v", err)
	}
	d.anyPhase(ctx)
	d.Heal(ctx)
	d.returnsToNormal(ctx, before)
	if d.unharmed != nil { // what harms a survivor may come after the step that looked for it
		d.unharmed.KeepsRunning(ctx)
	}
}

// returnsToNormal waits until both sides are UP, have accepted a round of snapshots since before, and serve.
func (d *Drill) returnsToNormal(ctx context.Context, before toolkit.Status) {
	ginkgo.GinkgoHelper()
	limit := d.wall(d.firstReplication())
	d.await(ctx, "both data centers hold each other UP and replicate again", limit)
	began := time.Now()
	home := sight{since: began, shows: toolkit.PeerUp, sites: []*Side{d.DC1, d.DC2}, needed: d.required()}
	d.claims(ctx, home).Eventually(ctx, func(ctx context.Context) []string {
		return d.notHome(ctx, before)
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(),
		"expected both UP and replicating within D0 + first snapshot + 3 P_s = %s of toolkit time after the heal", inSeconds(d.toolkit(limit)))
	d.speakAgain(ctx)
	d.serveEach(ctx, "again")
	d.phase("home", d.interval(began, began), d.interval(began, time.Now()))
	d.store()
}

func (d *Drill) notHome(ctx context.Context, before toolkit.Status) []string {
	status, err := d.env.Client.Status(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var missing []string
	for i, site := range status.Sites {
		if site.Conclusion.State != toolkit.Up {
			missing = append(missing, fmt.Sprintf("%s holds its peer %s: %v", site.Name, site.Conclusion.State, site.Conclusion.Why))
		}
		was, now := countOf(before.Sites[i].Evidence, toolkit.SnapshotsIn), countOf(site.Evidence, toolkit.SnapshotsIn)
		if now < was { // the counter began anew with its process
			was = 0
		}
		if of := d.sides()[i].peer.Fragments(d.env.Fragments); now-was < int64(of) {
			missing = append(missing, fmt.Sprintf("%s has accepted %d replicas of %d fragments since the heal", site.Name, now-was, of))
		}
	}
	return missing
}
