package environment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/metrics"
	"github.com/crossdc/failover/toolkit/streams"
)

// serving are the ports whose tuples tell that the application serves, as its file names them.
func serving(settings *config.Config) (ports []toolkit.OperatorPort) {
	for _, c := range settings.Described().Serving {
		ports = append(ports, port(c))
	}
	return ports
}

func port(c application.Counter) toolkit.OperatorPort {
	if c.Output != nil {
		return toolkit.OperatorPort{Operator: c.Operator, Port: metrics.Out(*c.Output, "")}
	}
	return toolkit.OperatorPort{Operator: c.Operator, Port: metrics.In(*c.Input, "")}
}

// maxNamed bounds how many names an error lists.
const maxNamed = 40

// countersPresent asks for the counters that the application's file names under serving. The error names the first that is not there, and
// those that are.
func (dc *DataCenter) countersPresent(ctx context.Context, of []toolkit.OperatorPort, file string) (found string, err error) {
	job, err := dc.management.currentJob(ctx)
	var operators []streams.Operator
	if err == nil {
		operators, err = dc.management.client.Operators(ctx, job)
	}
	if err != nil {
		return "", fmt.Errorf("list the operators of %s: %w", dc.Name(), err)
	}
	have := make([]counting, len(operators))
	for i, o := range operators {
		have[i].operator = o.Name
		if !slices.ContainsFunc(of, have[i].counts) {
			continue // its ports are not asked for
		}
		for direction, list := range map[streams.Direction]*[]int{streams.Input: &have[i].in, streams.Output: &have[i].out} {
			ports, err := dc.management.client.Ports(ctx, o, direction)
			if err != nil {
				return "", fmt.Errorf("list the ports of operator %s of %s: %w", o.Name, dc.Name(), err)
			}
			for _, p := range ports {
				*list = append(*list, int(p.Index))
			}
		}
	}
	names := make([]string, len(of))
	for i, want := range of {
		if problem, remedy := uncounted(have, want); problem != "" {
			return "", &Obstacle{Cause: model.Cause{Kind: model.CauseName, DataCenter: dc.Name(), Object: file, Setting: config.Prefix + "_APPLICATION_FILE",
				Problem: problem + ", which stands under serving in " + file, Remedy: remedy}}
		}
		names[i] = want.String()
	}
	return strings.Join(names, ", ") + " are counted", nil
}

// counting is an operator with the indexes of its ports.
type counting struct {
	operator string
	in, out  []int
}

// counts reports whether the operator, or a channel of a parallel region, is the one of a counter.
func (c counting) counts(want toolkit.OperatorPort) bool {
	return c.operator == want.Operator || strings.HasPrefix(c.operator, want.Operator+"[")
}

// uncounted says why a counter is not there and what could be named instead; empty when it is there.
func uncounted(have []counting, want toolkit.OperatorPort) (problem, remedy string) {
	var names []string
	there := false
	for _, o := range have {
		names = append(names, o.operator)
		if !o.counts(want) {
			continue
		}
		there = true
		ports, direction := o.in, "input"
		if want.Port.Direction == metrics.Output {
			ports, direction = o.out, "output"
		}
		if !slices.Contains(ports, want.Port.Index) {
			return fmt.Sprintf("has no %s port %d at operator %q", direction, want.Port.Index, o.operator),
				fmt.Sprintf("name one of its ports: input %s, output %s", indexes(o.in), indexes(o.out))
		}
	}
	if !there {
		return fmt.Sprintf("has no operator %q", want.Operator), "name one of " + listed(names)
	}
	return "", ""
}

func indexes(ports []int) string {
	names := make([]string, len(ports))
	for i, index := range ports {
		names[i] = strconv.Itoa(index)
	}
	return listed(names)
}

// listed are names in order, as many as somebody reads.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxNamed {
		return strings.Join(names[:maxNamed], ", ") + fmt.Sprintf(" and %d more", len(names)-maxNamed)
	}
	return strings.Join(names, ", ")
}
