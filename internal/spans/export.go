package spans

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// remembering keeps the first error for the end, where otherwise the library
// would print each to stderr.
type remembering struct {
	sdk.SpanExporter
	mu    sync.Mutex
	first error
}

func (r *remembering) ExportSpans(ctx context.Context, list []sdk.ReadOnlySpan) error {
	err := r.SpanExporter.ExportSpans(ctx, list)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		r.first = err
	}
	return nil
}

func (r *remembering) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first
}

// file appends a line for each bundle of spans, as the collector's own exporter
// of files does.
type file struct{ path string }

func (f *file) ExportSpans(_ context.Context, list []sdk.ReadOnlySpan) (err error) {
	if len(list) == 0 {
		return nil
	}
	line, err := encode(list)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = out.Write(append(line, '\n'))
	return err
}

func (f *file) Shutdown(context.Context) error { return nil }

// collector sends spans by OTLP over HTTP, in its JSON form.
type collector struct {
	address string
	headers map[string]string
	client  http.Client
}

func newCollector(address string, headers map[string]string, timeout time.Duration) *collector {
	return &collector{address, headers, http.Client{Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (c *collector) ExportSpans(ctx context.Context, list []sdk.ReadOnlySpan) error {
	if len(list) == 0 {
		return nil
	}
	body, err := encode(list)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for key, value := range c.headers {
		req.Header.Set(key, value)
	}
	answer, err := c.client.Do(req)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) { // without the address, which may hold a password
			err = inner.Err
		}
		return fmt.Errorf("send %d spans: %w", len(list), err)
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("send %d spans: the collector answered %s", len(list), answer.Status)
	}
	return nil
}

func (c *collector) Shutdown(context.Context) error {
	c.client.CloseIdleConnections()
	return nil
}
