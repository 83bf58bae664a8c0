package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
)

// Senses of our own that can be broken on purpose (CROSSDC_PROOF_SENSES), to prove that a verdict notices. Each is a thin
// layer around what works; without the setting nothing of this file does anything.
const (
	lyingIndicator        = "lying-indicator"
	droppedObservations   = "dropped-observations"
	delayedObservations   = "delayed-observations"
	reorderedObservations = "reordered-observations"
	skewedClock           = "skewed-clock"
	steppedClock          = "stepped-clock"
	deadHeal              = "dead-heal"
	stoppedTraffic        = "stopped-traffic"
	stoppedObservers      = "stopped-observers"
	failingCanary         = "failing-canary"
	shortFault            = "short-fault"
	oneWayPartition       = "one-way-partition"
	heartbeatPartition    = "heartbeat-only-partition"
	lateStart             = "late-start"
)

// Sense is one of our own senses that can be broken on purpose.
type Sense struct {
	Name string // as CROSSDC_PROOF_SENSES takes it
	Does string // what is wrong then, in words
}

// brokenOnes is every sense that can be broken.
var brokenOnes = []Sense{
	{lyingIndicator, "the status stream says UP for DOWN and DOWN for UP"},
	{droppedObservations, "only one indicator sees any change of status"},
	{delayedObservations, "what the status stream says arrives, and is stamped, one heartbeat interval late"},
	{reorderedObservations, "changes of status from the operator metrics arrive in pairs, the newer one first"},
	{skewedClock, "the Prometheus metrics are stamped by a clock that is one heartbeat interval behind"},
	{steppedClock, "the clock that stamps the traces steps by two heartbeat intervals before DOWN is traced"},
	{deadHeal, "lifting the rules of the link does nothing, and says that it worked"},
	{stoppedTraffic, "the generator stops when the fault is injected"},
	{stoppedObservers, "the monitor stops looking when the fault is injected"},
	{failingCanary, "the path that no fault touches does not work either"},
	{shortFault, "the link lifts its rules after half their lives"},
	{oneWayPartition, "a partition cuts one direction only, and says that it cuts both"},
	{heartbeatPartition, "a partition cuts the heartbeat port only, and says that it cuts all"},
	{lateStart, "the fault is said to begin after it was done"},
}

// Senses returns what CROSSDC_PROOF_SENSES can break.
func Senses() []Sense { return slices.Clone(brokenOnes) }

// senses are what a drill sees, hears and does through; broken where the setting says so.
type senses struct {
	broken   []string
	interval time.Duration // I, wall time

	mu        sync.Mutex
	perceived []toolkit.Change            // in order of arrival, when any sense is broken
	held      map[string][]toolkit.Change // reorderedObservations, by site
}

// newSenses reads the setting; the error lists what can be broken.
func newSenses(settings *config.Config) (*senses, error) {
	for _, name := range settings.Proof.Senses {
		if !slices.ContainsFunc(brokenOnes, func(s Sense) bool { return s.Name == name }) {
			known := make([]string, len(brokenOnes))
			for i, s := range brokenOnes {
				known[i] = s.Name
			}
			return nil, fmt.Errorf("CROSSDC_PROOF_SENSES: %q is not known; give any of %s", name, strings.Join(known, ", "))
		}
	}
	return &senses{
		broken: settings.Proof.Senses, interval: settings.Wall(settings.Toolkit.HeartbeatInterval), held: map[string][]toolkit.Change{},
	}, nil
}

func (s *senses) is(name string) bool { return slices.Contains(s.broken, name) }

// perceive is what becomes of a change on its way to us.
func (s *senses) perceive(c toolkit.Change) []toolkit.Change {
	if len(s.broken) == 0 {
		return []toolkit.Change{c}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.distort(c)
	s.perceived = append(s.perceived, got...)
	return got
}

func (s *senses) distort(c toolkit.Change) []toolkit.Change {
	status := c.Event == toolkit.PeerDown || c.Event == toolkit.PeerUp
	if s.is(lyingIndicator) && status && c.Indicator == toolkit.StatusStream {
		if c.Event == toolkit.PeerDown {
			c.Event = toolkit.PeerUp
		} else {
			c.Event = toolkit.PeerDown
		}
	}
	if s.is(droppedObservations) && status && c.Indicator != toolkit.OperatorMetrics {
		return nil
	}
	if s.is(delayedObservations) && c.Indicator == toolkit.StatusStream {
		c.Earliest, c.Latest = c.Earliest.Add(s.interval), c.Latest.Add(s.interval)
	}
	if s.is(skewedClock) && c.Indicator == toolkit.PrometheusMetrics {
		c.Earliest, c.Latest = c.Earliest.Add(-s.interval), c.Latest.Add(-s.interval)
	}
	if s.is(reorderedObservations) && status && c.Indicator == toolkit.OperatorMetrics {
		if held := s.held[c.Site]; len(held) > 0 {
			delete(s.held, c.Site)
			return append([]toolkit.Change{c}, held...)
		}
		s.held[c.Site] = []toolkit.Change{c}
		return nil
	}
	return []toolkit.Change{c}
}

// recall is what is remembered of all that happened.
func (s *senses) recall(happened []toolkit.Change) []toolkit.Change {
	if len(s.broken) == 0 {
		return happened
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.perceived)
}

// lines is what is read of a side's traces.
func (s *senses) lines(read []toolkit.TraceLine) []toolkit.TraceLine {
	if !s.is(steppedClock) {
		return read
	}
	read = slices.Clone(read)
	for i := range read {
		if read[i].Kind() == toolkit.TraceRemoteDown {
			read[i].At = read[i].At.Add(2 * s.interval)
		}
	}
	return read
}

// canary is the sink of the path that no fault touches.
func (s *senses) canary(sound traffic.Sink) traffic.Sink {
	if s.is(failingCanary) {
		return brokenSink{}
	}
	return sound
}

type brokenSink struct{}

var errBrokenOnPurpose = errors.New("broken on purpose (CROSSDC_PROOF_SENSES)")

// Inject implements traffic.Sink.
func (brokenSink) Inject(context.Context, string, []traffic.Event) error { return errBrokenOnPurpose }

// begins changes when a fault is said to have begun.
func (s *senses) begins(injection *fault.Injection) {
	if s.is(lateStart) {
		injection.T0.Earliest = injection.T0.Latest
	}
}

// injected is told when the fault is there.
func (s *senses) injected(halt context.CancelFunc, stopLooking func()) {
	if s.is(stoppedTraffic) {
		halt()
	}
	if s.is(stoppedObservers) {
		stopLooking()
	}
}

// patience shortens how long a heal that cannot work is waited for, to what one that works never needs here.
func (s *senses) patience(f fault.Fault) fault.Fault {
	if s.is(deadHeal) {
		f.Limits.Heal = 3 * time.Second
	}
	return f
}
