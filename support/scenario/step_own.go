package scenario

import (
	"fmt"
	"math"
	"slices"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
)

// Objective holds a value that a team measured itself against a limit of its own, such as a service level:
//
//	It("keeps the checkout quick", func() { drill.Objective("checkout p99", 91.5, 98, "ms") })
//
// It is judged like the suite's objectives when the scenario is, and stands in the stored run, JUnit, summary, table and page;
// the gate's policy can demand it. The name is unique within the scenario. A limit of 0 allows nothing at all.
func (d *Drill) Objective(name string, measured, limit float64, unit string) {
	ginkgo.GinkgoHelper()
	d.ObjectiveWithin(name, measured, measured, limit, unit)
}

// ObjectiveWithin is Objective for a value that is known only to lie between least and most: it is met only if most is within the
// limit, and missed only if least is beyond it.
func (d *Drill) ObjectiveWithin(name string, least, most, limit float64, unit string) {
	ginkgo.GinkgoHelper()
	Expect(ownProblem(d.scenario.Own, name, least, most, limit)).To(Succeed())
	d.scenario.Own = append(d.scenario.Own, model.Own{Name: name, Unit: unit, Least: least, Most: most, Limit: limit})
	d.store()
}

// ownProblem says why an objective cannot be stated.
func ownProblem(have []model.Own, name string, least, most, limit float64) error {
	switch {
	case name == "":
		return fmt.Errorf("an objective of a team's own needs a name")
	case slices.ContainsFunc(have, func(o model.Own) bool { return o.Name == name }):
		return fmt.Errorf("the objective %q is stated twice in one scenario: give each a name of its own", name)
	}
	for what, value := range map[string]float64{"least": least, "most": most, "limit": limit} {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Errorf("objective %q: its %s is %g: give a finite number", name, what, value)
		}
	}
	if least > most {
		return fmt.Errorf("objective %q: least %g is more than most %g", name, least, most)
	}
	return nil
}
