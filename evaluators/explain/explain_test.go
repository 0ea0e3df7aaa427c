package explain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/evaluators"
	"rongxin/evaluators/explain"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

var update = flag.Bool("update", false, "write the golden texts anew")

const (
	clean     = "91350100MA8T00016W"
	penalised = "91350102MA8T00024L"
	debtor    = "93350121MA8T00040L"
	revoked   = "92350103MA8T00032T"
)

// tiny is the run of testdata/run.sql, whose derived tables are made by the
// models themselves, after the given changes.
type tiny struct {
	*engine.DB
	manifest run.Manifest
	lock     sync.Mutex
	asked    map[string]bool // tables
}

func tinyRun(t *testing.T, changes ...string) *tiny {
	t.Helper()
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	tables, err := os.ReadFile("testdata/run.sql")
	if err != nil {
		t.Fatal(err)
	}
	derived := []string{}
	for _, name := range []string{"marts.subject_records", "marts.unattached_records", "marts.subject_names", "scores.evidence"} {
		derived = append(derived, "create or replace table "+name+" as "+written(t, name).SQL)
	}
	for _, sql := range slices.Concat([]string{string(tables)}, changes, derived) {
		if err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	return &tiny{DB: db, asked: map[string]bool{}, manifest: run.Manifest{
		RunID: "2026-06-30-0a1b2c3d", AsOf: "2026-06-30", RuleSet: "2026-04-01-9f8e7d6c", Engine: "duckdb v1.5.0",
		Sources: []run.Source{{File: "evaluators/rules/overlay.yml", Version: 1, SHA256: strings.Repeat("5a", 32)}},
	}}
}

// written is a model as its file says it.
func written(t *testing.T, name string) model.Model {
	t.Helper()
	schema, table, _ := strings.Cut(name, ".")
	dir := map[string]string{"marts": "../../transforms", "scores": "../models"}[schema]
	models, err := model.Load(os.DirFS(dir), schema, model.Evaluate)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(models, func(m model.Model) bool { return m.Name == schema+"."+table })
	return models[at]
}

// Rows answers as lookup.Lookup does, from the engine.
func (r *tiny) Rows(q lookup.Question) ([]lookup.Row, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.asked[q.Table] = true
	query := "select " + strings.Join(q.Columns, ", ") + " from " + q.Table
	var args []any
	for i, w := range q.Where {
		query += map[bool]string{true: " where ", false: " and "}[i == 0] + w.Column + " = ?"
		args = append(args, w.Value)
	}
	found, err := r.Query(context.Background(), query, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var rows []lookup.Row
	for found.Next() {
		row, places := make(lookup.Row, len(q.Columns)), make([]any, len(q.Columns))
		for i := range row {
			places[i] = &row[i]
		}
		if err := found.Scan(places...); err != nil {
			return nil, err
		}
		for i, v := range row {
			if day, ok := v.(time.Time); ok {
				row[i] = credit.DateOf(day)
			}
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

func mustExplain(t *testing.T, r *tiny, subject string) *explain.Explanation {
	t.Helper()
	e, err := explain.New(r.manifest, r).Subject(context.Background(), subject)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// told is the explanation of a subject beside a run a month before it, in which
// the penalised one had a better tax grade and one fine less.
func told(t *testing.T, r *tiny, subject string) *explain.Explanation {
	t.Helper()
	before := tinyRun(t,
		"delete from intermediate.records where record_id = 'r-fine-2'", "delete from intermediate.record_states where record_id = 'r-fine-2'",
		"delete from scores.contributions where record_id = 'r-fine-2'",
		"update intermediate.record_states set state = 'in_force', state_on = null where record_id = 'r-expired'",
		"insert into scores.contributions values ('"+penalised+"', 'public_city', 'penalties_minor', 1, 'PC-PEN-1', 'r-expired', -10000, null)",
		"update scores.scorecard_results set score_milli = 950000 where subject_id = '"+penalised+"'",
		"update scores.scheme_results set grade = 'B', industry_level = 2 where record_id = 'tax-2'",
		"update overlay.scheme_classes set matrix_class = 2, supervision_class = 2 where subject_id = '"+penalised+"' and scheme = 'tax'",
		"update overlay.subject_classes set matrix_class = 2, supervision_class = 2 where subject_id = '"+penalised+"'")
	before.manifest.RunID, before.manifest.AsOf = "2026-05-31-11111111", "2026-05-31"
	x := explain.New(r.manifest, r)
	x.Since(explain.New(before.manifest, before), "")
	e, err := x.Subject(context.Background(), subject)
	if err != nil {
		t.Fatal(err)
	}
	if subject == penalised {
		e.Steps = someSteps(e)
	}
	return e
}

// someSteps are steps of every kind. That the right ones are found, TestSteps says.
func someSteps(e *explain.Explanation) explain.Steps {
	repairable, expires, lapses, evaluated, two, three := credit.NewDate(2026, 7, 10), credit.NewDate(2027, 4, 10), credit.NewDate(2028, 4, 10),
		credit.NewDate(2026, 4, 10), int64(2), int64(3)
	fine := e.Scorecards[0].Contributions[2].Record
	return explain.Steps{
		RepairDays: [2]int64{3, 10},
		Records: []explain.RecordStep{{RecordID: fine.RecordID, Title: fine.String(), On: &repairable, By: "repair", RepairableOn: &repairable, ExpiresOn: &expires,
			DecidedBy: "作出处罚决定的机关", Conditions: "达到最短公示期限；违法行为已改正", Papers: "履行义务证明；信用承诺书", Basis: "令第36号", Objection: "YY-2026-3",
			Class: &three, ClassTitle: "三类（重点监管）", Effects: []explain.Effect{{Scorecard: "public_city", Title: "城市公共信用评分", Score: 1_000_000, Grade: "A"}}}},
		Results: []explain.ResultStep{{Scheme: "tax", Title: "纳税（缴费）信用", Department: "市税务局", Grade: "C", EvaluatedOn: &evaluated, ValidUntil: &lapses, Better: "B",
			Class: &two, ClassTitle: "二类（常规监管）"}},
		Next: &explain.Path{Class: 2, ClassTitle: "二类（常规监管）", Steps: []explain.PathStep{
			{By: "repair", RecordID: fine.RecordID, Title: fine.String(), On: &repairable},
			{By: "result", Scheme: "tax", Title: "纳税（缴费）信用由 C 提高到 B（市税务局重新评价）"}}},
		Unaided: &explain.Path{Class: 2, ClassTitle: "二类（常规监管）", On: &lapses, Steps: []explain.PathStep{
			{By: "expiry", RecordID: fine.RecordID, Title: fine.String(), On: &expires},
			{By: "result", Scheme: "tax", Title: "纳税（缴费）信用结果有效期届满且未重新评价", On: &lapses}}},
	}
}

func TestText(t *testing.T) {
	golden(t, ".txt", func(e *explain.Explanation, w *bytes.Buffer) error { return e.WriteText(w) })
}

func TestJSON(t *testing.T) {
	golden(t, ".json", func(e *explain.Explanation, w *bytes.Buffer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(e)
	})
}

// The page loads nothing, runs nothing and is whole.
func TestHTML(t *testing.T) {
	golden(t, ".html", func(e *explain.Explanation, w *bytes.Buffer) error {
		if err := e.WriteHTML(w); err != nil {
			return err
		}
		for _, no := range []string{"<script", "http://", "https://", "url(http", "<no value>", "%!", "ZgotmplZ", "not_evaluated"} {
			if strings.Contains(w.String(), no) {
				t.Errorf("the page has %s", no)
			}
		}
		dec := xml.NewDecoder(bytes.NewReader(w.Bytes()))
		dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
		for {
			if _, err := dec.Token(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
}

// golden holds what is written of each subject against the kept file.
func golden(t *testing.T, suffix string, write func(*explain.Explanation, *bytes.Buffer) error) {
	r := tinyRun(t)
	for name, subject := range map[string]string{"clean": clean, "penalised": penalised, "debtor": debtor, "revoked": revoked} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(told(t, r, subject), &got); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+suffix)
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a person and a machine are told must be the same thing.
func TestJSONRoundTrip(t *testing.T) {
	r := tinyRun(t)
	for _, subject := range []string{clean, penalised, debtor, revoked} {
		e := told(t, r, subject)
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		back := &explain.Explanation{}
		if err := json.Unmarshal(data, back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Errorf("%s: %s", subject, diff)
		}
	}
}

// Every list is there, also when it is empty, so that a reader need not ask.
func TestJSONHasEveryList(t *testing.T) {
	r := tinyRun(t, "delete from rules.schemes where not is_overall", "delete from scores.scorecard_results", "delete from scores.contributions")
	data, err := json.Marshal(mustExplain(t, r, revoked))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"schemes", "scorecards", "unscored", "not_counted"} {
		if items, ok := got[list].([]any); !ok || len(items) > 0 {
			t.Errorf("%s is %v, want []", list, got[list])
		}
	}
}

func TestContributionLeadsToItsRecord(t *testing.T) {
	r := tinyRun(t)
	card := mustExplain(t, r, penalised).Scorecards[0]
	var points []explain.Points
	for _, c := range card.Contributions {
		points = append(points, c.Points)
	}
	if diff := cmp.Diff([]explain.Points{1_000_000, -40_000, 0}, points); diff != "" {
		t.Error(diff)
	}
	event, repairable, until, fine := credit.NewDate(2026, 2, 20), credit.NewDate(2026, 5, 20), credit.NewDate(2029, 2, 20), int64(1234550)
	want := &explain.Record{RecordID: "r-fine", Category: "行政处罚", Kind: "罚款", Detail: "虚假宣传",
		DocumentNo: "榕市监罚〔2026〕11号", AuthorityName: "福州市市场监督管理局", EventOn: &event, FineAmount: &fine, RecordClass: "行政处罚/一般", RecordGroup: "行政处罚",
		Severity: "一般", SeverityRule: "SEV-99", SeverityBasis: "令第36号 一般失信信息",
		PublicityRule: "PUB-58-2", PublicityBasis: "令第58号 最短3个月、最长3年", RepairableOn: &repairable, PublicityUntil: &until,
		State: "in_force", StateTitle: "计入", ObjectionCaseNo: "YY-2026-3",
		Source: explain.Source{Dataset: "samr/penalties", Department: "市市场监督管理局", BatchID: "b-penalties-0123456789abcdef",
			ExtractName: "行政处罚_202606.csv", Line: 101}}
	if diff := cmp.Diff(want, card.Contributions[1].Record); diff != "" {
		t.Error(diff)
	}
}

func TestSubjectIsFound(t *testing.T) {
	r := tinyRun(t)
	for _, asked := range []string{
		penalised,
		"  91350102ma8t00024l ",
		"统一社会信用代码：９１３５０１０２ＭＡ８Ｔ０００２４Ｌ",
		"福州闽筑建设有限公司",
		"福州闽筑土木有限公司", // the name before
	} {
		if got := mustExplain(t, r, asked).Subject.SubjectID; got != penalised {
			t.Errorf("%q found %s", asked, got)
		}
	}
}

func TestUnknownSubject(t *testing.T) {
	r := tinyRun(t)
	tests := []struct {
		asked string
		want  explain.UnknownSubjectError
	}{
		{"91350102MA8TO0024L", explain.UnknownSubjectError{Asked: "91350102MA8TO0024L", // the letter O
			Reasons: []string{credit.ReasonLetter, credit.ReasonInnerCheck},
			Near:    []explain.Named{{SubjectID: penalised, SubjectName: "福州闽筑建设有限公司"}}}},
		{"91350102MA8T0002AL", explain.UnknownSubjectError{Asked: "91350102MA8T0002AL",
			Reasons: []string{credit.ReasonOuterCheck, credit.ReasonInnerCheck},
			Near:    []explain.Named{{SubjectID: penalised, SubjectName: "福州闽筑建设有限公司"}}, Records: 1}},
		{"91350200776049653A", explain.UnknownSubjectError{Asked: "91350200776049653A", Reasons: []string{}, Near: []explain.Named{}}},
		{"没有这家公司", explain.UnknownSubjectError{Asked: "没有这家公司", Near: []explain.Named{}}},
		{"", explain.UnknownSubjectError{Reasons: []string{credit.ReasonEmpty}, Near: []explain.Named{}}},
		{"350102190001010015", explain.UnknownSubjectError{Asked: "3****************5", // never a person's number in clear
			Reasons: []string{credit.ReasonOuterCheck, credit.ReasonInnerCheck, credit.ReasonPersonID}, Near: []explain.Named{}}},
	}
	for _, tt := range tests {
		_, err := explain.New(r.manifest, r).Subject(context.Background(), tt.asked)
		var got *explain.UnknownSubjectError
		if !errors.As(err, &got) || !errors.Is(err, explain.ErrUnknownSubject) {
			t.Errorf("%q: %v", tt.asked, err)
			continue
		}
		got.Reasons = slices.DeleteFunc(got.Reasons, func(s string) bool {
			return s == credit.ReasonCategory || s == credit.ReasonDivision
		})
		if diff := cmp.Diff(tt.want, *got); diff != "" {
			t.Errorf("%q: %s", tt.asked, diff)
		}
		if strings.Contains(err.Error(), "350102190001010015") {
			t.Errorf("%q: the message tells a person's number: %v", tt.asked, err)
		}
	}
}

func TestNameOfSeveral(t *testing.T) {
	r := tinyRun(t)
	_, err := explain.New(r.manifest, r).Subject(context.Background(), "台江区小榕杂货店")
	if !errors.Is(err, explain.ErrAmbiguousName) {
		t.Fatal(err)
	}
	for _, code := range []string{revoked, "91350100MA8T00016X"} {
		if !strings.Contains(err.Error(), code) {
			t.Errorf("%v does not name %s", err, code)
		}
	}
}

// A result that its evidence does not bear out is never explained.
func TestEvidenceMustHold(t *testing.T) {
	tests := map[string]struct {
		change    string
		inScoring bool // CheckAll looks at the scores only
	}{
		"a score that differs from the sum":     {"update scores.scorecard_results set score_milli = score_milli + 1 where subject_id = '" + penalised + "'", true},
		"a contribution that was lost":          {"delete from scores.contributions where subject_id = '" + penalised + "' and record_id = 'r-fine'", true},
		"a score that was lost":                 {"delete from scores.scorecard_results where subject_id = '" + penalised + "'", true},
		"a repaired record that still costs":    {"update scores.contributions set record_id = 'r-repaired' where record_id = 'r-fine-2'", true},
		"a record of another subject":           {"update scores.contributions set record_id = 'r-debtor' where record_id = 'r-fine-2'", true},
		"points without a rule":                 {"delete from rules.characteristics where reason_code = 'PC-PEN-2'", false},
		"a grade without a veto":                {"update scores.scorecard_results set grade = 'D' where subject_id = '" + penalised + "'", false},
		"a class set by no override":            {"update overlay.subject_classes set override_code = 'OV-SEV-1' where subject_id = '" + penalised + "'", false},
		"an industry grade without a source":    {"update scores.scheme_results set record_id = '' where record_id = 'tax-2'", false},
		"an industry result of another subject": {"update scores.scheme_results set record_id = 'tax-1' where record_id = 'tax-2'", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			r := tinyRun(t, tt.change)
			if e, err := explain.New(r.manifest, r).Subject(context.Background(), penalised); !errors.Is(err, explain.ErrEvidence) {
				t.Errorf("explained as %+v, error %v", e, err)
			}
			_, bad, err := explain.CheckAll(ctx, r.DB)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Equal(bad, []string{penalised}); got != tt.inScoring {
				t.Errorf("CheckAll found %v", bad)
			}
		})
	}
}

func TestStateMustBeKnown(t *testing.T) {
	r := tinyRun(t, "update intermediate.record_states set state = 'mislaid' where record_id = 'r-expired'")
	if _, err := explain.New(r.manifest, r).Subject(context.Background(), penalised); err == nil || !strings.Contains(err.Error(), "mislaid") {
		t.Errorf("error %v", err)
	}
}

func TestCheckAllOfAGoodRun(t *testing.T) {
	r := tinyRun(t)
	subjects, bad, err := explain.CheckAll(context.Background(), r.DB)
	if err != nil || subjects != 5 || len(bad) > 0 {
		t.Errorf("%d subjects, bad %v, %v", subjects, bad, err)
	}
}

// Tables names what is asked for single subjects, no more and no less, so that
// whoever makes a run knows which tables a counter waits for.
func TestTablesAreAllThatIsRead(t *testing.T) {
	r := tinyRun(t)
	for _, asked := range []string{clean, penalised, debtor, revoked, "福州闽筑土木有限公司"} {
		mustExplain(t, r, asked)
	}
	var subject []string
	for table := range r.asked {
		if schema, _, _ := strings.Cut(table, "."); schema != "rules" && schema != "ref" {
			subject = append(subject, table)
		}
	}
	slices.Sort(subject)
	if diff := cmp.Diff(explain.Tables(), subject); diff != "" {
		t.Error(diff)
	}
}

// A rule file that takes results or records from a table whose rows cannot be
// cited would leave its subjects without an explanation.
func TestEveryFactCanBeCited(t *testing.T) {
	rules := builtin(t)
	origin := map[string]string{ // where a mart takes its record_id from
		"marts.records_in_force":          "intermediate.records",
		"marts.food_permits":              "staging.samr__permits",
		"marts.medical_demerits":          "intermediate.records",
		"marts.industry_results_in_force": "intermediate.industry_results",
		"marts.public_results_in_force":   "staging.ndrc__public_results",
	}
	facts := []string{"intermediate.industry_results"} // of every imported scheme
	for _, card := range rules.Scorecards {
		for _, c := range card.Characteristics {
			if c.Fact != "" {
				facts = append(facts, c.Fact)
			}
		}
		for _, v := range card.Vetoes {
			facts = append(facts, v.Fact)
		}
	}
	citable := written(t, "marts.subject_records").Inputs
	for _, fact := range facts {
		table := fact
		if from, ok := origin[fact]; ok {
			table = from
		}
		if !slices.Contains(citable, table) {
			t.Errorf("%s: its records cannot be cited; add its staging table to marts.subject_records", fact)
		}
	}
}

// The rule tables of the tiny run have the columns that the rules give them.
func TestTinyRunHasTheRuleTables(t *testing.T) {
	r := tinyRun(t)
	mustExplain(t, r, clean)
	for _, seed := range builtin(t).Seeds() {
		if !r.asked[seed.Name] {
			continue
		}
		got, err := r.Columns(context.Background(), "select * from "+seed.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(seed.Columns, got); diff != "" {
			t.Errorf("%s: %s", seed.Name, diff)
		}
	}
}

func builtin(t *testing.T) *evaluators.RuleSet {
	t.Helper()
	library, err := evaluators.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := library.On(credit.NewDate(2026, 6, 30))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestPoints(t *testing.T) {
	tests := map[explain.Points]string{
		0: "0", 880_000: "880", 12_500: "12.5", -40_000: "-40", -1: "-0.001", 1_000_010: "1000.01", 999: "0.999",
		-9223372036854775808: "-9223372036854775.808",
	}
	for p, want := range tests {
		if got := p.String(); got != want {
			t.Errorf("%d thousandths = %s, want %s", int64(p), got, want)
		}
	}
}

// The text of points has the value and nothing else: no exponent, no rounding,
// no trailing zeros.
func TestPointsTextIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := explain.Points(rapid.Int64().Draw(t, "thousandths"))
		back, ok := new(big.Rat).SetString(p.String())
		if !ok || back.Cmp(big.NewRat(int64(p), 1000)) != 0 || strings.Contains(p.String(), ".") && strings.HasSuffix(p.String(), "0") {
			t.Fatalf("%d thousandths = %s", int64(p), p)
		}
	})
}
