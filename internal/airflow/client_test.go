package airflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/airflow"
	"rongxin/internal/airflowapi"
)

// What a real Airflow does is tried in dags/; here is what it does seldom.

// A server answers requests in turn, the last answer for ever, and keeps what it was asked.
type server struct {
	*httptest.Server
	answers []answer
	asked   []string
	tokens  int
}

type answer struct {
	status int
	body   string
}

func serve(t *testing.T, answers ...answer) (*server, *airflow.Client) {
	t.Helper()
	s := &server{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/auth/token" {
			var login struct{ Username, Password string }
			if err := json.NewDecoder(r.Body).Decode(&login); err != nil || login.Password != "spring" {
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `{"detail":"Invalid credentials"}`)
				return
			}
			s.tokens++
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"access_token":"token %d"}`, s.tokens)
			return
		}
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
		a := s.answers[0]
		if len(s.answers) > 1 {
			s.answers = s.answers[1:]
		}
		if a.status == 0 { // cut off
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.body)
	}))
	t.Cleanup(s.Close)
	return s, clientOf(t, s.URL, "spring")
}

func clientOf(t *testing.T, url, password string) *airflow.Client {
	t.Helper()
	c, err := airflow.New(airflow.Config{URL: url, User: "admin", Password: password, Attempts: 3,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const version = `{"version":"3.3.2","git_version":null}`

func TestTokenIsFetchedOnceAndRenewedWhenItHasExpired(t *testing.T) {
	s, c := serve(t, answer{200, version}, answer{401, `{"detail":"expired"}`}, answer{200, version})
	for range 3 {
		if v, err := c.Version(t.Context()); err != nil || v != "3.3.2" {
			t.Fatal(v, err)
		}
	}
	const get = "GET /api/v2/version Bearer token "
	if diff := cmp.Diff([]string{get + "1", get + "1", get + "2", get + "2"}, s.asked); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsSayWhatTheServerSays(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   error
		want   string
	}{
		{403, `{"detail":"Forbidden"}`, airflow.ErrDenied, "Forbidden"},
		{404, `{"detail":"The DAG with dag_id: ` + "`x`" + ` was not found"}`, airflow.ErrNotFound, "was not found"},
		{409, `{"detail":{"reason":"Unique constraint violation"}}`, airflow.ErrConflict, `{"reason":"Unique constraint violation"}`},
		{422, `{"detail":[{"loc":["query","limit"],"msg":"should be 0 or more","type":"x"},{"loc":["body","conf",0],"msg":"bad","type":"y"}]}`,
			airflow.ErrInvalid, "query.limit: should be 0 or more; body.conf.0: bad"},
		{400, `<html>` + strings.Repeat("信", 500), airflow.ErrInvalid, "<html>信"},
		{503, ``, airflow.ErrTemporary, "GET /version: Airflow cannot be reached or is busy (503)"},
	} {
		_, client := serve(t, answer{c.status, c.body})
		_, err := client.Version(t.Context())
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d: %v", c.status, err)
		}
	}
}

func TestAQuestionIsRepeatedWhileTheServerIsAway(t *testing.T) {
	s, c := serve(t, answer{503, ""}, answer{}, answer{200, version})
	if _, err := c.Version(t.Context()); err != nil || len(s.asked) != 3 {
		t.Error(err, s.asked)
	}
	s, c = serve(t, answer{503, ""})
	if _, err := c.Version(t.Context()); !errors.Is(err, airflow.ErrTemporary) || len(s.asked) != 3 {
		t.Error(err, s.asked)
	}
}

// The first request was taken and its answer lost: the repeat finds the run.
func TestATriggerThatIsRepeatedStartsOneRun(t *testing.T) {
	run := `{"dag_id":"evaluation","dag_run_id":"a/b","state":"queued"}`
	s, c := serve(t, answer{}, answer{409, `{"detail":"exists"}`}, answer{200, run})
	made, err := c.Trigger(t.Context(), "evaluation", "a/b", map[string]any{"day": "2026-06-30"})
	if err != nil || made.DagRunId != "a/b" {
		t.Fatal(made, err)
	}
	if want := "GET /api/v2/dags/evaluation/dagRuns/a%2Fb "; len(s.asked) != 3 || !strings.HasPrefix(s.asked[2], want) {
		t.Error(s.asked)
	}
	s, c = serve(t, answer{409, `{"detail":"exists"}`})
	if _, err := c.Trigger(t.Context(), "evaluation", "a", nil); !errors.Is(err, airflow.ErrConflict) || len(s.asked) != 1 {
		t.Errorf("a run that somebody else started is taken for ours: %v, %v", err, s.asked)
	}
}

// A backfill has no id of the caller's: a repeat could start a second one.
func TestABackfillIsNotRepeated(t *testing.T) {
	s, c := serve(t, answer{503, ""})
	if _, err := c.Backfill(t.Context(), airflow.Backfill{DAG: "evaluation"}); !errors.Is(err, airflow.ErrTemporary) || len(s.asked) != 1 {
		t.Error(err, s.asked)
	}
}

func TestListsOfParametersAreRepeatedNames(t *testing.T) {
	s, c := serve(t, answer{200, `{"dag_runs":[],"total_entries":0}`})
	if _, err := c.Runs(t.Context(), "evaluation", 5, airflowapi.DagRunStateQueued, airflowapi.DagRunStateRunning); err != nil {
		t.Fatal(err)
	}
	if want := "/dagRuns?limit=5&order_by=-id&state=queued&state=running "; !strings.Contains(s.asked[0], want) {
		t.Error(s.asked[0])
	}
}

func TestListsAreReadToTheirEnd(t *testing.T) {
	page := func(from, to int) answer {
		tasks := make([]string, 0, to-from)
		for i := from; i < to; i++ {
			tasks = append(tasks, fmt.Sprintf(`{"task_id":"land","map_index":%d,"id":"00000000-0000-0000-0000-000000000000"}`, i))
		}
		return answer{200, fmt.Sprintf(`{"task_instances":[%s],"total_entries":130}`, strings.Join(tasks, ","))}
	}
	s, c := serve(t, page(0, 100), page(100, 130))
	tasks, err := c.Tasks(t.Context(), "landing", "r")
	if err != nil || len(tasks) != 130 || tasks[129].MapIndex != 129 || !slices.ContainsFunc(s.asked, func(r string) bool { return strings.Contains(r, "offset=100") }) {
		t.Error(len(tasks), err, s.asked)
	}
}

func TestWaitEndsWithTheRunOrTheTime(t *testing.T) {
	running, failed := answer{200, `{"dag_run_id":"r","state":"running"}`}, answer{200, `{"dag_run_id":"r","state":"failed"}`}
	_, c := serve(t, running, running, failed)
	if run, err := c.Wait(t.Context(), "evaluation", "r", time.Second); err != nil || run.State != airflowapi.DagRunStateFailed {
		t.Error(run.State, err)
	}
	_, c = serve(t, running)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Wait(ctx, "evaluation", "r", time.Second); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestAddressAndPassword(t *testing.T) {
	for _, url := range []string{"", "airflow:8080", "ftp://host", "http://"} {
		if _, err := airflow.New(airflow.Config{URL: url}); err == nil || !strings.Contains(err.Error(), "http://host:8080") {
			t.Errorf("%q: %v", url, err)
		}
	}
	s, _ := serve(t, answer{200, version})
	_, err := clientOf(t, s.URL, "autumn").Version(t.Context())
	if !errors.Is(err, airflow.ErrDenied) || strings.Contains(err.Error(), "autumn") || !strings.Contains(err.Error(), `sign in to Airflow as "admin"`) {
		t.Error(err)
	}
}
