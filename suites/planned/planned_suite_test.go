package planned_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/planned"
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
)
