package transforms_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/transforms"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// Random deliveries, and what stands after each of them by the plain rule.
// Staging must say the same of the last, and the history of every one.
func TestHistory(t *testing.T) {
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tales []tale
	for seed := range uint64(60) {
		tales = append(tales, tell(seed))
	}
	tables := map[string]*given{}
	for _, s := range tales {
		s.give(tables)
	}
	for name, g := range tables {
		loaded := "given." + strings.ReplaceAll(name, ".", "__")
		if err := db.Load(ctx, loaded, g.columns, g.rows); err != nil {
			t.Fatal(err)
		}
		if err := db.View(ctx, name, "select * from "+loaded); err != nil {
			t.Fatal(err)
		}
	}
	models, err := transforms.Models()
	if err != nil {
		t.Fatal(err)
	}
	history := models[slices.IndexFunc(models, func(m model.Model) bool { return m.Name == "marts.record_versions" })]
	if err := db.Exec(ctx, "create schema marts; create table marts.record_versions as "+history.SQL); err != nil {
		t.Fatal(err)
	}

	kept := 0
	for _, s := range tales {
		for i, want := range s.stands {
			got := query(t, db, fmt.Sprintf(`select record_id || ' ' || line from marts.record_versions
				where dataset = '%s' and not is_withdrawal
				and known_on <= date '%s' and (superseded_on is null or superseded_on > date '%s') order by 1`,
				s.dataset.Name, s.days[i], s.days[i]))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s after delivery %d: %s", s.dataset.Name, i+1, diff)
			}
		}
		staged := transforms.Staging([]landing.Dataset{s.dataset})[0]
		last := s.stands[len(s.stands)-1]
		if diff := cmp.Diff(last, query(t, db, "select record_id || ' ' || line from ("+staged.SQL+") order by 1")); diff != "" {
			t.Errorf("staging of %s: %s", s.dataset.Name, diff)
		}
		states := query(t, db, fmt.Sprintf("select record_id || ' ' || line from marts.record_versions where dataset = '%s' and state in ('current', 'kept') order by 1", s.dataset.Name))
		if diff := cmp.Diff(last, states); diff != "" {
			t.Errorf("states of %s: %s", s.dataset.Name, diff)
		}
		if s.dataset.Delivery == landing.Snapshot {
			kept += len(query(t, db, "select record_id from ("+staged.SQL+") where is_kept"))
		}
	}
	if kept < 20 {
		t.Errorf("only %d records were kept: the deliveries are too tame", kept)
	}
}

// A tale is the random deliveries of one dataset. A line is never used twice.
type tale struct {
	dataset  landing.Dataset
	days     []credit.Date
	accepted []sent
	refused  []sent
	stands   [][]string // after each delivery, "record line"
}

type sent struct {
	record, name string // record is empty where the key of a refused row is at fault
	delivery     int
	line         int64
	withdraws    bool
}

func tell(seed uint64) tale {
	dice := rand.New(rand.NewPCG(seed, 7))
	s := tale{dataset: landing.Dataset{Name: fmt.Sprintf("test/d%d", seed), Title: "测试", Delivery: landing.Delta, Columns: []landing.Column{
		{Name: "record_id", Type: "VARCHAR"}, {Name: "batch_id", Type: "VARCHAR"}, {Name: "line", Type: "BIGINT"},
		{Name: "subject_name", Type: "VARCHAR"}, {Name: "is_withdrawal", Type: "BOOLEAN"}}}}
	snapshot := seed%3 != 0
	if snapshot {
		s.dataset.Delivery, s.dataset.Columns = landing.Snapshot, s.dataset.Columns[:4]
	}
	names := []string{"甲", "乙", "丙**", "丁"}
	standing := map[string]sent{}
	line := int64(1)
	for delivery := range 6 {
		s.days = append(s.days, credit.NewDate(2026, 1+delivery, 10))
		before := maps.Clone(standing)
		if snapshot {
			clear(standing)
		}
		var refused []sent
		for range dice.IntN(10) {
			line++
			row := sent{fmt.Sprint("r", dice.IntN(5)), names[dice.IntN(len(names))], delivery, line, !snapshot && dice.IntN(4) == 0}
			switch roll := dice.IntN(10); {
			case roll < 6:
				s.accepted = append(s.accepted, row)
				standing[row.record] = row
				if row.withdraws {
					delete(standing, row.record)
				}
			case roll < 8:
				row.record = ""
				fallthrough
			default:
				refused = append(refused, row)
			}
		}
		for _, r := range refused {
			for _, old := range before {
				_, replaced := standing[old.record]
				mayBe := r.record == old.record || r.record == "" && r.name == old.name && !strings.Contains(r.name, "*")
				if snapshot && mayBe && !replaced {
					standing[old.record] = old
				}
			}
		}
		s.refused = append(s.refused, refused...)
		var list []string
		for _, v := range standing {
			list = append(list, fmt.Sprint(v.record, " ", v.line))
		}
		slices.Sort(list)
		s.stands = append(s.stands, list)
	}
	return s
}

// given is a table as a run would give it.
type given struct {
	columns []landing.Column
	rows    [][]any
}

func (s *tale) give(tables map[string]*given) {
	add := func(table, columns string, row ...any) {
		if tables[table] == nil {
			tables[table] = &given{}
			for _, c := range strings.Fields(columns) {
				name, kind, _ := strings.Cut(c, ":")
				tables[table].columns = append(tables[table].columns, landing.Column{Name: name, Type: kind})
			}
		}
		if row != nil {
			tables[table].rows = append(tables[table].rows, row)
		}
	}
	batch := func(delivery int) string { return fmt.Sprintf("%s-b%d", s.dataset.Name, delivery) }
	current := func(delivery int) bool { return s.dataset.Delivery == landing.Delta || delivery == len(s.days)-1 }
	for i, day := range s.days {
		add("run.batches", "dataset:VARCHAR batch_id:VARCHAR batch_no:BIGINT known_on:DATE delivery:VARCHAR",
			s.dataset.Name, batch(i), int64(i+1), day.Time(), s.dataset.Delivery)
	}
	const landed = "record_id:VARCHAR subject_name:VARCHAR batch_id:VARCHAR batch_no:BIGINT line:BIGINT known_on:DATE is_current:BOOLEAN is_withdrawal:BOOLEAN"
	add("landing."+s.dataset.Table(), landed)
	add("rejects."+s.dataset.Table(), landed)
	add("landing.rejects", "dataset:VARCHAR batch_id:VARCHAR line:BIGINT record_id:VARCHAR subject_name:VARCHAR")
	for _, r := range s.accepted {
		row := []any{r.record, r.name, batch(r.delivery), int64(r.delivery + 1), r.line, s.days[r.delivery].Time(), current(r.delivery), r.withdraws}
		add("landing."+s.dataset.Table(), landed, row...)
		add("landing.records", "dataset:VARCHAR subject_id:VARCHAR clock_from_on:DATE "+landed, append([]any{s.dataset.Name, nil, nil}, row...)...)
	}
	for _, r := range s.refused {
		var record any
		if r.record != "" {
			record = r.record
		}
		add("rejects."+s.dataset.Table(), landed, record, r.name, batch(r.delivery), int64(r.delivery+1), r.line, s.days[r.delivery].Time(), current(r.delivery), false)
		add("landing.rejects", "", s.dataset.Name, batch(r.delivery), r.line, record, r.name)
	}
}

func query(t *testing.T, db *engine.DB, text string) []string {
	t.Helper()
	rows, err := db.Query(context.Background(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		list = append(list, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
