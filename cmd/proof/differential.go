package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
)

// byRecord are the tables whose rows name a record and not its subject.
var byRecord = map[string]bool{"intermediate.record_classes": true, "intermediate.record_cases": true}

// lines is a SELECT of one row a subject: the rows of the table, which stand in
// from, as the reference writes them.
func lines(name, from string) string {
	subject := "t.subject_id"
	from += " as t"
	var texts []string
	for _, column := range strings.Split(reference.Columns[name], ", ") {
		texts = append(texts, fmt.Sprintf("coalesce(cast(t.%s as varchar), '%s')", column, reference.Null))
	}
	if byRecord[name] {
		from, subject = from+" inner join intermediate.records as r on r.record_id = t.record_id", "r.subject_id"
	}
	line := strings.Join(texts, " || '|' || ")
	return fmt.Sprintf("select %s as subject_id, string_agg(%s, chr(10) order by %s) as lines from %s group by %s", subject, line, line, from, subject)
}

// expect loads what the reference says of each subject.
func (w *world) expect(ctx context.Context, want map[string]reference.Verdict) error {
	for _, m := range w.models {
		var rows [][]any
		for id, v := range want {
			if _, ok := v[m.Name]; ok {
				rows = append(rows, []any{id, v.Lines(m.Name)})
			}
		}
		if err := (table{"subject_id, lines", rows}).load(ctx, w.db, wanted(m.Name)); err != nil {
			return err
		}
	}
	return nil
}

func wanted(name string) string { return "wanted." + strings.ReplaceAll(name, ".", "__") }

// A difference is where models and reference do not say the same.
type difference struct {
	table, subject, model, reference string
}

func (d *difference) Error() string {
	return fmt.Sprintf("%s of %s\nmodel:\n%s\nreference:\n%s", d.table, d.subject, d.model, d.reference)
}

// compare returns the first difference in a table, or nil.
func (w *world) compare(ctx context.Context, name string) (*difference, error) {
	return w.compareWith(ctx, name, name)
}

// compareWith compares what stands in from as if it were the table.
func (w *world) compareWith(ctx context.Context, name, from string) (*difference, error) {
	rows, err := w.db.Query(ctx, fmt.Sprintf(`select coalesce(got.subject_id, want.subject_id, ''), coalesce(got.lines, 'no row'), coalesce(want.lines, 'no row')
		from (%s) as got full join %s as want on want.subject_id = got.subject_id
		where got.lines is distinct from want.lines order by 1 limit 1`, lines(name, from), wanted(name)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	d := &difference{table: name}
	return d, rows.Scan(&d.subject, &d.model, &d.reference)
}

// differ evaluates enterprises by models and by the reference and returns the
// first difference.
func (w *world) differ(ctx context.Context, g *generator, rules *reference.Rules, list []reference.Enterprise) error {
	if err := w.load(ctx, g, list); err != nil {
		return err
	}
	want := make(map[string]reference.Verdict, len(list))
	for _, e := range list {
		want[e.ID] = reference.Judge(rules, g.editions, e)
	}
	return w.judge(ctx, want)
}

// judge makes every table of the world and holds it against what is wanted.
func (w *world) judge(ctx context.Context, want map[string]reference.Verdict) error {
	if err := w.expect(ctx, want); err != nil {
		return err
	}
	for _, m := range w.models {
		if err := w.make(ctx, m.Name, m.SQL); err != nil {
			return err
		}
		d, err := w.compare(ctx, m.Name)
		if err != nil {
			return err
		}
		if d != nil {
			return d
		}
	}
	return nil
}

const (
	batch  = 20_000 // enterprises that are judged together
	weight = 4      // records of an enterprise, about
)

// differential judges random enterprises, some thousands at a time: each batch
// on a day of its own, by the rulebooks in turn.
func (o options) differential(ctx context.Context, books []rulebook) error {
	size := min(batch, max(o.enterprises/(4*len(books)), 1))
	batches := (o.enterprises + size - 1) / size
	var lock sync.Mutex
	rows := map[string]int64{}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(o.workers)
	for n := range batches {
		work.Go(func() error {
			book, day := books[n%len(books)], turning[n/len(books)%len(turning)]
			found, err := differOnce(ctx, book, day, o.seed+uint64(n), size)
			if err != nil {
				return fmt.Errorf("rules %s on %s, seed %d: %w", book.name, day, o.seed+uint64(n), err)
			}
			lock.Lock()
			defer lock.Unlock()
			for name, n := range found {
				rows[name] += n
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	for _, name := range []string{"intermediate.record_states", "scores.contributions", "scores.vetoes", "overlay.override_hits", "overlay.conflicts"} {
		o.figure("rows_of_"+strings.ReplaceAll(name, ".", "_"), rows[name])
		if rows[name] < int64(o.enterprises)/100 {
			return fmt.Errorf("%s has %d rows of %d enterprises: nothing was tried", name, rows[name], o.enterprises)
		}
	}
	o.figure("enterprises", batches*size)
	o.figure("differences", 0)
	return nil
}

// differOnce judges one batch and returns the rows of each table.
func differOnce(ctx context.Context, book rulebook, day credit.Date, seed uint64, size int) (map[string]int64, error) {
	set, rules, err := book.on(day)
	if err != nil {
		return nil, err
	}
	w, err := newWorld(ctx, set)
	if err != nil {
		return nil, err
	}
	defer w.close()
	g := newGenerator(seed, set, day)
	if err := w.differ(ctx, g, rules, g.enterprises(size, weight)); err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	for name := range reference.Columns {
		var n int64
		if err := w.db.QueryRow(ctx, "select count(*) from "+name).Scan(&n); err != nil {
			return nil, err
		}
		rows[name] = n
	}
	return rows, nil
}
