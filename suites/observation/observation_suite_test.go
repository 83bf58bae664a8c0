package observation_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/observation"
	"github.com/crossdc/failover/support/environment/obscure"
	"github.com/crossdc/failover/support/scenario"
)

func TestObservation(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "observation")
}

var (
	suite = scenario.NewSuite("observation")

	_ = observation.CrashSeenBadly(suite.Obscured, trouble("management-500"), "fast")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("management-gone"), "soak")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("management-garbage"), "slow")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("management-401"), "soak")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("management-slow"), "slow")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("traces-missing"), "soak")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("metrics-gone"), "soak")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("metrics-hang"), "slow")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("metrics-stale"), "slow")
	_ = observation.CrashSeenBadly(suite.Obscured, trouble("status-cut"), "slow")
	_ = observation.CrashSeenBadly(suite.Obscured, obscure.Together(trouble("status-cut"), trouble("metrics-gone")), "soak")
	_ = observation.CrashSeenBadly(suite.Obscured, obscure.Together(trouble("traces-missing"), trouble("metrics-gone")), "slow")
)

// trouble is an entry of the table.
func trouble(name string) obscure.Trouble {
	found, err := obscure.Named(name)
	if err != nil {
		panic(err) // the table and this list are of one module
	}
	return found
}
