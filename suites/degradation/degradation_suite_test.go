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

	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.SlowLink(given, 0.2, "fast") })
)
