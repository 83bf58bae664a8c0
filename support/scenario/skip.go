package scenario

import (
	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
)

// skip leaves the scenario out from here on, with the reason in the report.
func (d *Drill) skip(why string) {
	ginkgo.GinkgoHelper()
	d.unavailable = why
	d.scenario.Outcome = model.Skipped
	d.scenario.Reasons = appendNew(d.scenario.Reasons, why)
	ginkgo.Skip(why)
}

// skipWhatCannotBe leaves out the steps that follow one that could not be done: Ginkgo itself does that only after a failure.
func (d *Drill) skipWhatCannotBe() {
	if d.unavailable != "" {
		ginkgo.Skip(d.unavailable)
	}
}
