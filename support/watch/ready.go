package watch

import (
	"context"
	"fmt"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit"
)

// Unready says, one reason each, what the monitor still lacks before a change can be told: each side must be seen to hold the other
// UP, by so many indicators. Empty when nothing is missing.
func (s *Session) Unready(indicators int) []string {
	var missing []string
	for _, conclusion := range s.Monitor.Conclusions() {
		if conclusion.State != toolkit.Up || len(conclusion.Used) < indicators {
			missing = append(missing, fmt.Sprintf("%s holds its peer %s by %v", conclusion.Site, conclusion.State, conclusion.Used))
		}
	}
	return missing
}

// Unsteady asks both data centers and says what is missing until they hold each other UP and every fragment has been replicated in
// both directions since then.
func (s *Session) Unsteady(ctx context.Context) []string {
	status, err := s.Env.Client.Status(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var missing []string
	for i, site := range status.Sites {
		if site.Conclusion.State != toolkit.Up {
			missing = append(missing, fmt.Sprintf("%s holds its peer %s: %v", site.Name, site.Conclusion.State, site.Conclusion.Why))
		}
		if replicas := replicasSinceUp(site.Evidence, status.Sites[1-i].Evidence, s.Env.Fragments); replicas < int64(s.Env.Fragments) {
			missing = append(missing, fmt.Sprintf("%s has accepted %d replicas of %d fragments since %s last came UP", site.Name, replicas, s.Env.Fragments, status.Sites[1-i].Name))
		}
	}
	return missing
}

// Apart says what is missing until both data centers hold each other UP, an event goes through each, and every port of the link
// answers: the snapshot listeners may come later than the first heartbeat.
func (s *Session) Apart(ctx context.Context, pairs int) []string {
	status, err := s.Env.Client.Status(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var missing []string
	for _, site := range status.Sites {
		if site.Conclusion.State != toolkit.Up {
			missing = append(missing, fmt.Sprintf("%s holds its peer %s: %v", site.Name, site.Conclusion.State, site.Conclusion.Why))
		}
	}
	if len(missing) > 0 {
		return missing
	}
	for _, a := range s.Through(ctx) {
		if s.Env.Described().Carries(application.Through) && a.Outcome != toolkit.Served {
			missing = append(missing, fmt.Sprintf("no event goes through %s: %v", a.Site, a))
		}
	}
	link := s.Env.Link()
	if link == nil {
		return missing
	}
	for _, direction := range fault.Directions() {
		for port := range pairs + 1 {
			if err := link.Probe(ctx, direction, port); err != nil {
				missing = append(missing, err.Error())
			}
		}
	}
	return missing
}

// replicasSinceUp is how many replicas a side has accepted since its peer last came UP: those of an earlier life of the peer
// are not what a takeover would need. A peer that was started again too quickly to be missed cannot have sent more than
// its own count of rounds allows.
func replicasSinceUp(here, peer toolkit.Evidence, fragments int) int64 {
	var accepted int64
	for _, source := range here.Metrics {
		if track := source.Counts[toolkit.SnapshotsIn]; track.Known && track.SinceUpKnown {
			accepted = max(accepted, track.SinceUp)
		}
	}
	for _, source := range peer.Metrics {
		if rounds := source.Counts[toolkit.SnapshotRounds]; rounds.Known {
			return min(accepted, rounds.Value*int64(fragments))
		}
	}
	return accepted
}
