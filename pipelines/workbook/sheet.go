package workbook

import (
	"fmt"
	"strconv"
	"unicode"

	"github.com/xuri/excelize/v2"
)

// A column of a table: its header and its width in characters.
type column struct {
	title string
	width float64
}

// A table is a sheet of rows under a frozen header with a filter.
type table struct {
	book    *book
	stream  *excelize.StreamWriter
	columns []column
	rows    int // written, the header among them
	cells   []any
}

// table adds a sheet. The first frozen columns stay in view with the header.
func (b *book) table(name string, columns []column, frozen int) (*table, error) {
	stream, err := b.add(name, pagesAcross(columns))
	if err != nil {
		return nil, fmt.Errorf("sheet %s: %w", name, err)
	}
	t := &table{book: b, stream: stream, columns: columns}
	if err := t.begin(frozen); err != nil {
		return nil, fmt.Errorf("sheet %s: %w", name, err)
	}
	return t, nil
}

func (t *table) begin(frozen int) error {
	columns := t.columns
	corner, err := excelize.CoordinatesToCellName(frozen+1, 2)
	if err != nil {
		return err
	}
	pane := "bottomRight"
	if frozen == 0 {
		pane = "bottomLeft"
	}
	err = t.stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: frozen, YSplit: 1, TopLeftCell: corner, ActivePane: pane})
	if err != nil {
		return err
	}
	if err := t.stream.SetColStyle(1, len(columns), t.book.styles.text); err != nil {
		return err
	}
	for i, c := range columns {
		if err := t.stream.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
		t.cells = append(t.cells, c.title)
	}
	if err := t.book.headed(t.stream.Sheet, frozen); err != nil {
		return err
	}
	return t.put(t.book.styles.heading, excelize.RowOpts{Height: headerHeight(columns)})
}

// pageWidth is how many characters across a printed page can be read at a desk.
const pageWidth = 220

func pagesAcross(columns []column) int {
	width := 0.0
	for _, c := range columns {
		width += c.width
	}
	return int((width + pageWidth - 1) / pageWidth)
}

// headerHeight makes room for the column title that needs most lines.
func headerHeight(columns []column) float64 {
	lines := 1
	for _, c := range columns {
		lines = max(lines, linesOf(c.title, c.width))
	}
	return float64(lines) * lineHeight
}

// lineHeight is that of a line of text, in points.
const lineHeight = 16

// linesOf is how many lines a text takes in a cell, a Chinese character being as
// wide as two.
func linesOf(text string, width float64) int {
	places := 0
	for _, r := range text {
		places++
		if r > unicode.MaxLatin1 {
			places++
		}
	}
	fit := max(int(width)-2, 1)
	return max((places+fit-1)/fit, 1)
}

// An alert is text that must catch the eye.
type alert string

// A blank is an empty cell to be filled in, the only kind that protection leaves open.
type blank struct{}

// row writes the values of one row: a string as text made safe, an int64 or a
// float64 as a number, an empty string as no cell, a blank as one to fill in.
func (t *table) row(values ...any) error {
	t.cells = t.cells[:0]
	for _, v := range values {
		switch v := v.(type) {
		case string:
			if v == "" {
				t.cells = append(t.cells, nil)
			} else {
				t.cells = append(t.cells, Neutral(v))
			}
		case alert:
			t.cells = append(t.cells, excelize.Cell{StyleID: t.book.styles.alert, Value: Neutral(string(v))})
		case int64:
			t.cells = append(t.cells, excelize.Cell{StyleID: t.book.styles.number, Value: v})
		case float64:
			t.cells = append(t.cells, excelize.Cell{StyleID: t.book.styles.figure, Value: v})
		case blank:
			t.cells = append(t.cells, excelize.Cell{StyleID: t.book.styles.answer})
		default:
			return fmt.Errorf("sheet %s: a cell of type %T", t.stream.Sheet, v)
		}
	}
	return t.put(t.book.styles.text, excelize.RowOpts{})
}

func (t *table) put(style int, opts excelize.RowOpts) error {
	t.rows++
	opts.StyleID = style
	err := t.stream.SetRow("A"+strconv.Itoa(t.rows), t.cells, opts)
	if err != nil {
		return fmt.Errorf("sheet %s row %d: %w", t.stream.Sheet, t.rows, err)
	}
	return nil
}

// close ends the sheet, with a filter over all its rows.
func (t *table) close() error {
	last, err := excelize.CoordinatesToCellName(len(t.columns), t.rows)
	if err != nil {
		return err
	}
	if err := t.book.file.AutoFilter(t.stream.Sheet, "A1:"+last, nil); err != nil {
		return err
	}
	return t.stream.Flush()
}

const proseWidth = 100

// A page is a sheet for reading: a label and what is to be said about it.
type page struct {
	book   *book
	stream *excelize.StreamWriter
	lines  int
}

func (b *book) page(name string) (*page, error) {
	stream, err := b.add(name, 1)
	if err != nil {
		return nil, fmt.Errorf("sheet %s: %w", name, err)
	}
	if err := stream.SetColWidth(1, 1, 22); err != nil {
		return nil, err
	}
	return &page{book: b, stream: stream}, stream.SetColWidth(2, 2, proseWidth)
}

// line writes one line. An int64 is a number, anything else text.
func (p *page) line(label string, value any) error {
	p.lines++
	lines := 1
	if s, ok := value.(string); ok {
		value, lines = Neutral(s), linesOf(s, proseWidth)
	}
	return p.stream.SetRow("A"+strconv.Itoa(p.lines), []any{
		excelize.Cell{StyleID: p.book.styles.label, Value: label},
		excelize.Cell{StyleID: p.book.styles.wrapped, Value: value},
	}, excelize.RowOpts{Height: float64(lines) * lineHeight})
}

func (p *page) close() error { return p.stream.Flush() }
