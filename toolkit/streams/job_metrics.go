package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// JobMetrics is every operator and port metric of a job from one reading.
type JobMetrics struct {
	Job       string
	Operators []OperatorMetrics
	// Snapshot tells that one call gave everything; else each list was read by itself between Began and Ended.
	Snapshot     bool
	Began, Ended time.Time
	// Problems are operators or ports that could not be read while others could; with none of them readable the call fails.
	Problems []error
}

// OperatorMetrics are the metrics of one operator and its ports.
type OperatorMetrics struct {
	Operator string // physical name
	PE       string // id of its PE
	Metrics  []Metric
	Input    []PortMetrics
	Output   []PortMetrics
}

// PortMetrics are the metrics of one port.
type PortMetrics struct {
	Index   int64
	Name    string // empty when the snapshot does not state it
	Metrics []Metric
}

// Value finds a metric of a port by name.
func (p PortMetrics) Value(name string) (Metric, bool) {
	for _, metric := range p.Metrics {
		if metric.Name == name {
			return metric, true
		}
	}
	return Metric{}, false
}

// parallelReads bounds the calls of one JobMetrics that are under way at a time.
const parallelReads = 8

// jobLayout is what does not change between two readings of a job: its operators and ports.
type jobLayout struct {
	generation int64
	operators  []operatorLayout
}

type operatorLayout struct {
	operator      Operator
	input, output []Port
}

// JobMetrics reads every operator and port metric of a job as cheaply as the service allows: by its metrics snapshot where the job
// links one, else list by list, with the list of operators and ports remembered while the job's generation stays.
// names, when given, restricts it to those operators.
func (c *Client) JobMetrics(ctx context.Context, job Job, names ...string) (JobMetrics, error) {
	out := JobMetrics{Job: job.ID, Began: c.access.Now()}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	keep := func(name string) bool { return len(wanted) == 0 || wanted[name] }
	var err error
	if link, ok := job.Link("metricsSnapshot"); ok {
		out.Operators, err = c.snapshot(ctx, job, link)
		if err == nil {
			out.Snapshot = true
			kept := out.Operators[:0]
			for _, operator := range out.Operators {
				if keep(operator.Operator) {
					kept = append(kept, operator)
				}
			}
			out.Operators, out.Ended = kept, c.access.Now()
			return out, nil
		}
		if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrRejected) {
			return out, err
		}
	}
	err = c.metricsByList(ctx, job, keep, &out)
	out.Ended = c.access.Now()
	return out, err
}

func (c *Client) metricsByList(ctx context.Context, job Job, keep func(string) bool, out *JobMetrics) error {
	short, _ := c.access.Timeout()
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	layout, err := c.layoutOf(ctx, job)
	if err != nil {
		return err
	}
	var reads []func() error
	for _, known := range layout.operators {
		if !keep(known.operator.Name) {
			continue
		}
		out.Operators = append(out.Operators, OperatorMetrics{
			Operator: known.operator.Name, PE: lastSegment(known.operator.Links["pe"]),
			Input: make([]PortMetrics, len(known.input)), Output: make([]PortMetrics, len(known.output)),
		})
	}
	i := 0
	for _, known := range layout.operators {
		if !keep(known.operator.Name) {
			continue
		}
		target := &out.Operators[i]
		i++
		reads = append(reads, func() (err error) { target.Metrics, err = c.OperatorMetrics(ctx, known.operator); return err })
		ports := func(from []Port, into []PortMetrics) {
			for i, port := range from {
				into[i] = PortMetrics{Index: port.Index, Name: port.Name}
				reads = append(reads, func() (err error) { into[i].Metrics, err = c.PortMetrics(ctx, port); return err })
			}
		}
		ports(known.input, target.Input)
		ports(known.output, target.Output)
	}
	out.Problems = concurrently(reads)
	for _, problem := range out.Problems {
		if isGone(problem) { // the layout has changed under us: look again next time
			c.mu.Lock()
			delete(c.layout, job.Self)
			c.mu.Unlock()
			break
		}
	}
	if len(out.Problems) > 0 && len(out.Problems) == len(reads) {
		return out.Problems[0]
	}
	return nil
}

// concurrently runs reads, a bounded number at a time, and gives their errors.
func concurrently(reads []func() error) []error {
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		errs []error
		slot = make(chan struct{}, parallelReads)
	)
	for _, read := range reads {
		slot <- struct{}{}
		wait.Go(func() {
			defer func() { <-slot }()
			if err := read(); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return errs
}

// layoutOf lists operators and ports, or remembers them.
func (c *Client) layoutOf(ctx context.Context, job Job) (jobLayout, error) {
	c.mu.Lock()
	known, ok := c.layout[job.Self]
	c.mu.Unlock()
	if ok && job.Self != "" && known.generation == job.GenerationID {
		return known, nil
	}
	operators, err := c.Operators(ctx, job)
	if err != nil {
		return jobLayout{}, err
	}
	out := jobLayout{generation: job.GenerationID, operators: make([]operatorLayout, len(operators))}
	var reads []func() error
	for i, operator := range operators {
		entry := &out.operators[i]
		entry.operator = operator
		reads = append(reads,
			func() (err error) { entry.input, err = c.Ports(ctx, operator, Input); return err },
			func() (err error) { entry.output, err = c.Ports(ctx, operator, Output); return err })
	}
	if errs := concurrently(reads); len(errs) > 0 {
		return jobLayout{}, errs[0]
	}
	c.mu.Lock()
	if len(c.layout) >= 64 {
		clear(c.layout) // jobs come and go; a small memory is enough
	}
	c.layout[job.Self] = out
	c.mu.Unlock()
	return out, nil
}

func (c *Client) snapshot(ctx context.Context, job Job, link string) ([]OperatorMetrics, error) {
	op := "read the metrics snapshot of job " + job.ID
	response, err := c.access.Do(ctx, access.Request{Op: op, Method: http.MethodGet, URL: link, Query: snapshotQuery})
	if err != nil {
		return nil, err
	}
	return decodeBody(c, op, response, func(path string, raw json.RawMessage) ([]OperatorMetrics, error) {
		return decodeSnapshot(path, raw, job.ID)
	})
}

// decodeSnapshot reads the tree of contract 2.6: {"jobs":[...]}, or the job itself.
func decodeSnapshot(path string, raw json.RawMessage, id string) ([]OperatorMetrics, error) {
	f := object(path, raw)
	if f.err != nil {
		return nil, f.err
	}
	if _, wrapped := f.raw["jobs"]; !wrapped {
		return decodeSnapshotJob(f)
	}
	jobs, err := array(f.at("jobs"), f.raw["jobs"])
	if err != nil {
		return nil, err
	}
	for i, entry := range jobs {
		job := object(fmt.Sprintf("%s[%d]", f.at("jobs"), i), entry)
		if got := job.id("id"); job.err == nil && got != id {
			continue
		}
		return decodeSnapshotJob(job)
	}
	return nil, fmt.Errorf("%w: job %s is not in the snapshot", access.ErrMalformed, id)
}

func decodeSnapshotJob(job *fields) ([]OperatorMetrics, error) {
	job.require("pes")
	out := []OperatorMetrics{}
	job.each("pes", func(pe *fields) {
		sampled := pe.decoration().millis("lastTimeRetrieved")
		id := pe.id("id")
		pe.each("operators", func(o *fields) {
			o.require("name")
			found := OperatorMetrics{Operator: o.text("name"), PE: id, Metrics: snapshotMetrics(o, sampled)}
			ports := func(name string) (ports []PortMetrics) {
				o.each(name, func(p *fields) {
					p.require("indexWithinOperator")
					ports = append(ports, PortMetrics{Index: p.integer("indexWithinOperator"), Name: p.decoration().text("name"), Metrics: snapshotMetrics(p, sampled)})
				})
				return ports
			}
			found.Input, found.Output = ports("inputPorts"), ports("outputPorts")
			out = append(out, found)
		})
	})
	return out, job.err
}

// snapshotMetrics reads the metrics of an owner; the PE's sampling time holds for all that state none.
func snapshotMetrics(owner *fields, sampled time.Time) (out []Metric) {
	owner.each("metrics", func(m *fields) {
		metric, err := decodeMetric(m.path, m.whole)
		if m.err == nil {
			m.err = err
		}
		if metric.Sampled.IsZero() {
			metric.Sampled = sampled
		}
		out = append(out, metric)
	})
	return out
}

// each visits the objects of an array property; the first error ends it.
func (f *fields) each(name string, visit func(*fields)) {
	raw, ok := f.get(name)
	if !ok {
		return
	}
	entries, err := array(f.at(name), raw)
	if err != nil {
		f.err = err
		return
	}
	for i, entry := range entries {
		element := object(fmt.Sprintf("%s[%d]", f.at(name), i), entry)
		if element.err == nil {
			visit(element)
		}
		if element.err != nil {
			f.err = element.err
			return
		}
	}
}
