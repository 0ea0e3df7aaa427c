package publish_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
)

func TestFirstAllThenNothingThenTheChanges(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	c := newCity(95)
	sum := p.publish(c)
	if sum.Inserted != 95 || sum.Accepted != 95 || sum.Batches.Accepted != 10 || sum.Attempts != 10 {
		t.Errorf("first: %+v, want 95 records in 10 batches", sum)
	}
	p.holds(c)

	sum = p.publish(c)
	if sum.Unchanged != 95 || sum.Batches.Enqueued != 0 || sum.Attempts != 0 {
		t.Errorf("again: %+v, want nothing sent", sum)
	}

	delete(c, 0)
	delete(c, 50)
	delete(c, 94)
	c[7], c[1000] = 1, 2 // 7 was 4
	sum = p.publish(c)
	if sum.Inserted != 1 || sum.Updated != 1 || sum.Withdrawn != 3 || sum.Accepted != 5 || sum.Batches.Accepted != 1 {
		t.Errorf("changes: %+v, want 1 I, 1 U, 3 D in 1 batch", sum)
	}
	p.holds(c)

	c[0] = 1 // withdrawn before, comes back as new
	if sum = p.publish(c); sum.Inserted != 1 || sum.Accepted != 1 {
		t.Errorf("back: %+v, want 1 I", sum)
	}
	p.holds(c)

	if sum = p.publish(city{}); sum.Withdrawn != len(c) {
		t.Errorf("empty: %+v, want all withdrawn", sum)
	}
	p.holds(city{})
}

func TestRowsAsTheyAreSent(t *testing.T) {
	var got []byte
	var header http.Header
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return // what it holds is asked afterwards
		}
		got, _ = io.ReadAll(r.Body)
		header = r.Header
		io.WriteString(w, `{"receipt_id": "1", "batch": "2026040100001", "accepted": 2, "rejected": []}`)
	}))
	p := &platform{t: t, url: url, store: openStore(t, filepath.Join(t.TempDir(), "ops.db")), clock: &clock{at: noon}}
	source := func(_ context.Context, yield func(publish.Record) error) error {
		return errors.Join(
			yield(publish.Record{Table: "supervision_results", Key: "a/x", Subject: "a", Payload: json.RawMessage(`{"name": "甲<乙>", "list": [{"x": "]}"}], "as_of": null}`)}),
			yield(publish.Record{Table: "supervision_results", Key: "b&/x", Subject: "b", Payload: json.RawMessage(` {} `)}))
	}
	if _, err := p.publisher(nil).Publish(t.Context(), april, source); err != nil {
		t.Fatal(err)
	}
	const want = `{"source":"350100","batch":"2026040100001","run_id":"run-april","as_of":"2026-04-01","table":"supervision_results","lane":0,"count":2,"rows":[
{"cd_operation":"I","cd_batch":"2026040100001","cd_id":"a/x","cd_time":"2026-04-01 00:00:00","cd_source":"350100","as_of":null,"list":[{"x":"]}"}],"name":"甲<乙>"},
{"cd_operation":"I","cd_batch":"2026040100001","cd_id":"b&/x","cd_time":"2026-04-01 00:00:00","cd_source":"350100"}]}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	batches, err := p.store.Batches(t.Context(), "city")
	if err != nil || len(batches) != 1 || header.Get("Idempotency-Key") != batches[0].Key || header.Get("Fencing-Token") != fmt.Sprint(noon.Unix()) {
		t.Errorf("batches %+v, header %v, %v", batches, header, err)
	}
	var target publish.State
	for key, content := range map[string]string{"a/x": `{"as_of":null,"list":[{"x":"]}"}],"name":"甲<乙>"}`, "b&/x": "{}"} {
		target.Add(key, fmt.Sprintf("%x", sha256.Sum256([]byte(content))))
	}
	if want := "2 " + target.Digest(); header.Get("State-Target") != want {
		t.Errorf("target %s, want %s", header.Get("State-Target"), want)
	}
	receipts, err := p.store.Receipts(t.Context(), batches[0].Key)
	if err != nil || len(receipts) != 1 || !strings.HasPrefix(string(receipts[0].Content), `{"receipt_id": "1"`) {
		t.Errorf("receipts %q %v, want the answer verbatim", receipts, err)
	}
}

func TestASourceThatFailsSendsNothing(t *testing.T) {
	record := func(key, payload string) publish.Record {
		return publish.Record{Table: "supervision_results", Key: key, Subject: "A", Payload: json.RawMessage(payload)}
	}
	for name, c := range map[string]struct {
		records []publish.Record
		want    string
	}{
		"order":         {[]publish.Record{record("b", "{}"), record("a", "{}")}, `record supervision_results/a follows supervision_results/b`},
		"twice":         {[]publish.Record{record("b", "{}"), record("b", "{}")}, `record supervision_results/b follows supervision_results/b`},
		"no key":        {[]publish.Record{record("", "{}")}, "want 1 to 200 characters"},
		"control":       {[]publish.Record{record("a\nb", "{}")}, "want plain UTF-8 text"},
		"list":          {[]publish.Record{record("a", "[]")}, "record supervision_results/a: "},
		"null":          {[]publish.Record{record("a", "null")}, "want an object"},
		"fraction":      {[]publish.Record{record("a", `{"x": [{"y": 1.50}]}`)}, "record supervision_results/a: x: [0]: y: number 1.50: want an integer"},
		"exponent":      {[]publish.Record{record("a", `{"x": 1e3}`)}, "want an integer"},
		"reserved name": {[]publish.Record{record("a", `{"cd_id": "b"}`)}, "cd_id: the name is reserved"},
		"two values":    {[]publish.Record{record("a", `{} {}`)}, "more than one JSON value"},
		"not UTF-8":     {[]publish.Record{record("a", "{\"x\": \"\xff\"}")}, "not UTF-8"},
		"its own":       {nil, "the file is torn"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, sandbox.Config{})
			source := func(_ context.Context, yield func(publish.Record) error) error {
				for i := range 25 { // two batches are full by then
					if err := yield(record(fmt.Sprintf("A%02d", i), "{}")); err != nil {
						return err
					}
				}
				for _, r := range c.records {
					if err := yield(r); err != nil {
						return err
					}
				}
				return errors.New("the file is torn")
			}
			_, err := p.publisher(nil).Publish(t.Context(), april, source)
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, publish.ErrTemporary) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if sum := p.publish(newCity(3)); sum.Attempts != 1 || sum.Rejected != 0 {
				t.Errorf("after: %+v, want 3 records and nothing of the failed run", sum)
			}
			p.holds(newCity(3))
			if s := p.state(); s.Applied.I != 3 {
				t.Errorf("platform %+v, want 3 inserts in all", s)
			}
		})
	}
}

func rejected(key, code, message string) publish.RejectedRecord {
	return publish.RejectedRecord{Table: "supervision_results", Rejection: publish.Rejection{Key: key, Code: code, Message: message}}
}

func TestRefusedRecordsAreKeptApart(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	c := newCity(25)
	c[3], c[14] = 9, 9 // no such class
	sum := p.publish(c)
	const words = "supervision_class（监管类别）：9 不在代码表内（1、2、3、4）"
	want := []publish.RejectedRecord{rejected(key(3), "CODE_LIST", words), rejected(key(14), "CODE_LIST", words)}
	if diff := cmp.Diff(want, sum.Rejections); diff != "" || sum.Accepted != 23 || sum.Rejected != 2 {
		t.Error(diff, sum)
	}
	if sum = p.publish(c); sum.RefusedBefore != 2 || sum.Attempts != 0 {
		t.Errorf("again: %+v, want nothing sent", sum)
	}
	report := p.reconcile(c)
	if report.Differ != 2 || report.Causes[publish.DeadLetter] != 2 || report.Breaks[0].Code != "CODE_LIST" {
		t.Errorf("reconciliation %+v, want the 2 refused", report)
	}
	c[3] = 1 // mended
	if sum = p.publish(c); sum.Inserted != 1 || sum.Accepted != 1 || sum.RefusedBefore != 1 {
		t.Errorf("mended: %+v, want 1 I", sum)
	}
}

// refusing is a platform that refuses any batch with one of these records as a
// whole.
type refusing struct {
	platform http.Handler
	poison   map[string]bool

	mu      sync.Mutex
	refused map[string]int // how often a batch with the record was refused
	once    int            // batches to refuse whatever is in them
}

func (r *refusing) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	if request.Method == http.MethodPost && r.refuses(body) {
		w.WriteHeader(422)
		io.WriteString(w, `{"code": "POLICY", "message": "not\ntoday"}`)
		return
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	r.platform.ServeHTTP(w, request)
}

func (r *refusing) refuses(body []byte) (refuses bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, cell := range bytes.Split(body, []byte(`"cd_id":"`))[1:] {
		if id, _, _ := bytes.Cut(cell, []byte(`"`)); r.poison[string(id)] {
			r.refused[string(id)]++
			refuses = true
		}
	}
	if r.once > 0 {
		r.once--
		return true
	}
	return refuses
}

func newRefusing(t *testing.T, poison ...int) (*platform, *refusing) {
	t.Helper()
	stand, err := sandbox.New(sandbox.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stand.Close() })
	r := &refusing{platform: stand, poison: map[string]bool{}, refused: map[string]int{}}
	for _, n := range poison {
		r.poison[key(n)] = true
	}
	p := newPlatform(t, sandbox.Config{})
	p.url = serve(t, r)
	return p, r
}

func TestARefusedBatchDoesNotStopTheRest(t *testing.T) {
	p, platform := newRefusing(t, 12)
	sum := p.publish(newCity(30))
	want := []publish.RejectedRecord{rejected(key(12), "POLICY", "not today")}
	if diff := cmp.Diff(want, sum.Rejections); diff != "" || sum.Accepted != 29 || sum.Rejected != 1 {
		t.Error(diff, sum)
	}
	if sum = p.publish(newCity(30)); sum.Unchanged != 29 || sum.RefusedBefore != 1 || sum.Attempts != 0 {
		t.Errorf("again: %+v, want nothing sent", sum)
	}
	platform.poison = nil
	c := newCity(30)
	c[12]++
	if sum = p.publish(c); sum.Unchanged != 29 || sum.Inserted != 1 || sum.Accepted != 1 {
		t.Errorf("mended: %+v, want the one sent", sum)
	}
	p.holds(c)
}

func TestASetupFaultStopsAndKeepsTheBatches(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"unauthorised": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who?", 401) },
		"not there":    http.NotFound,
		"redirect":     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", 307) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, sandbox.Config{})
			requests := 0
			url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { requests++; answer(w, r) }))
			right := p.url
			p.url = url
			wrong := p.publisher(nil)
			p.url = right
			if _, err := wrong.Publish(t.Context(), april, newCity(30).source); !errors.Is(err, publish.ErrSetup) || requests != 1 {
				t.Errorf("got %v after %d requests, want ErrSetup after 1", err, requests)
			}
			if sum := p.publish(newCity(30)); sum.Batches.Resumed != 3 || sum.Accepted != 30 {
				t.Errorf("mended: %+v, want the 3 batches resumed", sum)
			}
			p.holds(newCity(30))
		})
	}
}

func TestOnlyOnePublisherAtATime(t *testing.T) {
	p := newPlatform(t, sandbox.Config{})
	lease, err := p.store.Lease(t.Context(), "city", "another", noon, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.publisher(nil).Publish(t.Context(), april, newCity(1).source); !errors.Is(err, publish.ErrTemporary) {
		t.Errorf("got %v, want ErrTemporary", err)
	}
	if err := p.store.Release(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	p.publish(newCity(1))
}

func TestSignedRequests(t *testing.T) {
	const secret = "made-up-key-0123456789"
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newPlatform(t, sandbox.Config{Key: []byte(secret), Now: func() time.Time { return noon }})
	if _, err := p.publisher(nil).Publish(t.Context(), april, newCity(5).source); !errors.Is(err, publish.ErrSetup) {
		t.Errorf("unsigned: %v, want ErrSetup", err)
	}
	p.rest.Requester, p.rest.Service, p.rest.KeyFile = "requester", "service", file
	p.clock.set(noon.Add(6 * time.Minute))
	_, err := p.publisher(nil).Publish(t.Context(), april, newCity(5).source)
	if !errors.Is(err, publish.ErrSetup) || !strings.Contains(err.Error(), "SIGNATURE_AGE") {
		t.Errorf("clock wrong: %v, want ErrSetup for SIGNATURE_AGE", err)
	}
	p.clock.set(noon)
	sum, err := p.publisher(nil).Publish(t.Context(), april, newCity(5).source)
	if err != nil || sum.Accepted != 5 {
		t.Errorf("signed: %+v %v", sum, err)
	}
	if report, err := p.publisher(nil).Reconcile(t.Context(), april, newCity(5).source); err != nil || !report.Equal {
		t.Errorf("signed reconciliation: %+v %v", report, err)
	}
}

func TestNewTellsAllThatIsWrong(t *testing.T) {
	_, err := publish.New(publish.Config{Receiver: "Ci ty", Tables: []string{"a", "B", "a"}, SourceCode: `"`, Lanes: 257, BatchSize: -1, MaxAttempts: -1,
		Schedule: []time.Duration{2, 1}})
	for _, want := range []string{"store, transport and clock", `receiver "Ci ty"`, "tables [B a a]", `table "B"`, `source code "\""`,
		"lanes 257", "batch size -1", "attempts, patience", "retry schedule [2ns 1ns]"} {
		if err == nil || !errors.Is(err, publish.ErrSetup) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}
