package scenario

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// MovesToTheOtherHost expects this data center's senders, of heartbeats and of snapshots, to find the peer on another machine of their list once
// the one that took their messages takes none any more: within (M+1)*(C+R) and what passes until there is something to send. From then on they
// go there alone (toolkit contract 4.5, S47).
func (s *Side) MovesToTheOtherHost(ctx context.Context, machines int) {
	ginkgo.GinkgoHelper()
	d := s.drill
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	gone := d.injected.T0
	bound := time.Duration(machines+1)*(d.settings.Toolkit.ConnectTimeout+d.settings.Toolkit.ReadTimeout) + d.Timing.Interval
	limit := d.wall(bound+period) + d.settings.CallTimeout
	d.await(ctx, s.Name()+" sends heartbeats and snapshots to another machine of its list", limit)
	before, after := hosts{}, hosts{}
	d.claims(ctx, sight{since: d.t0}).Eventually(ctx, func(ctx context.Context) []string {
		lines, err := d.tracesOf(ctx, s)
		if err != nil {
			return []string{err.Error()}
		}
		before, after = took(lines, time.Time{}, gone.Earliest), took(lines, gone.Latest, time.Now())
		var missing []string
		for _, what := range []string{sentHeartbeats, sentSnapshots} {
			if len(after[what]) == 0 {
				missing = append(missing, fmt.Sprintf("no machine has taken %s of %s since", what, s.Name()))
			}
		}
		return missing
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(), "a listed machine is alive: the senders must find it within (M+1)*(C+R) + I = %s", inSeconds(bound))
	for _, what := range []string{sentHeartbeats, sentSnapshots} {
		ended.Doubt().Expect(before[what]).NotTo(BeEmpty(), "no trace tells which machine took %s of %s before", what, s.Name())
		text := fmt.Sprintf("%s of %s went to %s, and then to %s", what, s.Name(), before[what], after[what])
		progress("    %s", text)
		Expect(after[what]).To(HaveLen(1), "one machine is left: %s", text)
		d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TraceLines), Event: "machine of the peer", Subject: what, When: d.interval(gone.Earliest, time.Now()), Evidence: text})
	}
	d.store()
}

// What senders send.
const (
	sentHeartbeats = "heartbeats"
	sentSnapshots  = "snapshots"
)

// hosts are the machines that took what was sent.
type hosts map[string]machines

type machines map[string]bool

func (m machines) String() string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }

// took are the machines that took messages between two instants, by the traces of their senders.
func took(lines []toolkit.TraceLine, from, to time.Time) hosts {
	found := hosts{sentHeartbeats: {}, sentSnapshots: {}}
	for _, line := range lines {
		posted, ok := line.Posted()
		if !ok || line.At.Before(from) || line.At.After(to) {
			continue
		}
		what := sentHeartbeats
		if posted.Snapshot {
			what = sentSnapshots
		}
		if address, err := url.Parse(posted.URL); err == nil {
			found[what][address.Hostname()] = true
		}
	}
	return found
}
