package openlineage_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rongxin/internal/openlineage"
	"rongxin/internal/openlineage/openlineagetest"
)

const parent = "airflow/city/rongxin_night.evaluate/0196b1d4-2c3e-7a55-9f00-1234567890ab"

func config(t *testing.T) openlineage.Config {
	return openlineage.Config{Dir: filepath.Join(t.TempDir(), "lineage"), Namespace: "fuzhou", Producer: "urn:rongxin:test", Parent: parent,
		Zone: time.FixedZone("UTC+8", 8*3600), Timeout: 5 * time.Second,
		Now: func() time.Time { return time.Date(2026, 6, 30, 17, 0, 0, 0, time.UTC) }}
}

func recorder(t *testing.T, cfg openlineage.Config) *openlineage.Recorder {
	t.Helper()
	r, err := openlineage.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tell tells of one run with all that an event can hold, and of one that fails.
func tell(r *openlineage.Recorder) {
	exit := 0
	run := r.Start(openlineage.Job{Name: "run", Facets: &openlineage.JobFacets{Type: &openlineage.JobType{Processing: "BATCH", Integration: "RONGXIN", Kind: "COMMAND"}}})
	run.Know(openlineage.Rongxin{RunID: "2026-06-30-1f2e3d4c", AsOf: "2026-06-30", RuleSet: "2026-06-30-ab", Manifest: strings.Repeat("a", 64), Exit: &exit})
	child := run.Start(openlineage.Job{Name: "marts.a"})
	child.Complete([]openlineage.Dataset{{Name: "s.b", Input: &openlineage.InputFacets{Quality: &openlineage.Quality{Rows: 3}}}},
		[]openlineage.Dataset{{Name: "marts.a", Output: &openlineage.OutputFacets{Statistics: &openlineage.Statistics{Rows: 3, Bytes: 10}},
			Facets: &openlineage.DatasetFacets{Schema: &openlineage.Schema{Fields: []openlineage.Field{{Name: "x", Type: "BIGINT"}}},
				Version: &openlineage.Version{Version: "sha256:ab"},
				Columns: &openlineage.Columns{Fields: map[string]openlineage.Made{"x": {Inputs: []openlineage.InputField{{Name: "s.b", Field: "x",
					Transformations: []openlineage.Transformation{{Type: "DIRECT", Subtype: "IDENTITY"}}}}}}}}}})
	run.Complete(nil, nil)
	r.Start(openlineage.Job{Name: "publish"}).Fail("exit code 75: try again")
}

func lines(t *testing.T, cfg openlineage.Config) [][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(cfg.Dir, "2026-07-01.jsonl")) // the day in China
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

// Every event keeps to the standard, children name their parents, and the first
// of all the run that called.
func TestEvents(t *testing.T) {
	cfg := config(t)
	tell(recorder(t, cfg))
	v, err := openlineagetest.New()
	if err != nil {
		t.Fatal(err)
	}
	var events []openlineage.Event
	for _, line := range lines(t, cfg) {
		if err := v.Check(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		var e openlineage.Event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	if len(events) != 6 {
		t.Fatalf("%d events, want 6", len(events))
	}
	top, child, made := events[0], events[1], events[2]
	if p := top.Run.Facets.Parent; p.Job.Namespace != "airflow/city" || p.Job.Name != "rongxin_night.evaluate" || !strings.HasSuffix(parent, p.Run.ID) {
		t.Errorf("the caller is %+v", p)
	}
	if p := child.Run.Facets.Parent; p.Run.ID != top.Run.ID || p.Job.Name != "run" || p.Job.Namespace != "fuzhou" {
		t.Errorf("the parent of the model's run is %+v, want %s", p, top.Run.ID)
	}
	if child.Run.ID != made.Run.ID || child.Type != "START" || made.Type != "COMPLETE" {
		t.Errorf("start and end do not belong together: %+v %+v", child, made)
	}
	if in := made.Outputs[0].Facets.Columns.Fields["x"].Inputs[0]; in.Namespace != "fuzhou" || made.Outputs[0].Namespace != "fuzhou" {
		t.Errorf("namespaces are not filled in: %+v", made.Outputs[0])
	}
	if f := events[3].Run.Facets.Rongxin; f.RunID != "2026-06-30-1f2e3d4c" || *f.Exit != 0 {
		t.Errorf("our own facet: %+v", f)
	}
	if f := events[5].Run.Facets.Error; events[5].Type != "FAIL" || f.Message != "exit code 75: try again" {
		t.Errorf("the failure: %+v", events[5])
	}
}

// The validator finds what breaks the standard.
func TestValidatorFinds(t *testing.T) {
	v, err := openlineagetest.New()
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t)
	tell(recorder(t, cfg))
	whole := string(lines(t, cfg)[2])
	for _, change := range [][2]string{
		{`"eventType":"COMPLETE"`, `"eventType":"DONE"`},
		{`"eventType":"COMPLETE",`, ``},
		{`"eventTime":"2026-06-30T17:00:00Z"`, `"eventTime":"30 June"`},
		{`"runId":"`, `"runId":"x`},
		{`"rowCount":3`, `"rowCount":"3"`},
		{`"columnMetrics":{}`, `"columnMetrics":[]`},
		{`"field":"x",`, ``},
		{`"datasetVersion":"sha256:ab"`, `"datasetVersion":7`},
		{`ColumnLineageDatasetFacet.json`, `ColumnLineageFacet.json`},
		{`"_producer":"urn:rongxin:test",`, ``},
		{`"name":"marts.a"`, `"name":null`},
	} {
		broken := strings.Replace(whole, change[0], change[1], 1)
		if broken == whole {
			t.Errorf("%s is not in the event %s", change[0], whole)
		} else if v.Check([]byte(broken)) == nil {
			t.Errorf("%s for %s was not found", change[1], change[0])
		}
	}
}

// A home that is not there is not made for events, and gets those from before it
// was made.
func TestNoHome(t *testing.T) {
	cfg := config(t)
	home := filepath.Join(t.TempDir(), "home")
	cfg.Dir = filepath.Join(home, "lineage")
	r := recorder(t, cfg)
	tell(r)
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(home); err == nil {
		t.Fatal("the home was made")
	}
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(lines(t, cfg)); n != 6 {
		t.Errorf("%d events, want 6", n)
	}
}

// Several goroutines and recorders write whole lines, also behind one that a full
// disk cut off.
func TestAppend(t *testing.T) {
	cfg := config(t)
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, "2026-07-01.jsonl"), []byte(`{"eventType":"STA`), 0o644); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		r := recorder(t, cfg)
		for range 4 {
			all.Go(func() { tell(r) })
		}
	}
	all.Wait()
	got := lines(t, cfg)
	if len(got) != 1+8*4*6 {
		t.Errorf("%d lines", len(got))
	}
	for _, line := range got[1:] {
		if !json.Valid(line) {
			t.Fatalf("torn: %s", line)
		}
	}
}

// The same events are sent where there is an address. One that is down, slow or
// refuses is asked once and costs no more than the time given; nothing is lost.
func TestSend(t *testing.T) {
	var mu sync.Mutex
	var got [][]byte
	var asked int
	status, wait := http.StatusCreated, time.Duration(0)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		mu.Lock()
		asked++
		status, wait := status, wait
		if r.Header.Get("Authorization") == "Bearer secret" && r.Header.Get("Content-Type") == "application/json" {
			got = append(got, body.Bytes())
		}
		mu.Unlock()
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	cfg := config(t)
	cfg.URL, cfg.Token = server.URL+"/api/v1/lineage", "secret"
	r := recorder(t, cfg)
	tell(r)
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := lines(t, cfg); len(got) != len(want) || !bytes.Equal(bytes.Join(got, nil), bytes.Join(want, nil)) {
		t.Errorf("sent %d events, wrote %d", len(got), len(want))
	}
	for name, broken := range map[string]struct {
		status int
		wait   time.Duration
		want   string
	}{"refuses": {http.StatusForbidden, 0, "answered 403"}, "sends elsewhere": {http.StatusFound, 0, "answered 302"}, "is slow": {http.StatusCreated, time.Minute, "deadline exceeded"}} {
		mu.Lock()
		status, wait, asked = broken.status, broken.wait, 0
		mu.Unlock()
		slow := cfg
		slow.Timeout = 200 * time.Millisecond
		r, begun := recorder(t, slow), time.Now()
		tell(r)
		err := r.Close(t.Context())
		if err == nil || !strings.Contains(err.Error(), "6 of 6 events were not sent") || !strings.Contains(err.Error(), broken.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
		mu.Lock()
		if took := time.Since(begun); asked != 1 || took > 3*time.Second {
			t.Errorf("%s: asked %d times, %v", name, asked, took)
		}
		mu.Unlock()
	}
}

// A slip in the settings is found at once; a folder that cannot be written to is
// told once, at the end; nobody at all may tell.
func TestFaults(t *testing.T) {
	for _, p := range []string{"job/0196b1d4-2c3e-7a55-9f00-1234567890ab", "a/b/c", "//0196b1d4-2c3e-7a55-9f00-1234567890ab"} {
		cfg := config(t)
		cfg.Parent = p
		if _, err := openlineage.New(cfg); err == nil || !strings.Contains(err.Error(), "NAMESPACE/JOB/RUN_UUID") {
			t.Errorf("%s: %v", p, err)
		}
	}
	cfg := config(t)
	cfg.URL = "marquez:5000"
	if _, err := openlineage.New(cfg); err == nil {
		t.Error("an address without http:// was taken")
	}
	cfg = config(t)
	if err := os.WriteFile(cfg.Dir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r := recorder(t, cfg)
	tell(r)
	if err := r.Close(t.Context()); err == nil || strings.Count(err.Error(), "not a directory") != 1 {
		t.Errorf("got %v", err)
	}
	var nobody *openlineage.Recorder
	tell(nobody)
	if err := nobody.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
