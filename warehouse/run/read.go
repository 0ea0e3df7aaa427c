package run

import (
	"context"
	"fmt"

	"rongxin/warehouse/engine"
)

// Attach shows the run's tables on an engine as views named schema.table,
// after checking the digest of each file. No names means all tables.
func (r *Run) Attach(ctx context.Context, db *engine.DB, names ...string) error {
	if err := r.Check(names...); err != nil {
		return err
	}
	return r.Show(ctx, db, names...)
}

// Check holds the files of tables against their digests. No names means all
// tables.
func (r *Run) Check(names ...string) error {
	return r.each(names, func(t TableEntry) error {
		if err := t.check(r.Dir); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
		return nil
	})
}

// Show is Attach for who calls Check before each table is first read, such as a
// shell that starts at once however large the run is.
func (r *Run) Show(ctx context.Context, db *engine.DB, names ...string) error {
	return r.each(names, func(t TableEntry) error { return db.View(ctx, t.Name, t.query(r.Dir)) })
}

// Query is the SELECT of a table's rows from the files they stand in.
func (r *Run) Query(t TableEntry) string { return t.query(r.Dir) }

func (r *Run) each(names []string, do func(TableEntry) error) error {
	if len(names) == 0 {
		for _, t := range r.Manifest.Tables {
			names = append(names, t.Name)
		}
	}
	for _, name := range names {
		entry, ok := r.Manifest.Table(name)
		if !ok {
			return fmt.Errorf("run %s has no table %s", r.ID, name)
		}
		if err := do(entry); err != nil {
			return err
		}
	}
	return nil
}
