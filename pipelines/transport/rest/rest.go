// Package rest carries batches over the platform's HTTP interface, which the
// package comment of pipelines/publish defines.
package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"rongxin/pipelines/publish"
)

// Config says whom to ask. URL and Now are required.
type Config struct {
	URL     string           // base address, http or https
	Signer  *Signer          // nil sends unsigned
	Timeout time.Duration    // of one request with its answer; 15 s by default
	Client  *http.Client     // its transport and cookies; a pool of its own by default
	Now     func() time.Time // for the signature and for dates in Retry-After
}

// Transport is a [publish.Transport]. It is safe for concurrent use.
type Transport struct {
	client *http.Client
	base   *url.URL
	signer *Signer
	now    func() time.Time
}

// New checks the configuration and opens no connection. Its errors wrap
// [publish.ErrSetup].
func New(c Config) (*Transport, error) {
	base, err := address(c.URL)
	if err == nil && c.Now == nil {
		err = errors.New("a clock is required")
	}
	if err == nil && c.Timeout < 0 {
		err = errors.New("the timeout must be positive")
	}
	if err != nil {
		return nil, fmt.Errorf("rest: %w: %w", publish.ErrSetup, err)
	}
	client := &http.Client{Timeout: cmp.Or(c.Timeout, 15*time.Second), Transport: pool()}
	if c.Client != nil {
		client.Transport, client.Jar = c.Client.Transport, c.Client.Jar
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Transport{client, base, c.Signer, c.Now}, nil
}

// pool keeps a connection for each lane: the standard one keeps two.
func pool() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	return t
}

func address(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("receiver address: %w", err)
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, fmt.Errorf("receiver address %q: want http://… or https://…", base.Redacted())
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("receiver address %q: want no user, query or fragment", base.Redacted())
	}
	return base, nil
}

// Close lets go of the connections.
func (t *Transport) Close(context.Context) error {
	t.client.CloseIdleConnections()
	return nil
}

// Send posts one batch.
func (t *Transport) Send(ctx context.Context, m publish.Message) publish.Answer {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base.JoinPath("v1/batches").String(), bytes.NewReader(m.Body))
	if err != nil {
		return publish.Answer{Outcome: publish.Misconfigured, Err: err}
	}
	// Without GetBody the client cannot repeat the request by itself: repeats
	// are counted and spaced in one layer only, the publisher's.
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", m.Key)
	request.Header.Set("Fencing-Token", strconv.FormatInt(m.Epoch, 10))
	request.Header.Set("State-Target", fmt.Sprint(m.Target.Count, " ", m.Target.Digest))
	a, body := t.do(request)
	if a.Outcome != publish.Processed {
		return a
	}
	return readReceipt(a, body, m)
}

// do makes one request. The outcome is Processed when the answer is 200 and
// has still to be read.
func (t *Transport) do(request *http.Request) (a publish.Answer, body []byte) {
	request.Header.Set("Accept", "application/json")
	if t.signer != nil {
		t.signer.sign(request.Header, t.now())
	}
	response, err := t.client.Do(request)
	if err != nil {
		return lost(request.Context(), 0, err), nil
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return lost(request.Context(), response.StatusCode, err), nil
	}
	a = publish.Answer{Outcome: byStatus(response.StatusCode), Status: response.StatusCode}
	if len(body) > maxAnswer {
		a.Outcome = publish.Garbled
	}
	if a.Outcome == publish.Processed {
		return a, body
	}
	a.RetryAfter = retryAfter(response.Header.Get("Retry-After"), t.now())
	a.Code, a.Text = refusal(a.Status, body)
	a.Err = fmt.Errorf("HTTP %d: %s: %s", a.Status, a.Code, a.Text)
	return a, nil
}

// maxAnswer bounds what is read of an answer: a receipt refusing every record
// of the largest batch with a long message fits.
const maxAnswer = 16 << 20
