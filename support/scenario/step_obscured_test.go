package scenario

import (
	"slices"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

func TestWhatCouldNotLookCarriesNothing(t *testing.T) {
	blind := []toolkit.Indicator{toolkit.OperatorMetrics, toolkit.TraceLines}
	if wrong := blindButCarrying(blind, []string{string(toolkit.PrometheusMetrics), string(toolkit.StatusStream)}); len(wrong) > 0 {
		t.Errorf("both could look, and %q are blamed", wrong)
	}
	wrong := blindButCarrying(blind, []string{string(toolkit.StatusStream), string(toolkit.TraceLines)})
	if !slices.Equal(wrong, []string{string(toolkit.TraceLines)}) {
		t.Errorf("the traces could not be read and carry the measure, but %q are named", wrong)
	}
}

func TestWhatWasToldMustShareAnInstantWithWhatIsKnown(t *testing.T) {
	told := model.Measure{EarliestSeconds: 115.5, LatestSeconds: 126.3}
	for _, test := range []struct{ earliest, latest, apart float64 }{{123.1, 126.2, 0}, {126.3, 130, 0}, {127.3, 130, 1}, {90, 115, 0.5}} {
		if got := apart(told, model.Measure{EarliestSeconds: test.earliest, LatestSeconds: test.latest}); got < test.apart-1e-9 || got > test.apart+1e-9 {
			t.Errorf("%g..%g is %g s apart, want %g", test.earliest, test.latest, got, test.apart)
		}
	}
}

func TestWhatWasBlindIsHeldAgainstWhatWasTold(t *testing.T) {
	told := declaredBetween(model.Fault{Injected: model.Interval{Earliest: 1e9, Latest: 1.1e9}}, model.Measure{WallEarliest: 2, WallLatest: 2.2})
	if told.Earliest != 3e9 || told.Latest != 3.3e9 {
		t.Errorf("declared between %d and %d", told.Earliest, told.Latest)
	}
	down := func(site string, by toolkit.Indicator, at model.Instant) model.Observation {
		return model.Observation{Site: site, Indicator: string(by), Event: timeline.PeerDown, When: model.Interval{Earliest: at, Latest: at}}
	}
	words := wordsOf([]model.Observation{
		down("dc2", toolkit.TraceLines, 5e8), // before the fault
		down("dc1", toolkit.TraceLines, 3e9), down("dc2", toolkit.StatusStream, 3e9),
		down("dc2", toolkit.TraceLines, 3.1e9), down("dc2", toolkit.TraceLines, 9e9),
	}, "dc2", []toolkit.Indicator{toolkit.TraceLines, toolkit.OperatorMetrics}, 1e9)
	if len(words) != 1 || words[0].When.Earliest != 3.1e9 {
		t.Errorf("%+v", words)
	}
}
