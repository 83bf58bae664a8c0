package streams

import (
	"context"
	"net/http"

	"github.com/crossdc/failover/toolkit/access"
)

// Jobs lists the jobs of an instance.
func (c *Client) Jobs(ctx context.Context, instance Instance) ([]Job, error) {
	return within(ctx, c, "list jobs of "+instance.ID, instance.Element, "jobs", decodeJob)
}

// Job reads one job by id; ErrNotFound when it is unknown or canceled (contract 2.4).
func (c *Client) Job(ctx context.Context, instance Instance, id string) (Job, error) {
	return one(ctx, c, "read job "+id, instance.Element, "jobs", id, decodeJob)
}

// JobByName finds the listed job of that name; ErrNotFound when there is none.
func (c *Client) JobByName(ctx context.Context, instance Instance, name string) (Job, error) {
	jobs, err := c.Jobs(ctx, instance)
	if err != nil {
		return Job{}, err
	}
	for _, job := range jobs {
		if job.Name == name {
			return job, nil
		}
	}
	return Job{}, &Error{Op: "find job " + name + " in " + instance.ID, Method: http.MethodGet, Class: ErrNotFound, Message: "no such job is listed"}
}

// ReloadJob reads a job again.
func (c *Client) ReloadJob(ctx context.Context, job Job) (Job, error) {
	return reload(ctx, c, "read job "+job.ID, job.Element, decodeJob)
}

// PEs lists the processing elements of a job.
func (c *Client) PEs(ctx context.Context, job Job) ([]PE, error) {
	return within(ctx, c, "list PEs of job "+job.ID, job.Element, "pes", decodePE)
}

// PE reads one processing element by id.
func (c *Client) PE(ctx context.Context, instance Instance, id string) (PE, error) {
	return one(ctx, c, "read PE "+id, instance.Element, "pes", id, decodePE)
}

// ReloadPE reads a processing element again.
func (c *Client) ReloadPE(ctx context.Context, pe PE) (PE, error) {
	return reload(ctx, c, "read PE "+pe.ID, pe.Element, decodePE)
}

// PEMetrics reads the metrics of a processing element.
func (c *Client) PEMetrics(ctx context.Context, pe PE) ([]Metric, error) {
	return c.metrics(ctx, "read metrics of PE "+pe.ID, pe.Element)
}

// Operators lists the operators of a job.
func (c *Client) Operators(ctx context.Context, job Job) ([]Operator, error) {
	return within(ctx, c, "list operators of job "+job.ID, job.Element, "operators", decodeOperator)
}

// Ports lists the input or output ports of an operator.
func (c *Client) Ports(ctx context.Context, operator Operator, direction Direction) ([]Port, error) {
	name := "inputPorts"
	if direction == Output {
		name = "outputPorts"
	}
	return within(ctx, c, "list "+string(direction)+" ports of operator "+operator.Name, operator.Element, name, decodePort(direction))
}

// OperatorMetrics reads the metrics of an operator itself, not of its ports.
func (c *Client) OperatorMetrics(ctx context.Context, operator Operator) ([]Metric, error) {
	return c.metrics(ctx, "read metrics of operator "+operator.Name, operator.Element)
}

// PortMetrics reads the metrics of a port.
func (c *Client) PortMetrics(ctx context.Context, port Port) ([]Metric, error) {
	return c.metrics(ctx, "read metrics of "+string(port.Direction)+" port "+port.Name, port.Element)
}

func (c *Client) metrics(ctx context.Context, op string, e Element) ([]Metric, error) {
	return within(ctx, c, op, e, "metrics", decodeMetric)
}

// within lists a collection of an element.
func within[T any](ctx context.Context, c *Client, op string, owner Element, name string, decode decoder[T]) ([]T, error) {
	link, err := linkOr(owner, name)
	if err != nil {
		return nil, c.fail(op, owner.Self, err)
	}
	return list(ctx, c, op, link, name, nil, decode)
}

// one reads a member of a collection by id.
func one[T any](ctx context.Context, c *Client, op string, owner Element, name, id string, decode decoder[T]) (T, error) {
	var zero T
	link, err := linkOr(owner, name)
	if err == nil {
		link, err = below(link, id)
	}
	if err != nil {
		return zero, c.fail(op, owner.Self, err)
	}
	return get(ctx, c, op, link, decode)
}

// Cancel cancels a job. A job that is already gone counts as canceled (contract 7).
func (c *Client) Cancel(ctx context.Context, job Job) error {
	op := "cancel job " + job.ID
	if job.Self == "" {
		return c.fail(op, "", errNoSelf)
	}
	return c.remove(ctx, op, job.Self)
}

// remove deletes; 404 means that it is gone, so the call may be repeated.
func (c *Client) remove(ctx context.Context, op, link string) error {
	_, err := c.access.Do(ctx, access.Request{Op: op, Method: http.MethodDelete, URL: link, Repeatable: true})
	if isGone(err) {
		return nil
	}
	return err
}
