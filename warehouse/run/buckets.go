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
	firsts, err := b.db.Texts(ctx, fmt.Sprintf(`select subject_id from (
		select subject_id, row_number() over (order by subject_id) as n from (%s)) where n > 1 and n %% %d = 1 %% %d order by 1`,
		entry.query(b.dir), size, size))
	if err != nil {
		return nil, err
	}
	from := ""
	for i, below := range append(firsts, "") {
		b.divided = append(b.divided, bucket{engine.Range{From: from, Below: below}, filepath.Join(b.cutDir(), strconv.Itoa(i))})
		from = below
	}
	return b.divided, nil
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
