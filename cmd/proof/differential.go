package main

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
)

// byRecord are the tables whose rows name a record and not its subject.
var byRecord = map[string]bool{"intermediate.record_classes": true, "intermediate.record_cases": true}

// lineOf is a row of the table, which stands as t, as the reference writes it.
func lineOf(name string) string {
	var texts []string
	for _, column := range strings.Split(reference.Columns[name], ", ") {
		texts = append(texts, fmt.Sprintf("coalesce(cast(t.%s as varchar), '%s')", column, reference.Null))
	}
	return strings.Join(texts, " || '|' || ")
}

// lines is a SELECT of one row a subject: the rows of the table, which stand in
// from, as the reference writes them.
func lines(name, from string) string {
	subject := "t.subject_id"
	from += " as t"
	if byRecord[name] {
		from, subject = from+" inner join intermediate.records as r on r.record_id = t.record_id", "r.subject_id"
	}
	line := lineOf(name)
	return fmt.Sprintf("select %s as subject_id, string_agg(%s, chr(10) order by %s) as lines from %s group by %s", subject, line, line, from, subject)
}

// A print is how many rows a table has and the sum of their digests: rows in
// whatever order, and no fewer of a kind.
type print struct {
	rows int64
	sum  string // modulo 2 to the 64th
}

// printOf is the print of what a query gives for a table.
func (w *world) printOf(ctx context.Context, name, query string) (p print, err error) {
	line := lineOf(name)
	if !byRecord[name] {
		line = "t.subject_id || '|' || " + line
	}
	err = w.db.QueryRow(ctx, fmt.Sprintf("select count(*), cast(coalesce(sum(md5_number_lower(%s)), 0) %% 18446744073709551616 as varchar) from (%s) as t", line, query)).Scan(&p.rows, &p.sum)
	return p, err
}

// printWanted is the print of what the reference says.
func printWanted(name string, want map[string]reference.Verdict) print {
	rows, sum := int64(0), uint64(0)
	for id, v := range want {
		for _, line := range v[name] {
			if !byRecord[name] {
				line = id + "|" + line
			}
			digest := md5.Sum([]byte(line))
			sum += binary.LittleEndian.Uint64(digest[8:])
			rows++
		}
	}
	return print{rows, strconv.FormatUint(sum, 10)}
}

// A difference is where models and reference do not say the same.
type difference struct {
	table, subject, model, reference string
}

func (d *difference) Error() string {
	return fmt.Sprintf("%s of %s\nmodel:\n%s\nreference:\n%s", d.table, d.subject, d.model, d.reference)
}

// difference is the first one between a table and what the reference says.
func (w *world) difference(ctx context.Context, name string, want map[string]reference.Verdict) error {
	wanted := table{columns: "subject_id, lines"}
	for id, v := range want {
		if _, ok := v[name]; ok {
			wanted.rows = append(wanted.rows, []any{id, v.Lines(name)})
		}
	}
	if err := wanted.load(ctx, w.db, "proof.wanted"); err != nil {
		return err
	}
	d := &difference{table: name}
	err := w.db.QueryRow(ctx, fmt.Sprintf(`select coalesce(got.subject_id, want.subject_id, ''), coalesce(got.lines, 'no row'), coalesce(want.lines, 'no row')
		from (%s) as got full join proof.wanted as want on want.subject_id = got.subject_id
		where got.lines is distinct from want.lines order by 1 limit 1`, lines(name, name))).Scan(&d.subject, &d.model, &d.reference)
	if err != nil {
		return fmt.Errorf("%s: the prints differ, the lines: %w", name, err)
	}
	return d
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
	for _, m := range w.models {
		if err := w.make(ctx, m.Name, m.SQL); err != nil {
			return err
		}
		got, err := w.printOf(ctx, m.Name, "select * from "+m.Name)
		if err != nil {
			return err
		}
		if got != printWanted(m.Name, want) {
			return w.difference(ctx, m.Name, want)
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
	rows, judged := map[string]int64{}, 0
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
			if judged += size; judged%(10*batch) == 0 {
				fmt.Fprintf(o.out, "%7d enterprises without a difference\n", judged)
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
