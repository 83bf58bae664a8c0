package toolkit

import (
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// TestAPageThatIsRepeatedHasNotLooked: a DOWN that is declared while something in between repeats an old page with 200 is not placed
// after it when the page moves again, nobody says that the page has looked meanwhile, and the indicator is named.
func TestAPageThatIsRepeatedHasNotLooked(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	began := time.Now()
	await(t, "the page to be read", func() bool { return looked(m, PeerDown, began)[PrometheusMetrics] })
	b.set(func(f *fakeSite) { f.stale = true })
	scraped := func() int { b.mu.Lock(); defer b.mu.Unlock(); return b.asked["Scrape"] }
	before := scraped()
	await(t, "the repeated page to be read", func() bool { return scraped() > before+1 })
	declared := time.Now()
	b.set(func(f *fakeSite) { f.counts[StatusTuples] = 2 })
	before = scraped()
	await(t, "the repeated page to be read again", func() bool { return scraped() > before+3 })
	if looked(m, PeerDown, declared)[PrometheusMetrics] {
		t.Error("a page that is repeated counts as having looked")
	}
	await(t, "the stale page to be named", func() bool {
		for _, f := range m.Failures() {
			if f.Site == "dc2" && f.Indicator == PrometheusMetrics && f.Cause == CauseStale {
				return true
			}
		}
		return false
	})
	b.set(func(f *fakeSite) { f.stale = false })
	seen := func() (change Change, found bool) {
		for _, change := range m.Changes() {
			if change.Site == "dc2" && change.Indicator == PrometheusMetrics && change.Event == PeerDown {
				return change, true
			}
		}
		return Change{}, false
	}
	await(t, "the page to tell", func() bool { _, found := seen(); return found })
	if change, _ := seen(); change.Earliest.After(declared) || change.Latest.Before(declared) {
		t.Errorf("declared at %v, and the page says between %v and %v", declared, change.Earliest, change.Latest)
	}
}

func TestWhatAPageProves(t *testing.T) {
	at := time.Unix(100, 0)
	page := func(value int64, stamp time.Time) metrics.Set {
		return metrics.Set{Samples: []metrics.Sample{{Operator: "Orders", Name: "nTuplesProcessed", Value: value, At: stamp}}}
	}
	var memory pageMemory
	for i, c := range []struct {
		set     metrics.Set
		repeats bool
	}{
		{page(1, time.Time{}), false}, {page(1, time.Time{}), true}, {page(2, time.Time{}), false}, {page(1, time.Time{}), false},
		{page(1, at), false}, {page(1, at), false}, {page(1, time.Time{}), false}, {page(1, time.Time{}), true},
	} {
		if got := memory.repeats(c.set, at.Add(time.Duration(i)*time.Second)); got != c.repeats {
			t.Errorf("page %d repeats the one before: %v, want %v", i, got, c.repeats)
		}
	}
}
