package ops

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one numbered step of the schema, such as 0001_journal.sql.
type migration struct {
	number int
	name   string
	script string
	digest string // SHA-256 of the script
}

// migrate applies the steps the store has not seen, each in a transaction of
// its own together with the row that says so.
func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	const register = `create table if not exists migrations (
		number integer primary key, name text not null, digest text not null) strict`
	if _, err := db.ExecContext(ctx, register); err != nil {
		return err
	}
	if err := refuseNewer(ctx, db, len(steps)); err != nil {
		return err
	}
	for _, step := range steps {
		if err := change(ctx, db, func(tx *sql.Tx) error { return step.apply(ctx, tx) }); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, tx *sql.Tx) error {
	var digest string
	err := tx.QueryRowContext(ctx, `select digest from migrations where number = ?`, m.number).Scan(&digest)
	switch {
	case err == nil && digest != m.digest:
		return fmt.Errorf("was applied with other content: digest %s, now %s", digest, m.digest)
	case err == nil:
		return nil
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if _, err := tx.ExecContext(ctx, m.script); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into migrations (number, name, digest) values (?, ?, ?)`, m.number, m.name, m.digest)
	return err
}

// refuseNewer keeps an older program from writing to a newer store.
func refuseNewer(ctx context.Context, db *sql.DB, known int) error {
	var stored int
	if err := db.QueryRowContext(ctx, `select coalesce(max(number), 0) from migrations`).Scan(&stored); err != nil {
		return err
	}
	if stored > known {
		return fmt.Errorf("schema %d is newer than this program, which knows %d", stored, known)
	}
	return nil
}

// migrations lists the embedded steps; their numbers must run 1, 2, 3 ….
func migrations() ([]migration, error) {
	entries, err := migrationFiles.ReadDir("migrations") // sorted by name
	if err != nil {
		return nil, err
	}
	var steps []migration
	for i, entry := range entries {
		script, err := migrationFiles.ReadFile(path.Join("migrations", entry.Name()))
		if err != nil {
			return nil, err
		}
		prefix, _, _ := strings.Cut(entry.Name(), "_")
		number, err := strconv.Atoi(prefix)
		if err != nil || number != i+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", entry.Name(), i+1)
		}
		sum := sha256.Sum256(script)
		steps = append(steps, migration{number, entry.Name(), string(script), hex.EncodeToString(sum[:])})
	}
	return steps, nil
}
