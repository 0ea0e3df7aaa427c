package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

const (
	defaultBucket = 100_000
	// population is the table whose subjects are divided among the buckets.
	population = "intermediate.subjects"
)

// subjects is a range of subject_id, from the first on and below the end; empty
// is without bound.
type subjects struct{ from, below string }

// of restricts the rows of a query to the range.
func (s subjects) of(query string) string {
	var bounds []string
	if s.from != "" {
		bounds = append(bounds, model.SubjectID+" >= "+engine.Quote(s.from))
	}
	if s.below != "" {
		bounds = append(bounds, model.SubjectID+" < "+engine.Quote(s.below))
	}
	if bounds == nil {
		return query
	}
	return fmt.Sprintf("select * from (%s) where %s", query, strings.Join(bounds, " and "))
}

func (s subjects) restrict(_, query string) (string, error) { return s.of(query), nil }

// A restriction gives the part of an input that a model is evaluated on.
type restriction func(table, query string) (string, error)

// buckets are the ranges in which local models are evaluated, in their order. As
// tables are sorted by subject, the engine reads of each only what lies in the
// range.
func (b *builder) buckets(ctx context.Context) ([]subjects, error) {
	if b.ranges != nil {
		return b.ranges, nil
	}
	size := int64(b.Bucket)
	if size == 0 {
		size = defaultBucket
	}
	entry, ok := b.m.Table(population)
	if !ok || entry.Rows <= size {
		return []subjects{{}}, nil // of a table before that of the subjects too
	}
	rows, err := b.db.Query(ctx, fmt.Sprintf(`select subject_id from (
		select subject_id, row_number() over (order by subject_id) as n from (%s)) where n > 1 and n %% %d = 1 %% %d order by 1`,
		entry.query(b.dir), size, size))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list, from := []subjects{}, ""
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		list, from = append(list, subjects{from, id}), id
	}
	b.ranges = append(list, subjects{from: from})
	return b.ranges, rows.Err()
}

// parts is where files are that are gone once the table stands. No two of a build
// have the same name: the engine remembers what it read under one.
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
	known := map[int]finding{}
	parts := make([]string, len(buckets))
	for i, bucket := range buckets {
		parts[i] = b.part(m.Name, "rows", i)
		if err := b.within(ctx, m, bucket.restrict, parts[i], known); err != nil {
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

// within evaluates a local model on a part of its inputs, writes its rows, and
// adds what its checks by subject find on them.
func (b *builder) within(ctx context.Context, m model.Model, restrict restriction, file string, known map[int]finding) (failed error) {
	for _, in := range m.Inputs {
		if model.IsShared(in) {
			continue
		}
		entry, ok := b.m.Table(in)
		if !ok {
			return fmt.Errorf("a local model reads tables that the run holds, and %s is none", in)
		}
		query, err := restrict(in, entry.query(b.dir))
		if err != nil {
			return err
		}
		if err := b.db.View(ctx, in, query); err != nil {
			return err
		}
		defer func() { failed = errors.Join(failed, b.db.View(ctx, in, entry.query(b.dir))) }()
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
	all := parquet(TablePath(b.dir, entry.Name))
	if len(buckets) > 1 { // rows that name nobody lie in no range
		if sums, err = b.db.Sums(ctx, fmt.Sprintf("select * from (%s) where %s is null", all, model.SubjectID)); err != nil {
			return sums, err
		}
	}
	parts := make([]string, len(buckets))
	if err := os.MkdirAll(b.parts(), 0o755); err != nil {
		return sums, err
	}
	for i, bucket := range buckets {
		parts[i] = b.part(entry.Name, "subjects", i)
		s, err := b.db.SumsBy(ctx, bucket.of(all), model.SubjectID, parts[i])
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
