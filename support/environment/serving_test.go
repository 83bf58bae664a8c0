package environment

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/metrics"
)

func TestCountersThatAreNotThereAreNamedWithThoseThatAre(t *testing.T) {
	have := []counting{{"Store", []int{0, 1}, nil}, {"Parse[0]", []int{0}, []int{0}}, {"Parse[1]", []int{0}, []int{0}}, {operator: "Other"}}
	for _, c := range []struct {
		want            toolkit.OperatorPort
		problem, remedy string
	}{
		{toolkit.OperatorPort{Operator: "Store", Port: metrics.In(1, "")}, "", ""},
		{toolkit.OperatorPort{Operator: "Parse", Port: metrics.Out(0, "")}, "", ""},
		{toolkit.OperatorPort{Operator: "Parse[1]", Port: metrics.Out(0, "")}, "", ""},
		{toolkit.OperatorPort{Operator: "Pars", Port: metrics.Out(0, "")}, `has no operator "Pars"`, "name one of Other, Parse[0], Parse[1], Store"},
		{toolkit.OperatorPort{Operator: "Store", Port: metrics.In(2, "")}, `has no input port 2 at operator "Store"`, "input 0, 1, output none"},
		{toolkit.OperatorPort{Operator: "Store", Port: metrics.Out(0, "")}, `has no output port 0 at operator "Store"`, "input 0, 1, output none"},
	} {
		if problem, remedy := uncounted(have, c.want); problem != c.problem || !strings.Contains(remedy, c.remedy) {
			t.Errorf("%s: %q %q, want %q %q", c.want, problem, remedy, c.problem, c.remedy)
		}
	}
	one, two := 1, 2
	if got := port(application.Counter{Operator: "A", Input: &one}); got != (toolkit.OperatorPort{Operator: "A", Port: metrics.In(1, "")}) {
		t.Errorf("%v", got)
	}
	if got := port(application.Counter{Operator: "A", Output: &two}); got != (toolkit.OperatorPort{Operator: "A", Port: metrics.Out(2, "")}) {
		t.Errorf("%v", got)
	}
}
