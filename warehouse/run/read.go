package run

import (
	"context"
	"fmt"

	"rongxin/warehouse/engine"
)

// Attach shows the run's tables on an engine as views named schema.table,
// after checking the digest of each file. No names means all tables.
func (r *Run) Attach(ctx context.Context, db *engine.DB, names ...string) error {
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
		if err := entry.check(r.Dir); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
		if err := db.View(ctx, name, entry.query(r.Dir)); err != nil {
			return err
		}
	}
	return nil
}
