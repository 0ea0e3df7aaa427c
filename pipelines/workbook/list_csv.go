package workbook

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// A csvFile is a list with all its columns, in UTF-8 with a byte order mark and
// CRLF, as spreadsheets here read it.
type csvFile struct {
	out    *csv.Writer
	fields []listField
	cells  []string
}

func newCSV(w io.Writer, fields []listField) (*csvFile, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := &csvFile{out: csv.NewWriter(w), fields: fields}
	c.out.UseCRLF = true
	for _, f := range fields {
		c.cells = append(c.cells, f.title)
	}
	return c, c.out.Write(c.cells)
}

func (c *csvFile) put(l *listed) error {
	for i, f := range c.fields {
		switch v := f.value(l).(type) {
		case string:
			c.cells[i] = Guarded(v)
		case int64:
			c.cells[i] = strconv.FormatInt(v, 10)
		default:
			return fmt.Errorf("column %s: a cell of type %T", f.title, v)
		}
	}
	return c.out.Write(c.cells)
}

func (c *csvFile) close() error {
	c.out.Flush()
	return c.out.Error()
}

// spoilt is what a spreadsheet reads as a number from a CSV file and shows or
// saves as another text: more digits than it keeps, zeros in front, an exponent.
var spoilt = regexp.MustCompile(`^\s*([0-9]{16,}|0[0-9]+|[0-9]+(\.[0-9]*)?[eEdD][+-]?[0-9]+)\s*$`)

// Guarded makes a text safe in a CSV file that a spreadsheet opens: what [Neutral]
// guards, and a code that would be taken for a number and spoilt, has ※ before it.
// [Plain] takes it off again.
func Guarded(s string) string {
	if spoilt.MatchString(s) {
		return string(guard) + s
	}
	return Neutral(s)
}
