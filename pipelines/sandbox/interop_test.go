package sandbox_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/exchange"
	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/rest"
	"rongxin/warehouse/ops"
)

// pair is a sender's transport and the platform that it reaches; step lets the
// platform look once.
type pair struct {
	t         *testing.T
	transport publish.Transport
	step      func(context.Context) (int, error)
	audit     func() audit
	faults    func(string)
	patient   bool // no answer is no failure of the test

	out   string             // of a drop: the sender's folder
	carry func(t *testing.T) // of a courier: there, not back
}

// pairs makes one of each kind that needs no server.
func pairs(t *testing.T, test func(t *testing.T, p pair)) {
	t.Run("rest", func(t *testing.T) {
		s := start(t, sandbox.Config{Name: "city_platform", Delay: time.Minute, Now: later(noon)})
		transport, err := rest.New(rest.Config{Settings: rest.Settings{URL: s.url, Timeout: time.Second}, Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		test(t, pair{t: t, transport: transport, step: func(context.Context) (int, error) { return 0, nil }, audit: s.audit, faults: s.faults})
	})
	for name, format := range map[string]drop.Format{"csv": {}, "xml in GB18030": {Form: "xml", Encoding: "GB18030", LineEnd: "CRLF"}} {
		t.Run("drop "+name, func(t *testing.T) { test(t, dropPair(t, format, sandbox.Agreed{}, signing.Settings{})) })
	}
}

// later is a clock that goes on by a minute each time it is looked at.
func later(from time.Time) func() time.Time {
	return func() time.Time { from = from.Add(time.Minute); return from }
}

func dropPair(t *testing.T, format drop.Format, agreed sandbox.Agreed, settings signing.Settings) pair {
	t.Helper()
	dir := t.TempDir()
	out, back := filepath.Join(dir, "out"), filepath.Join(dir, "return")
	platform, err := sandbox.OpenDrop(sandbox.Config{Dir: dir, Name: "city_platform", Delay: time.Minute, Now: later(noon), Agreed: agreed},
		sandbox.DropConfig{Out: out, Return: back})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { platform.Close() })
	keys, err := signing.Open(settings)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := drop.New(drop.Config{Receiver: "city_platform", Out: folder.Local(out), Return: folder.Local(back), Format: format,
		Keys: keys, Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for name, why := range platform.Unread() {
			t.Errorf("%s: %s", name, why)
		}
	})
	p := at(t, platform)
	return pair{t: t, transport: transport, step: platform.Step, audit: p.audit, faults: p.faults, out: out}
}

func (p *platform) faults(text string) {
	p.t.Helper()
	if status, answer := p.do("PUT", "/v1/faults", "", text); status != 200 {
		p.t.Fatalf("faults: HTTP %d %s", status, answer)
	}
}

// message is the nth batch, as a publisher would make it.
func message(n int, table string, rows ...publish.MessageRow) publish.Message {
	m := publish.Message{Receiver: "city_platform", Number: fmt.Sprintf("20260401%05d", n), Source: "350100", Table: table,
		Run: "run-1", AsOf: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Epoch: 1, Rows: rows,
		Target: publish.Holdings{Count: 7, Digest: strings.Repeat("0", 64)}}
	var lines []string
	for _, r := range rows {
		lines = append(lines, strings.ReplaceAll(rowOf(string(r.Operation), r.Key, nil), batchNumber, m.Number))
		if r.Content != nil {
			last := len(lines) - 1
			lines[last] = strings.TrimSuffix(lines[last], "}") + "," + strings.TrimPrefix(string(r.Content), "{")
		}
	}
	m.Body = []byte(strings.ReplaceAll(bodyOf(table, lines...), batchNumber, m.Number))
	m.Key = sum("city_platform\n" + string(m.Body))
	return m
}

func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// content is a record of the table for subject n, some of its members changed.
func content(table string, n int, changes map[string]any) publish.MessageRow {
	object := map[string]any{}
	for name, value := range good[table].content {
		object[name] = value
	}
	for name, value := range good[table].numbers {
		object[name] = json.Number(value)
	}
	id := fmt.Sprintf("91350100M%09d", n)
	object["subject_id"] = id
	for name, value := range changes {
		object[name] = value
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.Encode(object) // texts and numbers always encode
	text := []byte(strings.TrimSuffix(b.String(), "\n"))
	return publish.MessageRow{Operation: ops.Insert, Key: id + "/tax", Subject: id, Digest: sum(string(text)), Content: text}
}

func as(operation ops.Operation, r publish.MessageRow) publish.MessageRow {
	r.Operation = operation
	if operation == ops.Delete {
		r.Digest, r.Content = "", nil
	}
	return r
}

// deliver hands a batch over and brings back everything that is said of it.
func (p pair) deliver(m publish.Message) (outcomes []publish.Outcome, rejected []string) {
	p.t.Helper()
	note := func(outcome publish.Outcome, all []publish.Rejection, code string) {
		outcomes = append(outcomes, outcome)
		rejected = nil
		for _, r := range all {
			rejected = append(rejected, r.Key+" "+r.Code)
		}
		if code != "" {
			rejected = append(rejected, code)
		}
	}
	answer := p.transport.Send(p.t.Context(), m)
	if answer.Err != nil && answer.Outcome != publish.Refused && !p.patient {
		p.t.Fatalf("%s: %v: %v", m.Number, answer.Outcome, answer.Err)
	}
	note(answer.Outcome, answer.Rejected, answer.Code)
	for range 3 { // the platform may take the batch, then process it, then say what it holds
		if _, err := p.step(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
	since := ""
	for more := true; more; {
		var notices []publish.Notice
		var err error
		if notices, since, more, err = p.transport.Collect(p.t.Context(), since); err != nil && !p.patient {
			p.t.Fatal(err)
		}
		for _, n := range notices {
			if n.Number == m.Number {
				note(n.Outcome, n.Rejected, n.Code)
			}
		}
	}
	return outcomes, rejected
}

// tricky are texts that a way of carrying them might not bring through.
const tricky = "榕城,\"某某\"\r\n有限公司 <&> '=1+1' 〇 𠮷"

func TestEveryTransportReachesItsPlatform(t *testing.T) {
	pairs(t, func(t *testing.T, p pair) {
		p.reaches(t)
		one := content("supervision_results", 1, nil)
		if _, rejected := p.deliver(message(3, "colours", one)); len(rejected) != 1 || !strings.HasSuffix(rejected[0], "TABLE") {
			t.Errorf("a table that is not there: %v", rejected)
		}
	})
}

func (p pair) reaches(t *testing.T) {
	const table = "supervision_results"
	one := content(table, 1, map[string]any{"subject_name": tricky, "reasons": "'quoted"})
	two := content(table, 2, map[string]any{"supervision_class": 9})
	three := content(table, 3, map[string]any{"industry_grade": "", "public_grade": "=2"})
	outcomes, rejected := p.deliver(message(1, table, one, two, three))
	if outcomes[len(outcomes)-1] != publish.Processed || cmp.Diff([]string{two.Key + " CODE_LIST"}, rejected) != "" {
		t.Fatalf("outcomes %v, rejected %v, want processed at last and the second record refused", outcomes, rejected)
	}
	changed := content(table, 1, map[string]any{"supervision_class": 4})
	second := message(2, table, as(ops.Update, changed), as(ops.Delete, three))
	for range 2 { // a repeat has no further effect
		if outcomes, rejected = p.deliver(second); outcomes[len(outcomes)-1] != publish.Processed || rejected != nil {
			t.Fatalf("outcomes %v, rejected %v", outcomes, rejected)
		}
	}
	held, more, err := p.transport.Held(t.Context(), table, "", 10)
	if diff := cmp.Diff([]publish.HeldRecord{{Key: changed.Key, Digest: changed.Digest}}, held); diff != "" || more || err != nil {
		t.Errorf("held: %v %v %s", more, err, diff)
	}
	holdings, err := p.transport.Holdings(t.Context(), table)
	if holdings.At = (time.Time{}); err != nil || holdings.Count != 1 {
		t.Errorf("holdings %+v, %v, want one record", holdings, err)
	}
	a := p.audit()
	if got := a.Tables[table]; got.Applied != (struct{ I, U, D int }{2, 1, 1}) || got.Digest != holdings.Digest || a.OutOfOrder+a.Duplicates+a.Echoes > 0 {
		t.Errorf("audit %+v, want 2 inserts, an update, a removal, once each, digest %s", a, holdings.Digest)
	}
}

func TestAnExchangeDatabaseIsReached(t *testing.T) {
	for driver, variable := range map[string]string{"postgres": "TEST_POSTGRES_DSN", "mysql": "TEST_MYSQL_DSN"} {
		dsn := os.Getenv(variable)
		if dsn == "" {
			t.Fatal(variable + " is not set: run scripts/servers.sh go test ./pipelines/sandbox")
		}
		t.Run(driver, func(t *testing.T) { exchangePair(t, driver, dsn).reaches(t) })
		t.Run(driver+" under faults", func(t *testing.T) { exchangePair(t, driver, dsn).underFaults(t) })
	}
}

func exchangePair(t *testing.T, driver, dsn string) pair {
	t.Helper()
	db, err := sql.Open(map[string]string{"postgres": "pgx", "mysql": "mysql"}[driver], dsn)
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("sandbox%d", time.Now().UnixNano())
	if _, err := db.Exec("create schema " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("drop schema " + schema + map[string]string{"postgres": " cascade"}[driver]); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	platform, err := sandbox.OpenExchange(t.Context(), sandbox.Config{Dir: t.TempDir(), Delay: time.Minute, Now: later(noon)},
		sandbox.ExchangeConfig{Driver: driver, DSN: dsn, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { platform.Close() })
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte(dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var tables []exchange.Table
	for name, g := range good {
		described := exchange.Table{Name: name}
		for column := range g.content {
			described.Columns = append(described.Columns, exchange.Column{Name: column})
		}
		for column := range g.numbers {
			described.Columns = append(described.Columns, exchange.Column{Name: column, Integer: true})
		}
		if name == "supervision_results" {
			described.Columns = append(described.Columns, exchange.Column{Name: "industry_grade"}, exchange.Column{Name: "public_grade"})
		}
		tables = append(tables, described)
	}
	transport, err := exchange.New(exchange.Config{Source: "350100", Tables: tables, Settings: exchange.Settings{
		Driver: driver, DSNFile: file, Schema: schema, State: "cd_state", Timeout: 10 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { transport.Close(context.Background()) })
	p := at(t, platform)
	return pair{t: t, transport: transport, step: platform.Step, audit: p.audit, faults: p.faults}
}
