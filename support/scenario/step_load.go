package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// roundsNeeded is how often every fragment must have been replicated before a fault whose loss is judged: once may be the
// round that comes right after a start, and says nothing about those that follow.
const roundsNeeded = 2

// rounds is how often each fragment was replicated to a side since the load began and since its peer last came UP.
type rounds struct {
	least int    // of the fragment that was least often
	by    string // what showed it
	lacks string // in words; empty when enough were
}

// awaitLoad waits until load has run for RPO + P_s and every fragment has been accepted by the peer twice, in both
// directions, since the load began and since the peer last came UP.
func (d *Drill) awaitLoad(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if !d.holdsRPO() {
		return
	}
	limit := d.wall(d.loadNeeded() + d.firstReplication())
	if len(d.lacksLoad(ctx)) == 0 {
		return
	}
	d.await(ctx, fmt.Sprintf("load has run for RPO + P_s = %s, and every fragment has been replicated twice", inSeconds(d.loadNeeded())), limit)
	d.beforeAnyFault(ctx, time.Now()).Eventually(ctx, d.lacksLoad).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(),
		"a loss means nothing without load and replication before the fault")
}

// lacksLoad says in words what is missing for a loss to mean anything, and remembers how much there is.
func (d *Drill) lacksLoad(ctx context.Context) []string {
	needed := d.loadNeeded()
	before := model.LoadBefore{NeededSeconds: needed.Seconds(), NeededRounds: roundsNeeded, Rounds: -1}
	ran := d.toolkit(time.Duration(d.instant(time.Now()) - d.traffic.Started()))
	before.Seconds = ran.Seconds()
	var missing []string
	if ran < needed {
		missing = append(missing, fmt.Sprintf("load has run for %s of %s", inSeconds(ran), inSeconds(needed)))
	}
	status, err := d.env.Client.Status(ctx)
	if err != nil {
		missing, before.Rounds = append(missing, err.Error()), 0
	} else {
		for i, side := range d.sides() {
			if d.passive && side == d.DC1 { // a passive peer replicates nothing to it
				continue
			}
			seen := d.replicated(ctx, side, status.Sites[i].Evidence, ran >= needed)
			if seen.lacks != "" {
				missing = append(missing, seen.lacks)
			}
			if before.Rounds < 0 || seen.least < before.Rounds {
				before.Rounds, before.By = seen.least, seen.by
			}
		}
	}
	d.loadBefore = &before
	return missing
}

// replicated is how often each fragment was replicated to a side. Its counter is asked first, because it costs little; it does not
// tell fragments apart, so the traces are read once it says that there may be enough. Where they show none, one round more
// must have been counted, so that two are whole.
func (d *Drill) replicated(ctx context.Context, side *Side, evidence toolkit.Evidence, now bool) rounds {
	own := side.peer.Fragments(d.env.Fragments)
	fragments := int64(own)
	accepted, counted := acceptedSince(evidence, d.baselines[side.Name()].accepted)
	if counted && accepted < roundsNeeded*fragments {
		return rounds{int(accepted / fragments), "counters", fmt.Sprintf("%s has accepted %d replicas of %d fragments since the load began and %s came UP; %d of each are needed",
			side.Name(), accepted, fragments, side.peer.Name(), roundsNeeded)}
	}
	if !now {
		return rounds{int(accepted / fragments), "counters", ""}
	}
	if lines, err := d.tracesOf(ctx, side); err == nil {
		if list := toolkit.Replicas(lines); len(list) > 0 {
			return roundsOf(list, cameUp(lines), d.baselines[side.Name()].newest, side.Name(), side.peer.Name(), own)
		}
	}
	if !counted {
		return rounds{0, "nothing", fmt.Sprintf("neither counters nor traces show how often %s has accepted replicas", side.Name())}
	}
	least := int(max(0, accepted-(fragments-1)) / fragments)
	seen := rounds{least: least, by: "counters"}
	if least < roundsNeeded {
		seen.lacks = fmt.Sprintf("%s has accepted %d replicas of %d fragments, which may not be %d of each", side.Name(), accepted, fragments, roundsNeeded)
	}
	return seen
}

// acceptedSince is how many replicas a side has accepted by its counters since there were before of them and since its peer came
// UP; known is false where no counter shows it.
func acceptedSince(e toolkit.Evidence, before int64) (accepted int64, known bool) {
	for _, source := range e.Metrics {
		track := source.Counts[toolkit.SnapshotsIn]
		if !track.Known {
			continue
		}
		n := track.Value
		if n >= before { // else the counter began anew with its process
			n -= before
		}
		if track.SinceUpKnown {
			n = min(n, track.SinceUp)
		}
		accepted, known = max(accepted, n), true
	}
	return accepted, known
}

// roundsOf counts the traced replicas of each of a peer's fragments that came after what there was, and after the peer came UP.
// Only those that were persisted count.
func roundsOf(list []toolkit.Replica, up, newest time.Time, site, peer string, fragments int) rounds {
	times := map[string]int{}
	for _, replica := range list {
		if replica.Of(peer) && replica.Persisted && replica.At.After(newest) && replica.At.After(up) {
			times[replica.Name]++
		}
	}
	seen := rounds{by: "traces"}
	if len(times) >= fragments {
		seen.least = -1
		for _, n := range times {
			if seen.least < 0 || n < seen.least {
				seen.least = n
			}
		}
	}
	if seen.least < roundsNeeded {
		var texts []string
		for name, n := range times {
			texts = append(texts, fmt.Sprintf("%s %d times", name, n))
		}
		slices.Sort(texts)
		seen.lacks = fmt.Sprintf("%s has traced that it persisted %s of %d fragments since the load began and %s came UP; each is needed %d times",
			site, strings.Join(texts, ", "), fragments, peer, roundsNeeded)
	}
	return seen
}

// cameUp is when the application last traced that the peer came UP, by its host's clock; zero where it did not.
func cameUp(lines []toolkit.TraceLine) (at time.Time) {
	for _, line := range lines {
		if line.Kind() == toolkit.TraceRemoteUp && line.At.After(at) {
			at = line.At
		}
	}
	return at
}

// markLoad remembers what each side had accepted when the load began, so that only what came later counts. What cannot be read
// counts from the beginning of what is shown, and since the peer came UP.
func (d *Drill) markLoad(ctx context.Context) {
	status, _ := d.env.Client.Status(ctx) // an error speaks of one side; what the other shows is used
	for i, side := range d.sides() {
		if d.baselines[side.Name()].known {
			continue
		}
		mark := baseline{}
		for _, source := range status.Sites[i].Evidence.Metrics {
			if track := source.Counts[toolkit.SnapshotsIn]; track.Known {
				mark.known, mark.accepted = true, max(mark.accepted, track.Value)
			}
		}
		if lines, err := d.tracesOf(ctx, side); err == nil {
			mark.known = true
			for _, replica := range toolkit.Replicas(lines) {
				if replica.At.After(mark.newest) {
					mark.newest = replica.At
				}
			}
		}
		d.baselines[side.Name()] = mark
	}
}

// wasLoadedSince leaves the step inconclusive where too few events were served since an instant before the fault. Its first line
// says how many, and what to do, because reports quote that line.
func (d *Drill) wasLoadedSince(quiet time.Time) {
	ginkgo.GinkgoHelper()
	if text := tooLittle(d.loadTrouble("before", quiet, time.Now())); text != "" {
		ended.Inconclusive("%s", text)
	}
}

// tooLittle is what was too little of the load before the fault, with what to do; nothing where there was enough.
func tooLittle(trouble []string) string {
	if len(trouble) == 0 {
		return ""
	}
	return strings.Join(trouble, "; ") + ": repeat it while less else is going on, or with a lower CROSSDC_RATE"
}
