package exposition

import (
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/crossdc/failover/toolkit/metrics"
)

// identify says what a series measures; level is true for the exporter's status and health series, whose value is a
// Level. ok is false for series that do not come from Streams.
func identify(family string, typ dto.MetricType, labels map[string]string) (s metrics.Sample, level, ok bool) {
	if suffix, found := strings.CutPrefix(family, "streams_"); found {
		return exporterSeries(suffix, labels)
	}
	s, ok = runtimeSeries(family, typ, labels)
	return s, false, ok
}

// exporterPrefixes are the prefixes of the streams-metric-exporter after "streams_", longest first (rest contract 5.2).
var exporterPrefixes = []struct {
	prefix    string
	scope     metrics.Scope
	direction metrics.Direction
	portLabel string
}{
	{"pe_op_connection_", metrics.PEConnection, metrics.Output, "index"},
	{"operator_ip_", metrics.Operator, metrics.Input, "inputportname"},
	{"operator_op_", metrics.Operator, metrics.Output, "outputportname"},
	{"operator_", metrics.Operator, metrics.NoPort, ""},
	{"pe_ip_", metrics.PE, metrics.Input, "index"},
	{"pe_op_", metrics.PE, metrics.Output, "index"},
	{"pe_", metrics.PE, metrics.NoPort, ""},
	{"job_", metrics.Job, metrics.NoPort, ""},
	{"resource_", metrics.Resource, metrics.NoPort, ""},
	{"instance_", metrics.Instance, metrics.NoPort, ""},
	{"domain_", metrics.Domain, metrics.NoPort, ""},
}

func exporterSeries(suffix string, labels map[string]string) (s metrics.Sample, level, ok bool) {
	for _, p := range exporterPrefixes {
		name, found := strings.CutPrefix(suffix, p.prefix)
		if !found || name == "" {
			continue
		}
		s = metrics.Sample{
			Scope: p.scope, Name: name, Domain: labels["domainname"], Instance: labels["instancename"], Job: labels["jobname"], PE: labels["peid"], Operator: labels["operatorname"],
			Resource: labels["resource"], Connection: labels["connectionid"],
		}
		if p.direction != metrics.NoPort {
			s.Port = port(p.direction, labels[p.portLabel], p.portLabel == "index")
		}
		known := false
		s.Kind, known = metrics.KindOf(name)
		s.Custom = !known && p.scope == metrics.Operator && p.direction == metrics.NoPort
		level = p.scope != metrics.Operator && p.direction == metrics.NoPort && (name == "status" || name == "health")
		return s, level, true
	}
	return metrics.Sample{}, false, false
}

// port makes a port of a label that is an index or a name. Some exporters put indexes where names belong and the other
// way round, so a label that is a number is taken as an index only where an index is expected.
func port(d metrics.Direction, label string, indexed bool) metrics.Port {
	if indexed {
		if i, err := strconv.Atoi(label); err == nil && i >= 0 {
			return metrics.Port{Direction: d, Index: i}
		}
	}
	return metrics.Port{Direction: d, Index: metrics.UnknownIndex, Name: label}
}

// runtimeSeries reads the naming of the open-source runtime (rest contract 5.1).
func runtimeSeries(family string, typ dto.MetricType, labels map[string]string) (metrics.Sample, bool) {
	s := metrics.Sample{Job: labels["exported_job"], PE: labels["pe"]}
	if s.Job == "" {
		s.Job = labels["job"]
	}
	switch {
	case cut(family, "op_system_", &s.Name):
		s.Scope, s.Operator = metrics.Operator, labels["name"]
	case cut(family, "op_input_", &s.Name):
		s.Scope, s.Operator, s.Port = metrics.Operator, labels["name"], port(metrics.Input, labels["op_port"], true)
	case cut(family, "op_output_", &s.Name):
		s.Scope, s.Operator, s.Port = metrics.Operator, labels["name"], port(metrics.Output, labels["op_port"], true)
	case cut(family, "pe_input_", &s.Name):
		s.Scope, s.Port = metrics.PE, port(metrics.Input, labels["pe_port"], true)
	case cut(family, "pe_output_", &s.Name):
		s.Scope, s.Port = metrics.PE, port(metrics.Output, labels["pe_port"], true)
	case cut(family, "pe_n_tuples_filtered_out", &s.Name):
		s.Scope, s.Name = metrics.PEConnection, "n_tuples_filtered_out"
		s.Port = port(metrics.Output, labels["pe_port"], true)
	default:
		return customSeries(family, typ, labels, s)
	}
	if s.Scope == metrics.Operator && s.Operator == "" {
		return metrics.Sample{}, false
	}
	if s.Connection = labels["connection"]; s.Connection != "" {
		s.Scope = metrics.PEConnection
	}
	s.Name = metrics.Camel(s.Name)
	known := false
	if s.Kind, known = metrics.KindOf(s.Name); !known {
		s.Kind = typed(typ)
	}
	return s, true
}

// customSeries recognises custom metrics of the runtime, whose family is the metric's own name: they carry the name of
// the operator and the PE, and nothing else does.
func customSeries(family string, typ dto.MetricType, labels map[string]string, s metrics.Sample) (metrics.Sample, bool) {
	s.Operator = labels["name"]
	if s.Operator == "" || s.PE == "" || s.Job == "" {
		return metrics.Sample{}, false
	}
	s.Scope, s.Name, s.Kind, s.Custom = metrics.Operator, family, typed(typ), true
	return s, true
}

func typed(t dto.MetricType) metrics.Kind {
	switch t {
	case dto.MetricType_COUNTER:
		return metrics.Counter
	case dto.MetricType_GAUGE:
		return metrics.Gauge
	}
	return metrics.Unknown
}

func cut(family, prefix string, rest *string) bool {
	after, found := strings.CutPrefix(family, prefix)
	if found {
		*rest = after
	}
	return found && (after != "" || prefix == family)
}
