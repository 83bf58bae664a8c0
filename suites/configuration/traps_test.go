package configuration_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/toolkit/crossdc"
)

const application = "com.example::Main"

// sound are the configurations of two sides without a trap.
func sound() (dc1, dc2 crossdc.Config) {
	dc1, dc2 = crossdc.Shipped(), crossdc.Shipped()
	dc1.LocalDataCenterName, dc2.LocalDataCenterName = "dc1", "dc2"
	dc1.RemoteMachineNames, dc2.RemoteMachineNames = "b1,b2", "a1,a2"
	dc1.StorageDirectory, dc2.StorageDirectory = "/a", "/b"
	return dc1, dc2
}

// What makes a failover test mean nothing refuses the run; the other traps are said in its reports (toolkit contract 2.3).
const (
	refused = true
	noted   = false
)

var _ = DescribeTable("Every trap of a configuration is named before anything is broken", Label("S44", "configuration", "fast"),
	func(trap crossdc.Trap, refuses bool, change func(dc1, dc2 *crossdc.Config)) {
		dc1, dc2 := sound()
		Expect(crossdc.Validate(&dc1, &dc2, crossdc.LocalMachines("a1", "a2"))).To(BeEmpty(), "a sound pair steps into no trap")
		properties := dc1.Properties(application)
		change(&dc1, &dc2)
		known := []crossdc.Known{crossdc.LocalMachines("a1", "a2")}
		if trap == crossdc.C13 {
			delete(properties, application+"_sendDataSnapshotsToOriginDCAtStartup")
			properties["com.example::Other_sendDataSnapshotsToOriginDCAtStartup"] = "true"
			known = append(known, crossdc.Properties(application, properties))
		}
		traps := environment.Traps{Found: crossdc.Validate(&dc1, &dc2, known...)}
		Expect(traps.Found).To(ContainElement(HaveField("Trap", trap)))
		code := string(trap) + ")"
		var causes []string
		for _, cause := range traps.Refused() {
			Expect(cause.Remedy).NotTo(BeEmpty(), "what refuses a run says what to do: %s", cause.Problem)
			causes = append(causes, cause.Problem)
		}
		if refuses {
			Expect(causes).To(ContainElement(ContainSubstring(code)))
			return
		}
		Expect(causes).NotTo(ContainElement(ContainSubstring(code)))
		Expect(traps.Warnings()).To(ContainElement(ContainSubstring("configuration trap " + string(trap) + ":")))
	},
	Entry("nothing is configured (C1)", crossdc.C1, refused, func(dc1, dc2 *crossdc.Config) {
		dc1.HeartbeatInterval, dc2.HeartbeatInterval = crossdc.CodeDefaults().HeartbeatInterval, crossdc.CodeDefaults().HeartbeatInterval
	}),
	Entry("a side is its own peer (C2)", crossdc.C2, refused, func(dc1, _ *crossdc.Config) { dc1.RemoteMachineNames = "b1,a2" }),
	Entry("different ports (C3)", crossdc.C3, refused, func(dc1, _ *crossdc.Config) { dc1.HTTPPort++ }),
	Entry("different heartbeat intervals (C4)", crossdc.C4, noted, func(dc1, _ *crossdc.Config) { dc1.HeartbeatInterval *= 2 }),
	Entry("different numbers of misses (C4)", crossdc.C4, noted, func(dc1, _ *crossdc.Config) { dc1.MissesAllowed++ }),
	Entry("heartbeats more than once a second (C5)", crossdc.C5, noted, func(dc1, dc2 *crossdc.Config) { dc1.HeartbeatInterval, dc2.HeartbeatInterval = 0.5, 0.5 }),
	Entry("snapshots more than once a second (C6)", crossdc.C6, refused, func(dc1, _ *crossdc.Config) { dc1.SnapshotInterval = 0.9 }),
	Entry("snapshots at no multiple of heartbeats (C7)", crossdc.C7, noted, func(dc1, _ *crossdc.Config) { dc1.SnapshotInterval = 100 }),
	Entry("a folder and a database (C8)", crossdc.C8, noted, func(dc1, _ *crossdc.Config) { dc1.JDBCURL = "jdbc:db2://db/one" }),
	Entry("neither a folder nor a database (C9)", crossdc.C9, noted, func(dc1, _ *crossdc.Config) { dc1.StorageDirectory = "" }),
	Entry("one folder for both (C10)", crossdc.C10, noted, func(dc1, dc2 *crossdc.Config) { dc2.StorageDirectory = dc1.StorageDirectory }),
	Entry("different numbers of pairs (C11)", crossdc.C11, noted, func(dc1, _ *crossdc.Config) { dc1.HTTPSenderReceiverPairs = 2 }),
	Entry("a space in the list of machines (C12)", crossdc.C12, refused, func(dc1, _ *crossdc.Config) { dc1.RemoteMachineNames = "b1, b2" }),
	Entry("no machine at all (C12)", crossdc.C12, refused, func(dc1, _ *crossdc.Config) { dc1.RemoteMachineNames = "" }),
	Entry("a property of another application (C13)", crossdc.C13, noted, func(_, _ *crossdc.Config) {}),
	Entry("no pause between heartbeats (C14)", crossdc.C14, refused, func(dc1, dc2 *crossdc.Config) { dc1.HeartbeatInterval, dc2.HeartbeatInterval = 0, 0 }),
)

var _ = DescribeTable("Objectives that cannot be kept are refused with the nearest that can", Label("S44", "configuration", "fast"),
	func(setting string, wrong, nearest func(*config.Config, time.Duration)) {
		settings := *suite.Given().Config
		Expect(environment.Check(&settings)).To(BeEmpty(), "the settings of this run must be right")
		wrong(&settings, time.Second)
		causes := environment.Check(&settings)
		Expect(causes).To(HaveLen(1))
		Expect(causes[0].Setting).To(Equal(setting))
		_, value, named := strings.Cut(causes[0].Remedy, setting+"=")
		Expect(named).To(BeTrue(), "the remedy names the nearest value: %s", causes[0].Remedy)
		feasible, err := time.ParseDuration(value)
		Expect(err).NotTo(HaveOccurred())
		nearest(&settings, feasible)
		Expect(environment.Check(&settings)).To(BeEmpty(), "the value that the remedy names is accepted")
		nearest(&settings, feasible-time.Millisecond)
		Expect(environment.Check(&settings)).NotTo(BeEmpty(), "nothing nearer can be kept than what the remedy names")
	},
	Entry("a recovery time below detection", "CROSSDC_RTO", setRTO, setRTO),
	Entry("a data loss below the snapshot period", "CROSSDC_RPO", setRPO, setRPO),
)

// A speedup that measures finely enough for every RTO goes with these: it is another check.
func setRTO(settings *config.Config, d time.Duration) { settings.RTO, settings.Speedup = d, 1 }

func setRPO(settings *config.Config, d time.Duration) { settings.RPO = d }
