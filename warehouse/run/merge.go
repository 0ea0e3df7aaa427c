package run

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// merge makes the table of a local model from that of the run before. The model
// is evaluated for the touched subjects on their rows alone. The file of the last
// full evaluation becomes the base, as it is; beside it stand the subjects whose
// rows there no longer hold, and the rows that hold for them.
func (b *builder) merge(ctx context.Context, m model.Model, t touchedBy) (TableEntry, []CheckEntry, error) {
	before := b.plan.Previous
	was, _ := before.Manifest.Table(m.Name)
	entry := TableEntry{Name: m.Name, Columns: was.Columns, Made: Making{Touched: &t.n}}
	inputs, err := b.localInputs(m)
	if err != nil {
		return entry, nil, err
	}
	if err := b.widen(ctx, inputs...); err != nil { // for its checks
		return entry, nil, err
	}
	fresh, known := b.part(m.Name, "touched", 0), map[int]finding{}
	if err := b.within(ctx, m, inputs, b.kept(ctx, t), fresh, known); err != nil {
		return entry, nil, err
	}
	if b.read[m.Name] {
		if err := b.keep(ctx, m.Name, t, "select * from ("+parquet(fresh)+")"); err != nil {
			return entry, nil, err
		}
	}
	columns, err := b.db.Columns(ctx, parquet(fresh))
	if err != nil {
		return entry, nil, err
	}
	if !slices.Equal(columns, was.Columns) {
		return b.inBuckets(ctx, m, "its columns are not those of run "+before.ID)
	}
	if err := b.layer(ctx, m, t, was, fresh, &entry); err != nil {
		return entry, nil, err
	}
	sums, err := engine.ParseSums(was.Rows, was.Sums)
	if err != nil {
		return entry, nil, err
	}
	went, err := b.touchedRows(ctx, t, was, before.Dir)
	if err != nil {
		return entry, nil, err
	}
	gone, err := b.db.Sums(ctx, went)
	if err != nil {
		return entry, nil, err
	}
	come, err := b.db.Sums(ctx, parquet(fresh))
	if err != nil {
		return entry, nil, err
	}
	sums.Sub(gone)
	sums.Add(come)
	entry.Rows, entry.Content, entry.Sums = sums.Rows, sums.Digest(entry.Columns), sums.Texts()
	if err := b.db.View(ctx, m.Name, entry.query(b.dir)); err != nil {
		return entry, nil, err
	}
	b.forget(m, known)
	checks, err := b.check(ctx, m, entry, known)
	return entry, checks, err
}

// forget drops what checks found on the touched subjects where that is not all:
// a check that found something in the run before is made on the whole table.
func (b *builder) forget(m model.Model, known map[int]finding) {
	passed := map[string]bool{}
	for _, c := range b.plan.Previous.Manifest.Checks {
		if c.Table == m.Name && c.OK {
			passed[c.Severity+c.Check] = true
		}
	}
	for i, c := range checksOf(m) {
		if !passed[c.Severity+c.String()] {
			delete(known, i)
		}
	}
}

// touchedRows are those that a table of a run has of touched subjects. Where these
// are fewer than its row groups, the ones that hold none are left out before any is
// decoded.
func (b *builder) touchedRows(ctx context.Context, t touchedBy, entry TableEntry, dir string) (string, error) {
	query := entry.query(dir)
	if t.n < entry.Rows/engine.GroupRows {
		picked := b.picked()
		ids, err := b.db.Texts(ctx, "select subject_id from "+t.table+" order by 1")
		if err != nil {
			return "", err
		}
		for i, path := range entry.rowPaths(dir) {
			to := entry.rowPaths(picked)[i]
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return "", err
			}
			if err := engine.Pick(path, model.SubjectID, ids, to); err != nil {
				return "", err
			}
		}
		query = entry.query(picked)
	}
	return fmt.Sprintf("select * from (%s) semi join %s using (subject_id)", query, t.table), nil
}

// picked is a folder for row groups of touched subjects.
func (b *builder) picked() string {
	b.picks++
	return filepath.Join(b.parts(), fmt.Sprintf("picked.%d", b.picks))
}

// keptRows are the rows of an input for some touched subjects, in memory.
type keptRows struct {
	of    touchedBy
	table string
}

// kept puts what an input holds for the touched subjects into memory, as models
// read it many times; the next model of the same subjects finds it there, also
// what was judged of them just now.
func (b *builder) kept(ctx context.Context, t touchedBy) restriction {
	return func(entry TableEntry) (string, error) {
		table := entry.Name
		if rows, ok := b.rows[table]; ok {
			same, err := b.same(ctx, t, rows.of)
			if err != nil || same {
				return "select * from " + rows.table, err
			}
		}
		query, err := b.touchedRows(ctx, t, entry, b.dir)
		if err != nil {
			return "", err
		}
		err = b.keep(ctx, table, t, fmt.Sprintf("select %s from (%s)", b.mentioned(table), query))
		return "select * from " + b.rows[table].table, err
	}
}

func (b *builder) keep(ctx context.Context, table string, t touchedBy, query string) error {
	rows := keptRows{t, "touched." + engine.Ident("rows of "+table)}
	b.rows[table] = rows
	return b.db.Exec(ctx, fmt.Sprintf("create or replace table %s as %s", rows.table, query))
}

// same tells whether two sets of subjects are one.
func (b *builder) same(ctx context.Context, t, other touchedBy) (is bool, err error) {
	if t.n != other.n {
		return false, nil
	}
	return is, b.db.QueryRow(ctx, fmt.Sprintf("select count(*) = 0 from %s anti join %s using (subject_id)", t.table, other.table)).Scan(&is)
}

// mentioned are the columns of an input that a local model or its checks mention.
func (b *builder) mentioned(table string) string {
	var texts []string
	for _, m := range b.plan.Models {
		if m.Local.Is && slices.Contains(m.Inputs, table) {
			texts = append(texts, m.SQL, strings.Join(m.Grain, " "))
			for _, c := range m.Checks {
				texts = append(texts, c.NoRows)
			}
		}
	}
	text := strings.Join(texts, "\n")
	entry, ok := b.m.Table(table)
	if !ok || allColumns.MatchString(text) {
		return "*"
	}
	words := map[string]bool{model.SubjectID: true}
	for _, word := range identifier.FindAllString(text, -1) {
		words[word] = true
	}
	var list []string
	for _, c := range entry.Columns {
		if words[c.Name] {
			list = append(list, engine.Ident(c.Name))
		}
	}
	return strings.Join(list, ", ")
}

var (
	allColumns = regexp.MustCompile(`(?i)\bselect\s+(distinct\s+)?\*|\.\*`)
	identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
)

// layer writes the files of the merged table.
func (b *builder) layer(ctx context.Context, m model.Model, t touchedBy, was TableEntry, fresh string, entry *TableEntry) (err error) {
	before := b.plan.Previous
	if t.n == 0 { // the table is the one before
		entry.File, entry.Blocks, entry.Layers, entry.BySubject = was.File, was.Blocks, was.Layers, was.BySubject
		there, here := was.paths(before.Dir), entry.paths(b.dir)
		for i := range there {
			if err := share(there[i], here[i]); err != nil {
				return err
			}
		}
		return nil
	}
	base, replaced, changed := was.Path(before.Dir), "select subject_id from "+t.table, parquet(fresh)
	entry.Layers = &Layers{Run: before.ID, Base: Stored{was.File, was.Blocks}}
	if was.Layers != nil {
		base = was.BasePath(before.Dir)
		entry.Layers.Run, entry.Layers.Base = was.Layers.Run, was.Layers.Base
		replaced += " union " + parquet(was.ReplacedPath(before.Dir))
		changed = fmt.Sprintf("select * from (%s) anti join %s using (subject_id) union all %s", parquet(was.Path(before.Dir)), t.table, changed)
	}
	if err := share(base, entry.BasePath(b.dir)); err != nil {
		return err
	}
	if err := b.write(ctx, "select subject_id from ("+replaced+") order by 1", entry.ReplacedPath(b.dir)); err != nil {
		return err
	}
	if entry.Layers.Replaced, err = sumStored(entry.ReplacedPath(b.dir)); err != nil {
		return err
	}
	if err := b.db.QueryRow(ctx, "select count(*) from ("+parquet(entry.ReplacedPath(b.dir))+")").Scan(&entry.Layers.Subjects); err != nil {
		return err
	}
	if err := b.write(ctx, sorted(m, changed), entry.Path(b.dir)); err != nil {
		return err
	}
	entry.File, entry.Blocks, err = store.SumBlocks(entry.Path(b.dir))
	return err
}

// share gives a file that never changes a second name, or copies it where the
// disk does not let it.
func share(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return store.Write(to, 0o644, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}
