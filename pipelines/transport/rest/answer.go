package rest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"rongxin/pipelines/publish"
)

// lost classifies a request that brought no whole answer.
func lost(ctx context.Context, status int, err error) publish.Answer {
	a := publish.Answer{Outcome: publish.Cut, Status: status, Err: err}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	switch {
	case ctx.Err() != nil:
		a.Outcome, a.Err = publish.Interrupted, context.Cause(ctx)
	case errors.As(err, &certificate), errors.Is(err, errPin), errors.Is(err, errAddress):
		a.Outcome = publish.Misconfigured
	case errors.As(err, &network) && network.Timeout():
		a.Outcome = publish.TimedOut
	}
	return a
}

// byStatus reads a status as the interface lists it.
func byStatus(status int) publish.Outcome {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return publish.Unavailable
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusGone:
		return publish.Misconfigured
	case http.StatusPreconditionFailed:
		return publish.Fenced
	}
	switch status / 100 {
	case 2:
		return publish.Processed
	case 3:
		return publish.Misconfigured
	case 4:
		return publish.Refused
	case 5:
		return publish.Unavailable
	}
	return publish.Garbled
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
		return publish.Plain(said.Code), publish.Plain(said.Message)
	}
	return fmt.Sprintf("HTTP_%d", status), publish.Plain(string(body))
}
