package toolkit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// Indicator is one independent way to see a change.
type Indicator string

// The names of the indicators; Ways is the table of what belongs to each.
const (
	OperatorMetrics   Indicator = "operator metrics"   // toolkit operators' counters by REST
	PrometheusMetrics Indicator = "prometheus metrics" // the same counters by Prometheus text
	StatusStream      Indicator = "status stream"      // RemoteDataCenterStatus tuples, pushed
	StatusRead        Indicator = "status read"        // the same tuples, read from the sink's buffer
	TakeoverStream    Indicator = "takeover stream"    // fragments merged by the application, pushed or caught up
	TraceLines        Indicator = "pe traces"
	JobHealth         Indicator = "job health" // job and PEs
	InstanceHealth    Indicator = "instance health"
	Traffic           Indicator = "traffic"
	ServingCounters   Indicator = "serving counters" // tuples of the application's own operators, which its owner names
	LinkProbe         Indicator = "link probe"
)

// Management is what the client needs of one site's management REST API. Every method must return when its context
// ends, and its errors should carry a Cause (see WithCause).
type Management interface {
	// Instance returns the state of the instance.
	Instance(ctx context.Context) (InstanceState, error)
	// Job returns the application's job with its PEs; an error with CauseGone when no such job is listed.
	Job(ctx context.Context) (JobState, error)
	// Counters returns the samples of the named operator ports, or of all operators when none is named.
	Counters(ctx context.Context, of ...OperatorPort) (metrics.Set, error)
	// Trace returns the application trace of one PE as text.
	Trace(ctx context.Context, pe string) (string, error)
}

// OperatorPort names a port of an operator of the application's job.
type OperatorPort struct {
	Operator string
	Port     metrics.Port
}

// InstanceState is the state of an instance (rest contract 2.2), enums as sent.
type InstanceState struct{ Status, Health string }

// JobState is the state of the application's job (rest contract 2.4), enums as sent.
type JobState struct {
	ID, Name, Status, Health string
	PEs                      []PEState
}

// PEState is the state of one processing element (rest contract 2.7). A change of Launch or Process means that the PE's
// process is a new one: its counters and its memory start again.
type PEState struct {
	ID, Status, Reason, Health string
	Launch                     int64
	Process                    string
}

// Exchange is what the client needs of one site's data-exchange service. Endpoints are named by their operator.
type Exchange interface {
	// Read returns the buffered tuples of an inspect endpoint that arrived at or after since (all when zero), oldest first.
	Read(ctx context.Context, endpoint string, since time.Time) ([]json.RawMessage, error)
	// Subscribe opens the push stream of an inspect endpoint.
	Subscribe(ctx context.Context, endpoint string) (Subscription, error)
	// Inject sends one tuple to an inject endpoint and returns once it was accepted.
	Inject(ctx context.Context, endpoint string, tuple any) error
}

// Subscription is an open push stream. Next may be called by one goroutine and Ping by another.
type Subscription interface {
	// Next waits for the next tuples. An error ends the stream.
	Next(ctx context.Context) (Push, error)
	// Ping returns once the peer's answer was read from the stream, after everything that the peer wrote before it; an
	// error wrapping errors.ErrUnsupported says that it cannot be asked.
	Ping(ctx context.Context) error
	Close() error
}

// Push is what one frame of a push stream brought.
type Push struct {
	Tuples   []json.RawMessage
	Received time.Time // when it was read from the network, before anything behind it was; monotonic
	Late     bool      // it may have waited unread: PushDelayBound does not hold
}

// Scraper reads the Prometheus text of one site, see package metrics/exposition.
type Scraper interface {
	// Scrape returns the samples of the page. Metrics that are named, such as nTuplesProcessed, are all that somebody asks
	// for then: what else is on the page may be left out.
	Scrape(ctx context.Context, only ...string) (metrics.Set, error)
}

// Prober asks for the safe page GET /ports/info of one site's toolkit listener the way the other site would reach it
// (toolkit contract 4.2): nil when answered.
type Prober interface {
	Probe(ctx context.Context, from, to string) error
}
