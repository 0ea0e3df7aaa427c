package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rongxin/pipelines/sandbox"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

// canary is a record that counted, was listed, sent and, where it is on a severe
// list, found by a comparison; and then stops counting.
type canary struct{ Record, Document, Subject, Name, State string }

// What counts no more is in no output of the next run: no table of points or
// classes, no list in any format, no counted part of an explanation, nothing sent
// to the platform, no comparison. Each was there before, so each search can find.
func TestCanaries(t *testing.T) {
	home, _ := landedCity(t, "700", "--clean")
	platform := newPlatform(t)
	mustRun(t, home, "run", "--as-of", asOf)
	before := published(t, home)
	canaries, listed := chooseCanaries(t, before)
	mustRun(t, home, "publish", "--to", platform.url)
	for _, c := range append(canaries, listed) {
		if found := outputsWith(t, before, c); len(found) < 4 {
			t.Errorf("%s canary %s is only in %v: the test would find nothing", c.State, c.Document, found)
		}
		if !platform.sent(c.Document) {
			t.Errorf("%s canary %s was not sent: the test would find nothing", c.State, c.Document)
		}
	}
	if hits := screenOne(t, home, listed); len(hits) == 0 || hits[0].DocumentNo != listed.Document {
		t.Errorf("%s is not found before: %v", listed.Document, hits)
	}

	t.Run("a list of parties is compared and answered", func(t *testing.T) { screened(t, home, before) })

	stopCounting(t, home, append(canaries, listed))
	platform.forget()
	held := map[string][]string{}
	for _, c := range append(canaries, listed) {
		held[c.Record] = platform.tablesOf(c.Record)
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(held))...))))); n != 2 {
		t.Errorf("canaries are in %d tables of the platform, want penalty_actions and severe_hits: %v", n, held)
	}
	mustRun(t, home, "run", "--as-of", "2026-07-01")
	after := published(t, home)
	mustRun(t, home, "publish", "--to", platform.url)
	db := attach(t, after, "intermediate.record_states", "marts.records_in_force")
	for _, c := range append(canaries, listed) {
		if n := count(t, db, "select count(*) from intermediate.record_states where record_id = ? and state = ?", c.Record, c.State); n != 1 {
			t.Errorf("%s is not %s", c.Document, c.State)
		}
		if found := outputsWith(t, after, c); len(found) > 0 {
			t.Errorf("%s canary %s is still in %v", c.State, c.Document, found)
		}
		if platform.sent(c.Document) {
			t.Errorf("%s canary %s was sent again", c.State, c.Document)
		}
		if !platform.sent(c.Subject) {
			t.Errorf("nothing was sent for %s, whose %s record was sent before", c.Subject, c.State)
		}
		if platform.holds(c.Document) {
			t.Errorf("the platform still holds %s canary %s", c.State, c.Document)
		}
		for _, table := range held[c.Record] {
			if !platform.withdrawn(table, c.Record) {
				t.Errorf("%s canary %s was not taken back from %s", c.State, c.Document, table)
			}
		}
		if counted := countedIn(t, home, c.Subject); strings.Contains(counted, c.Document) {
			t.Errorf("the counted part of the explanation names %s canary %s", c.State, c.Document)
		}
		if out := mustRun(t, home, "sql", "--format", "csv", "select count(*) from marts.records_in_force where document_no = '"+c.Document+"'"); !strings.HasSuffix(strings.TrimSpace(out), "0") {
			t.Errorf("%s: sql finds it in force: %s", c.Document, out)
		}
	}
	if hits := screenOne(t, home, listed); len(hits) != 0 {
		t.Errorf("%s is found all the same: %v", listed.Document, hits)
	}
	if n := count(t, attach(t, after, "marts.quality_findings"), "select count(*) from marts.quality_findings where finding = 'MEASURE_UNLISTED' and dataset = 'credit/screen_feedback'"); n != 1 {
		t.Errorf("%d measures outside the catalogue are told, want 1", n)
	}
	if n := count(t, attach(t, after, "marts.measures_taken"), "select count(*) from marts.measures_taken"); n == 0 || !slices.Contains(platform.tables(), "measures") {
		t.Errorf("%d measures are taken, and the platform has %v", n, platform.tables())
	}
	exempted := count(t, attach(t, after, "intermediate.record_states"), "select count(*) from intermediate.record_states where state = 'exempted'")
	if exempted == 0 {
		t.Error("the city has no decision not to punish")
	}
	if n := count(t, db, "select count(*) from marts.records_in_force as f join intermediate.record_states as s using (record_id) where s.state <> 'in_force'"); n != 0 {
		t.Errorf("%d records are in force whose state is another", n)
	}
}

// chooseCanaries picks penalties of several enterprises that their lists name,
// one for each way to stop, and an entry of a severe list.
func chooseCanaries(t *testing.T, r *run.Run) (canaries []canary, listed canary) {
	t.Helper()
	db := attach(t, r, "marts.records_in_force", "lists.reasons", "intermediate.subjects")
	pick := func(group string, states ...string) (picked []canary) {
		rows, err := db.Query(context.Background(), `select min(f.record_id), min(f.document_no), f.subject_id, min(s.subject_name)
			from marts.records_in_force as f
			join lists.reasons as r on r.record_id = f.record_id and r.scheme = 'overall'
			join intermediate.subjects as s on s.subject_id = f.subject_id
			where f.record_group = ? and f.objection_case_no is null and f.repairable_on <= date '2026-06-01'
				and (select count(*) from marts.records_in_force as o where o.document_no = f.document_no) = 1
			group by f.subject_id having count(*) = 1 order by f.subject_id limit ?`, group, len(states))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			c := canary{State: states[len(picked)]}
			if err := rows.Scan(&c.Record, &c.Document, &c.Subject, &c.Name); err != nil {
				t.Fatal(err)
			}
			picked = append(picked, c)
		}
		if len(picked) != len(states) {
			t.Fatalf("%d of %s, want %d", len(picked), group, len(states))
		}
		return picked
	}
	return pick("行政处罚", "repaired", "withdrawn", "revoked", "excluded", "amended"), pick("严重失信主体名单", "repaired")[0]
}

// stopCounting lands what ends each canary, as received on the next day.
func stopCounting(t *testing.T, home string, canaries []canary) {
	t.Helper()
	files := map[string]string{
		"credit/cases":         "案件编号,案件类型,处理状态,主体代码,主体名称,文书号,申请日期,办结日期,处理结果\n",
		"credit/revocations":   "编号,类型,主体代码,主体名称,文书号,决定日期,作出单位,依据文书,理由\n",
		"credit/force_majeure": "认定编号,主体代码,主体名称,文书号,认定日期,认定单位,证明文件\n",
	}
	for i, c := range canaries {
		no, who := fmt.Sprintf("金丝雀%d", i+1), c.Subject+","+c.Name+","+c.Document
		switch c.State {
		case "repaired":
			files["credit/cases"] += no + ",2,4," + who + ",2026-06-20,2026-07-01,停止公示\n"
		case "withdrawn":
			files["credit/cases"] += no + ",1,4," + who + ",2026-06-20,2026-07-01,撤销\n"
		case "amended":
			files["credit/cases"] += no + ",1,4," + who + ",2026-06-20,2026-07-01,更正\n"
		case "revoked":
			files["credit/revocations"] += no + ",判决撤销," + who + ",2026-07-01,福州市中级人民法院,（2026）闽01行终1号,主要证据不足\n"
		case "excluded":
			files["credit/force_majeure"] += no + "," + who + ",2026-07-01,福州市市场监督管理局,台风灾害停产证明\n"
		}
	}
	for dataset, text := range files {
		file := filepath.Join(t.TempDir(), "金丝雀.csv")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if one := landOne(t, home, dataset, file, "2026-07-01"); one.Rows.Rejected > 0 || one.Rows.Accepted == 0 {
			t.Fatalf("%s: %+v", dataset, one)
		}
	}
}

// deliveredFacts are the tables of facts that go to platforms.
var deliveredFacts = []string{"marts.check_actions", "marts.penalty_actions", "marts.severe_hits", "marts.measures_taken", "marts.commitments"}

// outputsWith names the tables of points, classes and lists, and the files of the
// run, that hold the record or its document.
func outputsWith(t *testing.T, r *run.Run, c canary) (found []string) {
	t.Helper()
	db := attach(t, r)
	for _, table := range r.Manifest.Tables {
		name := table.Name
		schema, _, _ := strings.Cut(name, ".")
		if name != "marts.records_in_force" && !slices.Contains(deliveredFacts, name) && schema != "scores" && schema != "overlay" && schema != "lists" {
			continue
		}
		columns, err := db.Columns(context.Background(), "select * from "+name)
		if err != nil {
			t.Fatal(err)
		}
		var holds []string
		for _, column := range columns {
			if column.Type == "VARCHAR" {
				text := engine.Ident(column.Name)
				holds = append(holds, fmt.Sprintf("%s = %s or position(%s in %s) > 0", text, engine.Quote(c.Record), engine.Quote(c.Document), text))
			}
		}
		if len(holds) > 0 && count(t, db, "select count(*) from "+name+" where "+strings.Join(holds, " or ")) > 0 {
			found = append(found, name)
		}
	}
	return append(found, filesWith(t, filepath.Join(r.Dir, "files"), c.Document)...)
}

// filesWith names the files below dir, and parts of workbooks, that hold a text.
func filesWith(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		if bytes.Contains(data, []byte(text)) {
			found = append(found, filepath.Base(file))
		}
		if err != nil || filepath.Ext(file) != ".xlsx" {
			return err
		}
		book, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return err
		}
		for _, part := range book.File {
			in, err := part.Open()
			if err != nil {
				return err
			}
			content, err := io.ReadAll(in)
			if err != nil {
				return err
			}
			if bytes.Contains(content, []byte(text)) {
				found = append(found, filepath.Base(file)+"!"+part.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// countedIn is the explanation of a subject without what does not count and what
// changed.
func countedIn(t *testing.T, home, subject string) string {
	t.Helper()
	var explained map[string]any
	lastJSON(t, mustRun(t, home, "explain", subject, "--json"), &explained)
	if explained["not_counted"] == nil {
		t.Fatal("the explanation has no not_counted")
	}
	delete(explained, "not_counted")
	delete(explained, "changes")
	text, err := json.Marshal(explained)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// screenOne compares a party by its code, with a stranger of the same name.
func screenOne(t *testing.T, home string, c canary) (hits []struct {
	SubjectID  string `json:"subject_id"`
	DocumentNo string `json:"document_no"`
}) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "名单.csv")
	text := "统一社会信用代码,名称,业务\n" + c.Subject + "," + c.Name + ",招标\n91350100MA8T00016W," + c.Name + ",招标\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var report struct{ Hits json.RawMessage }
	lastJSON(t, mustRun(t, home, "screen", file, "--department", "市财政局", "--purpose", "招标资格审查", "--json"), &report)
	if err := json.Unmarshal(report.Hits, &hits); err != nil {
		t.Fatal(err)
	}
	for _, h := range hits {
		if h.SubjectID != c.Subject {
			t.Errorf("a hit by name: %v", h)
		}
	}
	return hits
}

// recorded is a platform that remembers what was sent to it.
type recorded struct {
	url    string
	mu     sync.Mutex
	bodies []string
	dir    string
	t      *testing.T
}

func newPlatform(t *testing.T) *recorded {
	t.Helper()
	p := &recorded{dir: t.TempDir(), t: t}
	platform, err := sandbox.New(sandbox.Config{Dir: p.dir})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		p.bodies = append(p.bodies, string(body))
		p.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		platform.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
	})
	p.url = server.URL
	return p
}

func (p *recorded) sent(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(strings.Join(p.bodies, "\n"), text)
}

func (p *recorded) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bodies = nil
}

// holds tells whether the platform keeps a text in what it was sent.
func (p *recorded) holds(text string) bool {
	p.t.Helper()
	return len(p.ask("select tbl from records where instr(payload, ?) > 0", text)) > 0
}

// tablesOf are the platform's tables that hold a record of the run.
func (p *recorded) tablesOf(record string) []string {
	p.t.Helper()
	return p.ask("select tbl from records where key = ?", record)
}

// tables are those in which it holds anything.
func (p *recorded) tables() []string {
	p.t.Helper()
	return p.ask("select distinct tbl from records")
}

// withdrawn tells whether the last thing that befell a record was its removal.
func (p *recorded) withdrawn(table, key string) bool {
	p.t.Helper()
	return slices.Equal(p.ask("select operation from effects where tbl = ? and key = ? order by seq desc limit 1", table, key), []string{"D"})
}

func (p *recorded) ask(query string, args ...any) (answers []string) {
	p.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.dir, "platform.db"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var answer string
		if err := rows.Scan(&answer); err != nil {
			p.t.Fatal(err)
		}
		answers = append(answers, answer)
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return answers
}
