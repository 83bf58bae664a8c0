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
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.FlappingLink(given, 3.75, 6, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.FlappingLink(given, 3.75, 40, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.RoundTrip(given, 0.1, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.RoundTrip(given, 1.6, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.RoundTrip(given, 0.5, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.RoundTrip(given, 1, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.Jitter(given, 3, 30, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.Jitter(given, 1, 300, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.Jitter(given, 2, 300, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.Jitter(given, 3, 300, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.PacketLoss(given, 0.05, 40, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.PacketLoss(given, 0.01, 120, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.PacketLoss(given, 0.05, 120, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.PacketLoss(given, 0.1, 120, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.PacketLoss(given, 0.3, 120, "soak") })
	_ = suite.Repeat(degradation.NarrowLink)
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ClockStep(given, 10, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ClockStep(given, -2, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ClockStep(given, 0.5, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ClockStep(given, 2, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ClockStep(given, -0.5, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ClockFarBack(given, 10, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ListenerHangsShortly(given, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ListenerHangs(given, 1.2, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return degradation.ListenerHangs(given, 3, "soak") })
)
