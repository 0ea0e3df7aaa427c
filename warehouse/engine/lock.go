package engine

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Lock ends the configuration: from here on statements can read files below
// dir only, write none, load nothing and change no setting.
func (db *DB) Lock(ctx context.Context, dir string) error {
	return db.Exec(ctx, fmt.Sprintf(
		"set allowed_directories = [%s]; set enable_external_access = false; set lock_configuration = true", Quote(dir)))
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
		return v.String()
	case *big.Int:
		return v.String()
	case []byte:
		return string(v)
	default:
		return fmt.Sprint(v)
	}
}
