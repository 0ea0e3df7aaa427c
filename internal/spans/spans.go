// Package spans tells how long the parts of a verb took, as spans of
// OpenTelemetry, to a collector or into a file. It is off unless it is asked for,
// and then costs nothing: no span is made, no memory taken.
//
// A span holds names of verbs, tables, datasets and receivers, and counts. It
// holds no row, no name of a file, no enterprise, no person and no error's text.
package spans

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const scope = "rongxin"

// Config says whether there are spans, and where they go.
type Config struct {
	File    string              // lines of OTLP JSON are appended; goes before any address
	Env     func(string) string // the OTEL_* variables and TRACEPARENT
	Version string              // of the program
}

// ErrProtocol is returned where the collector is to be spoken to in a way that we
// do not speak.
var ErrProtocol = errors.New("spans are sent by OTLP over HTTP alone: set OTEL_EXPORTER_OTLP_PROTOCOL to http/json and the endpoint to that port, mostly 4318")

// Open returns a context whose spans belong to the trace of TRACEPARENT, and the
// function that writes out what is left. Without a file or an address it returns
// the context as it is.
func Open(ctx context.Context, cfg Config) (context.Context, func(context.Context) error, error) {
	nothing := func(context.Context) error { return nil }
	exporter, err := cfg.exporter()
	if exporter == nil || err != nil {
		return ctx, nothing, err
	}
	res, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "rongxin"), attribute.String("service.version", cfg.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return ctx, nothing, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	told := &remembering{SpanExporter: exporter}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(told), sdk.WithResource(res))
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": cfg.Env("TRACEPARENT"), "tracestate": cfg.Env("TRACESTATE")})
	return context.WithValue(ctx, tracerKey{}, provider.Tracer(scope)), func(ctx context.Context) error {
		return errors.Join(provider.Shutdown(ctx), told.err())
	}, nil
}

func (c Config) exporter() (sdk.SpanExporter, error) {
	address := c.Env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if base := c.Env("OTEL_EXPORTER_OTLP_ENDPOINT"); address == "" && base != "" {
		address = strings.TrimSuffix(base, "/") + "/v1/traces"
	}
	kind := c.Env("OTEL_TRACES_EXPORTER")
	if address == "" && kind == "otlp" {
		address = "http://localhost:4318/v1/traces"
	}
	switch {
	case strings.EqualFold(c.Env("OTEL_SDK_DISABLED"), "true"):
		return nil, nil
	case c.File != "":
		return &file{path: c.File}, nil
	case address == "" || kind != "" && kind != "otlp":
		return nil, nil
	}
	protocol := first(c.Env("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), c.Env("OTEL_EXPORTER_OTLP_PROTOCOL"))
	if protocol != "" && !strings.HasPrefix(protocol, "http/") {
		return nil, ErrProtocol
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("OTEL_EXPORTER_OTLP_ENDPOINT is no http(s)://host:port")
	}
	headers, err := parseHeaders(first(c.Env("OTEL_EXPORTER_OTLP_TRACES_HEADERS"), c.Env("OTEL_EXPORTER_OTLP_HEADERS")))
	if err != nil {
		return nil, err
	}
	timeout, err := milliseconds(first(c.Env("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"), c.Env("OTEL_EXPORTER_OTLP_TIMEOUT")))
	if err != nil {
		return nil, err
	}
	return newCollector(address, headers, timeout), nil
}

type tracerKey struct{}

// A Span is a part of the work. The zero span tells nothing.
type Span struct{ span trace.Span }

// Start begins a span within that of the context.
func Start(ctx context.Context, name string) (context.Context, Span) {
	tracer, on := ctx.Value(tracerKey{}).(trace.Tracer)
	if !on {
		return ctx, Span{}
	}
	ctx, span := tracer.Start(ctx, name)
	return ctx, Span{span}
}

// On tells whether the span is told of, before something is counted for it.
func (s Span) On() bool { return s.span != nil && s.span.IsRecording() }

// Text adds a name.
func (s Span) Text(key, value string) {
	if s.On() {
		s.span.SetAttributes(attribute.String("rongxin."+key, value))
	}
}

// Count adds a number.
func (s Span) Count(key string, n int64) {
	if s.On() {
		s.span.SetAttributes(attribute.Int64("rongxin."+key, n))
	}
}

// End ends the span; failed names what went wrong without its text, and is empty
// where nothing did.
func (s Span) End(failed string) {
	if s.span == nil {
		return
	}
	if failed != "" {
		s.span.SetStatus(codes.Error, failed)
	}
	s.span.End()
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// parseHeaders reads key=value,key=value, as OTEL_EXPORTER_OTLP_HEADERS has them.
func parseHeaders(text string) (map[string]string, error) {
	headers := map[string]string{}
	for _, pair := range strings.Split(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS: want key=value,key=value")
		}
		headers[strings.TrimSpace(key)] = plain
	}
	return headers, nil
}

func milliseconds(text string) (time.Duration, error) {
	if text == "" {
		return 10 * time.Second, nil // the standard's
	}
	d, err := time.ParseDuration(text + "ms")
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT: %q is no number of milliseconds", text)
	}
	return d, nil
}
