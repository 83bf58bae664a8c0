package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/watch"
	"github.com/crossdc/failover/toolkit"
)

// bench is one environment under load. Its result streams are followed in every window: they are how served events are
// counted, and belong to the load, not to what is measured.
type bench struct {
	env      *environment.Environment
	session  *watch.Session
	progress func(format string, values ...any)
}

// Wall times. settle lets what starting or stopping the monitor causes pass by unmeasured.
const (
	steadyLimit = time.Minute
	settle      = time.Second
)

func newBench(ctx context.Context, settings *config.Config, progress func(string, ...any)) (_ *bench, err error) {
	b := &bench{progress: progress}
	if b.env, err = environment.Open(ctx, settings, environment.Options{Progress: progress}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.env.Close(context.WithoutCancel(ctx)))
		}
	}()
	if b.session, err = watch.Open(ctx, b.env, watch.Options{Rate: settings.Rate / 2, Unwatched: true}); err != nil {
		return nil, err
	}
	if err := b.steady(ctx, settings.MinimumLoad); err != nil {
		b.session.Close()
		return nil, err
	}
	return b, nil
}

// steady waits until both data centers hold each other UP and serve the load.
func (b *bench) steady(ctx context.Context, load float64) error {
	limited, cancel := context.WithTimeout(ctx, steadyLimit)
	defer cancel()
	var why error
	for {
		why = b.notSteady(limited, load)
		if why == nil {
			return nil
		}
		if err := pause(limited, 200*time.Millisecond); err != nil {
			return fmt.Errorf("wait for steady operation: %w (%w)", err, why)
		}
	}
}

func (b *bench) notSteady(ctx context.Context, load float64) error {
	status, err := b.env.Client.Status(ctx)
	if err != nil {
		return err
	}
	for _, site := range status.Sites {
		if site.Conclusion.State != toolkit.Up {
			return fmt.Errorf("%s holds its peer %s", site.Name, site.Conclusion.State)
		}
	}
	now := b.instant(time.Now())
	window := traffic.Window{Phase: "before", From: now - model.Instant(time.Second), To: now, Served: true}
	if reasons := b.session.Ledger.CheckLoad(window, load); len(reasons) > 0 {
		return errors.New(reasons[0])
	}
	return nil
}

func (b *bench) instant(t time.Time) model.Instant { return b.session.Instant(t) }

// pairs measures windows with and without the monitor, in pairs next to each other, so that what drifts is in both.
func (b *bench) pairs(ctx context.Context, o options, random *rand.Rand) ([]pair, error) {
	b.session.Traffic.WatchLateness(false)
	pairs := make([]pair, o.pairs)
	for i := range pairs {
		first := random.IntN(2) == 0
		for _, watched := range []bool{first, !first} {
			w, err := b.window(ctx, o.window, watched)
			if err != nil {
				return nil, fmt.Errorf("measure pair %d: %w", i+1, err)
			}
			if watched {
				pairs[i].On = w
			} else {
				pairs[i].Off = w
			}
		}
		pairs[i].OnFirst = first
		b.progress("cost: pair %2d: application %.1f -> %.1f ms of CPU per second, served %.0f -> %.0f events/s", i+1,
			1e3*pairs[i].Off.perSecond(application), 1e3*pairs[i].On.perSecond(application), pairs[i].Off.Rate, pairs[i].On.Rate)
	}
	return pairs, nil
}

// window measures one stretch with the monitor at its slow pace, or without it.
func (b *bench) window(ctx context.Context, length time.Duration, watched bool) (window, error) {
	if watched {
		monitor := b.env.Client.Monitor(ctx, toolkit.MonitorOptions{})
		defer monitor.Close()
	}
	if err := pause(ctx, settle); err != nil {
		return window{}, err
	}
	b.session.Traffic.WatchLateness(true)
	defer b.session.Traffic.WatchLateness(false) // a monitor that begins makes the generator late, not the application
	began := time.Now()
	before, err := b.consumed(ctx)
	if err != nil {
		return window{}, err
	}
	if err := pause(ctx, length); err != nil {
		return window{}, err
	}
	ended := time.Now()
	after, err := b.consumed(ctx)
	if err != nil {
		return window{}, err
	}
	w := window{Seconds: ended.Sub(began).Seconds(), CPU: map[string]float64{}}
	for role, total := range after {
		w.CPU[role] = (total - before[role]).Seconds()
	}
	w.Events, w.Rate = throughput(b.session.Ledger.Served(b.instant(began), b.instant(ended)), b.instant(began), b.instant(ended))
	if w.Events == 0 {
		return w, errors.New("no event was served in a window")
	}
	return w, nil
}

// throughput counts the events of the buckets that lie within a window as a whole, so that their length is known exactly.
func throughput(buckets []model.Served, from, to model.Instant) (events int64, rate float64) {
	first, last := to, from
	for _, served := range buckets {
		if served.From < from || served.To > to {
			continue
		}
		events += served.Events
		first, last = min(first, served.From), max(last, served.To)
	}
	if last <= first {
		return 0, 0
	}
	return events, float64(events) / time.Duration(last-first).Seconds()
}

func (b *bench) close(ctx context.Context) error {
	b.session.Close()
	return b.env.Close(ctx)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
