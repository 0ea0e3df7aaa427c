package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// local makes the table of a local model: from that of the run before where it is
// sure which subjects are touched, and else in full.
func (b *builder) local(ctx context.Context, m model.Model) (TableEntry, []CheckEntry, error) {
	t, err := b.touched(ctx, m)
	if err != nil {
		return TableEntry{}, nil, err
	}
	if t.why == "" {
		return b.merge(ctx, m, t)
	}
	return b.inBuckets(ctx, m, t.why)
}

// parts is where files are that are gone once the table stands. No two of a build
// have the same name, whatever the engine remembers of what it read under one.
func (b *builder) parts() string { return filepath.Join(b.dir, store.Temporary("parts")) }

func (b *builder) part(table, kind string, no int) string {
	return filepath.Join(b.parts(), fmt.Sprintf("%s.%s.%d.parquet", table, kind, no))
}

// inBuckets evaluates a local model for all subjects, range by range, and puts
// the parts together, which are in the order of the table already.
func (b *builder) inBuckets(ctx context.Context, m model.Model, why string) (TableEntry, []CheckEntry, error) {
	entry := TableEntry{Name: m.Name}
	buckets, err := b.buckets(ctx)
	if err != nil {
		return entry, nil, err
	}
	entry.Made = Making{Buckets: len(buckets), Why: why}
	inputs, err := b.localInputs(m)
	if err != nil {
		return entry, nil, err
	}
	for _, in := range inputs {
		if err := b.cut(in, buckets); err != nil {
			return entry, nil, err
		}
	}
	if err := b.widen(ctx, inputs...); err != nil { // for its checks
		return entry, nil, err
	}
	known := map[int]finding{}
	parts := make([]string, len(buckets))
	for i, k := range buckets {
		parts[i] = b.part(m.Name, "rows", i)
		in := func(entry TableEntry) (string, error) { return k.rows(entry), nil }
		if err := b.within(ctx, m, inputs, in, parts[i], known); err != nil {
			return entry, nil, err
		}
	}
	if err := b.concatenate(parts, TablePath(b.dir, m.Name)); err != nil {
		return entry, nil, err
	}
	if entry, err = b.describe(ctx, entry); err != nil {
		return entry, nil, err
	}
	checks, err := b.check(ctx, m, entry, known)
	return entry, checks, err
}

// localInputs are the tables of the run that a local model reads a part of.
func (b *builder) localInputs(m model.Model) (list []TableEntry, err error) {
	for _, in := range m.Inputs {
		if model.IsShared(in) {
			continue
		}
		entry, ok := b.m.Table(in)
		if !ok {
			return nil, fmt.Errorf("a local model reads tables that the run holds, and %s is none", in)
		}
		list = append(list, entry)
	}
	return list, nil
}

// widen lets models see the tables whole again that within showed a part of, but
// for those that it will show a part of next. It is left until somebody looks, since
// it opens the files of each.
func (b *builder) widen(ctx context.Context, but ...TableEntry) error {
	for table := range b.narrow {
		if slices.ContainsFunc(but, func(e TableEntry) bool { return e.Name == table }) {
			continue
		}
		entry, _ := b.m.Table(table)
		if err := b.db.View(ctx, table, entry.query(b.dir)); err != nil {
			return err
		}
		delete(b.narrow, table)
	}
	return nil
}

// A restriction gives the rows of a table that a model is evaluated on.
type restriction func(TableEntry) (query string, err error)

// within evaluates a local model on a part of its inputs, writes its rows, and
// adds what its checks by subject find on them.
func (b *builder) within(ctx context.Context, m model.Model, inputs []TableEntry, part restriction, file string, known map[int]finding) error {
	for _, entry := range inputs {
		query, err := part(entry)
		if err != nil {
			return err
		}
		b.narrow[entry.Name] = true
		if err := b.db.View(ctx, entry.Name, query); err != nil {
			return err
		}
	}
	if err := b.write(ctx, sorted(m, m.SQL), file); err != nil {
		return err
	}
	if err := b.db.View(ctx, m.Name, parquet(file)); err != nil {
		return err
	}
	for i, c := range checksOf(m) {
		if !bySubject(m, c) {
			continue
		}
		f, err := b.find(ctx, m.Name, c)
		if err != nil {
			return fmt.Errorf("check %s: %w", c, err)
		}
		f.add(known[i])
		known[i] = f
	}
	return nil
}

// concatenate makes one file of parts, one after the other.
func (b *builder) concatenate(parts []string, file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if len(parts) == 1 {
		return os.Rename(parts[0], file)
	}
	temp := filepath.Join(b.dir, store.Temporary("table.parquet"))
	if err := engine.Concat(parts, temp); err != nil {
		return err
	}
	return os.Rename(temp, file)
}

// describeSubjects digests a table by subject, range by range.
func (b *builder) describeSubjects(ctx context.Context, entry *TableEntry) (sums engine.Sums, err error) {
	buckets, err := b.buckets(ctx)
	if err != nil {
		return sums, err
	}
	if err := b.cut(*entry, buckets); err != nil {
		return sums, err
	}
	if len(buckets) > 1 { // rows that name nobody lie in no range
		dirs := b.cutDirs(buckets)
		nobody := fmt.Sprintf("select * from (%s) where %s is null", entry.query(dirs[len(dirs)-1]), model.SubjectID)
		if sums, err = b.db.Sums(ctx, nobody); err != nil {
			return sums, err
		}
	}
	parts := make([]string, len(buckets))
	if err := os.MkdirAll(b.parts(), 0o755); err != nil {
		return sums, err
	}
	for i, k := range buckets {
		parts[i] = b.part(entry.Name, "subjects", i)
		s, err := b.db.SumsBy(ctx, k.rows(*entry), model.SubjectID, parts[i])
		if err != nil {
			return sums, err
		}
		sums.Add(s)
	}
	file := entry.bySubjectPath(b.dir)
	if err := b.concatenate(parts, file); err != nil {
		return sums, err
	}
	digest, err := store.Sum(file)
	entry.BySubject = &digest
	return sums, err
}
