package endurance

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// RandomMix puts a random mix of troubles on a pair for many hours of toolkit time: crashes, restarts that nobody notices, short
// partitions, slow, jittering and losing links, hangs. Every event that is lost, processed twice or back again must be explained by what
// was done, or by a known quirk of the toolkit; whatever is not fails. The seed repeats the schedule (S56).
func RandomMix(given func() scenario.Given, length time.Duration, labels ...string) bool {
	text := fmt.Sprintf("A random mix of troubles for %.0f hours of toolkit time", length.Hours())
	return Describe(text, Ordered, Label("S56", "endurance", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("meets every trouble as it must, and loses or doubles nothing that is not explained", func(ctx SpecContext) {
			drill.SurvivesTheMix(ctx, length)
		}, scenario.LastsToolkitTime(4*length))

		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
