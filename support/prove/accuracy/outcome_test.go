package main

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
)

func TestADurationFromALateT0DoesNotHoldTheTruth(t *testing.T) {
	ms := func(n int) model.Instant { return model.Instant(n) * model.Instant(time.Millisecond) }
	declared := model.Interval{Earliest: ms(2990), Latest: ms(3010)}
	for name, c := range map[string]struct {
		t0       model.Interval
		contains bool
	}{
		"begins with the act":       {model.Interval{Earliest: ms(1000), Latest: ms(1040)}, true},
		"begins when it was done":   {model.Interval{Earliest: ms(1040), Latest: ms(1040)}, false},
		"begins long after the act": {model.Interval{Earliest: ms(1500), Latest: ms(1500)}, false},
	} {
		m := timeline.MeasureOf(declared, c.t0, 60)
		o := outcome{name: "crash dc1", since: []sample{{measure: detection, indicator: fused, when: wall(m), truth: ms(3000) - ms(1000)}}}
		if o.contained() != c.contains || strings.Contains(o.String(), "detection since the fault") == c.contains {
			t.Errorf("%s: contained %v, %q", name, o.contained(), o.String())
		}
	}
}
