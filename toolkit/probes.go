package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/metrics"
)

// probe is one way to ask one site once. ask does the I/O, without any lock, and returns what to do with the answer;
// apply runs under the lock of the memory.
type probe struct {
	indicator Indicator
	every     int  // asked at every n-th interval of a monitor
	quickOnly bool // a cheaper form of another probe, for monitors only
	missing   bool // the environment does not have it
	ask       func(ctx context.Context) (apply, error)
}

type apply func(m *memory, asked, answered time.Time) ([]Change, error)

// keyCounts are the counters that tell status and takeover; they are asked for more often than the rest.
var keyCounts = []Count{StatusTuples, Delivered}

func (s *Site) ports(counts ...Count) []OperatorPort {
	var ports []OperatorPort
	for _, src := range countSources {
		wanted := len(counts) == 0
		for _, c := range counts {
			wanted = wanted || c == src.count
		}
		if wanted {
			ports = append(ports, OperatorPort{s.Composite + "." + src.operator, src.port})
		}
	}
	return ports
}

func (s *Site) askCounters(counts ...Count) func(context.Context) (apply, error) {
	ports := s.ports(counts...)
	return func(ctx context.Context) (apply, error) {
		set, err := s.Management.Counters(ctx, ports...)
		return s.takeCounters(OperatorMetrics, set, err)
	}
}

func (s *Site) askPrometheus(ctx context.Context) (apply, error) {
	set, err := s.Prometheus.Scrape(ctx, pageMetrics()...)
	return s.takeCounters(PrometheusMetrics, set.Of(s.PrometheusOrigin), err)
}

// takeCounters uses what is good of a reading even if some of its series were not: an application's broken gauge must
// not hide the watchdog.
func (s *Site) takeCounters(i Indicator, set metrics.Set, err error) (apply, error) {
	if err != nil && len(set.Samples) == 0 {
		return nil, err
	}
	return func(m *memory, asked, answered time.Time) ([]Change, error) {
		known, ambiguous := m.knows(set)
		err := errors.Join(err, WithCause(CauseMalformed, ambiguous))
		if !known {
			return nil, errors.Join(WithCause(CauseGone, fmt.Errorf("no counter of the toolkit's operators below %s among %d samples; is Site.Composite right, is the job running?", s.Composite, len(set.Samples))), err)
		}
		changes := m.counters(reading{indicator: i, asked: asked, answered: answered, set: set})
		if stale := m.stale(i, asked); stale != nil {
			return changes, errors.Join(stale, err)
		}
		if err != nil {
			return changes, partly{err}
		}
		return changes, nil
	}, nil
}

// knows reports whether a reading shows any of the toolkit's counters, and which of them it shows more than once.
func (m *memory) knows(set metrics.Set) (known bool, ambiguous error) {
	var errs []error
	for _, src := range countSources {
		_, ok, err := m.find(set, src)
		known = known || ok
		errs = append(errs, err)
	}
	return known, errors.Join(errs...)
}

func (s *Site) askStatus(ctx context.Context) (apply, error) {
	tuples, err := s.Exchange.Read(ctx, s.Endpoints.Status, time.Time{})
	if err != nil {
		return nil, err
	}
	return func(m *memory, asked, answered time.Time) ([]Change, error) {
		return m.statusRead(tuples, asked, answered)
	}, nil
}

// statusRead takes in the buffer of the status endpoint.
func (m *memory) statusRead(tuples []json.RawMessage, asked, answered time.Time) (changes []Change, err error) {
	if asked.Before(m.buffer.answered) { // they overlap: what this one shows may be older
		return nil, nil
	}
	// What was not in the buffer then may have been on its way to it.
	first, since := m.buffer.asked.IsZero(), m.buffer.asked.Add(-m.cfg.delay(answered))
	fresh := unseen(m.buffer.tuples, tuples)
	m.buffer = bufferMemory{asked, answered, tuples}
	pushed := m.stream
	for _, tuple := range fresh {
		c, e := m.statusArrived(arrived{tuple, StatusRead, bounds{since, answered}, first})
		changes, err = append(changes, c...), errors.Join(err, e)
	}
	if first && m.stream != nil {
		m.stream.Aged = true
	}
	// What was pushed before is the same tuple with a better time.
	if pushed != nil && pushed.Indicator == StatusStream && m.problems[StatusStream].Cause == "" &&
		m.stream.Number == pushed.Number && m.stream.Active == pushed.Active {
		m.stream = pushed
	}
	if err == nil {
		delete(m.problems, StatusRead)
	}
	return changes, err
}

// bufferMemory is what the last reading of the status endpoint's buffer showed.
type bufferMemory struct {
	asked, answered time.Time
	tuples          []json.RawMessage
}

func (s *Site) askJob(ctx context.Context) (apply, error) {
	state, err := s.Management.Job(ctx)
	gone := CauseOf(err) == CauseGone
	if err != nil && !gone {
		return nil, err
	}
	return func(m *memory, asked, answered time.Time) ([]Change, error) {
		return m.jobState(state, gone, asked, answered), nil
	}, nil
}

func (s *Site) askInstance(ctx context.Context) (apply, error) {
	state, err := s.Management.Instance(ctx)
	if _, lost := access.Transient(err); lost && CauseOf(err).Silent() {
		state, err = s.Management.Instance(ctx) // one connection that was lost is no silence of the instance: the next one tells
	}
	if err != nil && !CauseOf(err).Silent() {
		return nil, err
	}
	return func(m *memory, asked, answered time.Time) ([]Change, error) {
		return m.instanceState(state, err, asked, answered), err
	}, nil
}

func (s *Site) askTraces(ctx context.Context) (apply, error) {
	job, err := s.Management.Job(ctx)
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string, len(job.PEs))
	var errs []error
	for _, pe := range job.PEs {
		text, err := s.Management.Trace(ctx, pe.ID)
		if err != nil {
			errs = append(errs, fmt.Errorf("trace of pe %s: %w", pe.ID, err))
			continue
		}
		texts[pe.ID] = text
	}
	if len(texts) == 0 {
		return nil, errors.Join(append(errs, errNoTrace)...)
	}
	return func(m *memory, asked, answered time.Time) (changes []Change, _ error) {
		for pe, text := range texts {
			changes = append(changes, m.traces(pe, text, asked, answered)...)
		}
		return changes, m.clockTrouble(TraceLines)
	}, nil
}

var errNoTrace = errors.New("no trace could be read")

// failed records why an indicator did not speak.
func (m *memory) failed(i Indicator, err error) Problem {
	p := Problem{Site: m.site.Name, Indicator: i, Cause: CauseOf(err), Err: err}
	m.problems[i] = p
	return p
}

// missing records indicators that the environment does not have.
func (m *memory) missing(probes []probe) {
	for _, p := range probes {
		if p.missing {
			m.problems[p.indicator] = Problem{Site: m.site.Name, Indicator: p.indicator, Cause: CauseMissing}
		}
	}
}
