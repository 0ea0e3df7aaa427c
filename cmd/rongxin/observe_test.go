package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rongxin/internal/openlineage"
	"rongxin/internal/openlineage/openlineagetest"
)

// enterprise is what no event and no span may hold: a credit code of the city, or
// the name of a company.
var enterprise = regexp.MustCompile(`9[123]350[0-9A-HJ-NPQRTUWXY]{13}|公司|合作社|商行`)

// events holds every event of the home against the standard and prints a line of
// each: TYPE JOB < inputs > outputs (rows), and why it failed.
func events(ts *testscript.TestScript, _ []string) error {
	files, err := filepath.Glob(filepath.Join(ts.Getenv("RONGXIN_HOME"), "lineage", "*.jsonl"))
	if err != nil {
		return err
	}
	standard, err := openlineagetest.New()
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
			if err := standard.Check(line); err != nil {
				return fmt.Errorf("%.300s: %w", line, err)
			}
			if found := enterprise.Find(line); found != nil {
				return fmt.Errorf("%.300s: tells of %s", line, found)
			}
			text, err := eventLine(line)
			if err != nil {
				return err
			}
			fmt.Fprintln(ts.Stdout(), text)
		}
	}
	return nil
}

func eventLine(line []byte) (string, error) {
	var e openlineage.Event
	if err := json.Unmarshal(line, &e); err != nil {
		return "", err
	}
	text := e.Type + " " + e.Job.Name
	for _, in := range e.Inputs {
		text += " < " + in.Name
		if in.Input != nil {
			text += fmt.Sprintf(" (%d)", in.Input.Quality.Rows)
		}
	}
	for _, out := range e.Outputs {
		text += " > " + out.Name
		if out.Output != nil {
			text += fmt.Sprintf(" (%d)", out.Output.Statistics.Rows)
		}
	}
	if f := e.Run.Facets; f != nil && f.Error != nil {
		text += " ! " + f.Error.Message
	}
	if f := e.Run.Facets; f != nil && f.Parent != nil {
		text += " of " + f.Parent.Job.Name
	}
	return text, nil
}

// Of each table of a run, lineage tells the columns that the run has, where each
// comes from, and whom the run is part of; every run that begins ends.
func TestLineageOfRun(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	mustRun(t, home, "city", "--enterprises", "60", "--out", filepath.Join(dir, "city"))
	mustRun(t, home, "land", "--inbox", filepath.Join(dir, "city", "inbox"), "--settle", "0s")
	t.Setenv("OPENLINEAGE_PARENT_ID", "airflow/rongxin_night.run/0196b1d4-2c3e-7a55-9f00-1234567890ab")
	mustRun(t, home, "run", "--as-of", asOf)
	var list []openlineage.Event
	for _, line := range lineageOf(t, home) {
		var e openlineage.Event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if f := e.Run.Facets; f != nil && f.Rongxin != nil && f.Rongxin.RunID != "" || e.Job.Name == "run" {
			list = append(list, e)
		}
	}
	r := published(t, home)
	digest, err := r.ManifestDigest()
	if err != nil {
		t.Fatal(err)
	}
	told, open := map[string]openlineage.Dataset{}, map[string]string{}
	for _, e := range list {
		if e.Type == "START" {
			open[e.Run.ID] = e.Job.Name
		} else {
			delete(open, e.Run.ID)
		}
		for _, out := range e.Outputs {
			told[out.Name] = out
		}
	}
	if len(open) > 0 {
		t.Errorf("began and did not end: %v", open)
	}
	first, last := list[0], list[len(list)-1]
	if p := first.Run.Facets.Parent; first.Job.Name != "run" || p.Job.Name != "rongxin_night.run" || p.Job.Namespace != "airflow" {
		t.Errorf("the caller: %+v", p)
	}
	if f := last.Run.Facets.Rongxin; last.Job.Name != "run" || last.Run.ID != first.Run.ID || f.RunID != r.ID || f.RuleSet != r.Manifest.RuleSet || f.Manifest != digest || *f.Exit != 0 {
		t.Errorf("the run is known by %+v", f)
	}
	for _, m := range r.Manifest.Models {
		entry, _ := r.Manifest.Table(m.Name)
		d, ok := told[m.Name]
		if !ok {
			t.Errorf("nothing is told of %s", m.Name)
			continue
		}
		if d.Output.Statistics.Rows != entry.Rows || d.Facets.Version.Version != "content:"+entry.Content || len(d.Facets.Schema.Fields) != len(entry.Columns) {
			t.Errorf("%s: told %+v, the run has %d rows", m.Name, d.Output.Statistics, entry.Rows)
		}
		if len(d.Facets.Columns.Fields) == 0 {
			t.Errorf("%s: no column comes from anywhere", m.Name)
		}
	}
	class := told["overlay.subject_classes"].Facets.Columns.Fields["supervision_class"].Inputs
	if len(class) != 1 || class[0].Name != "overlay.scheme_classes" || class[0].Transformations[0] != (openlineage.Transformation{Type: "DIRECT", Subtype: "IDENTITY"}) {
		t.Errorf("the class is made of %+v", class)
	}
	// A second call finds the run made, and tells of no table.
	before := len(lineageOf(t, home))
	mustRun(t, home, "run", "--as-of", asOf)
	if after := len(lineageOf(t, home)); after != before+2 {
		t.Errorf("%d events of a run that was made already, want its START and COMPLETE", after-before)
	}
}

func lineageOf(t *testing.T, home string) (list [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(home, "lineage", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatal("no lineage", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, bytes.Split(bytes.TrimSpace(data), []byte("\n"))...)
	}
	return list
}

// Events and spans reach those who are set up for them, in one trace with the
// caller; whether they can be reached changes no exit code.
func TestToldElsewhere(t *testing.T) {
	var mu sync.Mutex
	got := map[string][]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got[r.URL.Path] = append(got[r.URL.Path], string(body))
	}))
	defer server.Close()
	dir := t.TempDir()
	token, wrong := filepath.Join(dir, "token"), filepath.Join(dir, "91350102MA8T00219E 甲公司.csv")
	for file, text := range map[string]string{token: "secret\n", wrong: "甲,乙\n1,2\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("RONGXIN_LINEAGE_URL", server.URL+"/api/v1/lineage")
	t.Setenv("RONGXIN_LINEAGE_TOKEN_FILE", token)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	land := func() string {
		t.Helper()
		code, _, errs := rongxin(t, filepath.Join(dir, "home"), "land", "samr/penalties", wrong)
		if code != exitBadData {
			t.Fatalf("exit %d: %s", code, errs)
		}
		return errs
	}
	if errs := land(); strings.Contains(errs, "told") {
		t.Error(errs)
	}
	var lines []string
	for _, event := range got["/api/v1/lineage"] {
		line, err := eventLine([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
		if found := enterprise.FindString(event); found != "" {
			t.Errorf("an event tells of %s", found)
		}
	}
	want := []string{"START land", "START land.samr/penalties < extracts.samr__penalties of land",
		"FAIL land.samr/penalties ! exit code 65: bad input data; the log of the call says what of land",
		"FAIL land ! exit code 65: bad input data; the log of the call says what"}
	if !slices.Equal(lines, want) {
		t.Errorf("events: %s", strings.Join(lines, "\n"))
	}
	if n := len(got["/v1/traces"]); n != 1 {
		t.Fatalf("%d bundles of spans", n)
	}
	trace := got["/v1/traces"][0]
	for _, part := range []string{`"traceId":"0af7651916cd43dd8448eb211c80319c"`, `"parentSpanId":"b7ad6b7169203331"`, `"name":"rongxin land"`, `"name":"land extract"`, "exit code 65"} {
		if !strings.Contains(trace, part) {
			t.Errorf("the trace has no %s: %s", part, trace)
		}
	}
	if found := enterprise.FindString(trace); found != "" {
		t.Errorf("a span tells of %s", found)
	}
	server.Close()
	errs := land()
	for _, part := range []string{"lineage not told in full", "4 of 4 events were not sent", "spans not told in full"} {
		if !strings.Contains(errs, part) {
			t.Errorf("the warnings have no %q: %s", part, errs)
		}
	}
}
