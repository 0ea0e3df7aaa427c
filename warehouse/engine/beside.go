package engine

import (
	"context"
	"errors"
	"fmt"
)

// Beside makes a place of its own on the engine, called name, and has do define
// its views and tables there; statements then read them as name.schema.table. So
// two runs, whose tables are named alike, stand side by side. The fx_ functions
// are not known there.
func (db *DB) Beside(ctx context.Context, name string, do func() error) error {
	var home string
	if err := db.QueryRow(ctx, "select current_database()").Scan(&home); err != nil {
		return err
	}
	if err := db.Exec(ctx, fmt.Sprintf("attach ':memory:' as %[1]s; use %[1]s", Ident(name))); err != nil {
		return fmt.Errorf("place %s: %w", name, err)
	}
	return errors.Join(do(), db.Exec(ctx, "use "+Ident(home)))
}
