package workbook

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"rongxin/internal/credit"
	"rongxin/warehouse/store"
)

// A Sheet is a table for officials: its columns and its rows, whose values are
// string or int64. It is written as a sheet of a workbook or as a CSV file.
type Sheet struct {
	Name    string
	Columns []Column
	Frozen  int // columns that stay in view
	Rows    iter.Seq2[[]any, error]
}

// A Column is a header and its width in characters.
type Column struct {
	Title string
	Width float64
}

// WriteSheets writes the sheets as one workbook, whole or not at all.
func WriteSheets(path, title string, day credit.Date, sheets ...Sheet) error {
	b, err := newBook(title, day)
	if err != nil {
		return err
	}
	for _, s := range sheets {
		if err := b.sheet(s); err != nil {
			return errors.Join(err, b.close())
		}
	}
	return errors.Join(b.save(path), b.close())
}

func (b *book) sheet(s Sheet) error {
	columns := make([]column, len(s.Columns))
	for i, c := range s.Columns {
		columns[i] = column{c.Title, c.Width}
	}
	t, err := b.table(s.Name, columns, s.Frozen)
	if err != nil {
		return err
	}
	for row, err := range s.Rows {
		if err == nil {
			err = t.row(row...)
		}
		if err != nil {
			return fmt.Errorf("sheet %s: %w", s.Name, err)
		}
	}
	return t.close()
}

// WriteCSV writes a sheet as a spreadsheet here reads it: UTF-8 with a byte order
// mark and CRLF, codes guarded; whole or not at all.
func WriteCSV(path string, s Sheet) error {
	return store.Write(path, 0o644, func(w io.Writer) error {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		out := csv.NewWriter(w)
		out.UseCRLF = true
		cells := make([]string, len(s.Columns))
		for i, c := range s.Columns {
			cells[i] = c.Title
		}
		if err := out.Write(cells); err != nil {
			return err
		}
		for row, err := range s.Rows {
			if err != nil {
				return err
			}
			for i, v := range row {
				switch v := v.(type) {
				case string:
					cells[i] = Guarded(v)
				case int64:
					cells[i] = strconv.FormatInt(v, 10)
				default:
					return fmt.Errorf("column %s: a cell of type %T", s.Columns[i].Title, v)
				}
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}
