package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario/ended"
)

// holdsRPO reports whether the scenario holds what it loses against an RPO: then load and replication must have run for long
// enough before the fault, and the fault comes at any phase of the snapshot period.
func (d *Drill) holdsRPO() bool {
	if d.oneOfMany || (d.unnoticed || d.passive) && !d.restores && !d.partly || d.discards || d.settings.Objectives().RPO <= 0 || !d.settings.Described().Carries(application.Loss) {
		return false
	}
	configuration := environment.ToolkitConfig(d.settings)
	_, err := configuration.Timing().SnapshotPeriod() // an error: snapshots are off
	return err == nil
}

// loadNeeded is for how long load must have run before a fault whose loss is judged, in toolkit time: RPO + P_s. With less, all
// that was ever acknowledged can be lost within the RPO.
func (d *Drill) loadNeeded() time.Duration {
	configuration := environment.ToolkitConfig(d.settings)
	period, err := configuration.Timing().SnapshotPeriod()
	if err != nil {
		return 0
	}
	return d.settings.Objectives().RPO + period
}

// loadFits refuses a load that would have to run longer than a step may.
func (d *Drill) loadFits() {
	ginkgo.GinkgoHelper()
	if !d.holdsRPO() {
		return
	}
	if why := loadTooLong(d.loadNeeded(), d.settings.Wall(d.loadNeeded()), d.settings.StepTimeout); why != "" {
		ended.NotTested(model.Cause{Kind: model.CauseObjectives, Setting: "CROSSDC_STEP_TIMEOUT", Problem: why})
	}
}

// loadTooLong says why a load cannot run for as long as it must; empty when it can. A limit of 0 follows from the configuration,
// and holds what the load needs.
func loadTooLong(need, wall, limit time.Duration) string {
	if limit <= 0 || wall < limit {
		return ""
	}
	return fmt.Sprintf("load must run for RPO + P_s = %s (%s wall) before a loss means anything, and CROSSDC_STEP_TIMEOUT allows a step %s; allow more, or set CROSSDC_RPO to less",
		inSeconds(need), inSeconds(wall), inSeconds(limit))
}

// isFeasible holds the objectives against the toolkit's configuration before anything is started, let alone broken: an
// objective that cannot be kept however well everything goes needs no test.
func (d *Drill) isFeasible() {
	ginkgo.GinkgoHelper()
	if causes := environment.Check(d.settings); len(causes) > 0 {
		ended.NotTested(causes[0])
	}
	d.loadFits()
}
