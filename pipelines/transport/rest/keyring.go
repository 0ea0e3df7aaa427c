package rest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
)

// keyring holds the key that requests are signed with: none, one that was agreed
// for good, or a short-lived one, which it fetches.
type keyring struct {
	transport   *Transport
	agreed      signing.Key   // that of the application where keys are short-lived
	address     *url.URL      // where short-lived keys are fetched; nil for none
	turn        chan struct{} // holds one: whoever has it looks at what follows, or fetches
	key         signing.Key
	serial      int // of the key; 0 is none
	ends, renew time.Time
}

func (t *Transport) keyring() (*keyring, error) {
	k := &keyring{transport: t, turn: make(chan struct{}, 1)}
	if t.settings.KeyFile == "" {
		return k, nil
	}
	var err error
	if k.agreed, err = signing.ReadKey(t.settings.KeyFile); err != nil {
		return nil, fmt.Errorf("key_file: %w", err)
	}
	if t.settings.KeyURL != "" {
		if k.address, err = parseURL(t.settings.KeyURL); err != nil {
			return nil, fmt.Errorf("key_url: %w", err)
		}
	}
	return k, nil
}

// Format prints no key, whatever the verb.
func (k *keyring) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, "keys of ", k.transport.settings.Requester)
}

// current returns what signs a request now, and the number of the key. When
// another call is fetching one it waits for that.
func (k *keyring) current(ctx context.Context) (sign func(http.Header), serial int, fault *publish.Answer) {
	if k.agreed.IsZero() {
		return func(http.Header) {}, 0, nil
	}
	if k.address == nil {
		return k.signer(k.agreed), 0, nil
	}
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, 0, &publish.Answer{Outcome: publish.Interrupted, Err: context.Cause(ctx)}
	}
	if now := k.transport.now(); k.serial == 0 || !now.Before(k.renew) {
		fault := k.fetch(ctx)
		switch {
		case fault == nil:
		case k.serial == 0 || !now.Before(k.ends) || ctx.Err() != nil:
			return nil, 0, fault
		default: // the one that is here is good for a while yet
			k.renew = now.Add(min(k.ends.Sub(now)/2, 10*time.Second))
		}
	}
	return k.signer(k.key), k.serial, nil
}

// expired is told that the receiver does not take the key of that number any more,
// and tells whether there can be another.
func (k *keyring) expired(serial int) bool {
	if k.address == nil {
		return false
	}
	k.turn <- struct{}{}
	defer func() { <-k.turn }()
	if k.serial == serial { // or else it was renewed meanwhile
		k.renew, k.ends = time.Time{}, time.Time{}
	}
	return true
}

// signer sets the headers of a request under a key.
func (k *keyring) signer(key signing.Key) func(http.Header) {
	s := k.transport.settings
	return func(h http.Header) {
		milliseconds := strconv.FormatInt(k.transport.now().UnixMilli(), 10)
		code := signing.HMAC(sha256.New, key, []byte(s.Service+s.Requester+milliseconds))
		h.Set("gjgxjhpt_rid", s.Requester)
		h.Set("gjgxjhpt_sid", s.Service)
		h.Set("gjgxjhpt_rtime", milliseconds)
		h.Set("gjgxjhpt_sign", base64.StdEncoding.EncodeToString(code))
	}
}

// maxKeyAnswer bounds what is read of the answer with a key.
const maxKeyAnswer = 64 << 10

// fetch gets a new key.
func (k *keyring) fetch(ctx context.Context) *publish.Answer {
	t := k.transport
	header := http.Header{}
	k.signer(k.agreed)(header)
	fields := map[string]string{}
	for name, values := range header {
		fields[strings.ToLower(name)] = values[0]
	}
	sent, err := json.Marshal(fields)
	if err != nil {
		return &publish.Answer{Outcome: publish.Misconfigured, Err: err}
	}
	header.Set("Content-Type", "application/json")
	request, err := newRequest(ctx, http.MethodPost, k.address, header, sent)
	if err != nil {
		return &publish.Answer{Outcome: publish.Misconfigured, Err: err}
	}
	a, body := t.do(request, maxKeyAnswer)
	if a.Outcome == publish.Processed {
		if a.Outcome, err = k.take(body); err == nil {
			return nil
		}
		a.Err = err
	}
	a.Err = fmt.Errorf("POST %s, for a key: %w", k.address.Path, a.Err)
	if a.Outcome == publish.Refused || a.Outcome == publish.Fenced {
		a.Outcome = publish.Misconfigured // it is no batch that was refused
	}
	return &a
}

// word is a text, or a number written as one.
type word string

func (w *word) UnmarshalJSON(text []byte) error {
	var n json.Number
	if err := json.Unmarshal(text, &n); err == nil && n != "" {
		*w = word(n)
		return nil
	}
	return json.Unmarshal(text, (*string)(w))
}

// take reads the answer with a key. Its errors do not hold what was answered.
func (k *keyring) take(body []byte) (publish.Outcome, error) {
	var said struct {
		Code    word
		Message string
		Data    struct {
			Secret string
			End    word `json:"secretEndTime"`
		}
	}
	var head struct {
		Code    word
		Message string
	}
	if json.Unmarshal(body, &head) == nil && head.Code != "" && head.Code != "0" { // data is then anything
		return publish.Misconfigured, fmt.Errorf("code %s: %s", publish.Plain(string(head.Code)), publish.Plain(head.Message))
	}
	if json.Unmarshal(body, &said) != nil || said.Code != "0" {
		return publish.Garbled, errors.New("the answer has no code and no data")
	}
	key, err := signing.Unwrap(k.transport.settings.Wrapping, k.agreed, said.Data.Secret)
	if err != nil {
		return publish.Misconfigured, fmt.Errorf("the key does not open under that of the application: %w", err)
	}
	milliseconds, err := strconv.ParseInt(string(said.Data.End), 10, 64)
	now, ends := k.transport.now(), time.UnixMilli(milliseconds)
	if err != nil || !ends.After(now) {
		return publish.Garbled, errors.New("secretEndTime is no time to come: it is in milliseconds since 1970, and our clock or theirs may be wrong")
	}
	k.key, k.serial, k.ends = key, k.serial+1, ends
	k.renew = renewal(now, ends)
	return publish.Processed, nil
}

// renewal is when a key is to be renewed: at a random time in the last tenth of
// its life, of five minutes at most, so that senders do not all come at once.
func renewal(now, ends time.Time) time.Time {
	early := min(ends.Sub(now)/10, 5*time.Minute)
	return ends.Add(-early/2 - time.Duration(rand.Int64N(int64(early/2)+1)))
}
