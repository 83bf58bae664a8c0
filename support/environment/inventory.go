package environment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/exchange"
	"github.com/crossdc/failover/toolkit/streams"
)

// Inventory is what a data center says of its jobs to somebody who knows nothing of them yet.
type Inventory struct {
	DataCenter     string
	Configurations []string // application configurations of the instance, by name
	Jobs           []JobInventory
	NoEndpoints    string // why no endpoints are known; empty: the Data Exchange service was asked
}

// JobInventory is one job.
type JobInventory struct {
	Name, Application string
	Operators         []OperatorInventory
	Endpoints         []EndpointInventory
	Problem           string // what could not be read of it
}

// OperatorInventory is one operator.
type OperatorInventory struct {
	Name, Kind    string
	Input, Output []PortCount
}

// PortCount is a port and how many tuples went through it.
type PortCount struct {
	Index  int
	Tuples int64 // since its process started
	Grew   int64 // between the two readings
}

// EndpointInventory is a port that the Data Exchange service offers.
type EndpointInventory struct {
	Takes          bool // events go in; else results come out
	Operator, Port string
	Type           string // SPL type of its tuples
}

// Inventory asks for all jobs of the data center's instance, their operators, counters and endpoints. Counters are read twice, a pause
// apart, so that those that move can be told from those that stand. The error is of what nothing could be told without; what is
// missing of one job stands with it.
func (dc *DataCenter) Inventory(ctx context.Context, pause time.Duration) (Inventory, error) {
	found := Inventory{DataCenter: dc.Name()}
	client := dc.management.client
	instance, err := client.Instance(ctx, dc.reach.Instance)
	if err != nil {
		return found, fmt.Errorf("find the instance %s of %s: %w", dc.reach.Instance, dc.Name(), err)
	}
	jobs, err := client.Jobs(ctx, instance)
	if err != nil {
		return found, fmt.Errorf("list the jobs of %s: %w", dc.Name(), err)
	}
	configurations, err := client.ApplicationConfigurations(ctx, instance)
	if err != nil && !errors.Is(err, streams.ErrNotFound) {
		return found, fmt.Errorf("list the application configurations of %s: %w", dc.Name(), err)
	}
	for _, configuration := range configurations {
		found.Configurations = append(found.Configurations, configuration.Name)
	}
	before := make([]streams.JobMetrics, len(jobs))
	problems := make([]error, len(jobs))
	for i, job := range jobs {
		before[i], problems[i] = client.JobMetrics(ctx, job, processed, submitted)
	}
	select {
	case <-time.After(pause):
	case <-ctx.Done():
		return found, context.Cause(ctx)
	}
	offered := dc.offered(ctx, &found)
	for i, job := range jobs {
		entry := JobInventory{Name: job.Name, Application: job.ApplicationName}
		operators, err := client.Operators(ctx, job)
		problems[i] = errors.Join(problems[i], err)
		now, err := client.JobMetrics(ctx, job, processed, submitted)
		problems[i] = errors.Join(problems[i], err)
		for _, operator := range operators {
			o := OperatorInventory{Name: operator.Name, Kind: operator.Kind}
			o.Input = counts(metricsOf(before[i], operator.Name).Input, metricsOf(now, operator.Name).Input, processed)
			o.Output = counts(metricsOf(before[i], operator.Name).Output, metricsOf(now, operator.Name).Output, submitted)
			entry.Operators = append(entry.Operators, o)
		}
		for _, of := range offered {
			if of.ID == job.ID {
				entry.Endpoints = append(endpointsIn(true, of.Inject), endpointsIn(false, of.Inspect)...)
			}
		}
		if err := problems[i]; err != nil {
			entry.Problem = strings.ReplaceAll(err.Error(), "\n", "; ")
		}
		found.Jobs = append(found.Jobs, entry)
	}
	return found, nil
}

// The standard counters of ports (streams contract 2.9).
const (
	processed = "nTuplesProcessed"
	submitted = "nTuplesSubmitted"
)

// offered is what the Data Exchange service offers; why it cannot be told stands in the inventory.
func (dc *DataCenter) offered(ctx context.Context, found *Inventory) exchange.Jobs {
	if dc.endpoints == nil {
		found.NoEndpoints = "no Data Exchange service is set: " + dc.reach.DataSetting
		return nil
	}
	jobs, err := dc.endpoints.client.List(ctx)
	if err != nil {
		found.NoEndpoints = "the Data Exchange service could not be asked: " + err.Error()
	}
	return jobs
}

func endpointsIn(takes bool, list []exchange.Endpoint) (found []EndpointInventory) {
	for _, e := range list {
		found = append(found, EndpointInventory{Takes: takes, Operator: e.Operator, Port: e.Port, Type: e.SPLType})
	}
	return found
}

func metricsOf(job streams.JobMetrics, operator string) streams.OperatorMetrics {
	for _, o := range job.Operators {
		if o.Operator == operator {
			return o
		}
	}
	return streams.OperatorMetrics{}
}

// counts holds the second reading of ports against the first. A port that the first reading did not have, or whose process started
// between the two, grew by what it has.
func counts(before, now []streams.PortMetrics, name string) (found []PortCount) {
	for _, port := range now {
		metric, known := port.Value(name)
		if !known {
			continue
		}
		count := PortCount{Index: int(port.Index), Tuples: metric.Value, Grew: metric.Value}
		for _, earlier := range before {
			if old, known := earlier.Value(name); known && earlier.Index == port.Index && old.Value <= metric.Value {
				count.Grew = metric.Value - old.Value
			}
		}
		found = append(found, count)
	}
	return found
}
