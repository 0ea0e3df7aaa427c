package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// trouble fails requests as the faults in force say.
type trouble struct {
	mu     sync.Mutex
	faults Faults
	random *rand.Rand
}

// longestHold is how long a request that is never answered is held when the
// sender does not give up by itself.
const longestHold = time.Minute

const defaultDelay = 200 * time.Millisecond

func (t *trouble) set(f Faults) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults, t.random = f, rand.New(rand.NewPCG(f.Seed, 0))
}

func (t *trouble) inForce() Faults {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.faults
}

func (t *trouble) isDown() bool { return t.inForce().Down > 0 }

// draw says what happens to the next request: the name of a fault, "down", or
// nothing; and whether a fault that can strike before or after the request was
// worked on strikes before.
func (t *trouble) draw() (fault string, before bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.faults.Down > 0 {
		t.faults.Down--
		return "down", true
	}
	at, before := t.random.Float64(), t.random.IntN(2) == 0
	for _, s := range t.faults.shares() {
		if at -= *s.value; at < 0 {
			return s.name, before
		}
	}
	return "", before
}

func down() *refusal {
	return refuse(http.StatusServiceUnavailable, "UNAVAILABLE", "the platform is not available; try later")
}

// serve answers the request through next, with the trouble that is drawn.
func (t *trouble) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		abort() // the sender went away
	}
	work := func() *answer {
		r.Body = io.NopCloser(bytes.NewReader(body))
		a := &answer{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(a, r)
		return a
	}
	switch fault, before := t.draw(); fault {
	case "down", "refuse":
		reply(w, nil, down())
	case "timeout_after_taking":
		work()
		hold(r.Context(), longestHold)
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
		hold(r.Context(), cmp.Or(t.inForce().Delay, defaultDelay))
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

// faults shows the failures in force and changes them.
func (s *Sandbox) faults(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		text, err := io.ReadAll(io.LimitReader(r.Body, 4096))
		if err == nil {
			var f Faults
			if f, err = ParseFaults(string(text)); err == nil {
				s.trouble.set(f)
			}
		}
		if err != nil {
			reply(w, nil, refuse(http.StatusBadRequest, "FAULTS", "%v", err))
			return
		}
	}
	reply(w, map[string]string{"faults": s.trouble.inForce().String()}, nil)
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
