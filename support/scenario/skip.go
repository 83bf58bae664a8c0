package scenario

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
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

// notInjected is the cause of a fault that did not come about: nothing is known then of how the application meets it.
func notInjected(f fault.Fault, err error) model.Cause {
	why, known := environment.KnownCause(err)
	if !known { // the error names the fault, its target and what was attempted
		return model.Cause{Kind: model.CauseFault, Problem: "the fault could not be injected: " + err.Error(), Object: f.Target}
	}
	return model.Cause{Kind: model.CauseFault, Problem: fmt.Sprintf("the fault could not be injected (%s): %s", f, why.Sentence()), Object: f.Target,
		Setting: why.Setting, Detail: err.Error()}
}

// notTested ends the step and the scenario for a cause that is not the application's.
func (d *Drill) notTested(cause model.Cause) {
	ginkgo.GinkgoHelper()
	d.scenario.Outcome, d.scenario.Cause, d.scenario.Reasons = model.NotTested, &cause, []string{cause.Sentence()}
	d.store()
	ended.NotTested(cause)
}
