package degradation_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/degradation"
	"github.com/crossdc/failover/support/scenario"
)

func TestDegradation(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "degradation")
}

var (
	suite = scenario.NewSuite("degradation")

	_ = degradation.SlowLink(suite.Given, 0.2, "fast")
)
