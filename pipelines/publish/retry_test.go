package publish_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/warehouse/ops"
)

const goodReceipt = `{"receipt_id": "1", "batch": "2026040100001", "accepted": 1, "rejected": []}`

// script answers each request by the next of its steps, the last one for ever.
func script(steps ...http.HandlerFunc) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		step := steps[min(n, len(steps)-1)]
		n++
		step(w, r)
	}
}

func say(status int, text string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func never(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// scripted is a platform that answers by script.
func scripted(t *testing.T, steps ...http.HandlerFunc) *platform {
	return &platform{t: t, url: serve(t, script(steps...)),
		store: openStore(t, filepath.Join(t.TempDir(), "ops.db")), clock: &clock{at: noon}}
}

// attempts tells how all attempts ended, in their order.
func attempts(t *testing.T, p *platform) (outcomes []string) {
	t.Helper()
	batches, err := p.store.Batches(t.Context(), "city")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		log, err := p.store.Attempts(t.Context(), b.Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range log {
			outcomes = append(outcomes, a.Outcome)
		}
	}
	return outcomes
}

func TestWhatIsNoAnswerIsAskedAgain(t *testing.T) {
	good := say(200, goodReceipt)
	for name, c := range map[string]struct {
		step http.HandlerFunc
		want string
	}{
		"503":              {say(503, "later"), "unavailable"},
		"429":              {say(429, ""), "unavailable"},
		"408":              {say(408, ""), "unavailable"},
		"hang up":          {hangUp, "connection"},
		"no answer":        {never, "timeout"},
		"half an answer":   {say(200, goodReceipt[:20], "Content-Length", "80"), "connection"},
		"HTML":             {say(200, "<html>"), "garbage"},
		"nothing":          {say(200, ""), "garbage"},
		"no receipt id":    {say(200, `{"batch": "2026040100001", "accepted": 1}`), "garbage"},
		"another batch":    {say(200, `{"receipt_id": "1", "batch": "2026040100002", "accepted": 1}`), "garbage"},
		"does not add up":  {say(200, `{"receipt_id": "1", "batch": "2026040100001", "accepted": 2}`), "garbage"},
		"accepted missing": {say(200, `{"receipt_id": "1", "batch": "2026040100001"}`), "garbage"},
		"unknown record":   {say(200, `{"receipt_id": "1", "batch": "2026040100001", "accepted": 0, "rejected": [{"cd_id": "x", "code": "y"}]}`), "garbage"},
		"rejected no code": {say(200, fmt.Sprintf(`{"receipt_id": "1", "batch": "2026040100001", "accepted": 0, "rejected": [{"cd_id": %q}]}`, key(0))), "garbage"},
		"answered twice":   {say(200, goodReceipt+goodReceipt), "garbage"},
	} {
		t.Run(name, func(t *testing.T) {
			p := scripted(t, c.step, c.step, good)
			if c.want == "timeout" { // long enough for the answer that is there at once
				p.rest.Timeout = time.Second
			}
			sum, err := p.publisher(nil).Publish(t.Context(), april, newCity(1).source)
			if err != nil || sum.Accepted != 1 {
				t.Errorf("%+v %v", sum, err)
			}
			if diff := cmp.Diff([]string{c.want, c.want, "processed"}, attempts(t, p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGivingUpIsTemporaryAndResumed(t *testing.T) {
	p := scripted(t, say(503, ""), say(503, ""), say(503, ""), say(200, goodReceipt))
	publisher := p.publisher(func(c *publish.Config) { c.MaxAttempts = 3 })
	sum, err := publisher.Publish(t.Context(), april, newCity(1).source)
	if !errors.Is(err, publish.ErrTemporary) || sum.Attempts != 3 {
		t.Fatalf("%+v %v, want ErrTemporary after 3", sum, err)
	}
	sum, err = publisher.Publish(t.Context(), april, newCity(1).source)
	if err != nil || sum.Batches.Resumed != 1 || sum.Accepted != 1 || sum.Unchanged != 1 || sum.Batches.Enqueued != 0 {
		t.Errorf("%+v %v, want the batch resumed and nothing else", sum, err)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	for name, value := range map[string]string{"seconds": "20", "date": noon.Add(20 * time.Second).Format(http.TimeFormat)} {
		t.Run(name, func(t *testing.T) {
			p := scripted(t, say(429, "", "Retry-After", value), say(200, goodReceipt))
			if sum := p.publish(newCity(1)); sum.Accepted != 1 {
				t.Errorf("%+v", sum)
			}
			if waited := p.clock.now().Sub(noon); waited != 20*time.Second {
				t.Errorf("waited %v, want 20s", waited)
			}
		})
	}
}

func TestALongRetryAfterEndsTheCall(t *testing.T) {
	p := scripted(t, say(503, "", "Retry-After", "3600"), say(200, goodReceipt))
	for _, at := range []time.Time{noon, noon.Add(time.Minute)} {
		p.clock.set(at)
		if _, err := p.publisher(nil).Publish(t.Context(), april, newCity(1).source); !errors.Is(err, publish.ErrTemporary) {
			t.Errorf("at %v: %v, want ErrTemporary", at, err)
		}
	}
	if diff := cmp.Diff([]string{"unavailable"}, attempts(t, p)); diff != "" {
		t.Error(diff)
	}
	p.clock.set(noon.Add(time.Hour))
	if sum := p.publish(newCity(1)); sum.Accepted != 1 {
		t.Errorf("an hour later: %+v", sum)
	}
}

func TestWaitsGrowAndAreBounded(t *testing.T) {
	p := scripted(t, say(503, ""))
	var waits []time.Duration
	publisher := p.publisher(func(c *publish.Config) {
		c.MaxAttempts, c.Schedule = 9, []time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}
		c.Sleep = func(ctx context.Context, d time.Duration) error {
			waits = append(waits, d)
			return p.clock.sleep(ctx, d)
		}
	})
	if _, err := publisher.Publish(t.Context(), april, newCity(1).source); !errors.Is(err, publish.ErrTemporary) {
		t.Fatal(err)
	}
	if len(waits) != 8 {
		t.Fatalf("waits %v, want 8", waits)
	}
	for i, wait := range waits {
		if limit := min(time.Second<<i, 16*time.Second); wait < 0 || wait > limit {
			t.Errorf("wait %d is %v, want at most %v", i+1, wait, limit)
		}
	}
}

func TestACancelledPublisherResumes(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	publisher := p.publisher(func(c *publish.Config) {
		c.Progress = func(at publish.Progress) {
			if at.Phase == "send" && at.Batches == 2 {
				cancel()
			}
		}
	})
	if _, err := publisher.Publish(ctx, april, newCity(50).source); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	batches, err := p.store.Batches(t.Context(), "city", ops.Processed)
	if err != nil || len(batches) != 2 {
		t.Errorf("%d accepted %v, want 2", len(batches), err)
	}
	if sum := p.publish(newCity(50)); sum.Batches.Resumed != 3 || sum.Batches.Enqueued != 0 {
		t.Errorf("%+v, want 3 resumed", sum)
	}
	p.holds(newCity(50))
}

// An answer that is here is written down although the caller gave up.
func TestAnAnswerOutlivesItsCaller(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	publisher := p.publisher(func(c *publish.Config) { c.Transport = givenUp{c.Transport, cancel} })
	if _, err := publisher.Publish(ctx, april, newCity(15).source); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	if diff := cmp.Diff([]string{"processed"}, attempts(t, p)); diff != "" {
		t.Error(diff)
	}
}

// givenUp is a transport whose caller gives up when an answer is here.
type givenUp struct {
	publish.Transport
	cancel func()
}

func (g givenUp) Send(ctx context.Context, m publish.Message) publish.Answer {
	defer g.cancel()
	return g.Transport.Send(ctx, m)
}

// The HTTP client would repeat a request with an idempotency key by itself when
// a kept connection is cut; every handing-over must be in the log instead.
func TestOneLayerRepeats(t *testing.T) {
	second := strings.Replace(goodReceipt, "00001", "00002", 1)
	p := scripted(t, say(200, goodReceipt), hangUp, say(200, second))
	publisher := p.publisher(func(c *publish.Config) { c.BatchSize = 1 })
	if _, err := publisher.Publish(t.Context(), april, newCity(2).source); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"processed", "connection", "processed"}, attempts(t, p)); diff != "" {
		t.Error(diff)
	}
}

// 30 % of all requests go wrong in every way there is, the run changes under
// way, and the sender is stopped and started again all the time.
func TestNothingIsLostOrDoubledUnderFaults(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	p.rest.Timeout = 100 * time.Millisecond
	p.faults("refuse=7%,timeout_after_taking=3%,cut=8%,garbage=6%,slow=2%,twice=4%,delay=1ms,seed=42")
	a, b := newCity(400), newCity(400)
	for n := range 60 {
		delete(b, n*5)
		b[n*5+1], b[500+n] = 4, 1
	}
	stopped := 0
	for _, c := range []city{a, b} {
		for done := false; !done; {
			ctx, cancel := context.WithCancel(t.Context())
			publisher := p.publisher(func(config *publish.Config) {
				config.BatchSize, config.MaxAttempts, config.Lanes = 7, 2, 3
				config.Progress = func(at publish.Progress) {
					if at.Phase == "send" && at.Batches == 3 {
						cancel()
					}
				}
			})
			_, err := publisher.Publish(ctx, april, c.source)
			cancel()
			switch {
			case err == nil:
				done = true
			case errors.Is(err, context.Canceled) || errors.Is(err, publish.ErrTemporary):
				stopped++
			default:
				t.Fatal(err)
			}
		}
	}
	p.faults("")
	p.holds(b)
	got := p.state()
	want := struct{ I, U, D int }{460, 45, 60} // 15 of the 60 were class 4 before
	if got.Applied != want || stopped < 20 || got.Repeats == 0 {
		t.Errorf("applied %v, want %v; %d repeats told apart, sender stopped %d times", got.Applied, want, got.Repeats, stopped)
	}
}
