package toolkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"strings"
	"sync"

	"github.com/crossdc/failover/toolkit/metrics"
	"github.com/crossdc/failover/toolkit/streams"
)

// NewManagement observes the application's job of one instance through the management REST client.
func NewManagement(client *streams.Client, instance string, job streams.Wanted) Management {
	return &management{client: client, instanceID: instance, wanted: job, traces: map[string]*traceText{}}
}

type management struct {
	client     *streams.Client
	instanceID string
	wanted     streams.Wanted

	mu       sync.Mutex // guards what is remembered; never held during a call
	instance *streams.Instance
	job      *streams.Job
	layout   *layout
	pes      map[string]streams.PE // of the last list
	traces   map[string]*traceText
}

// layout is where the ports of a job are; it holds as long as the job's generation does.
type layout struct {
	job        string
	generation int64
	operators  []streams.Operator
	mu         sync.Mutex
	ports      map[string][]streams.Port // by operator's self and direction
}

func (m *management) Instance(ctx context.Context) (InstanceState, error) {
	i, err := m.readInstance(ctx)
	return InstanceState{Status: string(i.Status), Health: string(i.Health)}, err
}

func (m *management) readInstance(ctx context.Context) (streams.Instance, error) {
	m.mu.Lock()
	known := m.instance
	m.mu.Unlock()
	var i streams.Instance
	var err error
	if known != nil {
		i, err = m.client.ReloadInstance(ctx, *known)
	}
	if known == nil || errors.Is(err, streams.ErrNotFound) {
		i, err = m.client.Instance(ctx, m.instanceID)
	}
	if err != nil {
		return i, err
	}
	m.mu.Lock()
	m.instance = &i
	m.mu.Unlock()
	return i, nil
}

// readJob finds the job. Not finding the instance is no evidence that the job is gone, hence another cause.
func (m *management) readJob(ctx context.Context) (streams.Job, error) {
	m.mu.Lock()
	known, instance := m.job, m.instance
	m.mu.Unlock()
	if known != nil {
		job, err := m.client.ReloadJob(ctx, *known)
		if !errors.Is(err, streams.ErrNotFound) {
			return m.remember(job, err)
		}
	}
	if instance == nil {
		i, err := m.readInstance(ctx)
		if errors.Is(err, streams.ErrNotFound) {
			return streams.Job{}, WithCause(CauseServer, err)
		}
		if err != nil {
			return streams.Job{}, err
		}
		instance = &i
	}
	jobs, err := m.client.Jobs(ctx, *instance)
	if err != nil {
		if errors.Is(err, streams.ErrNotFound) {
			err = WithCause(CauseServer, err)
		}
		return streams.Job{}, err
	}
	found, err := m.wanted.In(jobs)
	if errors.Is(err, streams.ErrNotFound) {
		err = WithCause(CauseGone, fmt.Errorf("instance %s: %w", m.instanceID, err))
	}
	return m.remember(found, err)
}

func (m *management) remember(job streams.Job, err error) (streams.Job, error) {
	if err != nil {
		return job, err
	}
	m.mu.Lock()
	m.job = &job
	m.mu.Unlock()
	return job, nil
}

func (m *management) Job(ctx context.Context) (JobState, error) {
	job, err := m.readJob(ctx)
	if err != nil {
		return JobState{}, err
	}
	pes, err := m.client.PEs(ctx, job)
	if errors.Is(err, streams.ErrNotFound) { // cancelled between the two calls: the next look will say so
		err = WithCause(CauseServer, err)
	}
	if err != nil {
		return JobState{}, err
	}
	m.notePEs(pes)
	state := JobState{ID: job.ID, Name: job.Name, Status: string(job.Status), Health: string(job.Health)}
	for _, pe := range pes {
		state.PEs = append(state.PEs, PEState{
			ID: pe.ID, Status: string(pe.Status), Reason: string(pe.StatusReason), Health: string(pe.Health),
			Launch: pe.LaunchCount, Process: pe.ProcessID,
		})
	}
	return state, nil
}

// notePEs remembers a list of PEs and returns the one before. The traces of PEs that are not listed any more are let go
// of: every job that is submitted anew brings PEs with ids of their own.
func (m *management) notePEs(pes []streams.PE) (before map[string]streams.PE) {
	now := make(map[string]streams.PE, len(pes))
	for _, pe := range pes {
		now[pe.ID] = pe
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before, m.pes = m.pes, now
	maps.DeleteFunc(m.traces, func(id string, _ *traceText) bool { _, listed := now[id]; return !listed })
	return before
}

// Counters reads the named ports one by one, or the whole job at once.
//
// To which life of a PE a value belongs is known when the PE was the same in the lists read before and after the value.
// When it was not, launch and process are left unknown.
func (m *management) Counters(ctx context.Context, of ...OperatorPort) (metrics.Set, error) {
	m.mu.Lock()
	known, before := m.job, maps.Clone(m.pes)
	m.mu.Unlock()
	var job streams.Job
	var err error
	if known != nil {
		job = *known
	} else if job, err = m.readJob(ctx); err != nil {
		return metrics.Set{}, err
	}
	var set metrics.Set
	if len(of) == 0 {
		set, err = m.all(ctx, job)
	} else {
		set, err = m.ports(ctx, job, of)
	}
	if errors.Is(err, streams.ErrNotFound) {
		m.mu.Lock() // perhaps submitted anew: look for it the next time
		if m.job != nil && m.job.Self == job.Self {
			m.job, m.layout = nil, nil
		}
		m.mu.Unlock()
	}
	if len(set.Samples) == 0 {
		return set, err
	}
	if pes, peErr := m.client.PEs(ctx, job); peErr == nil {
		m.notePEs(pes)
		for _, pe := range pes {
			if was := before[pe.ID]; was.LaunchCount != pe.LaunchCount || was.ProcessID != pe.ProcessID {
				continue
			}
			for i := range set.Samples {
				if s := &set.Samples[i]; s.PE == pe.ID {
					s.Launch, s.Process = pe.LaunchCount, pe.ProcessID
				}
			}
		}
	}
	return set, err
}

func (m *management) all(ctx context.Context, job streams.Job) (metrics.Set, error) {
	read, err := m.client.JobMetrics(ctx, job)
	if err != nil {
		return metrics.Set{}, err
	}
	var set metrics.Set
	errs := read.Problems
	add := func(of metrics.Sample, list []streams.Metric) {
		samples, err := metrics.FromREST(of, readings(list))
		set.Samples = append(set.Samples, samples...)
		if err != nil {
			errs = append(errs, WithCause(CauseMalformed, err))
		}
	}
	for _, op := range read.Operators {
		of := metrics.Sample{Scope: metrics.Operator, Job: job.ID, PE: op.PE, Operator: op.Operator}
		add(of, op.Metrics)
		for _, port := range op.Input {
			of.Port = metrics.In(int(port.Index), port.Name)
			add(of, port.Metrics)
		}
		for _, port := range op.Output {
			of.Port = metrics.Out(int(port.Index), port.Name)
			add(of, port.Metrics)
		}
	}
	return set, errors.Join(errs...)
}

func readings(list []streams.Metric) []metrics.Reading {
	out := make([]metrics.Reading, len(list))
	for i, metric := range list {
		out[i] = metrics.Reading{Name: metric.Name, Kind: string(metric.Kind), Type: string(metric.Type), Value: metric.Value}
		if !metric.Sampled.IsZero() {
			out[i].LastTimeRetrieved = metric.Sampled.UnixMilli()
		}
	}
	return out
}

func (m *management) ports(ctx context.Context, job streams.Job, of []OperatorPort) (metrics.Set, error) {
	l, err := m.layoutOf(ctx, job)
	if err != nil {
		return metrics.Set{}, err
	}
	type result struct {
		samples []metrics.Sample
		err     error
	}
	var results []*result
	var wg sync.WaitGroup
	for _, want := range of {
		for _, op := range l.operators {
			if op.Name != want.Operator && !strings.HasPrefix(op.Name, want.Operator+"[") { // or a channel of it
				continue
			}
			r := &result{}
			results = append(results, r)
			wg.Go(func() { r.samples, r.err = m.port(ctx, job, l, op, want.Port) })
		}
	}
	wg.Wait()
	if len(results) == 0 {
		return metrics.Set{}, WithCause(CauseGone, fmt.Errorf("job %s has no operator %s, nor any other that was asked for", job.ID, of[0].Operator))
	}
	var set metrics.Set
	var errs []error
	for _, r := range results {
		set.Samples = append(set.Samples, r.samples...)
		errs = append(errs, r.err)
	}
	return set, errors.Join(errs...)
}

func (m *management) layoutOf(ctx context.Context, job streams.Job) (*layout, error) {
	m.mu.Lock()
	l := m.layout
	m.mu.Unlock()
	if l != nil && l.job == job.Self && l.generation == job.GenerationID {
		return l, nil
	}
	operators, err := m.client.Operators(ctx, job)
	if err != nil {
		return nil, err
	}
	l = &layout{job: job.Self, generation: job.GenerationID, operators: operators, ports: map[string][]streams.Port{}}
	m.mu.Lock()
	m.layout = l
	m.mu.Unlock()
	return l, nil
}

func (m *management) port(ctx context.Context, job streams.Job, l *layout, op streams.Operator, want metrics.Port) ([]metrics.Sample, error) {
	direction := streams.Input
	if want.Direction == metrics.Output {
		direction = streams.Output
	}
	key := op.Name + " " + string(direction)
	l.mu.Lock()
	ports, known := l.ports[key]
	l.mu.Unlock()
	if !known {
		var err error
		if ports, err = m.client.Ports(ctx, op, direction); err != nil {
			return nil, err
		}
		l.mu.Lock()
		l.ports[key] = ports
		l.mu.Unlock()
	}
	for _, port := range ports {
		if int(port.Index) != want.Index {
			continue
		}
		list, err := m.client.PortMetrics(ctx, port)
		if err != nil {
			return nil, err
		}
		of := metrics.Sample{Scope: metrics.Operator, Job: job.ID, Operator: op.Name, Port: want}
		if link, ok := op.Link("pe"); ok {
			of.PE = path.Base(link)
		}
		samples, err := metrics.FromREST(of, readings(list))
		return samples, WithCause(CauseMalformed, err)
	}
	return nil, WithCause(CauseMalformed, fmt.Errorf("operator %s has no port %s", op.Name, want))
}

func (m *management) Trace(ctx context.Context, id string) (string, error) {
	m.mu.Lock()
	pe, known := m.pes[id]
	t := m.traces[id]
	if known && t == nil {
		t = &traceText{}
		m.traces[id] = t
	}
	m.mu.Unlock()
	if !known {
		return "", WithCause(CauseGone, fmt.Errorf("pe %s is not listed", id))
	}
	if !t.mu.TryLock() {
		return "", fmt.Errorf("trace of pe %s: the reading before hangs", id)
	}
	defer t.mu.Unlock()
	return t.read(func(from, limit int64) (part []byte, shorter bool, err error) {
		var text bytes.Buffer
		end, err := m.client.PETrace(ctx, pe, streams.TraceRange{From: from, Limit: limit}, &text)
		return text.Bytes(), end.Shorter, err
	}, id)
}
