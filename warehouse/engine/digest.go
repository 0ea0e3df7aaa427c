package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"rongxin/warehouse/landing"
)

// Digest identifies the content of a table whatever the order of its rows, the
// file they stand in, or the engine that wrote them: each row is written as
// text with a separator that no value holds, hashed with SHA-256, and the four
// 60-bit quarters of the hashes are summed over all rows. The result is the
// SHA-256 of the column names, the number of rows and the four sums.
func (db *DB) Digest(ctx context.Context, query string) (rows int64, digest string, err error) {
	columns, err := db.Columns(ctx, query)
	if err != nil {
		return 0, "", err
	}
	var sums [4]string
	err = db.QueryRow(ctx, digestQuery(query, columns)).Scan(&rows, &sums[0], &sums[1], &sums[2], &sums[3])
	if err != nil {
		return 0, "", err
	}
	h := sha256.New()
	for _, c := range columns {
		fmt.Fprintf(h, "%s\x1f", c.Name)
	}
	fmt.Fprintf(h, "\x1e%d\x1e%s", rows, strings.Join(sums[:], "\x1f"))
	return rows, hex.EncodeToString(h.Sum(nil)), nil
}

func digestQuery(query string, columns []landing.Column) string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = fmt.Sprintf("coalesce(cast(%s as varchar), chr(26))", Ident(c.Name))
	}
	sums := make([]string, 4)
	for i := range sums {
		sums[i] = fmt.Sprintf("cast(coalesce(sum(cast('0x' || substr(h, %d, 15) as bigint)), 0) as varchar)", 1+15*i)
	}
	return fmt.Sprintf("select count(*), %s from (select sha256(%s) as h from (%s))",
		strings.Join(sums, ", "), strings.Join(texts, " || chr(31) || "), query)
}
