package otel

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/crossdc/failover/reports/junit"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// prefix of every attribute: the names are ours, not those of the semantic conventions.
const prefix = "failover."

type attribute = commonpb.KeyValue

// span adds a span. Its identifier follows from the run and the path alone.
func (t *trace) span(parent *tracepb.Span, path, name string, from, to model.Instant) *tracepb.Span {
	id := sha256.Sum256([]byte("trace\x00" + t.run.ID))
	own := sha256.Sum256([]byte("span\x00" + t.run.ID + "\x00" + path))
	span := &tracepb.Span{TraceId: id[:16], SpanId: own[:8], Name: plain.Line(name), Kind: tracepb.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: t.time(from), EndTimeUnixNano: t.time(max(from, to))}
	if parent != nil {
		span.ParentSpanId = parent.SpanId
	}
	t.spans = append(t.spans, span)
	return span
}

func (t *trace) event(span *tracepb.Span, name string, at uint64, attributes ...*attribute) {
	span.Events = append(span.Events, &tracepb.Span_Event{Name: name, TimeUnixNano: at, Attributes: present(attributes)})
}

// time is an instant of the run as nanoseconds since 1970; what lies before that is 0.
func (t *trace) time(i model.Instant) uint64 {
	return uint64(max(0, t.run.Started.Add(time.Duration(i)).UnixNano()))
}

// status is an error for whatever is no pass; what was skipped or not finished is neither.
func status(outcome model.Outcome, reasons []string) *tracepb.Status {
	switch outcome {
	case model.Passed, model.HazardReproduced:
		return &tracepb.Status{Code: tracepb.Status_STATUS_CODE_OK}
	case model.Skipped, model.Pending, "":
		return &tracepb.Status{}
	}
	return &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: strings.Join(append([]string{string(outcome)}, reasons...), ": ")}
}

// properties gives what is counted or measured as numbers, so that a trace store can compare it.
func properties(all []junit.Property) []*attribute {
	out := make([]*attribute, 0, len(all)+3)
	for _, p := range all {
		out = append(out, typed(p))
	}
	return out
}

func typed(p junit.Property) *attribute {
	switch {
	case strings.HasSuffix(p.Name, "_s") || p.Name == "speedup":
		if v, err := strconv.ParseFloat(p.Value, 64); err == nil {
			return &attribute{Key: prefix + p.Name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v}}}
		}
	case strings.HasSuffix(p.Name, "_events") || p.Name == "trial" || p.Name == "trials" || p.Name == "seed" || p.Name == "schema":
		if v, err := strconv.ParseInt(p.Value, 10, 64); err == nil {
			return whole(p.Name, v)
		}
	}
	return text(p.Name, p.Value)
}

// interval states both bounds in wall seconds since the run's start.
func interval(name string, i model.Interval) []*attribute {
	bound := func(which string, at model.Instant) *attribute {
		return &attribute{Key: prefix + name + "." + which + "_wall_s", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: time.Duration(at).Seconds()}}}
	}
	return []*attribute{bound("earliest", i.Earliest), bound("latest", i.Latest)}
}

func text(name, value string) *attribute {
	return &attribute{Key: prefix + name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.ToValidUTF8(value, "�")}}}
}

func whole(name string, value int64) *attribute {
	return &attribute{Key: prefix + name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: value}}}
}

func yes(name string, value bool) *attribute {
	return &attribute{Key: prefix + name, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: value}}}
}

// present drops texts that say nothing.
func present(attributes []*attribute) []*attribute {
	out := attributes[:0:0]
	for _, a := range attributes {
		if v, ok := a.Value.Value.(*commonpb.AnyValue_StringValue); !ok || v.StringValue != "" {
			out = append(out, a)
		}
	}
	return out
}

func join(parts ...string) string { return strings.Join(parts, "\x00") }
func count(i int) string          { return strconv.Itoa(i) }
