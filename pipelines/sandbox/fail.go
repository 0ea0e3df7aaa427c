package sandbox

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// longestHold is how long a request that is never answered is held when the
// sender does not give up by itself.
const longestHold = time.Minute

func (t *trouble) down(w http.ResponseWriter) *refusal {
	if after := t.inForce().RetryAfter; after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	}
	return refuse(http.StatusServiceUnavailable, "UNAVAILABLE", "平台暂不可用，请稍后再试")
}

// lost marks a request whose receipt is to be lost.
type lost struct{}

// serve answers the request through next, with the trouble that is drawn.
func (t *trouble) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		abort() // the sender went away
	}
	operation, id := ask, r.URL.RequestURI()
	if r.URL.Path == "/v1/batches" {
		operation, id = handOver, r.Header.Get("Idempotency-Key")
	}
	work := func() *answer {
		r.Body = io.NopCloser(bytes.NewReader(body))
		a := &answer{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(a, r)
		return a
	}
	switch fault, before := t.draw(operation, id); fault {
	case "down", "refuse":
		reply(w, nil, t.down(w))
	case "timeout_after_taking":
		work()
		hold(r.Context(), longestHold)
		abort()
	case "lose_receipt":
		r = r.WithContext(context.WithValue(r.Context(), lost{}, true))
		work()
		abort()
	case "cut":
		if !before {
			work().sendHalf(w)
		}
		abort()
	case "garbage":
		if !before {
			work()
		}
		io.WriteString(w, "<html><body>系统繁忙，请稍后再试</body></html>\n")
	case "slow":
		hold(r.Context(), t.delay())
		work().send(w)
	case "twice":
		work()
		work().send(w)
	default:
		work().send(w)
	}
}

// abort cuts the connection; it is the server's own way of doing so.
func abort() { panic(http.ErrAbortHandler) }

func hold(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// answer is an answer that has not been sent yet.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) send(w http.ResponseWriter) { a.begin(w).Write(a.body.Bytes()) }

// sendHalf sends the head of the answer and the first half of its body.
func (a *answer) sendHalf(w http.ResponseWriter) {
	a.begin(w).Write(a.body.Bytes()[:a.body.Len()/2])
	http.NewResponseController(w).Flush()
}

func (a *answer) begin(w http.ResponseWriter) io.Writer {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	return w
}
