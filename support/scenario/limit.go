package scenario

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
)

const (
	// generous is how many times longer than the waits of a step add up to a step may take before it counts as hung.
	generous = 2
	// processAllowance is what the processes of a step may take on top, wall time: they start no faster when toolkit time does.
	processAllowance = time.Minute
	// buildAllowance is what the first set-up may take on top, wall time: it compiles the emulator and the relay.
	buildAllowance = 5 * time.Minute
)

// stepLimit is how long one step may take, wall time: CROSSDC_STEP_TIMEOUT, or generously more than all waits that any
// step has add up to with the toolkit's configuration in force. more is toolkit time that a step lasts by design.
func stepLimit(settings *config.Config, more time.Duration) time.Duration {
	if settings.StepTimeout > 0 {
		return settings.StepTimeout
	}
	configuration := environment.ToolkitConfig(settings)
	timing := configuration.Timing()
	detections := 4 * timing.CertainGap()
	silence := (silenceFor + 10) * timing.Interval
	waits := 2*replication(settings) + detections + silence + settings.Objectives().RTO + settings.Objectives().RPO
	return generous*settings.Wall(waits+more) + processAllowance
}

// replication is firstReplication with three more snapshot periods, of toolkit time; 0 where snapshots are off.
func replication(settings *config.Config) time.Duration {
	configuration := environment.ToolkitConfig(settings)
	timing := configuration.Timing()
	first, err := timing.FirstSnapshot()
	if err != nil {
		return 0
	}
	period, err := timing.SnapshotPeriod()
	if err != nil {
		return 0
	}
	return first + 6*period + 10*timing.Interval
}

// LastsHeartbeats is for the step that watches CROSSDC_STEADY_HEARTBEATS heartbeats: its limit has these on top.
func LastsHeartbeats() ginkgo.NodeTimeout {
	return lasts(func(c *config.Config) time.Duration {
		return time.Duration(c.SteadyHeartbeats) * c.Toolkit.HeartbeatInterval
	})
}

// LastsDetections is for a step that lasts n times the longest detection time, (N+1)*I: its limit has these on top.
func LastsDetections(n float64) ginkgo.NodeTimeout {
	return lasts(func(c *config.Config) time.Duration {
		return time.Duration(n * (float64(c.Toolkit.Misses) + 1) * float64(c.Toolkit.HeartbeatInterval))
	})
}

// LastsFailovers is for the step that makes CROSSDC_ENDURANCE_FAILOVERS failovers: its limit has these on top.
func LastsFailovers() ginkgo.NodeTimeout {
	return lasts(func(c *config.Config) time.Duration {
		return time.Duration(c.EnduranceFailovers) * (c.Objectives().RTO + 2*replication(c))
	})
}

// LastsToolkitTime is for a step that lasts for a stretch of toolkit time by design: its limit has that on top.
func LastsToolkitTime(stretch time.Duration) ginkgo.NodeTimeout {
	return lasts(func(*config.Config) time.Duration { return stretch })
}

// lasts is the limit of a step that lasts longer than others by design. Wrong settings are reported when the suite
// begins; there is nothing to limit then.
func lasts(more func(*config.Config) time.Duration) ginkgo.NodeTimeout {
	settings, err := config.Load()
	if err != nil {
		return 0
	}
	return ginkgo.NodeTimeout(stepLimit(settings, more(settings)))
}

// limits returns a function that gives every step, set-up and teardown a limit, unless it has one. Whatever
// hangs then ends as a step that timed out, with everything that is known of its scenario stored, rather than with
// Ginkgo's own --timeout for the whole run.
func limits() func(node types.NodeType, args []any) []any {
	settings, err := config.Load()
	if err != nil { // reported when the suite begins
		return func(_ types.NodeType, args []any) []any { return args }
	}
	return func(node types.NodeType, args []any) []any {
		limit := stepLimit(settings, 0)
		if node.Is(types.NodeTypeBeforeAll) {
			limit += buildAllowance
		}
		if node.Is(types.NodeTypeAfterAll) { // never less than the healing of a fault may take, and to show that it is gone
			limit += 2*fault.HealLimit + leftoversTimeout
		}
		return limited(node, args, limit)
	}
}

// limited adds a limit to the arguments of a node that can be told of its end, and has none of its own.
func limited(node types.NodeType, args []any, limit time.Duration) []any {
	if !node.Is(types.NodeTypeIt | types.NodeTypeBeforeAll | types.NodeTypeAfterAll | types.NodeTypeBeforeEach | types.NodeTypeAfterEach) {
		return args
	}
	own := slices.ContainsFunc(args, func(arg any) bool {
		switch arg.(type) {
		case ginkgo.NodeTimeout, ginkgo.SpecTimeout:
			return true
		}
		return false
	})
	if own || !slices.ContainsFunc(args, takesContext) {
		return args
	}
	return append(slices.Clone(args), ginkgo.NodeTimeout(limit))
}

var contextType = reflect.TypeFor[context.Context]()

func takesContext(arg any) bool {
	t := reflect.TypeOf(arg)
	return t != nil && t.Kind() == reflect.Func && t.NumIn() == 1 && t.In(0).Implements(contextType)
}

// allowance is the scheduler allowance e of the toolkit contract, section 10: max(50 ms, 0.1 I) of wall time.
func (d *Drill) allowance() time.Duration {
	return max(50*time.Millisecond, d.wall(d.Timing.Interval/10))
}

// silenceFor is how long after the heal the data centers are watched for a recovery of their own (toolkit contract 10,
// S16), in heartbeat intervals.
const silenceFor = 20

// firstReplication is how long it takes, in toolkit time, from a start until every fragment is replicated: D0, the k-th
// tick, and three snapshot periods for rounds that were lost while the other side was still starting.
func (d *Drill) firstReplication() time.Duration {
	first, err := d.Timing.FirstSnapshot()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	period, err := d.Timing.SnapshotPeriod()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return first + 3*period + 10*d.Timing.Interval
}

// loadWindow is the stretch over which load is asked for: long enough for the resolution of the ledger.
func (d *Drill) loadWindow() time.Duration {
	return max(250*time.Millisecond, d.wall(d.Timing.Interval)/2)
}

func (d *Drill) loadTrouble(phase string, from, to time.Time) []string {
	return d.ledger.CheckLoad(windowOf(phase, d.instant(from), d.instant(to)), d.settings.MinimumLoad)
}
