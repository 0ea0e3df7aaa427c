package publish

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"rongxin/warehouse/ops"
)

// outcome is what became of one request, as the attempt log words it.
type outcome string

const (
	answered    outcome = "accepted"      // 2xx; for a batch, with a receipt for it
	refused     outcome = "refused"       // the request itself is at fault
	setup       outcome = "misconfigured" // the sender is set up wrongly
	unavailable outcome = "unavailable"   // the receiver says: later
	timedOut    outcome = "timeout"
	cut         outcome = "connection"  // refused, reset or closed before a whole answer
	garbled     outcome = "garbage"     // an answer that is not one to this request
	interrupted outcome = "interrupted" // the caller gave up
)

// answer is one request's outcome with what was learnt on the way.
type answer struct {
	outcome    outcome
	status     int // HTTP; 0 when none came
	body       []byte
	retryAfter time.Duration
	code, text string // of a refusal, by the receiver
	err        error  // nil when answered
}

// final tells whether asking again cannot change the outcome.
func (a answer) final() bool {
	switch a.outcome {
	case answered, refused, setup, interrupted:
		return true
	}
	return false
}

// courier carries requests to the receiver, each once.
type courier struct {
	client *http.Client
	base   *url.URL
	signer *Signer
	now    func() time.Time
}

func newCourier(c Config, base *url.URL) *courier {
	client := &http.Client{Timeout: c.Timeout}
	if c.Client != nil {
		client.Transport, client.Jar = c.Client.Transport, c.Client.Jar
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &courier{client, base, c.Signer, c.Now}
}

// maxAnswer bounds what is read of an answer: a receipt refusing every record
// of the largest batch with a long message fits.
const maxAnswer = 16 << 20

func (c *courier) post(ctx context.Context, b ops.Batch) answer {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath("v1/batches").String(), bytes.NewReader(b.Body))
	if err != nil {
		return answer{outcome: setup, err: err}
	}
	// Without GetBody the client cannot repeat the request by itself: repeats
	// are counted and spaced in one layer only, ours.
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", b.Key)
	return c.do(request)
}

func (c *courier) get(ctx context.Context, path string, query url.Values) answer {
	target := c.base.JoinPath(path)
	target.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return answer{outcome: setup, err: err}
	}
	return c.do(request)
}

func (c *courier) do(request *http.Request) answer {
	request.Header.Set("Accept", "application/json")
	if c.signer != nil {
		c.signer.sign(request.Header, c.now())
	}
	response, err := c.client.Do(request)
	if err != nil {
		return lost(request.Context(), 0, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return lost(request.Context(), response.StatusCode, err)
	}
	a := answer{outcome: byStatus(response.StatusCode), status: response.StatusCode, body: body}
	if len(body) > maxAnswer {
		a.outcome = garbled
	}
	if a.outcome == answered {
		return a
	}
	a.retryAfter = retryAfter(response.Header.Get("Retry-After"), c.now())
	a.code, a.text = refusal(a.status, body)
	a.err = fmt.Errorf("HTTP %d: %s: %s", a.status, a.code, a.text)
	return a
}

// lost classifies a request that brought no whole answer.
func lost(ctx context.Context, status int, err error) answer {
	a := answer{outcome: cut, status: status, err: err}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	switch {
	case ctx.Err() != nil:
		a.outcome, a.err = interrupted, context.Cause(ctx)
	case errors.As(err, &certificate):
		a.outcome = setup
	case errors.As(err, &network) && network.Timeout():
		a.outcome = timedOut
	}
	return a
}

// byStatus reads a status as the package comment lists it.
func byStatus(status int) outcome {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return unavailable
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusGone:
		return setup
	}
	switch status / 100 {
	case 2:
		return answered
	case 3:
		return setup
	case 4:
		return refused
	case 5:
		return unavailable
	}
	return garbled
}

// retryAfter reads the header in either of its forms, seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// refusal reads {"code", "message"}, or makes do with the status and the
// beginning of whatever came instead.
func refusal(status int, body []byte) (code, text string) {
	var said struct{ Code, Message string }
	if json.Unmarshal(body, &said) == nil && said.Code != "" {
		return plain(said.Code), plain(said.Message)
	}
	return fmt.Sprintf("HTTP_%d", status), plain(string(body))
}

// plain makes a receiver's words fit for one line of a table or a terminal.
func plain(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	const limit = 200
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
