package query

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// measured is how many rows the widths of a table are taken from. Those after
// them are printed as they come.
const measured = 1000

// gap stands between two columns.
const gap = 2

// tableSink prints rows for people: in columns, or one value a line where they
// would be wider than the terminal.
type tableSink struct {
	w       *bufio.Writer
	width   int // of the terminal; 0 for none
	records bool
	header  []string
	right   []bool // a column of numbers
	widths  []int
	held    [][]string
	printed int
}

func (s *tableSink) Begin(columns []landing.Column) error {
	for _, c := range columns {
		s.header = append(s.header, printable(c.Name))
		s.right = append(s.right, isNumber(c.Type))
	}
	return nil
}

func (s *tableSink) Row(values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = printable(engine.Text(v))
	}
	if s.widths == nil {
		if s.held = append(s.held, cells); len(s.held) < measured {
			return nil
		}
		return s.release()
	}
	return s.print(cells)
}

func (s *tableSink) End() error {
	if s.widths == nil {
		if err := s.release(); err != nil {
			return err
		}
	}
	return s.w.Flush()
}

// release settles the widths and prints what was held for them.
func (s *tableSink) release() error {
	s.widths = make([]int, len(s.header))
	for _, row := range append([][]string{s.header}, s.held...) {
		for i, cell := range row {
			s.widths[i] = max(s.widths[i], Places(cell))
		}
	}
	total := gap * (len(s.widths) - 1)
	for _, n := range s.widths {
		total += n
	}
	if s.width > 0 && total > s.width {
		s.records = true
	}
	if !s.records {
		if err := s.line(s.header); err != nil {
			return err
		}
	}
	for _, cells := range s.held {
		if err := s.print(cells); err != nil {
			return err
		}
	}
	s.held = nil
	return s.w.Flush()
}

func (s *tableSink) print(cells []string) error {
	if !s.records {
		return s.line(cells)
	}
	names := 0
	for _, name := range s.header {
		names = max(names, Places(name))
	}
	s.printed++
	fmt.Fprintf(s.w, "[%d]\n", s.printed)
	for i, cell := range cells {
		pad := strings.Repeat(" ", names-Places(s.header[i])+gap)
		if _, err := fmt.Fprintln(s.w, strings.TrimRight(s.header[i]+pad+cell, " ")); err != nil {
			return err
		}
	}
	return nil
}

func (s *tableSink) line(cells []string) error {
	var b strings.Builder
	for i, cell := range cells {
		pad := strings.Repeat(" ", max(s.widths[i]-Places(cell), 0))
		if s.right[i] {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
		b.WriteString(strings.Repeat(" ", gap))
	}
	_, err := io.WriteString(s.w, strings.TrimRight(b.String(), " ")+"\n")
	return err
}

// isNumber tells the types whose columns are aligned at their last digit.
func isNumber(sqlType string) bool {
	name, _, _ := strings.Cut(sqlType, "(")
	switch strings.TrimPrefix(name, "U") {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL":
		return true
	}
	return false
}

// printable replaces what would move the cursor or do something to a terminal:
// texts come from outside.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '␣'
		}
		return r
	}, text)
}

// Places is how many columns of a terminal a text takes: a Chinese character
// two, a mark that is set on another none.
func Places(text string) (n int) {
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		default:
			switch width.LookupRune(r).Kind() {
			case width.EastAsianWide, width.EastAsianFullwidth:
				n++
			}
			n++
		}
	}
	return n
}
