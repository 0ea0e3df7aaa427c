package spans

import (
	"encoding/json"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// The JSON form of OTLP's ExportTraceServiceRequest, as far as our spans need it:
// numbers of 64 bits are texts, ids are in hexadecimal.
type (
	request struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resourceOf   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resourceOf struct {
		Attributes []keyValue `json:"attributes"`
	}
	scopeSpans struct {
		Scope scopeOf `json:"scope"`
		Spans []span  `json:"spans"`
	}
	scopeOf struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID    string     `json:"traceId"`
		SpanID     string     `json:"spanId"`
		ParentID   string     `json:"parentSpanId,omitempty"`
		State      string     `json:"traceState,omitempty"`
		Name       string     `json:"name"`
		Kind       int        `json:"kind"`
		Start      string     `json:"startTimeUnixNano"`
		End        string     `json:"endTimeUnixNano"`
		Attributes []keyValue `json:"attributes,omitempty"`
		Status     status     `json:"status"`
	}
	status struct {
		Code    int    `json:"code,omitempty"`
		Message string `json:"message,omitempty"`
	}
	keyValue struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		String *string  `json:"stringValue,omitempty"`
		Int    *string  `json:"intValue,omitempty"`
		Bool   *bool    `json:"boolValue,omitempty"`
		Double *float64 `json:"doubleValue,omitempty"`
	}
)

// encode writes spans of one process, which share their resource.
func encode(list []sdk.ReadOnlySpan) ([]byte, error) {
	spans := make([]span, len(list))
	for i, s := range list {
		spans[i] = spanOf(s)
	}
	return json.Marshal(request{[]resourceSpans{{
		Resource:   resourceOf{keyValues(list[0].Resource().Attributes())},
		ScopeSpans: []scopeSpans{{scopeOf{scope}, spans}},
	}}})
}

func spanOf(s sdk.ReadOnlySpan) span {
	own := s.SpanContext()
	encoded := span{TraceID: own.TraceID().String(), SpanID: own.SpanID().String(), State: own.TraceState().String(),
		Name: s.Name(), Kind: int(s.SpanKind()), Attributes: keyValues(s.Attributes()),
		Start: strconv.FormatInt(s.StartTime().UnixNano(), 10), End: strconv.FormatInt(s.EndTime().UnixNano(), 10)}
	if s.Parent().HasSpanID() {
		encoded.ParentID = s.Parent().SpanID().String()
	}
	if s.SpanKind() == trace.SpanKindUnspecified {
		encoded.Kind = int(trace.SpanKindInternal)
	}
	switch s.Status().Code { // numbered otherwise on the wire
	case codes.Ok:
		encoded.Status.Code = 1
	case codes.Error:
		encoded.Status = status{2, s.Status().Description}
	}
	return encoded
}

func keyValues(list []attribute.KeyValue) []keyValue {
	encoded := make([]keyValue, len(list))
	for i, a := range list {
		v := &encoded[i].Value
		encoded[i].Key = string(a.Key)
		switch a.Value.Type() {
		case attribute.INT64:
			text := strconv.FormatInt(a.Value.AsInt64(), 10)
			v.Int = &text
		case attribute.BOOL:
			b := a.Value.AsBool()
			v.Bool = &b
		case attribute.FLOAT64:
			f := a.Value.AsFloat64()
			v.Double = &f
		default:
			text := a.Value.Emit()
			v.String = &text
		}
	}
	return encoded
}
