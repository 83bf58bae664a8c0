package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/support/watch"
	"github.com/crossdc/failover/toolkit"
)

// failover is one failover while it happens.
type failover struct {
	*bench
	epoch      time.Time
	lost       string
	survivors  []string // who is to declare the other one DOWN
	losesItems bool     // the lost side's events go to the survivor

	session   *watch.Session // the one in which suites watch and send
	injection *fault.Injection
	until     time.Time
}

// failover makes the next one: steady, a fault at a random phase, its effects, home again.
func (b *bench) failover(ctx context.Context) (o outcome) {
	kinds := []string{"crash", "partition", "cancel", "hang"}
	kind := kinds[b.number%len(kinds)]
	b.number++
	target := fmt.Sprintf("dc%d", 1+b.random.IntN(2))
	phase := time.Duration(b.random.Float64() * float64(b.settings.Wall(b.settings.Toolkit.HeartbeatInterval)))
	o.name = kind + " " + target
	ctx, cancel := context.WithTimeout(ctx, failoverTimeout)
	defer cancel()
	if o.problem = b.open(ctx); o.problem != nil {
		return o
	}
	f := &failover{bench: b, epoch: time.Now(), lost: target, losesItems: kind != "partition"}
	f.survivors = []string{f.other(target)}
	if !f.losesItems {
		f.survivors = []string{"dc1", "dc2"}
		o.name = kind
	}
	injected := map[string]fault.Fault{
		"crash": fault.Crash(target), "partition": fault.Partition(fault.Refuse), "cancel": fault.CancelJob(target), "hang": fault.Hang(target, 0),
	}[kind]
	scenario, err := f.run(ctx, injected, phase)
	if err == nil {
		err = o.compare(f, scenario)
	}
	o.problem = err
	return o
}

func (f *failover) other(dc string) string {
	if dc == "dc1" {
		return "dc2"
	}
	return "dc1"
}

func (f *failover) instant(t time.Time) model.Instant { return model.Instant(t.Sub(f.epoch)) }

// run returns the scenario as a suite would have stored it, judged.
func (f *failover) run(ctx context.Context, injected fault.Fault, phase time.Duration) (s model.Scenario, err error) {
	if f.session, err = watch.Open(ctx, f.env, watch.Options{Epoch: f.epoch, Rate: f.settings.Rate / 2}); err != nil {
		return s, err
	}
	defer f.session.Close()
	if err := f.await(ctx, "steady operation", f.steady); err != nil {
		return s, err
	}
	if !sleep(ctx, phase) {
		return s, ctx.Err()
	}
	f.session.Monitor.Fast()
	if f.injection, err = injected.Inject(ctx, f.env, f.faults); err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, f.injection.Heal(ctx)) }()
	if err := f.await(ctx, "the effects of the fault", f.effects); err != nil {
		return s, err
	}
	// The slower indicators see it a few polls later.
	if !sleep(ctx, 400*time.Millisecond) {
		return s, ctx.Err()
	}
	f.until = time.Now()
	s = f.judged()
	f.session.Drain()
	return s, f.home(ctx)
}

// effects says what of the failover is missing.
func (f *failover) effects(context.Context) error {
	observations := f.observations()
	for _, site := range f.survivors {
		for _, event := range []string{timeline.PeerDown, timeline.TakeoverComplete} {
			if !happened(observations, site, event) {
				return fmt.Errorf("%q at %s is not seen", event, site)
			}
		}
	}
	if !f.losesItems || !f.settings.Described().Carries(application.Service) {
		return nil
	}
	if _, ok := f.session.FirstServed(f.lost, f.survivors[0], f.injection.T0.Earliest); !ok {
		return fmt.Errorf("%s serves no event of %s", f.survivors[0], f.lost)
	}
	return nil
}

func happened(observations []model.Observation, site, event string) bool {
	for _, o := range observations {
		if o.Site == site && o.Event == event {
			return true
		}
	}
	return false
}

// observations since the fault, as scenarios make them.
func (f *failover) observations() []model.Observation {
	t0 := f.injection.T0.Earliest
	return f.session.Observations(t0, t0, f.session.Monitor.Changes())
}

// judged is the scenario that a suite would store.
func (f *failover) judged() model.Scenario {
	fact := f.injection.Model(f.instant)
	s := model.Scenario{
		ID: "accuracy", Name: fact.Name, Family: "accuracy", Speedup: f.env.Speedup, Finished: f.instant(f.until), Fault: &fact,
		Objectives:   model.Objectives{RTOSeconds: f.settings.RTO.Seconds()},
		Observations: append(f.observations(), f.env.Starvation(f.injection.T0.Earliest, f.until, f.instant)...),
	}
	for _, dc := range []string{"dc1", "dc2"} {
		s.Indicators = append(s.Indicators, model.IndicatorUse{Site: dc, Indicator: string(toolkit.StatusStream), Used: true})
	}
	if f.losesItems && f.settings.Described().Carries(application.Service) {
		if when, ok := f.session.FirstServed(f.lost, f.survivors[0], f.injection.T0.Earliest); ok {
			s.Observations = append(s.Observations, model.Observation{
				Site: f.survivors[0], Indicator: timeline.TrafficIndicator, Event: timeline.Served, Subject: f.lost, When: when,
			})
		}
	}
	return timeline.Judge(s)
}

// home heals the fault and waits until both sides replicate again. After a partition both are silent (Q1): one heartbeat
// ends that.
func (f *failover) home(ctx context.Context) error {
	if err := f.injection.Heal(ctx); err != nil {
		return err
	}
	healed, posted := time.Now(), false
	return f.await(ctx, "the way home", func(ctx context.Context) error {
		if !posted && (!f.losesItems || time.Since(healed) > 5*time.Second) {
			posted = true
			if err := f.env.PostHeartbeat(ctx, f.env.DC1, "dc2"); err != nil {
				return err
			}
		}
		return f.steady(ctx)
	})
}

// steady says what is missing: both sides UP, as everything that looks sees it, and every fragment replicated since then.
func (f *failover) steady(ctx context.Context) error {
	missing := append(f.session.Unsteady(ctx), f.session.Unready(min(2, f.env.StatusIndicators))...)
	if len(missing) > 0 {
		return errors.New(strings.Join(missing, "; "))
	}
	return nil
}

// await asks until there is no error.
func (f *failover) await(ctx context.Context, what string, ask func(context.Context) error) error {
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if !sleep(ctx, 20*time.Millisecond) {
			return fmt.Errorf("wait for %s: %w (%w)", what, err, context.Cause(ctx))
		}
	}
}

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
