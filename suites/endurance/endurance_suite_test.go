package endurance_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/endurance"
	"github.com/crossdc/failover/support/scenario"
)

func TestEndurance(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "endurance")
}

var (
	suite = scenario.NewSuite("endurance")

	_ = endurance.ManyFailovers(suite.Given)
	_ = endurance.RandomMix(suite.Given, time.Hour, "slow")
	_ = endurance.RandomMix(suite.Given, 10*time.Hour, "soak")
)
