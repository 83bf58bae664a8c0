package configuration_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/configuration"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario"
	"github.com/crossdc/failover/toolkit/crossdc"
)

func TestConfiguration(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "configuration")
}

var (
	suite = scenario.NewSuite("configuration")

	_ = configuration.Cadence(cadence(15, 60), "I = 15 s, S = 60 s", "slow")
	_ = configuration.Cadence(cadence(20, 50), "I = 20 s, S = 50 s", "slow")
	_ = configuration.Cadence(cadence(22.5, 66.7), "I = 22.5 s, S = 66.7 s", "slow")
	_ = configuration.Cadence(cadence(10, 60), "I = 10 s, S = 60 s", "soak")
	_ = configuration.Cadence(cadence(30, 45), "I = 30 s, S = 45 s", "soak")
	_ = configuration.Cadence(cadence(30, 60), "I = 30 s, S = 60 s", "soak")
	_ = configuration.Cadence(cadence(30, 30), "I = 30 s, S = 30 s", "soak")
	_ = configuration.Cadence(cadence(30, 100), "I = 30 s, S = 100 s", "soak")
	_ = configuration.Cadence(cadence(30, 180), "I = 30 s, S = 180 s", "soak")
	_ = configuration.Pairs(pairs(2), 2, "slow")
	_ = configuration.Pairs(pairs(8), 8, "soak")
	_ = configuration.SlowSender(sender(5.5))
	_ = configuration.SlowerSender(sender(2))
	_ = configuration.DifferentPorts(suite.Configured(scenario.Configuration{Toolkit: func(dc, _ string, values *crossdc.Config) {
		if dc == "dc2" {
			values.HTTPPort += 50
		}
	}}))
	_ = configuration.FileWithoutEffect(file("\ufeffheartbeatExchangeInterval = 1.0\nconsecutiveHeartbeatMissesAllowed\t= 1\ncrossDCInitDelay =\n"+
		"dataSnapshotJdbcUrl = jdbc:db2://db/one:user=x;\nHeartbeatExchangeInterval = 1.0\n# heartbeatExchangeInterval = 1.0\n"),
		"its lines are none by the toolkit's grammar", "slow")
	_ = configuration.FileWithoutEffect(file(""), "it is not there", "soak")
	_ = configuration.OwnPeer(suite.Configured(scenario.Configuration{Toolkit: func(dc, address string, values *crossdc.Config) {
		if dc == "dc1" {
			values.RemoteMachineNames = address
		}
	}}))
)

// cadence is a pair with other intervals, in seconds of toolkit time. Shorter ones run more slowly, so that a heartbeat takes as long on
// the wall as with the settings' own interval: a busy machine disturbs it no more.
func cadence(interval, snapshots float64) func() scenario.Given {
	return suite.Configured(scenario.Configuration{Settings: func(settings *config.Config) {
		settings.Speedup *= min(1, interval/settings.Toolkit.HeartbeatInterval.Seconds())
		settings.Toolkit.HeartbeatInterval = time.Duration(interval * float64(time.Second))
		settings.Toolkit.SnapshotInterval = time.Duration(snapshots * float64(time.Second))
		settings.SteadyHeartbeats = min(settings.SteadyHeartbeats, 45)
	}})
}

// file is a pair whose sides name a configuration file with this text; an empty one is not there.
func file(text string) func() scenario.Given {
	return suite.Configured(scenario.Configuration{
		Settings: func(settings *config.Config) { settings.SteadyHeartbeats = min(settings.SteadyHeartbeats, 30) },
		File:     func(string) string { return text },
	})
}

func pairs(n int) func() scenario.Given {
	return suite.Configured(scenario.Configuration{Settings: func(settings *config.Config) { settings.Toolkit.Pairs = n }})
}

// sender is a pair whose dc1 beats so many times more slowly than dc2.
func sender(times float64) func() scenario.Given {
	return suite.Configured(scenario.Configuration{Toolkit: func(dc, _ string, values *crossdc.Config) {
		if dc == "dc1" {
			values.HeartbeatInterval *= times
		}
	}})
}
