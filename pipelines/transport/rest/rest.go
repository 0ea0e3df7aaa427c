package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
)

// Config says whom to ask, and how. Settings.URL and Now are required.
type Config struct {
	Settings Settings
	Keys     signing.Provider // of codes, signatures and sealed bodies; nil sends batches as they are
	Now      func() time.Time // for signatures, ends of keys, and dates in Retry-After
}

// Transport is a [publish.Transport]. It is safe for concurrent use.
type Transport struct {
	settings Settings
	base     *url.URL
	client   *http.Client
	keys     *keyring
	wrap     wrapping
	now      func() time.Time
}

// New reads keys and certificates and opens no connection. Its errors wrap
// [publish.ErrSetup].
func New(c Config) (*Transport, error) {
	faults := []error{c.Settings.Check()}
	if c.Now == nil {
		faults = append(faults, errors.New("a clock is required"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("rest: %w: %w", publish.ErrSetup, err)
	}
	s := c.Settings.withDefaults()
	base, err := parseURL(s.URL)
	if err != nil {
		return nil, fmt.Errorf("rest: %w: url: %w", publish.ErrSetup, err)
	}
	pool, err := s.pool()
	if err != nil {
		return nil, fmt.Errorf("rest: %w: %w", publish.ErrSetup, err)
	}
	client := &http.Client{Timeout: s.Timeout, Transport: pool,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t := &Transport{settings: s, base: base, client: client, wrap: wrapping{c.Keys}, now: c.Now}
	if t.keys, err = t.keyring(); err != nil {
		return nil, fmt.Errorf("rest: %w: %w", publish.ErrSetup, err)
	}
	return t, nil
}

// Close lets go of the connections.
func (t *Transport) Close(context.Context) error {
	t.client.CloseIdleConnections()
	return nil
}

// Send posts one batch.
func (t *Transport) Send(ctx context.Context, m publish.Message) publish.Answer {
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("Idempotency-Key", m.Key)
	header.Set("Fencing-Token", strconv.FormatInt(m.Epoch, 10))
	header.Set("State-Target", fmt.Sprint(m.Target.Count, " ", m.Target.Digest))
	sent, err := t.wrap.body(header, m)
	if err != nil {
		return publish.Answer{Outcome: publish.Misconfigured, Err: err}
	}
	a, body := t.ask(ctx, http.MethodPost, t.base.JoinPath("v1/batches"), header, sent)
	if a.Outcome != publish.Processed {
		return a
	}
	return readReceipt(a, body, m)
}

// ask makes one request, and once more under a new key when the short-lived one
// was not good any more. The outcome is Processed when the answer is 200 and has
// still to be read.
func (t *Transport) ask(ctx context.Context, method string, target *url.URL, header http.Header, sent []byte) (publish.Answer, []byte) {
	var serial int
	for again := false; ; again = true {
		sign, number, fault := t.keys.current(ctx)
		if fault != nil {
			return *fault, nil
		}
		serial = number
		request, err := newRequest(ctx, method, target, header, sent)
		if err != nil {
			return publish.Answer{Outcome: publish.Misconfigured, Err: err}, nil
		}
		sign(request.Header)
		a, body := t.do(request, maxAnswer)
		if a.Status != http.StatusUnauthorized || again || !t.keys.expired(serial) {
			return a, body
		}
	}
}

func newRequest(ctx context.Context, method string, target *url.URL, header http.Header, sent []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	// Without GetBody the client cannot repeat the request by itself: repeats
	// are counted and spaced in one layer only, the publisher's.
	request.GetBody = nil
	if len(sent) == 0 {
		request.Body = nil
	}
	request.Header = header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header.Set("Accept", "application/json")
	return request, nil
}

// do makes one request and reads the answer, of so many bytes at most.
func (t *Transport) do(request *http.Request, most int64) (a publish.Answer, body []byte) {
	response, err := t.client.Do(request)
	if err != nil {
		return lost(request.Context(), 0, err), nil
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, most+1))
	if err != nil {
		return lost(request.Context(), response.StatusCode, err), nil
	}
	a = publish.Answer{Outcome: byStatus(response.StatusCode), Status: response.StatusCode}
	if int64(len(body)) > most {
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

// Check asks whether the platform is up and takes our key.
func (t *Transport) Check(ctx context.Context) error {
	if a, _ := t.ask(ctx, http.MethodGet, t.base.JoinPath("healthz"), nil, nil); a.Outcome != publish.Processed {
		return fmt.Errorf("rest: GET /healthz: %w", a.Problem())
	}
	_, _, _, err := t.Collect(ctx, "")
	return err
}
