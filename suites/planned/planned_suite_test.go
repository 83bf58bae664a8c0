package planned_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/planned"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario"
)

func TestPlanned(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "planned")
}

var (
	suite = scenario.NewSuite("planned")

	_ = suite.Repeat(planned.OrderlyShutdown)
	_ = suite.Repeat(planned.Failback)
	_ = suite.Repeat(planned.LostAnnouncement)
	_ = planned.OrderlyShutdownOfActive(suite.ActivePassive)
	_ = suite.Repeat(during(2, "slow"))
	_ = suite.Repeat(during(1, "soak"))
)

// during is a shutdown during a round of snapshots, in a pair of its own with so many senders; what comes late may come behind events.
func during(pairs int, labels ...string) func(func() scenario.Given) bool {
	given := suite.Configured(scenario.Configuration{Settings: func(settings *config.Config) {
		settings.Toolkit.Pairs, settings.Application.Merge = pairs, "additive"
	}})
	return func(func() scenario.Given) bool { return planned.ShutdownDuringARound(given, pairs, labels...) }
}
