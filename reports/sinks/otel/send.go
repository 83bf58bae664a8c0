package otel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/crossdc/failover/reports/model"
)

// ErrOff says that the environment does not ask for traces; the text says which variable decided.
var ErrOff = errors.New("traces are off")

const (
	// service is the service.name unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES give another one.
	service = "crossdc-failover"
	// Bound is how long sending a run may take altogether, retries included.
	Bound = 15 * time.Second
	// batch keeps a request below a few megabytes, the limit of common collectors.
	batch = 500
)

// Enabled returns nil when the standard variables ask for traces over OTLP/HTTP, an ErrOff when they do not, and another
// error when they ask for something that is not supported here.
func Enabled() error {
	switch {
	case strings.EqualFold(strings.TrimSpace(os.Getenv("OTEL_SDK_DISABLED")), "true"):
		return fmt.Errorf("%w: OTEL_SDK_DISABLED is true", ErrOff)
	case os.Getenv("OTEL_TRACES_EXPORTER") == "none":
		return fmt.Errorf("%w: OTEL_TRACES_EXPORTER is none", ErrOff)
	case os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "":
		return fmt.Errorf("%w: neither OTEL_EXPORTER_OTLP_ENDPOINT nor OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set", ErrOff)
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := os.Getenv(name); protocol != "" {
			if protocol != "http/protobuf" {
				return fmt.Errorf("send traces: %s is %q, only http/protobuf is supported; point the endpoint at the collector's HTTP port, usually 4318", name, protocol)
			}
			break // the variable of the signal wins
		}
	}
	return nil
}

// Send sends the trace of run to where the standard variables say: endpoint, headers, timeout, certificates, compression
// and resource attributes are taken from OTEL_*. It ends after the given time at the latest (Bound when it is 0). It
// returns an ErrOff, and sends nothing, when the variables do not ask for traces.
func Send(ctx context.Context, run model.Run, within time.Duration) error {
	if err := Enabled(); err != nil {
		return err
	}
	if within <= 0 {
		within = Bound
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	client := otlptracehttp.NewClient(otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
		Enabled: true, InitialInterval: 200 * time.Millisecond, MaxInterval: 2 * time.Second, MaxElapsedTime: within}))
	if err := client.Start(ctx); err != nil {
		return fmt.Errorf("send the trace of run %s: %w; check OTEL_EXPORTER_OTLP_ENDPOINT", run.ID, err)
	}
	defer func() {
		_ = client.Stop(context.WithoutCancel(ctx)) // closes idle connections only: every batch was answered or is reported
	}()
	spans, about := Spans(run), about()
	for first := 0; first < len(spans); first += batch {
		part := spans[first:min(first+batch, len(spans))]
		err := client.UploadTraces(ctx, []*tracepb.ResourceSpans{{Resource: about,
			ScopeSpans: []*tracepb.ScopeSpans{{Scope: &commonpb.InstrumentationScope{Name: "github.com/crossdc/failover/reports/sinks/otel", Version: run.Version}, Spans: part}}}})
		if err != nil {
			return fmt.Errorf("send spans %d to %d of %d of run %s: %w; check the collector that OTEL_EXPORTER_OTLP_ENDPOINT names", first+1, first+len(part), len(spans), run.ID, err)
		}
	}
	return nil
}

// about is the resource: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, or our own name.
func about() *resourcepb.Resource {
	out, named := &resourcepb.Resource{}, false
	for _, a := range resource.Environment().Attributes() {
		value := a.Value.String()
		if string(a.Key) == "service.name" {
			named = true
			if strings.HasPrefix(value, "unknown_service") {
				value = service
			}
		}
		out.Attributes = append(out.Attributes, &attribute{Key: string(a.Key), Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}})
	}
	if !named {
		out.Attributes = append(out.Attributes, &attribute{Key: "service.name", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: service}}})
	}
	return out
}
