package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/rest"
)

func send(t *testing.T, transport *rest.Transport, want publish.Outcome) publish.Answer {
	t.Helper()
	a := transport.Send(t.Context(), message)
	if a.Outcome != want {
		t.Fatalf("%s, want %s: %v", a.Outcome, want, a.Err)
	}
	return a
}

func (p *platform) counts(t *testing.T, fetched, batches, unauthorised int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fetched != fetched || p.batches != batches || p.unauthorised != unauthorised {
		t.Errorf("%d keys, %d batches, %d refused; want %d, %d, %d", p.fetched, p.batches, p.unauthorised, fetched, batches, unauthorised)
	}
}

func TestAShortLivedKeyIsFetchedOnceAndRenewedEarly(t *testing.T) {
	p := newPlatform(t)
	transport := open(t, p.config())
	for range 3 {
		send(t, transport, publish.Processed)
	}
	p.counts(t, 1, 3, 0)
	p.clock.add(54*time.Minute + 59*time.Second) // the last five minutes have not begun
	send(t, transport, publish.Processed)
	p.counts(t, 1, 4, 0)
	p.clock.add(2*time.Minute + 32*time.Second) // half of them are over
	send(t, transport, publish.Processed)
	p.counts(t, 2, 5, 0)
}

func TestLanesWaitForOneRenewal(t *testing.T) {
	p := newPlatform(t)
	transport := open(t, p.config())
	for round := range 3 {
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				if a := transport.Send(context.Background(), message); a.Outcome != publish.Processed {
					t.Errorf("%s: %v", a.Outcome, a.Err)
				}
			})
		}
		group.Wait()
		p.counts(t, round+1, 16*(round+1), 0)
		p.clock.add(58 * time.Minute)
	}
	if p.most != 1 {
		t.Errorf("%d keys were fetched at once", p.most)
	}
}

func TestAKeyThatIsNotTakenIsRenewedOnceAndTheRequestRepeatedOnce(t *testing.T) {
	p := newPlatform(t)
	transport := open(t, p.config())
	send(t, transport, publish.Processed)
	p.set(func() { p.current = "withdrawn" })
	send(t, transport, publish.Processed)
	p.counts(t, 2, 2, 1)

	// Where the new one is not taken either, it ends there.
	p.set(func() {
		p.current = "withdrawn"
		p.answer = func(w http.ResponseWriter, r *http.Request) {
			p.fetched++
			fmt.Fprintf(w, `{"code": 0, "data": {"secret": %q, "secretEndTime": %d}}`, wrapped("a key that nobody takes, made up"), p.clock.now().Add(time.Hour).UnixMilli())
		}
	})
	a := send(t, transport, publish.Misconfigured)
	p.counts(t, 3, 2, 3)
	if a.Status != http.StatusUnauthorized || a.Code != "SIGNATURE" {
		t.Errorf("%+v", a)
	}
	if _, _, _, err := transport.Collect(t.Context(), ""); !errors.Is(err, publish.ErrSetup) {
		t.Errorf("a question: %v", err)
	}
}

// While the endpoint is down the key that is here serves to its end.
func TestAnEndpointThatIsDown(t *testing.T) {
	p := newPlatform(t)
	transport := open(t, p.config())
	send(t, transport, publish.Processed)
	down := func(w http.ResponseWriter, r *http.Request) {
		p.fetched++
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	p.set(func() { p.answer = down })
	p.clock.add(58 * time.Minute)
	for range 5 {
		send(t, transport, publish.Processed)
	}
	p.counts(t, 2, 6, 0) // and it is not asked at every request
	p.clock.add(3 * time.Minute)
	a := send(t, transport, publish.Unavailable)
	if a.RetryAfter != 7*time.Second || !strings.Contains(a.Err.Error(), "for a key") {
		t.Errorf("%+v", a)
	}
	p.set(func() { p.answer = nil })
	send(t, transport, publish.Processed)
}

func TestAnEndpointThatAnswersOtherwise(t *testing.T) {
	soon := fmt.Sprint(noon.Add(time.Hour).UnixMilli())
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, text) }
	}
	data := func(secret, end string) http.HandlerFunc {
		return say(`{"code": "0", "data": {"secret": "` + secret + `", "secretEndTime": "` + end + `"}}`)
	}
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   publish.Outcome
		text   string
	}{
		{"no JSON", say("<html>"), publish.Garbled, "no code and no data"},
		{"nothing", say(""), publish.Garbled, ""},
		{"another shape", say(`{"code": "0", "data": "x"}`), publish.Garbled, "no data"},
		{"a refusal", say(`{"code": "E-106", "data": "", "message": "请求不存在"}`), publish.Misconfigured, "code E-106: 请求不存在"},
		{"a refusal by number", say(`{"code": -1, "data": null}`), publish.Misconfigured, "code -1"},
		{"a key of another application", data("AAAAAAAAAAAAAAAAAAAAAA==", soon), publish.Misconfigured, "does not open under that of the application"},
		{"no Base64", data("!", soon), publish.Misconfigured, "Base64"},
		{"an end that is over", data(wrapped("a key of good length, made up"), fmt.Sprint(noon.UnixMilli())), publish.Garbled, "secretEndTime is no time to come"},
		{"no end", data(wrapped("a key of good length, made up"), ""), publish.Garbled, "secretEndTime"},
		{"far too much", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat(" ", 1<<20)) }, publish.Garbled, ""},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/api/healthz", http.StatusFound) }, publish.Misconfigured, "HTTP 302"},
		{"not there", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }, publish.Misconfigured, "HTTP 404"},
		{"refused", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(400) }, publish.Misconfigured, "HTTP 400"},
		{"cut", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, publish.Cut, ""},
	} {
		p := newPlatform(t)
		p.answer = tt.answer
		a := open(t, p.config()).Send(t.Context(), message)
		if a.Outcome != tt.want || !strings.Contains(fmt.Sprint(a.Err), tt.text) {
			t.Errorf("%s: %s, want %s: %v", tt.name, a.Outcome, tt.want, a.Err)
		}
		for _, hidden := range []string{"made up", application, wrapped("a key of good length, made up")[:20]} {
			if strings.Contains(fmt.Sprint(a), hidden) {
				t.Errorf("%s: the answer shows a key: %v", tt.name, a)
			}
		}
	}
}

func TestACallerThatGivesUpWaitingForAKey(t *testing.T) {
	p := newPlatform(t)
	begun, release := make(chan bool), make(chan bool)
	p.answer = func(w http.ResponseWriter, r *http.Request) { begun <- true; <-release }
	transport := open(t, p.config())
	go transport.Send(context.Background(), message)
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if a := transport.Send(ctx, message); a.Outcome != publish.Interrupted {
		t.Errorf("%s: %v", a.Outcome, a.Err)
	}
	close(release)
}

func TestNothingShowsAKeyOfRequests(t *testing.T) {
	p := newPlatform(t)
	transport := open(t, p.config())
	send(t, transport, publish.Processed)
	for _, verb := range []string{"%v", "%+v", "%s"} {
		if text := fmt.Sprintf(verb, transport); strings.Contains(text, "made up") {
			t.Errorf("%s shows %s", verb, text)
		}
	}
}

func TestAKeyFileThatIsNone(t *testing.T) {
	loose := file(t, application)
	if err := os.Chmod(loose, 0o640); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{file(t, "short"): "want 16 to 4096 bytes", file(t, ""): "is empty", loose: "is open to others; chmod 600"} {
		_, err := rest.New(rest.Config{Now: time.Now, Settings: rest.Settings{URL: "http://127.0.0.1:1", Requester: "r", Service: "s", KeyFile: name}})
		if !errors.Is(err, publish.ErrSetup) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestCheckSendsNothing(t *testing.T) {
	p := newPlatform(t)
	if err := open(t, p.config()).Check(t.Context()); err != nil {
		t.Error(err)
	}
	p.counts(t, 1, 0, 0)
	p.set(func() {
		p.answer = func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"code": "E-106"}`) }
	})
	if err := open(t, p.config()).Check(t.Context()); !errors.Is(err, publish.ErrSetup) {
		t.Errorf("%v", err)
	}
	nowhere := rest.Config{Settings: rest.Settings{URL: "http://127.0.0.1:1"}}
	if err := open(t, nowhere).Check(t.Context()); !errors.Is(err, publish.ErrTemporary) {
		t.Errorf("%v", err)
	}
}
