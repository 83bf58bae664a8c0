package environment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/metrics"
	"github.com/crossdc/failover/toolkit/streams"
)

// platform is what is known of one data center's instance and of the application's job in it. It implements
// toolkit.Management over the management REST API, remembering links so that a poll costs one or two small requests.
type platform struct {
	client      *streams.Client
	instanceID  string
	jobName     string // empty: found by application
	application string

	mu       sync.Mutex
	instance streams.Instance
	job      streams.Job
	pes      map[string]streams.PE
	ports    map[string]streams.Port // "operator/out/0" -> port, for the job in ports of
	portsOf  string
	traces   map[string]*traceTail
}

// traceTail is how far the trace of one PE process was read, and what was read.
type traceTail struct {
	process string
	next    int64
	text    bytes.Buffer
}

func newPlatform(client *streams.Client, instance, job, application string) *platform {
	return &platform{client: client, instanceID: instance, jobName: job, application: application, traces: map[string]*traceTail{}}
}

// Instance implements toolkit.Management.
func (p *platform) Instance(ctx context.Context) (toolkit.InstanceState, error) {
	instance, err := p.currentInstance(ctx)
	return toolkit.InstanceState{Status: string(instance.Status), Health: string(instance.Health)}, err
}

func (p *platform) currentInstance(ctx context.Context) (streams.Instance, error) {
	p.mu.Lock()
	known := p.instance
	p.mu.Unlock()
	var err error
	if known.Self == "" {
		known, err = p.client.Instance(ctx, p.instanceID)
	} else {
		known, err = p.client.ReloadInstance(ctx, known)
	}
	if err != nil {
		return streams.Instance{}, err
	}
	p.mu.Lock()
	p.instance = known
	p.mu.Unlock()
	return known, nil
}

// knownInstance asks only when the instance was never seen.
func (p *platform) knownInstance(ctx context.Context) (streams.Instance, error) {
	p.mu.Lock()
	known := p.instance
	p.mu.Unlock()
	if known.Self != "" {
		return known, nil
	}
	return p.currentInstance(ctx)
}

// currentJob reads the application's job; an error of class streams.ErrNotFound when none is listed.
func (p *platform) currentJob(ctx context.Context) (streams.Job, error) {
	p.mu.Lock()
	known := p.job
	p.mu.Unlock()
	if known.Self != "" {
		job, err := p.client.ReloadJob(ctx, known)
		if err == nil || !errors.Is(err, streams.ErrNotFound) {
			return job, err
		}
		p.forgetJob()
	}
	instance, err := p.knownInstance(ctx)
	if err != nil {
		return streams.Job{}, err
	}
	jobs, err := p.client.Jobs(ctx, instance)
	if err != nil {
		return streams.Job{}, err
	}
	for _, job := range jobs {
		if job.Name == p.jobName || p.jobName == "" && job.ApplicationName == p.application {
			p.mu.Lock()
			p.job = job
			p.mu.Unlock()
			return job, nil
		}
	}
	wanted := "named " + p.jobName
	if p.jobName == "" {
		wanted = "of application " + p.application
	}
	return streams.Job{}, toolkit.WithCause(toolkit.CauseGone, fmt.Errorf("find the job %s in %s: %d jobs are listed, none of them is it: %w",
		wanted, p.instanceID, len(jobs), streams.ErrNotFound))
}

func (p *platform) forgetJob() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.job, p.pes = streams.Job{}, nil
}

// Job implements toolkit.Management.
func (p *platform) Job(ctx context.Context) (toolkit.JobState, error) {
	job, err := p.currentJob(ctx)
	if err != nil {
		return toolkit.JobState{}, err
	}
	state := toolkit.JobState{ID: job.ID, Name: job.Name, Status: string(job.Status), Health: string(job.Health)}
	pes, err := p.client.PEs(ctx, job)
	if err != nil {
		return state, err
	}
	known := make(map[string]streams.PE, len(pes))
	for _, pe := range pes {
		known[pe.ID] = pe
		state.PEs = append(state.PEs, toolkit.PEState{
			ID: pe.ID, Status: string(pe.Status), Reason: string(pe.StatusReason), Health: string(pe.Health), Launch: pe.LaunchCount, Process: pe.ProcessID,
		})
	}
	p.mu.Lock()
	p.pes = known
	p.mu.Unlock()
	return state, nil
}

// fewPorts is up to how many ports are read one by one rather than with the whole job.
const fewPorts = 4

// Counters implements toolkit.Management: a few ports through their own metric links, many at once.
func (p *platform) Counters(ctx context.Context, of ...toolkit.OperatorPort) (metrics.Set, error) {
	job, err := p.knownJob(ctx)
	if err != nil {
		return metrics.Set{}, err
	}
	set, err := p.counters(ctx, job, of)
	if errors.Is(err, streams.ErrNotFound) {
		p.forgetJob() // canceled, perhaps submitted again: look for it at the next call
	}
	return set, err
}

func (p *platform) knownJob(ctx context.Context) (streams.Job, error) {
	p.mu.Lock()
	known := p.job
	p.mu.Unlock()
	if known.Self != "" {
		return known, nil
	}
	return p.currentJob(ctx)
}

func (p *platform) counters(ctx context.Context, job streams.Job, of []toolkit.OperatorPort) (metrics.Set, error) {
	var set metrics.Set
	var problems []error
	add := func(operator, pe string, port metrics.Port, list []streams.Metric) {
		samples, err := metrics.FromREST(p.sample(job, operator, pe, port), readings(list))
		set.Samples = append(set.Samples, samples...)
		problems = append(problems, err)
	}
	if len(of) > 0 && len(of) <= fewPorts {
		for _, wanted := range of {
			port, err := p.port(ctx, job, wanted)
			if err != nil {
				return set, err
			}
			list, err := p.client.PortMetrics(ctx, port)
			if err != nil {
				return set, err
			}
			add(wanted.Operator, lastSegment(port.Links["pe"]), portOf(port), list)
		}
		return set, errors.Join(problems...)
	}
	all, err := p.client.JobMetrics(ctx, job)
	if err != nil {
		return set, err
	}
	problems = append(problems, all.Problems...)
	for _, operator := range all.Operators {
		add(operator.Operator, operator.PE, metrics.Port{}, operator.Metrics)
		for _, port := range operator.Input {
			add(operator.Operator, operator.PE, metrics.In(int(port.Index), port.Name), port.Metrics)
		}
		for _, port := range operator.Output {
			add(operator.Operator, operator.PE, metrics.Out(int(port.Index), port.Name), port.Metrics)
		}
	}
	return set, errors.Join(problems...)
}

// port finds a port's metric link, remembered for as long as the job lives.
func (p *platform) port(ctx context.Context, job streams.Job, wanted toolkit.OperatorPort) (streams.Port, error) {
	key := func(operator string, d metrics.Direction, index int64) string {
		return fmt.Sprintf("%s/%s/%d", operator, d, index)
	}
	p.mu.Lock()
	found, ok := p.ports[key(wanted.Operator, wanted.Port.Direction, int64(wanted.Port.Index))]
	current := p.portsOf == job.Self
	p.mu.Unlock()
	if ok && current {
		return found, nil
	}
	operators, err := p.client.Operators(ctx, job)
	if err != nil {
		return streams.Port{}, err
	}
	for _, operator := range operators {
		if operator.Name != wanted.Operator {
			continue
		}
		for _, direction := range []streams.Direction{streams.Input, streams.Output} {
			ports, err := p.client.Ports(ctx, operator, direction)
			if err != nil {
				return streams.Port{}, err
			}
			p.mu.Lock()
			if p.portsOf != job.Self {
				p.ports, p.portsOf = map[string]streams.Port{}, job.Self
			}
			for _, port := range ports {
				p.ports[key(operator.Name, portOf(port).Direction, port.Index)] = port
			}
			p.mu.Unlock()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.ports[key(wanted.Operator, wanted.Port.Direction, int64(wanted.Port.Index))]; ok {
		return found, nil
	}
	return streams.Port{}, toolkit.WithCause(toolkit.CauseGone, fmt.Errorf("job %s has no port %s %s", job.ID, wanted.Operator, wanted.Port))
}

// sample says whose a metric is, with the PE's epoch as last seen.
func (p *platform) sample(job streams.Job, operator, pe string, port metrics.Port) metrics.Sample {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.pes[pe]
	return metrics.Sample{
		Scope: metrics.Operator, Job: job.ID, PE: pe, Launch: known.LaunchCount, Process: known.ProcessID, Operator: operator, Port: port,
	}
}

func readings(list []streams.Metric) []metrics.Reading {
	out := make([]metrics.Reading, 0, len(list))
	for _, m := range list {
		r := metrics.Reading{Name: m.Name, Kind: string(m.Kind), Type: string(m.Type), Value: m.Value}
		if !m.Sampled.IsZero() {
			r.LastTimeRetrieved = m.Sampled.UnixMilli()
		}
		out = append(out, r)
	}
	return out
}

func portOf(port streams.Port) metrics.Port {
	if port.Direction == streams.Input {
		return metrics.In(int(port.Index), port.Name)
	}
	return metrics.Out(int(port.Index), port.Name)
}

func lastSegment(link string) string { return link[strings.LastIndexByte(link, '/')+1:] }

// maxTrace bounds what is kept of one PE's trace.
const maxTrace = 4 << 20

// Trace implements toolkit.Management: only what is new is read, and the whole is returned.
func (p *platform) Trace(ctx context.Context, id string) (string, error) {
	p.mu.Lock()
	pe, ok := p.pes[id]
	p.mu.Unlock()
	if !ok {
		return "", toolkit.WithCause(toolkit.CauseGone, fmt.Errorf("read the trace of pe %s: it is not among the PEs last listed", id))
	}
	p.mu.Lock()
	tail := p.traces[id]
	if tail == nil || tail.process != pe.ProcessID {
		tail = &traceTail{process: pe.ProcessID}
		p.traces[id] = tail
	}
	from := tail.next
	p.mu.Unlock()
	var fresh bytes.Buffer
	end, err := p.client.PETrace(ctx, pe, streams.TraceRange{From: from, Limit: maxTrace}, &fresh)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		return tail.text.String(), err
	}
	if end.Shorter {
		tail.next = 0
		tail.text.Reset()
		return "", nil
	}
	if tail.next == from && tail.text.Len()+fresh.Len() <= maxTrace { // nobody else read it meanwhile
		tail.text.Write(fresh.Bytes())
		tail.next = end.Next
	}
	return tail.text.String(), nil
}

// listPoll is how often the platform is asked while it changes state on our request, in wall time.
const listPoll = 20 * time.Millisecond
