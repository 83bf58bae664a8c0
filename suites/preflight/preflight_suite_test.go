package preflight_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/preflight"
	"github.com/crossdc/failover/support/scenario"
)

func TestPreflight(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "preflight")
}

var (
	suite = scenario.NewSuite("preflight")

	_ = suite.Repeat(preflight.Control)
	_ = suite.Repeat(preflight.SteadyOperation)
)
