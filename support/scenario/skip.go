package scenario

import (
	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario/ended"
)

// skip leaves the scenario out from here on, with the reason in the report.
func (d *Drill) skip(why string) {
	ginkgo.GinkgoHelper()
	d.forbidSkips(why)
	d.unavailable = why
	d.scenario.Outcome = model.Skipped
	d.scenario.Reasons = appendNew(d.scenario.Reasons, why)
	ginkgo.Skip(why)
}

// LeaveOut skips the scenario from this step on, for a reason that a foreign repository has: what it needs is not there.
func (d *Drill) LeaveOut(why string) {
	ginkgo.GinkgoHelper()
	d.skip(why)
}

// forbidSkips makes what would be skipped count as not tested where CROSSDC_SKIPS=fail says so.
func (d *Drill) forbidSkips(why string) {
	ginkgo.GinkgoHelper()
	if d.settings.Skips != config.SkipsFail {
		return
	}
	ended.NotTested(model.Cause{Kind: model.CauseEnvironment, Problem: "cannot run here: " + why, Setting: "CROSSDC_SKIPS",
		Remedy: "provide what it needs, leave it out with --label-filter, or set CROSSDC_SKIPS=report"})
}

// skipWhatCannotBe leaves out the steps that follow one that could not be done: Ginkgo itself does that only after a failure.
func (d *Drill) skipWhatCannotBe() {
	if d.unavailable != "" {
		ginkgo.Skip(d.unavailable)
	}
}
