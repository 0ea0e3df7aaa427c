package workbook

import (
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"unicode/utf16"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// What a sheet of Excel can hold.
const (
	maxRows     = 1 << 20
	maxColumns  = 1 << 14
	maxCell     = 32767   // UTF-16 units of text
	exactFigure = 1 << 53 // whole numbers beyond are rounded
)

// An Answer is a workbook that takes the answer to a query: its rows on a sheet,
// and on a second one what was asked of which run. Numbers that Excel would round
// are text.
type Answer struct {
	book  *book
	table *table
	out   io.Writer
	notes [][2]string
	names []string
	cells []any
	rows  int64
}

// NewAnswer opens a workbook that is written to out at its end. The notes are
// pairs of a label and what is said, for the second sheet.
func NewAnswer(out io.Writer, title string, day credit.Date, notes [][2]string) (*Answer, error) {
	b, err := newBook(title, day)
	return &Answer{book: b, out: out, notes: notes}, err
}

// Close frees what the workbook held.
func (a *Answer) Close() error { return a.book.close() }

// Begin takes the columns.
func (a *Answer) Begin(columns []landing.Column) (err error) {
	if len(columns) > maxColumns {
		return fmt.Errorf("%d columns: a sheet of Excel has %d at most: ask for fewer, or for CSV or Parquet", len(columns), maxColumns)
	}
	heads := make([]column, len(columns))
	for i, c := range columns {
		a.names = append(a.names, c.Name)
		heads[i] = column{c.Name, min(max(float64(len(c.Name)+4), 12), 40)}
	}
	a.cells = make([]any, len(columns))
	a.table, err = a.book.table("结果", heads, 0)
	return err
}

// Row takes one row.
func (a *Answer) Row(values []any) error {
	if a.rows++; a.rows >= maxRows {
		return fmt.Errorf("more than %d rows: a sheet of Excel holds no more: ask for fewer, or for CSV or Parquet", maxRows-1)
	}
	for i, v := range values {
		a.cells[i] = cellOf(v)
		if s, ok := a.cells[i].(string); ok && len(s) > maxCell && len(utf16.Encode([]rune(s))) > maxCell {
			return fmt.Errorf("row %d: %s has more than %d characters, which a cell of Excel does not hold: shorten it, or ask for CSV or Parquet", a.rows, a.names[i], maxCell)
		}
	}
	return a.table.row(a.cells...)
}

// cellOf is a value as a number, where Excel keeps it exactly, or as text.
func cellOf(v any) any {
	switch n := v.(type) {
	case int8:
		return int64(n)
	case int16:
		return int64(n)
	case int32:
		return int64(n)
	case uint8:
		return int64(n)
	case uint16:
		return int64(n)
	case uint32:
		return int64(n)
	case int64:
		if -exactFigure <= n && n <= exactFigure {
			return n
		}
	case *big.Int:
		if n.IsInt64() {
			return cellOf(n.Int64())
		}
	case float32:
		return cellOf(float64(n))
	case float64:
		if !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n
		}
	}
	text := engine.Text(v)
	if figure, ok := decimalOf(v, text); ok {
		return figure
	}
	return text
}

// decimalOf is a decimal of 15 digits at most, which Excel keeps exactly.
func decimalOf(v any, text string) (float64, bool) {
	if _, isText := v.(string); isText || len(text) > 16 {
		return 0, false
	}
	if _, isDecimal := v.(interface{ Float64() float64 }); !isDecimal {
		return 0, false
	}
	figure, err := strconv.ParseFloat(text, 64)
	return figure, err == nil
}

// End writes the workbook.
func (a *Answer) End() error {
	if err := a.table.close(); err != nil {
		return err
	}
	p, err := a.book.page("说明")
	if err != nil {
		return err
	}
	for _, n := range append(a.notes, [2]string{"行数", strconv.FormatInt(a.rows, 10)}) {
		if err := p.line(n[0], n[1]); err != nil {
			return err
		}
	}
	if err := p.close(); err != nil {
		return err
	}
	return a.book.writeTo(a.out)
}
