package seen

import (
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

func TestTheLastFragmentCompletesTheTakeover(t *testing.T) {
	epoch := time.Now()
	at := func(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }
	taken := func(indicator toolkit.Indicator, count int64, from, to int) toolkit.Change {
		return toolkit.Change{Site: "dc2", Indicator: indicator, Event: toolkit.FragmentTakenOver, Subject: "dc1", Count: count, Earliest: at(from), Latest: at(to)}
	}
	window := Window{From: at(10), Fault: at(20), Fragments: 3, Instant: func(t time.Time) model.Instant { return model.Instant(t.Sub(epoch)) }}
	got := Observations([]toolkit.Change{
		taken(toolkit.TakeoverStream, 1, 1, 2),    // over before the scenario
		taken(toolkit.TakeoverStream, 1, 11, 12),  // before the fault
		taken(toolkit.OperatorMetrics, 2, 30, 40), // two at once
		taken(toolkit.TakeoverStream, 1, 31, 32),
		taken(toolkit.TakeoverStream, 1, 33, 34),
		taken(toolkit.OperatorMetrics, 1, 40, 50),
	}, window)
	complete := map[string]model.Interval{}
	for _, o := range got {
		if o.Event == timeline.TakeoverComplete {
			complete[o.Indicator] = o.When
		}
	}
	want := model.Interval{Earliest: model.Instant(40 * time.Millisecond), Latest: model.Instant(50 * time.Millisecond)}
	if len(got) != 6 || len(complete) != 1 || complete[string(toolkit.OperatorMetrics)] != want {
		t.Errorf("got %d observations, complete %v", len(got), complete)
	}
	got = Observations([]toolkit.Change{
		taken(toolkit.TraceLines, 1, 30, 31), taken(toolkit.TraceLines, 1, 34, 35), taken(toolkit.TraceLines, 1, 32, 33),
	}, window)
	if want := (model.Interval{Earliest: model.Instant(34 * time.Millisecond), Latest: model.Instant(35 * time.Millisecond)}); got[3].When != want {
		t.Errorf("the last one reported is not the last one that happened: %v, want %v", got[3].When, want)
	}
}

func TestSeveralFragmentsAtOnceSaySo(t *testing.T) {
	now := time.Now()
	got := Observations([]toolkit.Change{
		{Event: toolkit.FragmentTakenOver, Subject: "dc1", Count: 1, Latest: now}, {Event: toolkit.FragmentTakenOver, Subject: "dc1", Count: 2, Latest: now},
	}, Window{Fragments: 5, Instant: func(time.Time) model.Instant { return 0 }})
	if got[1].Subject != "dc1 x2" || got[0].Subject != "dc1" {
		t.Errorf("subjects %q, %q", got[0].Subject, got[1].Subject)
	}
}
