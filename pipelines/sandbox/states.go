package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// stateNote is what the platform holds of a table.
type stateNote struct {
	Kind     string `json:"kind"` // state
	Format   int    `json:"format"`
	Receiver string `json:"receiver"`
	Table    string `json:"table"`
	At       string `json:"at"`
	state
	Keys keysFile `json:"keys"`
}

type keysFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// writeStates says what is held of each table that changed since it was said. A
// list of keys is named by the state it lists.
func (d *Drop) writeStates(ctx context.Context) error {
	for _, name := range tableNames(d.tables) {
		var digest string
		err := d.read(ctx, func(tx *sql.Tx) error {
			return tx.QueryRowContext(ctx, `select state_digest from totals where tbl = ?`, name).Scan(&digest)
		})
		if errors.Is(err, sql.ErrNoRows) { // never asked to hold anything
			continue
		}
		if err != nil {
			return err
		}
		file := fmt.Sprintf("%s-%s.keys", name, digest[:16])
		said, err := os.ReadFile(filepath.Join(d.Return, name+".state.json"))
		if err == nil && bytes.Contains(said, []byte(file)) {
			continue
		}
		if err := d.writeState(ctx, d.tables[name], file); err != nil {
			return err
		}
	}
	return nil
}

// writeState writes the list of keys, then the state that names it, then takes
// away the lists before.
func (d *Drop) writeState(ctx context.Context, t *table, file string) error {
	said, err := d.state(ctx, t, keyRange{})
	if err != nil {
		return err
	}
	n := stateNote{Kind: "state", Format: 1, Receiver: d.cfg.Name, Table: t.Name, At: stamp(d.cfg.Now().In(china)), state: said}
	n.Keys.Name = file
	sum := sha256.New()
	err = place(d.Return, file, func(w io.Writer) error {
		b := bufio.NewWriter(io.MultiWriter(w, sum))
		for after, more := "", true; more; {
			p, err := d.records(ctx, t, after, maxPage)
			if err != nil {
				return err
			}
			for _, r := range p.Records {
				written, _ := fmt.Fprintf(b, "%s %s\n", r.Digest, r.Key)
				n.Keys.Bytes += int64(written)
				after = r.Key
			}
			more = p.More
		}
		return b.Flush()
	})
	if err != nil {
		return err
	}
	n.Keys.SHA256 = hex.EncodeToString(sum.Sum(nil))
	text, err := d.cfg.Agreed.writeNote(n)
	if err == nil {
		err = placeBytes(d.Return, t.Name+".state.json", text)
	}
	old, listErr := filepath.Glob(filepath.Join(d.Return, t.Name+"-*.keys"))
	for _, path := range old {
		if err == nil && filepath.Base(path) != file {
			err = os.Remove(path)
		}
	}
	return errors.Join(err, listErr)
}

// remember keeps the first bytes that were written under a name, and returns them.
func (p *platform) remember(ctx context.Context, name string, text []byte) (first []byte, err error) {
	err = p.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into written (name, text) values (?, ?) on conflict do nothing`, name, text)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `select text from written where name = ?`, name).Scan(&first)
	})
	return first, err
}
