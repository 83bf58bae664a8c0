package scenario

import (
	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario/record"
)

// Repeat registers a scenario as often as CROSSDC_TRIALS says. Every trial draws phases of its own from the seed. Wrong
// settings are reported when the suite begins, not while Ginkgo builds its tree.
//
//	var _ = suite.Repeat(outage.DataCenterCrash)
func (s *Suite) Repeat(scenario func(given func() Given) bool) bool {
	trials := 1
	if settings, err := config.Load(); err == nil {
		trials = settings.Trials
	}
	if trials == 1 {
		return scenario(s.Given)
	}
	for n := 1; n <= trials; n++ {
		ginkgo.Describe(record.TrialText(n), func() { s.roster.Repetition(n, func() { scenario(s.Given) }) })
	}
	return true
}
