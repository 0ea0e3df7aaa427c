package explain

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// collect runs a query and scans each row. An empty result is an empty list,
// never nil, so that JSON shows [].
func collect[T any](ctx context.Context, db *engine.DB, what, query string, scan func(*sql.Rows, *T) error, args ...any) (list []T, err error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	list = []T{}
	for rows.Next() {
		var row T
		if err := scan(rows, &row); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}

// day scans a DATE into a *credit.Date, NULL into nil.
type day struct{ to **credit.Date }

func into(to **credit.Date) day { return day{to} }

// Scan implements [sql.Scanner].
func (d day) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*d.to = nil
	case time.Time:
		date := credit.DateOf(v) // midnight UTC is the same day in China
		*d.to = &date
	default:
		return fmt.Errorf("a DATE came as %T", value)
	}
	return nil
}
