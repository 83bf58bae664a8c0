package traffic

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Generator sends both streams at their rate and books the outcome in its ledger.
type Generator struct {
	options Options
	sink    Sink
	ledger  *Ledger
	routers [2]*router
	queues  [2]chan []Event
	late    *lateness
	canary  *canary

	mu      sync.Mutex
	started time.Time
}

// NewGenerator prepares a generator; Run starts it.
func NewGenerator(options Options, sink Sink) (*Generator, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if sink == nil {
		return nil, fmt.Errorf("start traffic between %q: a sink is needed", options.Sites)
	}
	ledger, err := NewLedger(options)
	if err != nil {
		return nil, err
	}
	g := &Generator{options: options, sink: sink, ledger: ledger, late: newLateness(), canary: newCanary(options)}
	for stream := range g.routers {
		g.routers[stream] = newRouter(stream)
		g.queues[stream] = make(chan []Event, options.Window)
	}
	return g, nil
}

// Ledger returns the account that this generator feeds.
func (g *Generator) Ledger() *Ledger { return g.ledger }

// SetPeerDown says what the other data center's application declares about a site: DOWN (true) or UP. Feed it from
// the status streams. Unknown names are ignored.
func (g *Generator) SetPeerDown(site string, down bool) {
	if i, ok := g.ledger.index(site); ok {
		g.routers[i].setDown(down)
	}
}

// Reroutes lists every change of way of both streams, oldest first per stream.
func (g *Generator) Reroutes() []Reroute {
	return append(g.routers[0].list(), g.routers[1].list()...)
}

// Lateness of the generator itself: how long after its schedule a batch was made, in wall time.
func (g *Generator) Lateness() Lateness { return g.late.summary() }

// WatchLateness says whether lateness counts from now on, as it does from the beginning. Who measures in windows leaves out what
// happens between them.
func (g *Generator) WatchLateness(on bool) { g.late.watch(on) }

// Account closes the ledger (see Ledger.Account) with the generator's lateness in it.
func (g *Generator) Account() Account { return g.Accounted(g.ledger.Account()) }

// Accounted is an account of its ledger, however it was closed, with the generator's lateness in it.
func (g *Generator) Accounted(a Account) Account {
	a.Ledger.LatenessP99 = float64(g.late.summary().P99) / float64(time.Millisecond)
	return a
}

// Run sends until ctx ends, lets what is under way finish within Timeout, and returns. It never returns an error for
// a data center that does not take events: that is what the ledger is for.
func (g *Generator) Run(ctx context.Context) error {
	g.mu.Lock()
	if !g.started.IsZero() {
		g.mu.Unlock()
		return fmt.Errorf("run the traffic generator: it ran already, make a new one")
	}
	g.started = g.options.Clock.Now()
	g.mu.Unlock()

	drain, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var workers sync.WaitGroup
	for stream := range g.queues {
		workers.Go(func() { g.work(drain, stream) })
	}
	workers.Go(func() { g.canary.run(drain) })
	g.schedule(ctx)
	for _, queue := range g.queues {
		close(queue)
	}
	g.canary.stop()
	late := time.AfterFunc(g.options.Timeout, stop)
	defer late.Stop()
	workers.Wait()
	return nil
}

// schedule makes the events due at each tick and queues them; a full queue never holds it up.
func (g *Generator) schedule(ctx context.Context) {
	period := float64(time.Second) / g.options.Rate
	due := func(index uint64) time.Time {
		return g.started.Add(time.Duration(float64(index) * period))
	}
	var issued, rounds uint64
	for tick := uint64(1); ; tick++ {
		at := g.started.Add(time.Duration(tick) * g.options.Tick)
		select {
		case <-ctx.Done():
			return
		case <-g.options.Clock.At(at):
		}
		now := g.options.Clock.Now()
		g.late.record(now.Sub(at))
		total := uint64(now.Sub(g.started).Seconds()*g.options.Rate) + 1
		for issued < total && !g.options.Silent {
			n := int(min(total-issued, uint64(g.options.MaxBatch)))
			for stream, home := range g.options.Sites {
				if home == g.options.Idle {
					continue
				}
				g.enqueue(stream, g.ledger.issue(stream, issued, n, due))
			}
			issued += uint64(n)
		}
		if behind := now.Sub(at) / g.options.Tick; behind > 0 {
			tick += uint64(behind) // the missed ticks' events are in this batch, each with its own due time
		}
		if rounds++; rounds%10 == 0 {
			g.canary.tick(now)
		}
	}
}

func (g *Generator) enqueue(stream int, events []Event) {
	select {
	case g.queues[stream] <- events:
	default:
		g.ledger.queueFull(stream, events)
	}
}

// work injects one stream's events in order, joining what waits into one injection.
func (g *Generator) work(ctx context.Context, stream int) {
	var held []Event
	for {
		events, open := held, true
		held = nil
		if events == nil {
			if events, open = <-g.queues[stream]; !open {
				return
			}
		}
	join:
		for len(events) < g.options.MaxBatch {
			select {
			case more, open := <-g.queues[stream]:
				if !open {
					break join
				}
				if len(events)+len(more) > g.options.MaxBatch {
					held = more
					break join
				}
				events = append(events, more...)
			default:
				break join
			}
		}
		g.send(ctx, stream, events)
	}
}

// send injects one batch where the router says, and once more at the other site when a probe of the home was refused.
func (g *Generator) send(ctx context.Context, stream int, events []Event) {
	router := g.routers[stream]
	names := g.options.Sites
	site, probing := router.choose(g.options.Clock.Now(), g.options.Probe, names, g.ledger.instant)
	err := g.inject(ctx, router, stream, site, events)
	if probing && classify(err) == refused {
		site = 1 - site
		err = g.inject(ctx, router, stream, site, events)
	}
	g.ledger.answers(stream, site, events, err, g.options.Clock.Now())
}

func (g *Generator) inject(ctx context.Context, router *router, stream, site int, events []Event) error {
	g.ledger.sent(stream, site, g.options.Clock.Now())
	limited, cancel := router.limit(ctx, site, g.options.Timeout, g.options.Patience)
	defer cancel()
	err := g.sink.Inject(limited, g.options.Sites[site], events)
	router.answered(site, classify(err), g.options.Clock.Now(), g.options.Sites, g.ledger.instant)
	return err
}

// Started returns when the first event was due.
func (g *Generator) Started() model.Instant {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ledger.instant(g.started)
}
