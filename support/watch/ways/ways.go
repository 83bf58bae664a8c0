// Package ways sends the events of a session into an application as its description says, and hands what comes out of it to the ledger: by
// numbers where results carry them, else by counts. It is what an application gets whose state cannot be asked for.
//
// It may import support/application, support/environment, support/traffic, support/traffic/adapter and toolkit; support/watch imports it.
package ways

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/traffic/adapter"
)

// Ways are the open ways of one session. They are safe for concurrent use.
type Ways struct {
	described *application.Description
	sites     [2]string
	seed      uint64
	numbering adapter.Numbering
	templates adapter.Templates
	sink      traffic.Sink
	in        map[string]adapter.In
	out       map[string]adapter.Out
	readers   sync.WaitGroup
	ready     []chan struct{} // one for each way out, closed when it has begun to read

	mu sync.Mutex
	// By site: when the last result arrived, not before and not after, and when the newest event was due whose result came.
	heard, arrived, fresh map[string]time.Time

	probes map[uint64]bool  // number of a probe -> its result has come
	ledger *traffic.Ledger  // that results are handed to; nil before Read
	failed map[string]error // by way out: what connecting again cannot mend
}

// Open opens the ways that the environment's application describes. seed is that of random payloads. Nothing is sent or read yet.
func Open(ctx context.Context, env *environment.Environment, seed uint64) (*Ways, error) {
	began := time.Now()
	w := &Ways{
		described: env.Described(), seed: seed, sites: [2]string{env.DC1.Name(), env.DC2.Name()},
		heard: map[string]time.Time{}, arrived: map[string]time.Time{}, fresh: map[string]time.Time{}, probes: map[uint64]bool{}, failed: map[string]error{},
	}
	// Fewer than a million events a second are sent, so that the numbers of a later session are above those of an earlier one.
	w.numbering = adapter.Numbering{Sites: w.sites, Base: uint64(began.UnixMicro())}
	if w.described.Traffic == nil {
		w.sink = traffic.SinkFunc(func(context.Context, string, []traffic.Event) error {
			return fmt.Errorf("send events to an application whose description says nothing of traffic: %w", traffic.ErrRefused)
		})
		return w, nil
	}
	body, err := adapter.NewTemplate(w.described.Traffic.Event)
	if err != nil {
		return nil, err
	}
	w.templates = adapter.Templates{Body: body, Numbering: w.numbering, Random: rand.New(rand.NewPCG(seed, 1))}
	if w.described.Traffic.Key != "" {
		if w.templates.Key, err = adapter.NewTemplate(w.described.Traffic.Key); err != nil {
			return nil, err
		}
	}
	run := fmt.Sprintf("%x", began.UnixNano())
	if w.in, err = env.OpenIn(ctx, run); err != nil {
		return nil, err
	}
	sink, err := adapter.NewSink(w.templates, w.in)
	if err == nil {
		w.out, err = env.OpenOut(ctx, run)
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.sink = sink
	return w, nil
}

// Sink is where the generator sends to.
func (w *Ways) Sink() traffic.Sink { return w.sink }

// Silent reports whether nothing of ours is sent.
func (w *Ways) Silent() bool { return w.described.Traffic == nil }

// Within is how long after it was due an event's result may come, wall time; 0 where none comes.
func (w *Ways) Within() time.Duration {
	if w.described.Results == nil {
		return 0
	}
	return w.described.Results.Within.Time()
}

// readyWithin is how long Read waits for ways out that have not begun to read, wall time: some never say.
const readyWithin = 2 * time.Second

// Read hands results to the ledger until ctx ends, and returns once all ways out read, so that no result of the first events is missed.
// heard is told of results before the ledger is, with what they say of who processed them; it may be nil. Close waits for what Read began.
func (w *Ways) Read(ctx context.Context, ledger *traffic.Ledger, heard func(site string, results []traffic.Result)) error {
	w.mu.Lock()
	w.ledger = ledger
	w.mu.Unlock()
	for site, out := range w.out {
		r, err := w.reader(site, ledger, heard)
		if err != nil {
			return err
		}
		w.ready = append(w.ready, r.begun)
		w.readers.Go(func() {
			if err := out.Receive(ctx, r); err != nil {
				w.mu.Lock()
				w.failed[site] = err
				w.mu.Unlock()
				<-ctx.Done()
				ledger.Missed(site, r.seen(), time.Now(), err.Error())
			}
		})
	}
	limit := time.NewTimer(readyWithin)
	defer limit.Stop()
	for _, begun := range w.ready {
		select {
		case <-begun:
		case <-limit.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// Trouble says, one sentence each, which ways out cannot be read any more. Claims that no result came must not rest on them.
func (w *Ways) Trouble() (list []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, err := range w.failed {
		list = append(list, "results could not be read: "+err.Error())
	}
	return list
}

// Close ends the ways, once the context of Read has ended.
func (w *Ways) Close() error {
	w.readers.Wait()
	return w.close()
}

func (w *Ways) close() error {
	var problems []error
	closed := map[adapter.In]bool{}
	for _, in := range w.in {
		if !closed[in] {
			closed[in] = true
			problems = append(problems, in.Close())
		}
	}
	for _, out := range w.out {
		problems = append(problems, out.Close())
	}
	return errors.Join(problems...)
}
