package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/junit"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/scenario/record"
)

// Limits of the teardown of one scenario. Healing has a limit of its own (fault.Limits) and is not cut short by these.
const (
	teardownTimeout  = 60 * time.Second
	leftoversTimeout = 15 * time.Second // to see whether both sides are as they were
)

// end stores the verdict, then cleans up: heals what is still broken, stops what still runs, and checks what is left.
// The cleanup has a verdict of its own and never replaces the scenario's.
func (d *Drill) end(spec context.Context) {
	if d.env == nil {
		return
	}
	report := ginkgo.CurrentSpecReport()
	if outcome, reason := record.Ending(report); outcome.Compare(d.scenario.Outcome) < 0 && report.Failed() {
		d.scenario.Outcome, d.scenario.Reasons = outcome, appendNew(d.scenario.Reasons, reason)
	}
	d.final = true
	if !d.judged && d.injected != nil && d.traffic != nil { // a step ended it: what its measures show is judged all the same
		d.troubleOfOurOwn()
	}
	failed := report.Failed() || d.scenario.Outcome.ExitCode() != 0
	d.store() // before teardown
	ctx, cancel := context.WithTimeout(context.WithoutCancel(spec), teardownTimeout)
	defer cancel()
	var problems []error
	for _, injection := range d.inForce() {
		problems = append(problems, injection.Heal(ctx))
	}
	if d.injected != nil {
		fact := d.injected.Model(d.instant)
		d.scenario.Fault = &fact
	}
	cleanup := fault.Cleanup(d.inForce()...)
	if d.session != nil {
		d.session.Drain()
	}
	d.closing.end()
	if d.session != nil {
		d.collect()
		d.session.Close()
	}
	if d.journal != nil {
		problems = append(problems, d.journal.Close(), fault.Discard(d.journal.Path())) // it stays while anything is open in it
	}
	looking, done := context.WithTimeout(context.WithoutCancel(spec), leftoversTimeout) // of its own: healing may have taken long
	defer done()
	if left, err := d.env.Leftovers(looking); err != nil {
		problems = append(problems, err)
	} else if len(left) > 0 {
		cleanup.Left = append(cleanup.Left, left...)
		problems = append(problems, fmt.Errorf("the environment is not as it was: %v", left))
	}
	if err := errors.Join(problems...); err != nil {
		cleanup.Outcome, cleanup.Reason = model.Failed, err.Error()
	}
	d.scenario.Cleanup = &cleanup
	if d.scenario.Outcome == model.NotTested && len(d.inForce()) == 0 && cleanup.Outcome == model.Passed {
		d.scenario.Cleanup = nil // nothing was done that could have been left
	}
	if failed || cleanup.Outcome != model.Passed {
		d.given.Spoiled("the last scenario did not end well: " + d.scenario.Name)
	}
	d.ended = true
	if _, err := d.given.Records.Save(d.given.storedAs(d.scenario, d.env.Describe())); err != nil {
		ginkgo.Fail(err.Error())
	}
	d.given.attach(d.scenario, d.env.Describe())
	if cleanup.Outcome != model.Passed {
		ginkgo.Fail("cleanup: " + cleanup.Reason)
	}
}

// attach gives Ginkgo's own reports what ours say of the scenario, under the same names, on the step that ended it: a pipeline that
// reads --junit-report loses nothing.
func (g Given) attach(scenario model.Scenario, environment model.Environment) {
	redact := g.redact()
	run := model.Run{ID: g.RunID, Environment: environment}
	for _, property := range junit.ScenarioProperties(run, scenario) {
		ginkgo.AddReportEntry(property.Name, asJSON(redact(property.Value)), ginkgo.ReportEntryVisibilityNever)
	}
}

// asJSON is a value as Ginkgo has to be given it, which writes JSON into its reports: a number as one, so that it stands there without
// quotes.
func asJSON(value string) any {
	if value != "" && strings.ContainsAny(value[:1], "-0123456789") && json.Valid([]byte(value)) {
		return json.Number(value)
	}
	return value
}

// notTested ends a scenario that could not begin; Ginkgo's own reports get what is known of it.
func (g Given) notTested(planned model.Scenario, cause model.Cause) {
	ginkgo.GinkgoHelper()
	planned.Outcome, planned.Cause, planned.Reasons = model.NotTested, &cause, []string{cause.Sentence()}
	g.attach(planned, model.Environment{Kind: g.Config.Environment, Topology: g.Config.Topology, Speedup: g.Config.Speedup})
	ended.NotTested(cause)
}

// inForce are all injections of the scenario, the newest first: what was broken last is mended first.
func (d *Drill) inForce() []*fault.Injection {
	var list []*fault.Injection
	for _, injection := range append([]*fault.Injection{d.injected, d.halfDone}, d.besides...) {
		if injection != nil {
			list = append(list, injection)
		}
	}
	slices.SortStableFunc(list, func(a, b *fault.Injection) int { return b.T0.Earliest.Compare(a.T0.Earliest) })
	return list
}
