package scenario

import (
	"slices"
	"testing"

	"github.com/crossdc/failover/reports/model"
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
