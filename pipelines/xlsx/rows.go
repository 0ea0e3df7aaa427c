package xlsx

import (
	"errors"
	"io"
	"strconv"

	"golang.org/x/sync/errgroup"
)

// Kind says what a cell holds.
type Kind uint8

// The kinds of cells. Empty cells are not told of.
const (
	Text   Kind = iota
	Number      // as the workbook stores it: a binary double in decimal, 17 digits at most
	Date        // a Number that is shown as a day or time; see Day
	Bool        // TRUE or FALSE
	Failed      // #N/A and the like, or a formula without a result, which has no text
)

// A Cell with content. Text is what the workbook stores, whatever the cell
// shows; it stays valid.
type Cell struct {
	Text   []byte
	Column int32 // from 0
	Kind   Kind
}

// A Row has a number, from 1, and its cells from left to right.
type Row struct {
	Number int
	Cells  []Cell
}

// Rows reads the rows of a sheet. Hidden rows are rows like others.
type Rows struct {
	Merged []Range // merged cells, from top to bottom

	part    *part
	scan    *scanner
	strings *sharedStrings
	dates   []bool
	number  int // of the last row
	ended   bool

	// Cells and their texts are cut from these, which are never used again.
	cells  []Cell
	widest int // cells of a row so far
	space  []byte
	text   []byte // of the cell being read
}

const chunkCells = 4096

// Rows opens a sheet. The whole of it is unpacked once before, for its merged
// cells stand behind the data, and so does the checksum.
func (b *Book) Rows(s Sheet) (*Rows, error) {
	if s.part == "" {
		return nil, &Error{NoCells, "the sheet " + s.Name + " holds no cells"}
	}
	r := &Rows{dates: b.dates, strings: &sharedStrings{}}
	var both errgroup.Group
	both.Go(func() (err error) {
		r.Merged, err = b.merged(s.part)
		return err
	})
	if b.strings != "" {
		both.Go(func() error {
			p, err := b.open(b.strings)
			if err != nil {
				return err
			}
			defer p.Close()
			r.strings, err = readStrings(p)
			return err
		})
	}
	if err := both.Wait(); err != nil {
		return nil, err
	}
	p, err := b.open(s.part)
	if err != nil {
		return nil, err
	}
	r.part, r.scan = p, newScanner(p)
	r.ended, err = r.scan.toData()
	return r, err
}

// toData reads up to the rows, and reports whether there are none.
func (s *scanner) toData() (empty bool, err error) {
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return false, damaged("a sheet has no data")
		}
		if err != nil || t.starts("sheetData") {
			return t.empty, err
		}
	}
}

// Close ends the reading.
func (r *Rows) Close() error { return r.part.Close() }

// Bytes is how much of the sheet has been unpacked.
func (r *Rows) Bytes() int64 { return r.part.bytes }

// Next returns the next row that the sheet stores, or io.EOF. Empty rows may
// be missing: their numbers then are too.
func (r *Rows) Next() (Row, error) {
	for !r.ended {
		t, err := r.scan.next()
		if err != nil {
			return Row{}, unexpected(err)
		}
		switch {
		case t.starts("row"):
			return r.row(t)
		case t.kind == startTag:
			if err := r.scan.skip(t); err != nil {
				return Row{}, err
			}
		case t.kind == endTag:
			r.ended = true
		}
	}
	return Row{}, io.EOF
}

func (r *Rows) row(t token) (Row, error) {
	number := r.number + 1
	if written := t.attr("r"); written != "" {
		n, err := strconv.Atoi(written)
		if err != nil || n < number {
			return Row{}, damaged("row " + written + " stands after row " + strconv.Itoa(r.number))
		}
		number = n
	}
	if number > maxRows {
		return Row{}, limitError("it has more than %d rows", maxRows)
	}
	r.number = number
	row := Row{Number: number}
	if t.empty {
		return row, nil
	}
	if cap(r.cells) < r.widest {
		r.cells = make([]Cell, 0, max(r.widest, chunkCells))
	}
	row.Cells = r.cells
	column := int32(-1)
	for {
		attrs, empty, isCell := r.scan.plainTag()
		if !isCell {
			t, err := r.scan.next()
			if err != nil {
				return row, unexpected(err)
			}
			if t.kind == endTag {
				break
			}
			if attrs, empty, isCell = t.data, t.empty, t.starts("c"); !isCell {
				if err := r.scan.skipOther(t); err != nil {
					return row, err
				}
				continue
			}
		}
		cell, err := r.cell(attrs, empty, column)
		if err != nil {
			return row, err
		}
		if column = cell.Column; len(cell.Text) > 0 || cell.Kind == Failed {
			row.Cells = append(row.Cells, cell)
		}
	}
	size := len(row.Cells)
	r.cells, r.widest = row.Cells[size:], max(r.widest, size)
	row.Cells = row.Cells[:size:size]
	return row, nil
}

// keep copies b to where it stays.
func (r *Rows) keep(b []byte) []byte {
	if cap(r.space)-len(r.space) < len(b) {
		r.space = make([]byte, 0, max(scanBytes, len(b)))
	}
	start := len(r.space)
	r.space = append(r.space, b...)
	return r.space[start:len(r.space):len(r.space)]
}
