package spans_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"rongxin/internal/spans"
)

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// env is a set of variables.
type env map[string]string

func (e env) get(name string) string { return e[name] }

// receiver is a collector in this process.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
	header http.Header
	status int
}

func receive(t *testing.T) *receiver {
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if req.URL.Path == "/v1/traces" {
			r.bodies, r.header = append(r.bodies, body), req.Header
		}
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

// work makes the spans of a verb with two stages, one of which fails.
func work(t *testing.T, cfg spans.Config) error {
	t.Helper()
	ctx, finish, err := spans.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, verb := spans.Start(ctx, "land")
	_, stage := spans.Start(ctx, "land samr/penalties")
	stage.Text("dataset", "samr/penalties")
	stage.Count("rows", 1<<53+1)
	stage.End("")
	_, other := spans.Start(ctx, "land tax/arrears")
	other.End("exit code 65")
	verb.End("")
	return finish(context.WithoutCancel(ctx))
}

// decoded is what our tests look at.
type decoded struct {
	ResourceSpans []struct {
		Resource   struct{ Attributes []attribute }
		ScopeSpans []struct {
			Spans []struct {
				TraceID, SpanID, ParentSpanID, Name, StartTimeUnixNano, EndTimeUnixNano string
				Attributes                                                              []attribute
				Status                                                                  struct {
					Code    int
					Message string
				}
			}
		}
	}
}

type attribute struct {
	Key   string
	Value struct{ StringValue, IntValue string }
}

// The collector is sent what OTLP has, in one trace with the caller.
func TestCollector(t *testing.T) {
	r := receive(t)
	err := work(t, spans.Config{Version: "v1", Env: env{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL + "/", "TRACEPARENT": parent,
		"OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, x-other=c"}.get})
	if err != nil || len(r.bodies) != 1 {
		t.Fatalf("%d requests, %v", len(r.bodies), err)
	}
	if r.header.Get("X-Key") != "a b" || r.header.Get("X-Other") != "c" || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers: %v", r.header)
	}
	// The standard's own types know every name that is sent.
	if err := (protojson.UnmarshalOptions{}).Unmarshal(r.bodies[0], &tracepb.TracesData{}); err != nil {
		t.Errorf("%s: %v", r.bodies[0], err)
	}
	var got decoded
	if err := json.Unmarshal(r.bodies[0], &got); err != nil {
		t.Fatal(err)
	}
	list := got.ResourceSpans[0].ScopeSpans[0].Spans
	if len(list) != 3 {
		t.Fatalf("%d spans", len(list))
	}
	stage, other, verb := list[0], list[1], list[2]
	if verb.Name != "land" || verb.TraceID != "0af7651916cd43dd8448eb211c80319c" || verb.ParentSpanID != "b7ad6b7169203331" {
		t.Errorf("the verb is not the caller's: %+v", verb)
	}
	if stage.ParentSpanID != verb.SpanID || stage.TraceID != verb.TraceID || other.ParentSpanID != verb.SpanID || len(stage.SpanID) != 16 {
		t.Errorf("the stages are not the verb's: %+v", stage)
	}
	if a := stage.Attributes; len(a) != 2 || a[0].Key != "rongxin.dataset" || a[0].Value.StringValue != "samr/penalties" || a[1].Value.IntValue != "9007199254740993" {
		t.Errorf("attributes %+v", a)
	}
	if other.Status.Code != 2 || other.Status.Message != "exit code 65" || stage.Status.Code != 0 || len(stage.StartTimeUnixNano) != 19 || stage.EndTimeUnixNano < stage.StartTimeUnixNano {
		t.Errorf("status and times: %+v %+v", other, stage)
	}
	if !strings.Contains(string(r.bodies[0]), `{"key":"service.name","value":{"stringValue":"rongxin"}}`) {
		t.Errorf("the service is not named: %s", r.bodies[0])
	}
}

// A caller that does not keep its trace keeps no spans of ours either.
func TestNotSampled(t *testing.T) {
	r := receive(t)
	err := work(t, spans.Config{Env: env{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": r.URL + "/v1/traces", "TRACEPARENT": strings.TrimSuffix(parent, "01") + "00"}.get})
	if err != nil || len(r.bodies) != 0 {
		t.Errorf("%d requests, %v", len(r.bodies), err)
	}
}

// A collector that is down or refuses is told of once, at the end.
func TestCollectorFails(t *testing.T) {
	r := receive(t)
	r.status = http.StatusUnauthorized
	on := env{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL}
	if err := work(t, spans.Config{Env: on.get}); err == nil || err.Error() != "send 3 spans: the collector answered 401 Unauthorized" {
		t.Errorf("refused: %v", err)
	}
	r.Server.Close()
	if err := work(t, spans.Config{Env: on.get}); err == nil || !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "http://") {
		t.Errorf("down: %v", err)
	}
}

// In a file each call is a line of the same form, and no address is asked.
func TestFile(t *testing.T) {
	r, path := receive(t), filepath.Join(t.TempDir(), "spans.jsonl")
	for range 2 {
		if err := work(t, spans.Config{File: path, Env: env{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL}.get}); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil || len(r.bodies) != 0 {
		t.Fatal(err, len(r.bodies))
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	for _, line := range lines {
		if err := protojson.Unmarshal(line, &tracepb.TracesData{}); err != nil {
			t.Error(err)
		}
	}
	if len(lines) != 2 {
		t.Errorf("%d lines", len(lines))
	}
	if err := work(t, spans.Config{File: t.TempDir(), Env: env{}.get}); err == nil {
		t.Error("a folder was written to")
	}
}

// Off is off: nobody is asked, and a span costs no memory.
func TestOff(t *testing.T) {
	r := receive(t)
	for _, off := range []env{{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL, "OTEL_SDK_DISABLED": "true"}, {"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL, "OTEL_TRACES_EXPORTER": "none"}} {
		if err := work(t, spans.Config{Env: off.get}); err != nil || len(r.bodies) != 0 {
			t.Errorf("%v: %d requests, %v", off, len(r.bodies), err)
		}
	}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { one(ctx) }); n != 0 {
		t.Errorf("a span that is off takes memory %v times", n)
	}
}

func one(ctx context.Context) {
	_, span := spans.Start(ctx, "table")
	span.Text("table", "marts.a")
	span.Count("rows", 7)
	span.End("")
}

func BenchmarkOff(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		one(b.Context())
	}
}

// Slips in the variables are found before any work.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		env  env
		want string
	}{
		{env{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http/json"},
		{env{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "http(s)://"},
		{env{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_HEADERS": "key"}, "key=value"},
		{env{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}, "milliseconds"},
	} {
		_, _, err := spans.Open(t.Context(), spans.Config{Env: tt.env.get})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt.env, err, tt.want)
		}
	}
	if _, _, err := spans.Open(t.Context(), spans.Config{Env: env{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}.get}); !errors.Is(err, spans.ErrProtocol) {
		t.Error(err)
	}
}
