package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rongxin/pipelines/sandbox"
)

// platform is a sandbox behind a real server, which its batches are numbered
// for.
type platform struct {
	t      *testing.T
	url    string
	client *http.Client
	number int
}

func start(t *testing.T, c sandbox.Config) *platform {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	s, err := sandbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return at(t, s)
}

// at serves a platform of any kind.
func at(t *testing.T, handler http.Handler) *platform {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &platform{t: t, url: server.URL, client: server.Client()}
}

// do sends one request and returns the status and the body; status 0 stands
// for no whole answer. Headers are given as "Name: value".
func (p *platform) do(method, path, key, body string, headers ...string) (int, string) {
	p.t.Helper()
	request, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.GetBody = nil
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(answer)
}

// ask sends a question and reads the answer.
func ask[T any](p *platform, path string) (answer T) {
	p.t.Helper()
	status, text := p.do("GET", path, "", "")
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != 200 {
		p.t.Fatalf("%s: HTTP %d: %s", path, status, text)
	}
	return answer
}

type receipt struct {
	Level    string
	Accepted int
	Rejected []rejection
	State    string `json:"state_digest"`
}

type rejection struct {
	Key           string `json:"cd_id"`
	Code, Message string
}

// post hands over rows as the next batch.
func (p *platform) post(rows ...string) receipt {
	p.t.Helper()
	p.number++
	key := fmt.Sprint("key", p.number)
	status, answer := p.do("POST", "/v1/batches", key, numbered(p.number, rows...))
	var r receipt
	if err := json.Unmarshal([]byte(answer), &r); err != nil || status != 200 {
		p.t.Fatalf("HTTP %d: %s", status, answer)
	}
	return r
}

func (r receipt) codes() (codes []string) {
	for _, rejection := range r.Rejected {
		codes = append(codes, rejection.Code)
	}
	return codes
}

type state struct {
	Count   int
	Digest  string `json:"state_digest"`
	Repeats int
	Applied struct{ I, U, D int }
}

func (p *platform) state() state {
	p.t.Helper()
	return ask[state](p, "/v1/state?table=supervision_results")
}

type audit struct {
	Tables map[string]struct {
		Held        int
		Digest      string `json:"state_digest"`
		Target      string
		Applied     struct{ I, U, D int }
		Undone      int
		Keys        int
		MostChanges int `json:"most_changes"`
	}
	Batches, Repeats, Fenced, Refused, Echoes, Duplicates int
	RefusedBatches                                        int `json:"refused_batches"`
	RefusedLater                                          int `json:"refused_later"`
	OutOfOrder                                            int `json:"out_of_order"`
}

func (p *platform) audit() audit { p.t.Helper(); return ask[audit](p, "/v1/audit") }

const batchNumber = "2026040100001"

// body is a batch of supervision results under the first number.
func body(rows ...string) string {
	return bodyOf("supervision_results", rows...)
}

func bodyOf(table string, rows ...string) string {
	return fmt.Sprintf(`{"source": "350100", "batch": %q, "run_id": "r", "as_of": "2026-04-01", "table": %q, "lane": 0, "count": %d, "rows": [%s]}`,
		batchNumber, table, len(rows), strings.Join(rows, ","))
}

// numbered is the nth batch.
func numbered(n int, rows ...string) string {
	return strings.ReplaceAll(body(rows...), batchNumber, fmt.Sprintf("20260401%05d", n))
}

// row is a good row of subject n; each change is a member to set, or to leave
// out when its value is empty.
func row(operation string, n int, changes ...[2]string) string {
	id := fmt.Sprintf("91350100M%09d", n)
	return rowOf(operation, id+"/tax", map[string]string{
		"subject_id": id, "subject_name": "榕城某某有限公司", "scheme": "tax", "public_evaluated_on": "2025-12-31",
	}, append([][2]string{{"supervision_class", "2"}}, changes...)...)
}

// rowOf makes a row of members that are text and of changes in JSON.
func rowOf(operation, key string, content map[string]string, changes ...[2]string) string {
	members := map[string]json.RawMessage{}
	for name, value := range map[string]string{
		"cd_operation": operation, "cd_batch": batchNumber, "cd_id": key,
		"cd_time": "2026-04-01 00:00:00", "cd_source": "350100",
	} {
		members[name], _ = json.Marshal(value)
	}
	if operation != "D" {
		for name, value := range content {
			members[name], _ = json.Marshal(value)
		}
	}
	for i, c := range changes {
		if operation == "D" && i == 0 {
			continue
		}
		if members[c[0]] = json.RawMessage(c[1]); c[1] == "" {
			delete(members, c[0])
		}
	}
	text, _ := json.Marshal(members)
	return string(text)
}

var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
