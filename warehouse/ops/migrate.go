package ops

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
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

// migrate applies the steps that the store has not seen, in one transaction with
// the rows that say so. The digest of a step is that of its file, whatever the
// system makes of it.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	const register = `create table if not exists migrations (
		number integer primary key, name text not null, digest text not null) strict`
	return s.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, s.system.schema(register)); err != nil {
			return err
		}
		applied, newest, err := appliedSteps(ctx, tx)
		if err != nil {
			return err
		}
		if newest > len(steps) { // an older program does not write to a newer store
			return fmt.Errorf("schema %d is newer than this program, which knows %d", newest, len(steps))
		}
		for _, step := range steps {
			if digest, ok := applied[step.number]; !ok {
				err = step.apply(ctx, tx, s.system)
			} else if digest != step.digest {
				err = fmt.Errorf("was applied with other content: digest %s, now %s", digest, step.digest)
			}
			if err != nil {
				return fmt.Errorf("migration %s: %w", step.name, err)
			}
		}
		return nil
	})
}

func (m migration) apply(ctx context.Context, tx *sql.Tx, system system) error {
	if _, err := tx.ExecContext(ctx, system.schema(m.script)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `insert into migrations (number, name, digest) values (?, ?, ?)`, m.number, m.name, m.digest)
	return err
}

// appliedSteps are the digests of the steps the store has seen, by number, and
// the highest number.
func appliedSteps(ctx context.Context, tx *sql.Tx) (digests map[int]string, newest int, err error) {
	rows, err := tx.QueryContext(ctx, `select number, digest from migrations`)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	digests = map[int]string{}
	for rows.Next() {
		var number int
		var digest string
		if err := rows.Scan(&number, &digest); err != nil {
			return nil, 0, err
		}
		digests[number], newest = digest, max(newest, number)
	}
	return digests, newest, rows.Err()
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
