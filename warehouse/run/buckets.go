package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

// A bucket is a range of subject_id in which local models are evaluated, and the
// folder with what tables hold for it: that of the run where there is one bucket.
type bucket struct {
	engine.Range
	dir string
}

// rows are those of a table in the bucket. Its files there may hold some more.
func (k bucket) rows(entry TableEntry) string {
	query := entry.query(k.dir)
	var bounds []string
	if k.From != "" {
		bounds = append(bounds, model.SubjectID+" >= "+engine.Quote(k.From))
	}
	if k.Below != "" {
		bounds = append(bounds, model.SubjectID+" < "+engine.Quote(k.Below))
	}
	if bounds == nil {
		return query
	}
	return fmt.Sprintf("select * from (%s) where %s", query, strings.Join(bounds, " and "))
}

// buckets are those of the run, in their order.
func (b *builder) buckets(ctx context.Context) ([]bucket, error) {
	if b.divided != nil {
		return b.divided, nil
	}
	size := int64(b.Bucket)
	if size == 0 {
		size = defaultBucket
	}
	entry, ok := b.m.Table(population)
	if !ok || entry.Rows <= size {
		return []bucket{{dir: b.dir}}, nil // of a table before that of the subjects too
	}
	rows, err := b.db.Query(ctx, fmt.Sprintf(`select subject_id from (
		select subject_id, row_number() over (order by subject_id) as n from (%s)) where n > 1 and n %% %d = 1 %% %d order by 1`,
		entry.query(b.dir), size, size))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []bucket
	add := func(from, below string) {
		list = append(list, bucket{engine.Range{From: from, Below: below}, filepath.Join(b.cutDir(), strconv.Itoa(len(list)))})
	}
	from := ""
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		add(from, id)
		from = id
	}
	add(from, "")
	b.divided = list
	return list, rows.Err()
}

func (b *builder) cutDir() string { return filepath.Join(b.dir, store.Temporary("buckets")) }

// cutDirs are the folders of the buckets, and last that of rows which name nobody.
func (b *builder) cutDirs(buckets []bucket) []string {
	var dirs []string
	for _, k := range buckets {
		dirs = append(dirs, k.dir)
	}
	return append(dirs, filepath.Join(b.cutDir(), "nobody"))
}

// cut gives each bucket files of its own of a table, until drop takes them away:
// a statement pays for all of a file that it opens, and each bucket opens it for
// each model.
func (b *builder) cut(entry TableEntry, buckets []bucket) error {
	if len(buckets) == 1 || b.isCut[entry.Name] {
		return nil
	}
	ranges := make([]engine.Range, len(buckets))
	for i, k := range buckets {
		ranges[i] = k.Range
	}
	for n, whole := range entry.rowPaths(b.dir) {
		var to []string
		for _, dir := range b.cutDirs(buckets) {
			path := entry.rowPaths(dir)[n]
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			to = append(to, path)
		}
		if err := engine.Cut(whole, model.SubjectID, ranges, to); err != nil {
			return err
		}
	}
	b.isCut[entry.Name] = true
	return nil
}

// drop removes the buckets' files of tables that no local model to come reads.
func (b *builder) drop(todo []model.Model) error {
	for table := range b.isCut {
		if slices.ContainsFunc(todo, func(m model.Model) bool { return m.Local.Is && slices.Contains(m.Inputs, table) }) {
			continue
		}
		entry, _ := b.m.Table(table)
		for _, dir := range b.cutDirs(b.divided) {
			for _, path := range entry.rowPaths(dir) {
				if err := os.Remove(path); err != nil {
					return err
				}
			}
		}
		delete(b.isCut, table)
	}
	return nil
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
	inputs, err := b.localInputs(m)
	if err != nil {
		return entry, nil, err
	}
	for _, in := range inputs {
		if err := b.cut(in, buckets); err != nil {
			return entry, nil, err
		}
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

// widen lets models see the tables whole again that within showed a part of. It is
// left until somebody looks, since it opens the files of each.
func (b *builder) widen(ctx context.Context) error {
	for table := range b.narrow {
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
