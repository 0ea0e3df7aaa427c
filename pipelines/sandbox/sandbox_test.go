package sandbox_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/sandbox"
)

func TestRowsAreJudgedOneByOne(t *testing.T) {
	good := row("I", 1)
	long := `"` + strings.Repeat("榕", 201) + `"`
	for name, c := range map[string]struct {
		rows []string
		want []string
	}{
		"all good":           {[]string{good, row("I", 2, [2]string{"supervision_class", "null"}), row("I", 3, [2]string{"reasons", `["甲","乙"]`})}, nil},
		"subject_id short":   {[]string{row("I", 1, [2]string{"subject_id", `"9135"`}), row("I", 2)}, []string{"LENGTH"}},
		"name 200 fits":      {[]string{row("I", 1, [2]string{"subject_name", `"` + strings.Repeat("榕", 200) + `"`})}, nil},
		"name 201":           {[]string{row("I", 1, [2]string{"subject_name", long})}, []string{"LENGTH"}},
		"name missing":       {[]string{row("I", 1, [2]string{"subject_name", ""})}, []string{"REQUIRED"}},
		"name empty":         {[]string{row("I", 1, [2]string{"subject_name", `""`})}, []string{"REQUIRED"}},
		"class 5":            {[]string{row("I", 1, [2]string{"supervision_class", "5"})}, []string{"CODE_LIST"}},
		"class 1.0":          {[]string{row("I", 1, [2]string{"supervision_class", "1.0"})}, []string{"FORMAT"}},
		"class as text":      {[]string{row("I", 1, [2]string{"supervision_class", `"1"`})}, []string{"TYPE"}},
		"evaluated no date":  {[]string{row("I", 1, [2]string{"public_evaluated_on", `"2026-02-30"`})}, []string{"FORMAT"}},
		"reasons no list":    {[]string{row("I", 1, [2]string{"reasons", `5`})}, []string{"TYPE"}},
		"unknown field":      {[]string{row("I", 1, [2]string{"colour", `"red"`})}, []string{"UNKNOWN_FIELD"}},
		"another key":        {[]string{row("I", 1, [2]string{"scheme", `"labour"`})}, []string{"KEY"}},
		"operation":          {[]string{row("X", 1)}, []string{"OPERATION"}},
		"another batch":      {[]string{row("I", 1, [2]string{"cd_batch", `"2026040100002"`})}, []string{"EXCHANGE"}},
		"no cd_time":         {[]string{row("I", 1, [2]string{"cd_time", ""})}, []string{"EXCHANGE"}},
		"key twice":          {[]string{good, row("I", 2), row("U", 1)}, []string{"DUPLICATE_KEY", "DUPLICATE_KEY"}},
		"U before I":         {[]string{row("U", 1)}, []string{"NOT_HELD"}},
		"D before I":         {[]string{row("D", 1)}, []string{"NOT_HELD"}},
		"content of removed": {[]string{row("D", 1, [2]string{"public_evaluated_on", `"2026-04-01"`})}, []string{"CONTENT"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, sandbox.Config{})
			r := p.post(c.rows...)
			if diff := cmp.Diff(c.want, r.codes()); diff != "" {
				t.Error(diff)
			}
			if want := len(c.rows) - len(c.want); r.Accepted != want || p.state().Count != want {
				t.Errorf("accepted %d, held %d, want %d", r.Accepted, p.state().Count, want)
			}
		})
	}
}

func TestOrderOfOperationsAndRunningDigest(t *testing.T) {
	dir := t.TempDir()
	p := start(t, sandbox.Config{Dir: dir})
	empty := p.state().Digest
	one := p.post(row("I", 1))
	two := p.post(row("I", 1), row("I", 2))
	if diff := cmp.Diff([]string{"EXISTS"}, two.codes()); diff != "" {
		t.Error(diff)
	}
	p.post(row("U", 1, [2]string{"supervision_class", "4"}))
	if changed := p.state(); changed.Digest == two.State {
		t.Error("an update does not show in the digest")
	}
	p.post(row("U", 1), row("D", 2))
	got := p.state()
	if got.Digest != one.State || got.Count != 1 {
		t.Errorf("after going back: %+v, want digest %s", got, one.State)
	}
	last := p.post(row("D", 1))
	if last.State != empty || empty != strings.Repeat("0", 64) {
		t.Errorf("empty again: digest %s, at first %s", last.State, empty)
	}
	again := start(t, sandbox.Config{Dir: dir}).audit().Tables["supervision_results"]
	if again.Applied != (struct{ I, U, D int }{2, 2, 2}) || again.Digest != empty || again.MostChanges != 4 || again.Keys != 2 {
		t.Errorf("opened again: %+v, want 2 of each operation, 2 keys, one of 4 changes", again)
	}
}

func TestABatchHasItsEffectOnce(t *testing.T) {
	p := start(t, sandbox.Config{})
	_, first := p.do("POST", "/v1/batches", "k", body(row("I", 1), row("U", 2)))
	status, second := p.do("POST", "/v1/batches", "k", body(row("I", 1), row("U", 2)))
	if status != 200 || first != second {
		t.Errorf("repeated: HTTP %d %s, first %s", status, second, first)
	}
	status, kept := p.do("GET", "/v1/receipts/k", "", "")
	if status != 200 || kept != first {
		t.Errorf("kept: HTTP %d %s, first %s", status, kept, first)
	}
	if a := p.audit(); a.Repeats != 1 || a.Batches != 1 || a.Tables["supervision_results"].Applied.I != 1 {
		t.Errorf("%+v, want 1 repeat, 1 insert", a)
	}
	if status, answer := p.do("POST", "/v1/batches", "k", body(row("I", 3))); status != 409 || !strings.Contains(answer, "KEY_CONFLICT") {
		t.Errorf("another body: HTTP %d %s, want 409", status, answer)
	}
	if status, answer := p.do("POST", "/v1/batches", "l", body(row("I", 3))); status != 409 || !strings.Contains(answer, `"CONFLICT"`) {
		t.Errorf("the same number: HTTP %d %s, want 409", status, answer)
	}
	if got := p.state().Count; got != 1 {
		t.Errorf("%d records held, want 1: a batch that is refused has no effect", got)
	}
	if status, _ := p.do("GET", "/v1/receipts/other", "", ""); status != 404 {
		t.Errorf("unknown receipt: HTTP %d, want 404", status)
	}
}

func TestBatchesRefusedAsAWhole(t *testing.T) {
	p := start(t, sandbox.Config{})
	good := body(row("I", 1))
	for name, c := range map[string]struct {
		key, body string
		status    int
		code      string
	}{
		"no key":     {"", good, 400, "IDEMPOTENCY_KEY"},
		"no JSON":    {"k", "<xml/>", 400, "MALFORMED"},
		"not UTF-8":  {"k", strings.Replace(good, "榕", "\xe9", 1), 400, "ENCODING"},
		"number":     {"k", strings.ReplaceAll(good, batchNumber, "2026133100001"), 400, "BATCH_NUMBER"},
		"count":      {"k", strings.Replace(good, `"count": 1`, `"count": 2`, 1), 400, "COUNT"},
		"empty":      {"k", body(), 400, "COUNT"},
		"source":     {"k", strings.Replace(good, `"350100"`, `"x"`, 1), 400, "SOURCE"},
		"as_of":      {"k", strings.Replace(good, `"as_of": "2026-04-01"`, `"as_of": ""`, 1), 400, "AS_OF"},
		"no cd_id":   {"k", body(row("I", 1, [2]string{"cd_id", ""})), 400, "CD_ID"},
		"null row":   {"k", body("null"), 400, "MALFORMED"},
		"too large":  {"k", string(bytes.Repeat([]byte(" "), 33<<20)), 413, "TOO_LARGE"},
		"wrong type": {"k", `{"rows": [1]}`, 400, "MALFORMED"},
		"no table":   {"k", strings.Replace(good, "supervision_results", "colours", 1), 400, "TABLE"},
		"name twice": {"k", strings.Replace(good, `"lane": 0`, `"batch": ""`, 1), 400, "MALFORMED"},
		"row twice":  {"k", strings.Replace(good, `"cd_batch"`, `"cd_id"`, 1), 400, "MALFORMED"},
		"deep":       {"k", strings.Replace(good, `"lane": 0`, `"lane": `+strings.Repeat("[", 20000)+strings.Repeat("]", 20000), 1), 400, "MALFORMED"},
		"deep alone": {"k", strings.Repeat(`{"rows":`, 20000), 400, "MALFORMED"},
		"cut off":    {"k", good[:len(good)/2], 400, "MALFORMED"},
		"two":        {"k", good + good, 400, "MALFORMED"},
		"nothing":    {"k", "", 400, "MALFORMED"},
		"many rows":  {"k", body(slices.Repeat([]string{row("D", 1)}, 10001)...), 413, "TOO_LARGE"},
		"order":      {"k", body(row("U", 1), row("I", 2)), 400, "ROW_ORDER"},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := p.do("POST", "/v1/batches", c.key, c.body)
			if status != c.status || !strings.Contains(answer, `"`+c.code+`"`) {
				t.Errorf("HTTP %d %s, want %d %s", status, answer, c.status, c.code)
			}
		})
	}
	if s := p.state(); s.Count != 0 {
		t.Errorf("%d records held, want none", s.Count)
	}
}

func TestRecordsArePaged(t *testing.T) {
	p := start(t, sandbox.Config{})
	p.post(row("I", 3), row("I", 1), row("I", 2))
	type page struct {
		Records []struct {
			Key string `json:"cd_id"`
		}
		More bool
	}
	var keys []string
	for after, more := "", true; more; {
		status, answer := p.do("GET", "/v1/records?table=supervision_results&limit=2&after="+after, "", "")
		var got page
		if err := json.Unmarshal([]byte(answer), &got); err != nil || status != 200 {
			t.Fatalf("HTTP %d %s", status, answer)
		}
		for _, r := range got.Records {
			keys = append(keys, r.Key)
		}
		after, more = keys[len(keys)-1], got.More
	}
	want := []string{"91350100M000000001/tax", "91350100M000000002/tax", "91350100M000000003/tax"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
	if status, _ := p.do("GET", "/v1/records?table=supervision_results&limit=0", "", ""); status != 400 {
		t.Errorf("limit 0: HTTP %d, want 400", status)
	}
}

func TestUnsignedRequestsAreTurnedAway(t *testing.T) {
	p := start(t, sandbox.Config{Key: []byte("0123456789abcdef"), Now: func() time.Time { return time.Unix(0, 0) }})
	for _, path := range []string{"/v1/state", "/v1/records", "/v1/notices", "/v1/receipts/k"} {
		if status, _ := p.do("GET", path, "", ""); status != 401 {
			t.Errorf("%s: HTTP %d, want 401", path, status)
		}
	}
	if status, _ := p.do("POST", "/v1/batches", "k", body(row("I", 1))); status != 401 {
		t.Errorf("batch: HTTP %d, want 401", status)
	}
	if status, _ := p.do("GET", "/healthz", "", ""); status != 200 {
		t.Errorf("health: HTTP %d, want 200", status)
	}
	if _, err := sandbox.New(sandbox.Config{Dir: t.TempDir(), Key: []byte("k")}); err == nil {
		t.Error("a key without a clock was taken")
	}
}
