package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"rongxin/warehouse/landing"
)

// Sums is what the digest of a table is made of: each row is written as text
// with a separator that no value holds, hashed with SHA-256, and the four 60-bit
// quarters of the hashes are summed over all rows. So the sums of the parts of a
// table add up to its own, whatever the parts and their order.
type Sums struct {
	Rows     int64
	Quarters [4]big.Int
}

// Add adds the rows of another part.
func (s *Sums) Add(o Sums) {
	s.Rows += o.Rows
	for i := range s.Quarters {
		s.Quarters[i].Add(&s.Quarters[i], &o.Quarters[i])
	}
}

// Sub takes away rows that are no more.
func (s *Sums) Sub(o Sums) {
	s.Rows -= o.Rows
	for i := range s.Quarters {
		s.Quarters[i].Sub(&s.Quarters[i], &o.Quarters[i])
	}
}

// Texts are the four sums in decimal, for manifests.
func (s Sums) Texts() []string {
	texts := make([]string, len(s.Quarters))
	for i := range s.Quarters {
		texts[i] = s.Quarters[i].String()
	}
	return texts
}

// ParseSums reads what Texts wrote.
func ParseSums(rows int64, texts []string) (Sums, error) {
	s := Sums{Rows: rows}
	if len(texts) != len(s.Quarters) {
		return s, fmt.Errorf("%d sums, want %d", len(texts), len(s.Quarters))
	}
	for i, text := range texts {
		if _, ok := s.Quarters[i].SetString(text, 10); !ok {
			return s, fmt.Errorf("sum %q is no number", text)
		}
	}
	return s, nil
}

// Digest identifies the content of a table whatever the order of its rows, the
// file they stand in, or the engine that wrote them: the SHA-256 of the column
// names, the number of rows and the four sums.
func (s Sums) Digest(columns []landing.Column) string {
	h := sha256.New()
	for _, c := range columns {
		fmt.Fprintf(h, "%s\x1f", c.Name)
	}
	fmt.Fprintf(h, "\x1e%d\x1e%s", s.Rows, strings.Join(s.Texts(), "\x1f"))
	return hex.EncodeToString(h.Sum(nil))
}

// Digest is the number of rows of a query and their digest.
func (db *DB) Digest(ctx context.Context, query string) (rows int64, digest string, err error) {
	columns, err := db.Columns(ctx, query)
	if err != nil {
		return 0, "", err
	}
	sums, err := db.Sums(ctx, query)
	return sums.Rows, sums.Digest(columns), err
}

// Sums reads a query once.
func (db *DB) Sums(ctx context.Context, query string) (Sums, error) {
	text, err := db.rowText(ctx, query)
	if err != nil {
		return Sums{}, err
	}
	return db.hashed(func() error {
		var rows int64
		return db.QueryRow(ctx, fmt.Sprintf("select count(%s(%s)) from (%s)", hashFunction, text, query)).Scan(&rows)
	})
}

// SumsBy is Sums that also writes a file with a line for each value of a column,
// sorted by it: the value, how many rows have it, and what the first quarters of
// their hashes sum to, without carry. Two tables have the same rows for a value
// when their lines for it are the same.
func (db *DB) SumsBy(ctx context.Context, query, column, file string) (Sums, error) {
	text, err := db.rowText(ctx, query)
	if err != nil {
		return Sums{}, err
	}
	return db.hashed(func() error {
		return db.CopyTo(ctx, fmt.Sprintf(`select %[1]s, count(*) as rows, cast(sum(%[2]s(%[3]s)) %% 1152921504606846976 as bigint) as hash
			from (%[4]s) group by %[1]s order by %[1]s`, Ident(column), hashFunction, text, query), file)
	})
}

// rowText is the text of a row that is hashed.
func (db *DB) rowText(ctx context.Context, query string) (string, error) {
	columns, err := db.Columns(ctx, query)
	if err != nil {
		return "", err
	}
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = fmt.Sprintf("coalesce(cast(%s as varchar), chr(26))", Ident(c.Name))
	}
	return strings.Join(texts, " || chr(31) || "), nil
}
