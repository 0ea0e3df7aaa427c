package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/internal/credit"
	"rongxin/pipelines/ingest"
	"rongxin/pipelines/sandbox"
	"rongxin/warehouse/ops/opstest"
	"rongxin/warehouse/run"
)

// A record that counts no more, because it was repaired, withdrawn, revoked, excluded or its
// time was up, is gone from the receivers of all four transports after the next run
// and its publication, as each of them holds it; and how long that took is told.
func TestCanariesLeaveEveryReceiver(t *testing.T) {
	home, _ := landedCity(t, "400", "--clean")
	everywhere := newReceivers(t, home)
	mustRun(t, home, "run", "--as-of", asOf)
	everywhere.deliver(asOf)
	before := published(t, home)
	canaries, ends, on := receiverCanaries(t, before)
	for _, c := range append(canaries, ends) {
		everywhere.hold(c, true)
	}
	everywhere.reconciled(asOf, 0)

	stopCounting(t, home, canaries)
	mustRun(t, home, "run", "--as-of", "2026-07-01")
	everywhere.deliver("2026-07-01")
	for _, c := range canaries {
		everywhere.hold(c, false)
	}
	everywhere.hold(ends, true)
	everywhere.reconciled("2026-07-01", len(canaries))

	mustRun(t, home, "run", "--as-of", on)
	everywhere.deliver(on)
	everywhere.hold(ends, false)
	everywhere.reconciled(on, len(canaries)+1)
	everywhere.neverHeldExempted(published(t, home))
}

// receiverCanaries are penalties that receivers hold, one for each way to stop and
// the one whose publicity ends next, with the day.
func receiverCanaries(t *testing.T, r *run.Run) (canaries []canary, ends canary, on string) {
	t.Helper()
	db := attach(t, r, "marts.penalty_actions", "intermediate.record_states")
	rows, err := db.Query(t.Context(), `select p.record_id, p.document_no, p.subject_id, p.subject_name, cast(s.publicity_until as varchar)
		from marts.penalty_actions as p join intermediate.record_states as s on s.record_id = p.record_id
		where s.objection_case_no is null and p.item_code is not null
			and (select count(*) from marts.penalty_actions as o where o.document_no = p.document_no) = 1
		order by s.publicity_until, p.record_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	states := []string{"", "repaired", "withdrawn", "revoked", "excluded"}
	for rows.Next() && len(canaries) < len(states) {
		c := canary{State: states[len(canaries)]}
		var until string
		if err := rows.Scan(&c.Record, &c.Document, &c.Subject, &c.Name, &until); err != nil {
			t.Fatal(err)
		}
		if len(canaries) == 0 {
			on = until
		}
		canaries = append(canaries, c)
	}
	if len(canaries) < len(states) || on <= "2026-07-01" {
		t.Fatalf("%d penalties, the first ends on %s", len(canaries), on)
	}
	canaries[0].State = "expired"
	return canaries[1:], canaries[0], on
}

// receivers are a platform behind each transport.
type receivers struct {
	t      *testing.T
	home   string
	config string
	now    time.Time
	names  []string
	dirs   map[string]string // where each keeps what it holds
	steps  map[string]func(context.Context) (int, error)
}

func newReceivers(t *testing.T, home string) *receivers {
	t.Helper()
	dir := t.TempDir()
	r := &receivers{t: t, home: home, config: filepath.Join(dir, "rongxin.yml"), names: []string{"asked", "carried", "dropped", "fronted"},
		dirs: map[string]string{}, steps: map[string]func(context.Context) (int, error){}}
	for _, name := range append(r.names, "disk", "out", "back") {
		r.dirs[name] = filepath.Join(dir, name)
		if err := os.MkdirAll(r.dirs[name], 0o755); err != nil {
			t.Fatal(err)
		}
	}
	key, dsn, agreed := filepath.Join(dir, "mac.key"), filepath.Join(dir, "dsn"), filepath.Join(dir, "agreed.yml")
	place := opstest.Postgres(t)
	write := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(key, "agreed by letter")
	write(dsn, place)
	write(agreed, "mac: hmac-sha256\nmac_key_file: "+key+"\n")
	methods, err := sandbox.ReadAgreed(agreed)
	if err != nil {
		t.Fatal(err)
	}
	config := func(name string) sandbox.Config {
		return sandbox.Config{Dir: r.dirs[name], Name: name, Now: func() time.Time { return r.now }}
	}
	asked, err1 := sandbox.New(config("asked"))
	fronted, err2 := sandbox.OpenExchange(t.Context(), config("fronted"), sandbox.ExchangeConfig{Driver: "postgres", DSN: place})
	dropped, err3 := sandbox.OpenDrop(config("dropped"), sandbox.DropConfig{Out: r.dirs["out"], Return: r.dirs["back"]})
	carries := config("carried")
	carries.Agreed = methods
	carried, err4 := sandbox.OpenCourier(carries, sandbox.CourierConfig{In: filepath.Join(r.dirs["disk"], "out"), Answers: filepath.Join(r.dirs["disk"], "in")})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(asked)
	t.Cleanup(func() {
		server.Close()
		if err := errors.Join(asked.Close(), fronted.Close(), dropped.Close(), carried.Close()); err != nil {
			t.Error(err)
		}
	})
	r.steps["fronted"], r.steps["dropped"], r.steps["carried"] = fronted.Step, dropped.Step, carried.Step
	write(r.config, fmt.Sprintf(`receivers:
  asked:
    rest: {url: %s}
  carried:
    signing: {mac: hmac-sha256, mac_key_file: %s}
    courier: {dir: %s}
  dropped:
    drop: {out: %s, return: %s, form: xml}
  fronted:
    exchange: {driver: postgres, dsn_file: %s, state: cd_state}
`, server.URL, key, r.dirs["disk"], r.dirs["out"], r.dirs["back"], dsn))
	return r
}

// call runs a command line at noon of the day.
func (r *receivers) call(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = runBy(context.Background(), func() time.Time { return r.now }, append([]string{"--home", r.home, "--config", r.config}, args...),
		strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// deliver publishes the run and has every platform take and answer what it was
// handed, until nothing is left to be sent or said.
func (r *receivers) deliver(day string) {
	r.t.Helper()
	on, err := credit.ParseDate(day)
	if err != nil {
		r.t.Fatal(err)
	}
	r.now = ingest.Noon(on)
	for range 20 {
		code, out, errs := r.call("publish", "--json")
		if code != exitDone {
			r.t.Fatalf("publish: exit %d\n%s", code, errs)
		}
		var said struct {
			Receivers map[string]struct {
				Attempts, Waiting int
				Batches           struct{ Resumed, Settled int }
			}
		}
		lastJSON(r.t, out, &said)
		if len(said.Receivers) != len(r.names) {
			r.t.Fatalf("published to %s", out)
		}
		left := 0
		for _, s := range said.Receivers {
			left += s.Attempts + s.Waiting + s.Batches.Resumed + s.Batches.Settled
		}
		for name, step := range r.steps {
			for dealt := 1; dealt > 0; left += dealt {
				if dealt, err = step(r.t.Context()); err != nil {
					r.t.Fatalf("%s: %v", name, err)
				}
			}
		}
		if left == 0 {
			return
		}
		r.now = r.now.Add(time.Minute)
	}
	r.t.Fatal("the receivers are not done after twenty rounds")
}

// hold fails the test unless every receiver holds the record, or none does.
func (r *receivers) hold(c canary, want bool) {
	r.t.Helper()
	for _, name := range r.names {
		if n := r.count(name, "select count(*) from records where tbl = 'penalty_actions' and key = ?", c.Record); (n == 1) != want {
			r.t.Errorf("%s: %s canary %s: %d records held, want it held: %t", name, c.State, c.Record, n, want)
		}
		if n := r.count(name, "select count(*) from records where tbl = 'penalty_actions' and instr(payload, ?) > 0", c.Document); (n > 0) != want {
			r.t.Errorf("%s: %s canary: %d records tell of %s", name, c.State, n, c.Document)
		}
	}
}

func (r *receivers) count(name, query string, args ...any) (n int) {
	r.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(r.dirs[name], "platform.db"))
	if err == nil {
		err = db.QueryRow(query, args...).Scan(&n)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		r.t.Fatalf("%s: %v", name, err)
	}
	return n
}

// reconciled fails the test unless every receiver holds what the run says, and has
// removed at least so many records in time.
func (r *receivers) reconciled(day string, removed int) {
	r.t.Helper()
	code, out, errs := r.call("reconcile", "--json")
	if code != exitDone {
		r.t.Fatalf("reconcile on %s: exit %d\n%s\n%s", day, code, errs, out)
	}
	var said struct {
		Receivers map[string]struct {
			Equal    bool
			Removals struct {
				Removed, Waiting, Late int
				Longest                float64 `json:"longest_hours"`
			}
			Tables []json.RawMessage
		}
	}
	lastJSON(r.t, out, &said)
	for _, name := range r.names {
		got, ok := said.Receivers[name]
		if !ok || !got.Equal || len(got.Tables) != 7 {
			r.t.Errorf("%s on %s: %+v", name, day, got)
		}
		if m := got.Removals; m.Removed < removed || m.Waiting > 0 || m.Late > 0 || removed > 0 && m.Longest == 0 {
			r.t.Errorf("%s on %s: removals %+v, want %d in time", name, day, m, removed)
		}
	}
}

// neverHeldExempted fails the test if a receiver holds, or was ever sent, a decision
// not to punish.
func (r *receivers) neverHeldExempted(of *run.Run) {
	r.t.Helper()
	rows, err := attach(r.t, of, "intermediate.record_states").Query(r.t.Context(), "select record_id from intermediate.record_states where state = 'exempted'")
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	exempted := 0
	for ; rows.Next(); exempted++ {
		var record string
		if err := rows.Scan(&record); err != nil {
			r.t.Fatal(err)
		}
		for _, name := range r.names {
			if n := r.count(name, "select count(*) from effects where key = ?", record); n > 0 {
				r.t.Errorf("%s was sent %s, a decision not to punish", name, record)
			}
		}
	}
	if exempted == 0 {
		r.t.Error("the city has no decision not to punish: the test would find nothing")
	}
}
