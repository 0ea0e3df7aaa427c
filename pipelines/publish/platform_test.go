package publish_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/transport/rest"
	"rongxin/warehouse/ops"
)

var (
	noon  = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	april = publish.RunInfo{ID: "run-april", AsOf: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
)

// clock stands still until somebody sleeps.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return ctx.Err()
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// city is a made-up run: the class of each subject, by number.
type city map[int]int

func newCity(n int) city {
	c := city{}
	for i := range n {
		c[i] = i%4 + 1
	}
	return c
}

// results is the table that these tests deliver.
const results = "supervision_results"

func key(n int) string { return subject(n) + "/public" }

func subject(n int) string { return fmt.Sprintf("91350100M%09d", n) }

func (c city) record(n int) publish.Record {
	payload, err := json.Marshal(map[string]any{
		"subject_id": subject(n), "subject_name": "榕城<某某>&有限公司\u2028", "division_code": "350102", "public_grade": "", "public_evaluated_on": "",
		"scheme": "public", "industry_grade": "", "supervision_class": c[n], "check_ratio": "", "check_frequency": "", "reasons": "严重失信行为",
		"rule_set": "2026-04", "publication_range": "",
	})
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return publish.Record{Table: results, Key: key(n), Subject: subject(n), Payload: payload}
}

func (c city) source(_ context.Context, yield func(publish.Record) error) error {
	var numbers []int
	for n := range c {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if err := yield(c.record(n)); err != nil {
			return err
		}
	}
	return nil
}

// platform is a sandbox behind a real server, and a store to deliver from.
type platform struct {
	t     *testing.T
	dir   string
	url   string
	store *ops.Store
	clock *clock
	rest  rest.Settings // besides the address
}

func newPlatform(t *testing.T, c sandbox.Config) *platform {
	t.Helper()
	p := &platform{t: t, dir: t.TempDir(), clock: &clock{at: noon}}
	c.Dir = p.dir
	s, err := sandbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	p.url = serve(t, s)
	t.Cleanup(func() { s.Close() })
	p.store = openStore(t, filepath.Join(p.dir, "ops.db"))
	return p
}

func serve(t *testing.T, handler http.Handler) (url string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func openStore(t *testing.T, path string) *ops.Store {
	t.Helper()
	s, err := ops.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (p *platform) config() publish.Config {
	return publish.Config{
		Store: p.store, Receiver: "city", Transport: p.transport(), Tables: []string{results},
		Lanes: 1, BatchSize: 10, Now: p.clock.now, Sleep: p.clock.sleep,
	}
}

func (p *platform) transport() publish.Transport {
	p.t.Helper()
	settings := p.rest
	settings.URL = p.url
	transport, err := rest.New(rest.Config{Settings: settings, Now: p.clock.now})
	if err != nil {
		p.t.Fatal(err)
	}
	return transport
}

func (p *platform) publisher(change func(*publish.Config)) *publish.Publisher {
	p.t.Helper()
	c := p.config()
	if change != nil {
		change(&c)
	}
	publisher, err := publish.New(c)
	if err != nil {
		p.t.Fatal(err)
	}
	return publisher
}

// publish delivers c as the April run; it must succeed.
func (p *platform) publish(c city) publish.Summary {
	p.t.Helper()
	sum, err := p.publisher(nil).Publish(p.t.Context(), april, c.source)
	if err != nil {
		p.t.Fatal(err)
	}
	return sum
}

func (p *platform) reconcile(c city) publish.Report {
	p.t.Helper()
	report, err := p.publisher(nil).Reconcile(p.t.Context(), april, c.source)
	if err != nil {
		p.t.Fatal(err)
	}
	return report
}

// faults changes the platform's failures.
func (p *platform) faults(text string) {
	p.t.Helper()
	f, err := sandbox.ParseFaults(text)
	if err != nil {
		p.t.Fatal(err)
	}
	request, err := http.NewRequest("PUT", p.url+"/v1/faults", strings.NewReader(f.String()))
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 {
		p.t.Fatalf("faults: HTTP %d", response.StatusCode)
	}
}

// state is what the platform says of itself.
type state struct {
	Count   int
	Digest  string `json:"state_digest"`
	Batches int
	Repeats int
	Applied struct{ I, U, D int }
}

func (p *platform) state() (s state) {
	p.t.Helper()
	response, err := http.Get(p.url + "/v1/state?table=supervision_results")
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

// tamper changes the platform's records behind its back.
func (p *platform) tamper(statement string) {
	p.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.dir, "platform.db"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		p.t.Fatalf("%s: %v", statement, err)
	}
}

// holds fails the test unless the platform holds exactly the records of c, by
// a digest worked out from c alone, and all books agree.
func (p *platform) holds(c city) {
	p.t.Helper()
	report := p.reconcile(c)
	if got := p.state(); !report.Equal || got.Count != len(c) || got.Digest != report.Tables[0].Published.Digest {
		p.t.Fatalf("platform %+v, reconciliation %+v, want the %d records published", got, report, len(c))
	}
}
