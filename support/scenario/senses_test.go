package scenario

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
)

func brokenSenses(t *testing.T, names ...string) *senses {
	t.Helper()
	s, err := newSenses(&config.Config{Speedup: 60, Toolkit: config.Toolkit{HeartbeatInterval: 30 * time.Second}, Proof: config.Proof{Senses: names}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// life is what a survivor's indicators say: DOWN, and UP a minute later.
func life(at time.Time) []toolkit.Change {
	var changes []toolkit.Change
	for i, event := range []toolkit.Event{toolkit.PeerDown, toolkit.PeerUp} {
		for _, indicator := range []toolkit.Indicator{toolkit.OperatorMetrics, toolkit.PrometheusMetrics, toolkit.StatusStream} {
			when := at.Add(time.Duration(i) * time.Minute)
			changes = append(changes, toolkit.Change{Site: "dc2", Indicator: indicator, Event: event, Earliest: when, Latest: when})
		}
	}
	return changes
}

func perceived(s *senses, happened []toolkit.Change) []toolkit.Change {
	var got []toolkit.Change
	for _, c := range happened {
		got = append(got, s.perceive(c)...)
	}
	return got
}

func TestSoundSensesChangeNothing(t *testing.T) {
	s, happened := brokenSenses(t), life(time.Now())
	if got := perceived(s, happened); !slices.Equal(got, happened) || !slices.Equal(s.recall(happened), happened) {
		t.Errorf("%v", got)
	}
	if s.canary(nil) != nil {
		t.Error("another canary")
	}
}

func TestEachBrokenSenseDistortsWhatItSays(t *testing.T) {
	at := time.Now()
	interval := 500 * time.Millisecond // I of 30 s at speedup 60
	happened := life(at)
	for name, check := range map[string]func(got []toolkit.Change) bool{
		lyingIndicator: func(got []toolkit.Change) bool {
			return got[2].Event == toolkit.PeerUp && got[5].Event == toolkit.PeerDown
		},
		droppedObservations: func(got []toolkit.Change) bool { return len(got) == 2 },
		delayedObservations: func(got []toolkit.Change) bool {
			return got[2].Earliest.Equal(at.Add(interval)) && got[0].Earliest.Equal(at)
		},
		skewedClock: func(got []toolkit.Change) bool {
			return got[1].Latest.Equal(at.Add(-interval)) && got[0].Latest.Equal(at)
		},
		reorderedObservations: func(got []toolkit.Change) bool {
			return len(got) == 6 && got[2].Event == toolkit.PeerUp && got[3].Event == toolkit.PeerDown && got[3].Earliest.Equal(at)
		},
	} {
		s := brokenSenses(t, name)
		got := perceived(s, happened)
		if !check(got) {
			t.Errorf("%s: %v", name, got)
		}
		if !slices.Equal(s.recall(happened), got) {
			t.Errorf("%s: what is remembered is not what was perceived", name)
		}
	}
}

type link struct {
	fault.Link
	cleared int
}

func (l *link) Clear(context.Context, string) error { l.cleared++; return nil }

type world struct {
	fault.Environment
	link *link
}

func (w world) Link() fault.Link { return w.link }

func TestDeadHealLiftsNothing(t *testing.T) {
	for cleared, names := range [][]string{{deadHeal}, nil} {
		l := &link{}
		if err := brokenSenses(t, names...).world(world{link: l}).Link().Clear(t.Context(), "dc1->dc2"); err != nil || l.cleared != cleared {
			t.Errorf("%v: cleared %d times (%v), want %d", names, l.cleared, err, cleared)
		}
	}
}

func TestStoppedTrafficStoppedObserversAndFailingCanary(t *testing.T) {
	sending, observers := 0, 0
	for _, names := range [][]string{{stoppedTraffic}, {stoppedObservers}, nil} {
		brokenSenses(t, names...).injected(func() { sending++ }, func() { observers++ })
	}
	if sending != 1 || observers != 1 {
		t.Errorf("stopped traffic %d times, observers %d times; want once each", sending, observers)
	}
	if err := brokenSenses(t, failingCanary).canary(nil).Inject(t.Context(), traffic.CanarySite, nil); err == nil {
		t.Error("the canary works")
	}
}

func TestUnknownSenseIsRefused(t *testing.T) {
	_, err := newSenses(&config.Config{Speedup: 60, Proof: config.Proof{Senses: []string{"smell"}}})
	if err == nil || !strings.Contains(err.Error(), lyingIndicator) {
		t.Errorf("error %v", err)
	}
}

// TestTheSensesThatCanBeBrokenAreThoseOfTheSettings holds the table against the list by which a typo is refused.
func TestTheSensesThatCanBeBrokenAreThoseOfTheSettings(t *testing.T) {
	var names []string
	for _, sense := range Senses() {
		names = append(names, sense.Name)
	}
	slices.Sort(names)
	if known := config.BrokenSenses(); !slices.Equal(names, slices.Sorted(slices.Values(known))) {
		t.Errorf("the senses are %q, the settings know %q", names, known)
	}
}
