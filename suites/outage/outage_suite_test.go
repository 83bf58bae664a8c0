package outage_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/outage"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario"
)

func TestOutage(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "outage")
}

var (
	suite = scenario.NewSuite("outage")

	_ = suite.Repeat(outage.DataCenterCrash)
	_ = suite.Repeat(outage.JobCancel)
	_ = suite.Repeat(outage.InstanceStop)
	_ = suite.Repeat(outage.ShortHang)
	_ = suite.Repeat(outage.LongHang)
	_ = outage.ActiveCrash(suite.ActivePassive)
	_ = outage.PassiveCrash(suite.ActivePassive)
	// What the new application is handed comes after its first events.
	_ = outage.ActiveCrashAndRestore(suite.Configured(scenario.Configuration{Settings: func(settings *config.Config) {
		settings.Topology, settings.Toolkit.RetainSnapshots, settings.Application.Merge = environment.ActivePassive, true, "additive"
	}}))
)
