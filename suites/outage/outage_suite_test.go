package outage_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/outage"
	"github.com/crossdc/failover/support/scenario"
)

func TestOutage(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "outage")
}

var (
	suite = scenario.NewSuite("outage")

	_ = outage.DataCenterCrash(suite.Given)
	_ = outage.JobCancel(suite.Given)
	_ = outage.InstanceStop(suite.Given)
	_ = outage.ShortHang(suite.Given)
	_ = outage.LongHang(suite.Given)
	_ = outage.ActiveCrash(suite.ActivePassive)
	_ = outage.PassiveCrash(suite.ActivePassive)
)
