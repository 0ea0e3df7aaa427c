package lookup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
	"rongxin/warehouse/store"
)

var ctx = context.Background()

const subjects = 30_000

// points has several row groups and blocks, rows of one subject on both sides of
// a group's end, subjects without a row, and no value at all in places.
const points = `select
    case when i %% 7 <> 3 then lpad(cast(i // 3 as varchar), 18, '0') end as subject_id,
    'card' || (i %% 3) as scorecard,
    case when i %% 5 > 0 then cast(i * 1000 as bigint) end as points_milli,
    case when i %% 4 > 0 then date '2020-01-01' + cast(i %% 900 as integer) end as event_on,
    i %% 2 = 0 as is_marked,
    cast(i as decimal(9, 2)) as score,
    sha256(cast(i as varchar)) as record_id
from range(3 * %d) as n (i)`

// built is a run with the table marts.points, in a home of its own.
func built(t *testing.T, grain ...string) *run.Run {
	t.Helper()
	cfg := run.Config{Home: t.TempDir(), Engine: engine.Config{Threads: 1, TempDir: t.TempDir()}, Log: slog.New(slog.DiscardHandler)}
	plan := run.Plan{AsOf: credit.NewDate(2026, 6, 30), RuleSet: "none", Models: []model.Model{
		{Name: "marts.points", File: "points.sql", Grain: grain, SQL: fmt.Sprintf(points, subjects)}}}
	r, err := run.Build(ctx, cfg, plan, model.List)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func subject(n int) string { return fmt.Sprintf("%018d", n) }

func pointsOf(subject string, more ...lookup.Equal) lookup.Question {
	return lookup.Question{Table: "marts.points", Columns: []string{"record_id", "scorecard", "points_milli", "event_on", "is_marked"},
		Where: append([]lookup.Equal{{Column: "subject_id", Value: subject}}, more...)}
}

// The answers are those of the engine, however the table is sorted.
func TestAnswersAreThoseOfTheEngine(t *testing.T) {
	for _, grain := range [][]string{{"subject_id", "record_id"}, {"record_id"}} {
		r := built(t, grain...)
		db, err := engine.Open(ctx, engine.Config{Threads: 1, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := r.Attach(ctx, db); err != nil {
			t.Fatal(err)
		}
		look := lookup.New(r)
		defer look.Close()
		dice := rand.New(rand.NewPCG(1, 2))
		for n := range 60 {
			asked := subject(dice.IntN(subjects + subjects/50))
			if n < 4 {
				asked = []string{"", subject(0), subject(subjects - 1), "9"}[n]
			}
			q := pointsOf(asked)
			condition := "subject_id = " + engine.Quote(asked)
			if n%3 == 0 {
				q.Where = append(q.Where, lookup.Equal{Column: "scorecard", Value: "card1"})
				condition += " and scorecard = 'card1'"
			}
			rows, err := look.Rows(q)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, row := range rows {
				got = append(got, strings.Trim(fmt.Sprint([]any(row)), "[]"))
			}
			if diff := cmp.Diff(answers(t, db, condition), got); diff != "" {
				t.Errorf("%v, %v: %s", grain, q.Where, diff)
			}
			if again, err := look.Rows(q); err != nil || fmt.Sprint(again) != fmt.Sprint(rows) {
				t.Errorf("%v, %v: asked again: %v, %v", grain, q.Where, again, err)
			}
		}
	}
}

// Questions may be asked beside each other, for one table and for several
// subjects; each is answered as if it were alone.
func TestQuestionsBesideEachOther(t *testing.T) {
	r := built(t, "subject_id", "record_id")
	alone, beside := lookup.New(r), lookup.New(r)
	defer alone.Close()
	defer beside.Close()
	var work errgroup.Group
	for n := range 40 {
		q := pointsOf(subject(n * subjects / 40))
		want, err := alone.Rows(q)
		if err != nil || len(want) == 0 {
			t.Fatal(q, want, err)
		}
		work.Go(func() error {
			got, err := beside.Rows(q)
			if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
				err = fmt.Errorf("%v: got %v, want %v", q.Where, got, want)
			}
			return err
		})
	}
	if err := work.Wait(); err != nil {
		t.Error(err)
	}
}

func answers(t *testing.T, db *engine.DB, condition string) (lines []string) {
	t.Helper()
	rows, err := db.Query(ctx, `select concat_ws(' ', record_id, scorecard, coalesce(cast(points_milli as varchar), '<nil>'),
		coalesce(cast(event_on as varchar), '<nil>'), is_marked) from marts.points where `+condition)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestWholeTable(t *testing.T) {
	look := lookup.New(built(t, "record_id"))
	defer look.Close()
	rows, err := look.Rows(lookup.Question{Table: "marts.points", Columns: []string{"record_id", "score"}})
	sum := int64(0)
	for _, row := range rows {
		sum += row[1].(engine.Decimal).Unscaled
	}
	if n := int64(3 * subjects); sum != 100*n*(n-1)/2 {
		t.Errorf("the scores add up to %d hundredths", sum)
	}
	if err != nil || len(rows) != 3*subjects || !slices.IsSortedFunc(rows, func(a, b lookup.Row) int { return strings.Compare(a[0].(string), b[0].(string)) }) {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

// A byte that differs anywhere is found by the questions that read it: each of
// them gives its answer or an error, never another answer, and of every block
// some question finds the damage.
func TestDamageIsNeverAnAnswer(t *testing.T) {
	r := built(t, "subject_id", "record_id")
	file := run.TablePath(r.Dir, "marts.points")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	questions := make([]lookup.Question, 0, 40)
	for i := range 40 {
		questions = append(questions, pointsOf(subject(i*subjects/40)))
	}
	ask := func() (answers []string, faults int) {
		look := lookup.New(r)
		defer look.Close()
		for _, q := range questions {
			rows, err := look.Rows(q)
			switch {
			case errors.Is(err, store.ErrDigest):
				faults++
				answers = append(answers, "")
			case err != nil:
				t.Errorf("%v is no word of damage", err)
			default:
				answers = append(answers, fmt.Sprint(rows))
			}
		}
		return answers, faults
	}
	want, faults := ask()
	if faults > 0 {
		t.Fatalf("%d faults in a whole file", faults)
	}
	dice := rand.New(rand.NewPCG(5, 6))
	blocks := (len(whole) + store.BlockSize - 1) / store.BlockSize
	if blocks < 4 {
		t.Fatalf("only %d blocks", blocks)
	}
	for no := range blocks {
		for range 5 {
			from, to := no*store.BlockSize, min((no+1)*store.BlockSize, len(whole))
			damaged := bytes.Clone(whole)
			damaged[from+dice.IntN(to-from)] ^= 1 << dice.IntN(8)
			if err := os.WriteFile(file, damaged, 0o644); err != nil {
				t.Fatal(err)
			}
			got, faults := ask()
			if faults == 0 {
				t.Errorf("block %d: no question finds the damage", no)
			}
			for i, answer := range got {
				if answer != "" && answer != want[i] {
					t.Errorf("block %d: %v answers %s, want %s", no, questions[i].Where, answer, want[i])
				}
			}
		}
	}
}

func TestFaultsAreNamed(t *testing.T) {
	r := built(t, "record_id")
	look := lookup.New(r)
	defer look.Close()
	for want, q := range map[string]lookup.Question{
		"table marts.none: the run has no such table":     {Table: "marts.none"},
		"there is no column colour":                       {Table: "marts.points", Columns: []string{"colour"}},
		"there is no column place":                        {Table: "marts.points", Where: []lookup.Equal{{Column: "place", Value: "x"}}},
		"column points_milli is no text":                  {Table: "marts.points", Where: []lookup.Equal{{Column: "points_milli", Value: "1"}}},
		r.ID + ": table marts.points: there is no column": {Table: "marts.points", Columns: []string{"a"}},
	} {
		if _, err := look.Rows(q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
	if err := os.Remove(run.TablePath(r.Dir, "marts.points")); err != nil {
		t.Fatal(err)
	}
	if _, err := lookup.New(r).Rows(pointsOf(subject(1))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}

func TestScan(t *testing.T) {
	day := credit.NewDate(2026, 6, 30)
	row := lookup.Row{"a", nil, int64(7), nil, true, day, nil}
	var text, none string
	var n int64
	var no *int64
	var is bool
	var on, never *credit.Date
	if err := row.Scan(&text, &none, &n, &no, &is, &on, &never); err != nil {
		t.Fatal(err)
	}
	if text != "a" || none != "" || n != 7 || no != nil || !is || *on != day || never != nil {
		t.Error(text, none, n, no, is, on, never)
	}
	for _, wrong := range []error{row.Scan(&text), lookup.Row{nil}.Scan(&n), lookup.Row{nil}.Scan(&is), lookup.Row{int64(1)}.Scan(&text),
		lookup.Row{"a"}.Scan(&no), lookup.Row{"a"}.Scan(text)} {
		if wrong == nil {
			t.Error("a value without a place is no error")
		}
	}
}
