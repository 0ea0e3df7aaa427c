package workbook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/store"
)

// ExportLists writes the supervision lists of the run on db below dir, one for
// each department and division that has rows:
//
//	lists/<department>/<division code>-<division name>.xlsx
//	lists/<department>/<division code>-<division name>.csv
//	lists/<department>/<division code>-<division name>.parquet
//
// The workbook has 说明, a sheet for each supervision class, the strictest
// first, to be filled in, 变动 with what changed since the run before, and 结果代码;
// the Parquet file has the same rows with all columns of lists.supervision, the CSV
// file with all that the columns say. Rows stand by class, scheme and code. It needs
// lists.supervision, rules.tiers, rules.schemes, rules.inspection_quotas,
// rules.inspection_results and run.parameters. Two lists are written at a time.
//
// It has the form of the Export hook of a run.
func ExportLists(ctx context.Context, db *engine.DB, dir string) error {
	x := listExport{db: db, dir: filepath.Join(dir, "lists")}
	var err error
	if x.head, err = readHead(ctx, db); err != nil {
		return err
	}
	if x.tiers, err = readTiers(ctx, db); err != nil {
		return err
	}
	if x.quotas, err = readQuotas(ctx, db); err != nil {
		return err
	}
	if x.results, err = readResults(ctx, db); err != nil {
		return err
	}
	if x.returnTo, err = readCentre(ctx, db); err != nil {
		return err
	}
	places, err := readPlaces(ctx, db)
	if err != nil {
		return err
	}
	written := map[string]place{}
	for _, p := range places {
		if other, ok := written[p.file()]; ok {
			return fmt.Errorf("the lists of %s and %s would be one file, %s", p, other, p.file())
		}
		written[p.file()] = p
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, p := range places {
		group.Go(func() error {
			if err := x.list(ctx, p); err != nil {
				return fmt.Errorf("list of %s: %w", p, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// atOnce is how many lists are written at a time: each holds its compressed parts
// in memory, and writing waits for the processor alone.
const atOnce = 2

// listExport is what all lists of a run share.
type listExport struct {
	db       *engine.DB
	dir      string
	head     head
	tiers    []tier
	quotas   []quota
	results  []result
	returnTo string // who takes filled workbooks back
}

// list writes the three files of one place. Workbook and CSV file are filled from
// the Parquet file, so they cannot differ.
func (x *listExport) list(ctx context.Context, p place) error {
	file := filepath.Join(x.dir, p.file())
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	query := fmt.Sprintf("select * from lists.supervision where department = %s and division_code = %s order by %s",
		engine.Quote(p.department), engine.Quote(p.code), listOrder)
	if err := x.db.CopyTo(ctx, query, file+".parquet"); err != nil {
		return err
	}
	b, err := newBook(p.department+"分级分类监管名单 "+p.divisionName(), x.head.asOf)
	if err != nil {
		return err
	}
	err = store.Draft(file+".csv", 0o644, func(w io.Writer) error { return x.fill(ctx, b, p, file+".parquet", w) })
	if err == nil {
		err = store.Draft(file+".xlsx", 0o644, b.writeTo)
	}
	return errors.Join(err, b.close())
}

// fill writes the sheets and the CSV file. 说明 is the first sheet and is written
// last, when the rows are counted.
func (x *listExport) fill(ctx context.Context, b *book, p place, parquet string, w io.Writer) error {
	note, err := b.page("说明")
	if err != nil {
		return err
	}
	to := sinks{classes: map[int64]*form{}}
	if to.csv, err = newCSV(w, slices.Concat(givenFields(), x.sourceFields(), x.recordFields())); err != nil {
		return err
	}
	var all []*form
	add := func(name string, fields ...[]listField) (*form, error) {
		f, err := b.form(name, slices.Concat(fields...))
		all = append(all, f)
		return f, err
	}
	for _, t := range x.tiers {
		if to.classes[t.class], err = add(t.title, givenFields(), answerFields(), x.sourceFields()); err != nil {
			return err
		}
	}
	if to.changes, err = add("变动", givenFields(), x.sourceFields()); err != nil {
		return err
	}
	found, err := x.rows(ctx, parquet, to)
	if err != nil {
		return err
	}
	for _, f := range all {
		if err := f.end(x.results); err != nil {
			return err
		}
	}
	if err := b.results(x.results); err != nil {
		return err
	}
	if err := x.note(note, p, found); err != nil {
		return err
	}
	return errors.Join(note.close(), to.csv.close())
}

// A place is a department and a division: one list.
type place struct {
	department, code, name string
}

func (p place) String() string { return p.department + " " + p.code }

func (p place) divisionName() string {
	if p.name == "" {
		return p.code
	}
	return p.name
}

// file is the list's name below lists/, without the suffix.
func (p place) file() string {
	name := p.code
	if p.name != "" {
		name += "-" + p.name
	}
	return filepath.Join(fileName(p.department), fileName(name))
}

func readPlaces(ctx context.Context, db *engine.DB) ([]place, error) {
	rows, err := db.Query(ctx, `select department, division_code, coalesce(max(division_name), '')
		from lists.supervision group by department, division_code order by department, division_code`)
	if err != nil {
		return nil, fmt.Errorf("lists.supervision: %w", err)
	}
	defer rows.Close()
	var places []place
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.department, &p.code, &p.name); err != nil {
			return nil, fmt.Errorf("lists.supervision: %w", err)
		}
		places = append(places, p)
	}
	return places, rows.Err()
}

// readCentre is the department that keeps the overall list.
func readCentre(ctx context.Context, db *engine.DB) (string, error) {
	var name string
	err := db.QueryRow(ctx, "select min(department) from rules.schemes where is_overall").Scan(&name)
	if err != nil {
		return "", fmt.Errorf("rules.schemes: the overall list: %w", err)
	}
	return name, nil
}
