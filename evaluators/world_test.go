package evaluators_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// fact is a record that counts, as scorecards see it.
type fact struct {
	table, id                           string
	category, severity, field, activity string // empty is NULL
	on                                  credit.Date
}

// subject is one case: who is scored, and its records.
type subject struct {
	id    string
	facts []fact
}

// with is the subject under another name with more records.
func (s subject) with(suffix string, more ...fact) subject {
	return subject{id: s.id + suffix, facts: append(append([]fact{}, s.facts...), more...)}
}

const (
	recordsTable = "marts.records_in_force"
	permitsTable = "marts.food_permits"
)

var (
	severeLists = []string{"失信被执行人", "重大税收违法失信主体", "拖欠农民工工资失信联合惩戒对象"}
	adverse     = append([]string{"行政处罚", "行政处罚", "监督检查问题", "经营异常名录", "未履行信用承诺"}, severeLists...)
)

// group is the group of a category: severe lists are one.
func group(category string) string {
	if slices.Contains(severeLists, category) {
		return "严重失信主体名单"
	}
	return category
}

// drawFact draws a record of one of the categories. Days lie near the ends of
// the look-backs as often as anywhere else.
func drawFact(t *rapid.T, id string, day credit.Date, categories []string) fact {
	f := fact{table: recordsTable, id: id, category: rapid.SampledFrom(categories).Draw(t, "category")}
	switch f.category {
	case "行政处罚":
		f.severity = rapid.SampledFrom([]string{"轻微", "一般", "严重"}).Draw(t, "severity")
		f.field = rapid.SampledFrom([]string{"", "食品安全"}).Draw(t, "field")
	case "监督检查问题":
		f.field = rapid.SampledFrom([]string{"", "食品安全"}).Draw(t, "field")
	case "食品生产", "食品经营":
		f.table, f.activity, f.category = permitsTable, f.category, ""
	}
	months := rapid.SampledFrom([]int{0, 0, -12, -36}).Draw(t, "months")
	days := rapid.OneOf(rapid.IntRange(-2, 2), rapid.IntRange(-400, 0)).Draw(t, "days")
	f.on = min(day.AddMonths(months).AddDays(days), day)
	return f
}

func drawSubject(t *rapid.T, id string, day credit.Date) subject {
	s := subject{id: id}
	kinds := append([]string{"守信荣誉", "其他信息", "食品生产", "食品经营"}, adverse...)
	ids := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "ids")
	for _, n := range ids[:rapid.IntRange(0, len(ids)).Draw(t, "records")] {
		s.facts = append(s.facts, drawFact(t, fmt.Sprintf("r%02d", n), day, kinds))
	}
	return s
}

// result is what one scorecard says of one subject.
type result struct {
	Points   int64 // thousandths
	Grade    string
	Veto     string
	ByRecord map[string]int64 // reason code and record id → thousandths
}

// drawable leaves a rule set the scorecards whose populations and facts are
// drawn here.
func drawable(set *evaluators.RuleSet) *evaluators.RuleSet {
	drawn := *set
	drawn.Scorecards = slices.DeleteFunc(slices.Clone(set.Scorecards), func(card *evaluators.Scorecard) bool {
		return card.Population != "intermediate.subjects" && card.Population != "marts.food_businesses"
	})
	return &drawn
}

// world is an engine with the compiled scorecards of one rule set.
type world struct {
	db  *engine.DB
	sql [4]string // by scoreTables
}

var scoreTables = [4]string{"scores.counted", "scores.vetoes", "scores.contributions", "scores.scorecard_results"}

func newWorld(t *testing.T, set *evaluators.RuleSet) *world {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Exec(context.Background(), "create schema scores"); err != nil {
		t.Fatal(err)
	}
	w := &world{db: db}
	for i, name := range scoreTables {
		w.sql[i] = named(t, modelsOf(t, set), name).SQL
	}
	return w
}

func varchars(names ...string) []landing.Column {
	list := make([]landing.Column, len(names))
	for i, name := range names {
		list[i] = landing.Column{Name: name, Type: "VARCHAR"}
	}
	return list
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// score evaluates all subjects in one go. All are in both populations. order
// says in which order the records are stored.
func (w *world) score(t *rapid.T, day credit.Date, subjects []subject, order func([][]any) [][]any) map[string]map[string]result {
	ctx := context.Background()
	var population [][]any
	facts := map[string][][]any{recordsTable: nil, permitsTable: nil}
	for _, s := range subjects {
		population = append(population, []any{s.id})
		for _, f := range s.facts {
			facts[f.table] = append(facts[f.table], []any{f.on.Time(), s.id, f.id, nullable(f.category),
				nullable(group(f.category)), nullable(f.severity), nullable(f.field), nullable(f.activity)})
		}
	}
	load := func(table string, columns []landing.Column, rows [][]any) {
		if err := w.db.Load(ctx, table, columns, rows); err != nil {
			t.Fatal(err)
		}
	}
	dated := func(name string) []landing.Column { return []landing.Column{{Name: name, Type: "DATE"}} }
	load("run.parameters", dated("as_of"), [][]any{{day.Time()}})
	load("intermediate.subjects", varchars("subject_id"), population)
	load("marts.food_businesses", varchars("subject_id"), population)
	for table, rows := range facts {
		load(table, append(dated("event_on"), varchars("subject_id", "record_id", "category", "record_group", "severity", "field", "activity")...), order(rows))
	}
	for i, name := range scoreTables {
		if err := w.db.Exec(ctx, fmt.Sprintf("create or replace table %s as %s", name, w.sql[i])); err != nil {
			t.Fatal(err)
		}
	}
	return w.results(t)
}

// results reads scorecard → subject → result.
func (w *world) results(t *rapid.T) map[string]map[string]result {
	results := map[string]map[string]result{}
	each := func(query string, read func(scan func(...any) error) error) {
		rows, err := w.db.Query(context.Background(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := read(rows.Scan); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	each("select scorecard, subject_id, score_milli, grade, coalesce(veto_reason_code, '') from scores.scorecard_results",
		func(scan func(...any) error) error {
			var card, id string
			r := result{ByRecord: map[string]int64{}}
			err := scan(&card, &id, &r.Points, &r.Grade, &r.Veto)
			if results[card] == nil {
				results[card] = map[string]result{}
			}
			results[card][id] = r
			return err
		})
	each("select scorecard, subject_id, reason_code || ' ' || record_id, points_milli from scores.contributions",
		func(scan func(...any) error) error {
			var card, id, key string
			var points int64
			err := scan(&card, &id, &key, &points)
			results[card][id].ByRecord[key] += points
			return err
		})
	return results
}
