package ways

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/traffic/adapter"
	"github.com/crossdc/failover/toolkit"
)

// hear notes a result of a site; due is that of its event, zero where that is not known. Of a result that names neither data center it is
// not known who served, so that it speaks for none.
func (w *Ways) hear(site string, earliest, latest, due time.Time) {
	if !slices.Contains(w.sites[:], site) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if earliest.After(w.heard[site]) {
		w.heard[site] = earliest
	}
	if latest.After(w.arrived[site]) {
		w.arrived[site] = latest
	}
	if due.After(w.fresh[site]) {
		w.fresh[site] = due
	}
}

// probed reports whether a number is that of a probe, and notes that its result has come.
func (w *Ways) probed(number uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, known := w.probes[number]
	if known {
		w.probes[number] = true
	}
	return known
}

// servedSince reports whether a site served an event that was due after an instant, by its number, or where results carry none, whether a
// result of it came that was not there at that instant.
func (w *Ways) servedSince(site string, since time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.described.Results.Number != "" {
		return w.fresh[site].After(since)
	}
	return w.heard[site].After(since)
}

// cameSince reports whether a result of a site arrived after an instant, perhaps of an event from before it.
func (w *Ways) cameSince(site string, since time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.arrived[site].After(since)
}

// Through says whether an event goes through each data center now: one of the traffic where it runs, else a probe of its own, whose result
// is awaited for as long as a result may take. Where no result reaches us, or none says who processed it, nobody is asked.
func (w *Ways) Through(ctx context.Context, running bool) (told [2]toolkit.Availability) {
	var asking sync.WaitGroup
	for i, site := range w.sites {
		asking.Go(func() { told[i] = w.through(ctx, site, running) })
	}
	asking.Wait()
	return told
}

// attempts is how often an event is offered to a data center that surely did not take it.
const attempts = 5

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// often is how often a result is looked for, wall time: nobody is asked by it.
const often = 2 * time.Millisecond

func (w *Ways) through(ctx context.Context, site string, running bool) toolkit.Availability {
	a := toolkit.Availability{Site: site, Outcome: toolkit.Unasked}
	if !w.described.Carries(application.Through) {
		a.Err = toolkit.WithCause(toolkit.CauseMissing, errors.New(w.described.NotSaid(application.Through)))
		return a
	}
	asked := time.Now()
	came := func() bool { return w.servedSince(site, asked) }
	if !running {
		number, err := w.probe(ctx, site)
		for attempt := 1; attempt < attempts && errors.Is(err, traffic.ErrRefused); attempt++ { // an address that was known may be that of an earlier life
			pause(ctx, w.Within()/attempts)
			number, err = w.probe(ctx, site)
		}
		a.Probe = fmt.Sprint(number)
		if err != nil {
			a.Err = fmt.Errorf("send a probe into %s: %w", site, err)
			if errors.Is(err, traffic.ErrRefused) {
				a.Outcome = toolkit.NotAccepted
			}
			return a
		}
		came = func() bool { return w.cameSince(site, asked) } // nothing else is under way any more
		if w.described.Results.Number != "" {
			came = func() bool {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.probes[number]
			}
		}
	}
	a.Outcome = toolkit.NoResult
	limit := time.NewTimer(w.Within())
	defer limit.Stop()
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	for !came() {
		select {
		case <-ticker.C:
		case <-limit.C:
			a.Err = fmt.Errorf("no result came within %v", w.Within())
			return a
		case <-ctx.Done():
			a.Outcome, a.Err = toolkit.Unasked, context.Cause(ctx)
			return a
		}
	}
	a.Outcome, a.Latest = toolkit.Served, time.Since(asked)
	return a
}

// probe sends one event of a number that no event of the traffic has.
func (w *Ways) probe(ctx context.Context, site string) (uint64, error) {
	numbering := adapter.Numbering{Sites: w.sites, Base: uint64(time.Now().UnixMicro())}
	event := traffic.Event{DC: site, Seq: 1, Check: traffic.Check(site, 0, 1), Due: time.Now()}
	number, _ := numbering.Number(event)
	w.mu.Lock()
	for known := true; known; { // both sides are probed in the same microsecond now and then
		if _, known = w.probes[number]; known {
			number += 2
			numbering.Base += 2
		}
	}
	w.probes[number] = false
	ledger := w.ledger
	w.mu.Unlock()
	if ledger != nil && w.described.Results.Number == "" {
		ledger.Probed()
	}
	templates := w.templates
	templates.Numbering = numbering
	templates.Random = rand.New(rand.NewPCG(w.seed, number)) // a source of its own: others send at the same time
	sink, err := adapter.NewSink(templates, w.in)
	if err != nil {
		return number, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err = sink.Inject(ctx, site, []traffic.Event{event})
	var mixed *traffic.MixedError
	if errors.As(err, &mixed) && mixed.Err == nil { // sent, and no answer exists
		err = nil
	}
	return number, err
}
