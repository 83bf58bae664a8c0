package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// errOneSeries fails a reading of counters in part.
var errOneSeries = errors.New("one bad series")

// fakeSite is a scripted site: it answers with what is set, or fails as told.
type fakeSite struct {
	mu       sync.Mutex
	counts   map[Count]int64
	launch   int64
	job      JobState
	instance InstanceState
	trace    string
	fail     map[string]error // by method
	first    error            // what the first calls of every method fail with
	times    int              // how many they are; 0: one
	hang     map[string]bool
	tuples   map[string][]json.RawMessage
	subs     map[*fakeSub]string
	drop     bool // results are not produced
	asked    map[string]int
	events   int64       // that the application has processed, as its page of metrics counts them
	stale    bool        // its page of metrics is repeated by something in between
	page     metrics.Set // the last one
}

func newFakeSite() *fakeSite {
	return &fakeSite{
		counts: map[Count]int64{StatusTuples: 1, HeartbeatsIn: 10, Ticks: 10, HeartbeatsOut: 10, Delivered: 0, SnapshotsIn: 3, SnapshotRounds: 3},
		launch: 1, instance: InstanceState{"running", "healthy"},
		job:  JobState{ID: "7", Status: "running", Health: "healthy", PEs: []PEState{{ID: "3", Status: "running", Launch: 1, Process: "100"}}},
		fail: map[string]error{}, hang: map[string]bool{}, asked: map[string]int{},
		tuples: map[string][]json.RawMessage{"Status": {status(true, 1)}}, subs: map[*fakeSub]string{},
	}
}

func status(active bool, n int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"activeOrInactive":%t,"localDataCenter":"dc","number":%d}`, active, n))
}

func (f *fakeSite) set(change func(*fakeSite)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// enter counts a call and fails or hangs as told.
func (f *fakeSite) enter(ctx context.Context, method string) error {
	f.mu.Lock()
	f.asked[method]++
	err, hang := f.fail[method], f.hang[method]
	if err == nil && f.asked[method] <= max(1, f.times) {
		err = f.first
	}
	f.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (f *fakeSite) Instance(ctx context.Context) (InstanceState, error) {
	err := f.enter(ctx, "Instance")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.instance, err
}

func (f *fakeSite) Job(ctx context.Context) (JobState, error) {
	err := f.enter(ctx, "Job")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.job, err
}

func (f *fakeSite) Trace(ctx context.Context, _ string) (string, error) {
	err := f.enter(ctx, "Trace")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.trace, err
}

func (f *fakeSite) Counters(ctx context.Context, _ ...OperatorPort) (metrics.Set, error) {
	err := f.enter(ctx, "Counters")
	if err != nil && !errors.Is(err, errOneSeries) {
		return metrics.Set{}, err
	}
	return f.snapshot(), err
}

func (f *fakeSite) Scrape(ctx context.Context, _ ...string) (metrics.Set, error) {
	if err := f.enter(ctx, "Scrape"); err != nil {
		return metrics.Set{}, err
	}
	f.mu.Lock()
	if f.stale {
		defer f.mu.Unlock()
		return f.page, nil
	}
	f.events++
	events := f.events
	f.mu.Unlock()
	set := f.snapshot()
	set.Samples = append(set.Samples, metrics.Sample{Scope: metrics.Operator, Operator: "Orders", Name: "nTuplesProcessed", Value: events, Kind: metrics.Counter})
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.page = set
	}()
	for i := range set.Samples { // as the exporter names ports
		set.Samples[i].Port.Index, set.Samples[i].Process = metrics.UnknownIndex, ""
	}
	return set, nil
}

func (f *fakeSite) snapshot() (set metrics.Set) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, src := range countSources {
		value, ok := f.counts[src.count]
		if !ok {
			continue
		}
		operator := "CrossDCFailover." + src.operator
		if src.count == SnapshotsIn {
			operator += "[0]"
		}
		set.Samples = append(set.Samples, metrics.Sample{
			Scope: metrics.Operator, Operator: operator, Port: src.port, Name: src.metric, Value: value, PE: "3",
			Launch: f.launch, Process: fmt.Sprint(99 + f.launch), Kind: metrics.Counter,
		})
	}
	return set
}

func (f *fakeSite) Read(ctx context.Context, endpoint string, _ time.Time) ([]json.RawMessage, error) {
	err := f.enter(ctx, "Read")
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]json.RawMessage(nil), f.tuples[endpoint]...), err
}

func (f *fakeSite) Inject(ctx context.Context, endpoint string, tuple any) error {
	if err := f.enter(ctx, "Inject"); err != nil {
		return err
	}
	switch tuple := tuple.(type) {
	case event:
		f.mu.Lock()
		drop := f.drop
		f.mu.Unlock()
		if drop {
			return nil
		}
		raw, _ := json.Marshal(tuple)
		f.emit("Results", raw)
	case stateRequest:
		for c := range 5 {
			f.emit("State", json.RawMessage(fmt.Sprintf(`{"request":%q,"channel":%d,"localDataCenter":"dc","entries":[{"dc":"dc1","channel":%d,"lastSeq":18446744073709551615,"count":2,"sum":3}]}`, tuple.Request, 4-c, 4-c)))
		}
	}
	return nil
}

// emit puts a tuple into the buffer of an endpoint and pushes it to its subscribers.
func (f *fakeSite) emit(endpoint string, tuple json.RawMessage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tuples[endpoint] = append(f.tuples[endpoint], tuple)
	for sub, of := range f.subs {
		if of == endpoint {
			sub.push(tuple)
		}
	}
}

// cut closes every push stream.
func (f *fakeSite) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for sub := range f.subs {
		sub.once.Do(func() { close(sub.closed) })
		delete(f.subs, sub)
	}
}

func (f *fakeSite) subscribed(endpoint string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, of := range f.subs {
		if of == endpoint {
			return true
		}
	}
	return false
}

func (f *fakeSite) Subscribe(ctx context.Context, endpoint string) (Subscription, error) {
	if err := f.enter(ctx, "Subscribe"); err != nil {
		return nil, err
	}
	sub := &fakeSub{wake: make(chan struct{}, 1), closed: make(chan struct{})}
	f.set(func(f *fakeSite) { f.subs[sub] = endpoint })
	return sub, nil
}

// fakeSub keeps the order of a real connection: a ping is answered behind every frame that was written before it.
type fakeSub struct {
	mu     sync.Mutex
	queue  []Push
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
}

var errClosed = errors.New("closed with 1001")

func (s *fakeSub) push(tuple json.RawMessage) {
	s.mu.Lock()
	s.queue = append(s.queue, Push{Tuples: []json.RawMessage{tuple}, Received: time.Now()})
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *fakeSub) Next(ctx context.Context) (Push, error) {
	for {
		s.mu.Lock()
		if len(s.queue) > 0 {
			push := s.queue[0]
			s.queue = s.queue[1:]
			s.mu.Unlock()
			return push, nil
		}
		s.mu.Unlock()
		select {
		case <-s.wake:
		case <-s.closed:
			return Push{}, errClosed
		case <-ctx.Done():
			return Push{}, ctx.Err()
		}
	}
}

func (s *fakeSub) Ping(context.Context) error {
	s.mu.Lock() // behind the frames, each of which got its time under this lock
	defer s.mu.Unlock()
	return nil
}

func (s *fakeSub) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// newFakes returns a client of two scripted sites with I = 1 s.
func newFakes(t *testing.T, change func(*Config)) (*Client, *fakeSite, *fakeSite) {
	t.Helper()
	a, b := newFakeSite(), newFakeSite()
	cfg := Config{Timing: Timing{HeartbeatInterval: 1, MissesAllowed: 4, Speedup: 1}, CallTimeout: time.Second, Refresh: 10 * time.Millisecond}
	for i, f := range []*fakeSite{a, b} {
		cfg.Sites[i] = Site{
			Name: fmt.Sprintf("dc%d", i+1), Management: f, Exchange: f, Prometheus: f, Endpoints: DefaultEndpoints(), Fragments: 5,
		}
	}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, a, b
}
