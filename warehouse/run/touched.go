package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// touchedBy are the subjects for which a local model may give other rows than in
// the run before, or why that cannot be told.
type touchedBy struct {
	table string // on the engine, one column subject_id
	n     int64
	why   string
}

func doubt(format string, args ...any) touchedBy { return touchedBy{why: fmt.Sprintf(format, args...)} }

const defaultTouchedShare = 10

// touched tells for whom a local model is to be evaluated. It follows from the
// tables of both runs alone, so that a build that was cut off finds it again.
func (b *builder) touched(ctx context.Context, m model.Model) (touchedBy, error) {
	if t, ok := b.sets[m.Name]; ok {
		return t, nil
	}
	t, err := b.findTouched(ctx, m)
	if err == nil {
		b.sets[m.Name] = t
	}
	return t, err
}

func (b *builder) findTouched(ctx context.Context, m model.Model) (touchedBy, error) {
	before := b.plan.Previous
	switch {
	case b.Full:
		return doubt("a full evaluation was asked for"), nil
	case before == nil:
		return doubt("there is no run before"), nil
	case before.Manifest.AsOf > b.plan.AsOf.String():
		return doubt("run %s speaks for a later day", before.ID), nil
	}
	was, ok := before.Manifest.Table(m.Name)
	if !ok || len(was.Sums) == 0 || !slices.Contains(before.Manifest.Models, ModelRef{m.Name, m.File, m.Hash()}) {
		return doubt("the model is not that of run %s", before.ID), nil
	}
	version, err := b.db.Version(ctx)
	if err != nil {
		return touchedBy{}, err
	}
	if before.Manifest.Engine != version {
		return doubt("run %s was made by %s", before.ID, before.Manifest.Engine), nil
	}
	var parts []string
	for _, in := range m.Inputs {
		t, err := b.changed(ctx, m, in)
		if err != nil || t.why != "" {
			return t, err
		}
		if t.table != "" {
			parts = append(parts, "select subject_id from "+t.table)
		}
	}
	if err := was.check(before.Dir); err != nil {
		return doubt("its table in run %s is damaged", before.ID), nil
	}
	passed, err := b.passed(m)
	if err != nil {
		return touchedBy{}, err
	}
	t, err := b.set(ctx, m.Name, append(parts, passed...))
	if err != nil {
		return t, err
	}
	if err := b.tooMany(was, &t); err != nil {
		return t, err
	}
	return t, nil
}

// changed are the subjects with other rows in an input than in the run before; no
// table where there are none.
func (b *builder) changed(ctx context.Context, m model.Model, in string) (touchedBy, error) {
	before := b.plan.Previous
	if in == model.Parameters {
		if len(m.Local.Days) == 0 && before.Manifest.AsOf != b.plan.AsOf.String() {
			return doubt("the day enters"), nil
		}
		return touchedBy{}, nil
	}
	is, ok := b.m.Table(in)
	was, had := before.Manifest.Table(in)
	switch {
	case !ok || !had:
		return doubt("%s is not a table of both runs", in), nil
	case !slices.Equal(is.Columns, was.Columns):
		return doubt("%s has other columns", in), nil
	case is.Content == was.Content:
		return touchedBy{}, nil
	case model.IsShared(in):
		return doubt("%s is not as in run %s", in, before.ID), nil
	}
	for _, other := range b.plan.Models {
		if other.Name == in && other.Local.Is && is.Made.Touched != nil {
			return b.touched(ctx, other)
		}
	}
	if is.BySubject == nil || was.BySubject == nil {
		return doubt("run %s does not tell the subjects of %s apart", before.ID, in), nil
	}
	if store.Check(was.bySubjectPath(before.Dir), *was.BySubject) != nil {
		return doubt("%s of run %s is damaged", in, before.ID), nil
	}
	name := "input of " + in
	if t, ok := b.sets[name]; ok {
		return t, nil
	}
	query := fmt.Sprintf(`select coalesce(is_.subject_id, was.subject_id) as subject_id from (%s) as is_
		full join (%s) as was on was.subject_id = is_.subject_id
		where is_.rows is distinct from was.rows or is_.hash is distinct from was.hash`,
		parquet(is.bySubjectPath(b.dir)), parquet(was.bySubjectPath(before.Dir)))
	t, err := b.set(ctx, name, []string{query})
	if err == nil {
		b.sets[name] = t
	}
	return t, err
}

// set keeps the subjects that some queries find.
func (b *builder) set(ctx context.Context, name string, queries []string) (touchedBy, error) {
	t := touchedBy{table: "touched." + engine.Ident(name)}
	queries = append(queries, "select cast(null as varchar) as subject_id")
	err := b.db.Exec(ctx, fmt.Sprintf("create schema if not exists touched; create or replace table %s as select subject_id from (%s) where subject_id is not null order by 1",
		t.table, strings.Join(queries, " union ")))
	if err != nil {
		return t, err
	}
	return t, b.db.QueryRow(ctx, "select count(*) from "+t.table).Scan(&t.n)
}

// passed finds the subjects with a date from the day of the run before to that of
// this one, so moved: whichever way it is compared with the day, <, <=, > or >=,
// no other comparison turns.
func (b *builder) passed(m model.Model) (queries []string, err error) {
	for _, p := range m.Local.Days {
		entry, ok := b.m.Table(p.Table)
		if !ok {
			return nil, fmt.Errorf("%s is no table of the run", p.Table)
		}
		queries = append(queries, fmt.Sprintf("select subject_id from (%[1]s) where %[2]s >= fx_add_months(date '%[3]s', -%[5]d) and %[2]s <= fx_add_months(date '%[4]s', -%[5]d)",
			entry.query(b.dir), engine.Ident(p.Column), b.plan.Previous.Manifest.AsOf, b.plan.AsOf, p.Months))
	}
	return queries, nil
}

// tooMany turns to a full evaluation where the subjects that would be replaced
// are a large share of all: reading past them would cost more than it saves.
func (b *builder) tooMany(was TableEntry, t *touchedBy) error {
	share := int64(b.TouchedShare)
	if share == 0 {
		share = defaultTouchedShare
	}
	all, ok := b.m.Table(population)
	if !ok {
		*t = doubt("how many subjects there are is not known")
		return nil
	}
	replaced := t.n
	if was.Layers != nil {
		replaced += was.Layers.Subjects
	}
	if replaced*100 > all.Rows*share {
		*t = doubt("%d of %d subjects are touched or have been since the last full evaluation", replaced, all.Rows)
	}
	return nil
}
