package lookup

import (
	"fmt"

	"github.com/parquet-go/parquet-go"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// A Row has the values of the columns asked for: nil, string, int64, bool,
// [credit.Date] or [engine.Decimal].
type Row []any

// plain turns a stored value of a SQL type into one of the kinds of a Row.
func plain(sqlType string, v parquet.Value) (any, error) {
	switch {
	case v.IsNull():
		return nil, nil
	case sqlType == "VARCHAR" && v.Kind() == parquet.ByteArray:
		return string(v.ByteArray()), nil
	case sqlType == "BOOLEAN" && v.Kind() == parquet.Boolean:
		return v.Boolean(), nil
	case sqlType == "DATE" && v.Kind() == parquet.Int32:
		return credit.Date(v.Int32()), nil
	case sqlType == "BIGINT" && v.Kind() == parquet.Int64:
		return v.Int64(), nil
	case sqlType == "INTEGER" && v.Kind() == parquet.Int32:
		return int64(v.Int32()), nil
	}
	var d engine.Decimal
	if n, _ := fmt.Sscanf(sqlType, "DECIMAL(%d,%d)", &d.Width, &d.Scale); n == 2 {
		switch v.Kind() {
		case parquet.Int32:
			d.Unscaled = int64(v.Int32())
			return d, nil
		case parquet.Int64:
			d.Unscaled = v.Int64()
			return d, nil
		}
	}
	return nil, fmt.Errorf("a %s stored as %s cannot be looked up", sqlType, v.Kind())
}

// Scan puts the values where the pointers say: *string (NULL is ""), *int64,
// *bool and *credit.Date (NULL is an error), **int64 and **credit.Date (NULL is
// nil).
func (r Row) Scan(to ...any) error {
	if len(to) != len(r) {
		return fmt.Errorf("%d values for %d places", len(r), len(to))
	}
	for i, v := range r {
		if !put(to[i], v) {
			return fmt.Errorf("value %d, a %T, has no place in a %T", i+1, v, to[i])
		}
	}
	return nil
}

func put(to, v any) bool {
	switch to := to.(type) {
	case *string:
		text, ok := v.(string)
		*to = text
		return ok || v == nil
	case *int64:
		return set(to, v)
	case *bool:
		return set(to, v)
	case *credit.Date:
		return set(to, v)
	case **int64:
		return setOptional(to, v)
	case **credit.Date:
		return setOptional(to, v)
	}
	return false
}

func set[T any](to *T, v any) bool {
	value, ok := v.(T)
	*to = value
	return ok
}

func setOptional[T any](to **T, v any) bool {
	if v == nil {
		*to = nil
		return true
	}
	value, ok := v.(T)
	*to = &value
	return ok
}
