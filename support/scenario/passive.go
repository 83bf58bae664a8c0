package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
)

// ActivePassive returns what active/passive scenarios need. The embedded environment that they get is their own: it is
// opened for one scenario and closed with it, because a failover script leaves it changed. A remote environment is what
// the settings say it is.
func (s *Suite) ActivePassive() Given {
	given := s.Given()
	if !given.Config.Kind().Emulated {
		return given
	}
	return s.withOwn(given, func(settings *config.Config) { settings.Topology = environment.ActivePassive }, environment.Options{})
}

// withOwn returns what a scenario needs that gets an embedded environment of its own, with other settings: it is opened for one
// scenario and closed with it.
func (s *Suite) withOwn(given Given, change func(*config.Config), options environment.Options) Given {
	settings := *given.Config
	if change != nil {
		change(&settings)
	}
	given.Config = &settings
	given.Spoiled = func(string) {}
	given.Environment = func(ctx context.Context) (*environment.Environment, error) {
		if err := s.turn.take(ctx); err != nil {
			return nil, err
		}
		defer s.turn.give()
		shared := s.Given().Config
		if err := s.build(shared); err != nil {
			return nil, err
		}
		settings.Emulator = shared.Emulator
		options.Progress, options.Switches = progress, switched(&settings)
		env, err := environment.Open(ctx, &settings, options)
		if err != nil {
			return nil, err
		}
		ginkgo.DeferCleanup(func() {
			closing, cancel := context.WithTimeout(context.Background(), closeTimeout)
			defer cancel()
			gomega.Expect(env.Close(closing)).To(gomega.Succeed(), "the environment must go away without a trace")
		})
		return env, nil
	}
	return given
}

// fitsTopology skips a scenario that the environment's topology has no place for.
func (d *Drill) fitsTopology() {
	ginkgo.GinkgoHelper()
	if is := d.settings.Topology == environment.ActivePassive; is != d.passive {
		d.skip(fmt.Sprintf("this environment is %s (CROSSDC_TOPOLOGY), the scenario is for the other topology", d.settings.Topology))
	}
}

// launchAllowance is how long, in wall time, script, submission and start of the application may take in an embedded
// environment: processes start no faster when toolkit time does.
const launchAllowance = 3 * time.Second

// passiveObjectives adapts the objectives to the topology (toolkit contract 6.7): RTO(AP) = (N+1)*I + script + submission +
// start, unless an RTO was given; and what the active side held is lost by design, because nothing hands replicas over.
func (d *Drill) passiveObjectives() {
	if !d.passive {
		return
	}
	objectives := &d.scenario.Objectives
	if d.settings.RTO == 0 {
		d.RTO = d.wall(d.Timing.CertainGap()) + launchAllowance
		objectives.RTOSeconds = d.toolkit(d.RTO).Seconds()
		objectives.Derivation = fmt.Sprintf("RTO = (N+1)*I + script, submission and start = %s + %s wall = %s; replicas are not handed over by themselves (RW6), and no RPO holds unless they are asked for",
			inSeconds(d.Timing.CertainGap()), launchAllowance, inSeconds(d.toolkit(d.RTO)))
	}
	if d.noService {
		objectives.RTOSeconds = 0
	}
	if !d.restores {
		objectives.RPOSeconds = 0
	}
}

// idle is the data center whose stream sends nothing: the passive one.
func (d *Drill) idle() string {
	if d.passive {
		return d.DC2.Name()
	}
	return ""
}
