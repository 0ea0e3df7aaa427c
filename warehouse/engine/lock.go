package engine

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Lock ends the configuration: from here on statements can reach files below dirs
// only, load nothing and change no setting. It does not keep a statement from
// writing below dirs; whoever runs statements of others lets reading ones through
// only.
func (db *DB) Lock(ctx context.Context, dirs ...string) error {
	quoted := make([]string, len(dirs))
	for i, dir := range dirs {
		quoted[i] = Quote(dir)
	}
	return db.Exec(ctx, fmt.Sprintf(
		"set allowed_directories = [%s]; set enable_external_access = false; set lock_configuration = true", strings.Join(quoted, ", ")))
}

// Export writes the rows of query, in its order, to a Parquet file for programs of
// others, in the form that all of them read. It changes no setting, so that a
// locked engine can.
func (db *DB) Export(ctx context.Context, query, file string) error {
	return db.Exec(ctx, fmt.Sprintf("copy (%s) to %s (format parquet, compression zstd)", query, Quote(file)))
}

// Text shows a value as the engine would: dates without a time of day,
// decimals exactly, NULL as nothing.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format("2006-01-02")
		}
		return v.Format("2006-01-02 15:04:05")
	case duckdb.Decimal:
		return decimal(v)
	case *big.Int:
		return v.String()
	case []byte:
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = Text(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+": "+Text(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case duckdb.OrderedMap:
		parts, values := make([]string, v.Len()), v.Values()
		for i, k := range v.Keys() {
			parts[i] = Text(k) + ": " + Text(values[i])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return fmt.Sprint(v)
	}
}

// decimal writes every decimal place, also zeros at the end.
func decimal(d duckdb.Decimal) string {
	digits, sign := new(big.Int).Abs(d.Value).String(), ""
	if d.Value.Sign() < 0 {
		sign = "-"
	}
	scale := int(d.Scale)
	if scale == 0 {
		return sign + digits
	}
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - scale
	return sign + digits[:point] + "." + digits[point:]
}
