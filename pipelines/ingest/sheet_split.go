package ingest

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"time"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/xlsx"
)

// A sheetSplitter takes rows of a sheet apart and brings their cells into the
// form that other formats have.
type sheetSplitter struct {
	*layout
	book   *xlsx.Book
	fields [][]byte
}

func (s *sheetSplitter) split(b *block, sp span, r *row, a *arena) error {
	cells := b.rows[sp.start].Cells
	for len(cells) > 0 { // a row ends at its last cell that is not empty
		last := cells[len(cells)-1]
		if int(last.Column) < len(s.columns) || last.Kind == xlsx.Failed || len(trim(last.Text)) > 0 {
			break
		}
		cells = cells[:len(cells)-1]
	}
	width := len(s.columns)
	s.fields = slices.Grow(s.fields[:0], width)[:width]
	clear(s.fields)
	for _, cell := range cells {
		if int(cell.Column) < width {
			s.fields[cell.Column] = cell.Text
			continue
		}
		s.fields = append(s.fields, cell.Text) // what is beyond the header is shown without its gaps
	}
	fields := s.fields
	r.whole = func() []byte { return s.maskRecord(fields, " | ", true) }
	if len(fields) > width {
		r.fault(wholeRecord, "", RaggedRow, "应有 %d 列，实有 %d 列", width, cells[len(cells)-1].Column+1)
		return nil
	}
	s.place(fields, r)
	if !r.isSplit() {
		return nil
	}
	for _, cell := range cells {
		if field := s.columns[cell.Column]; field >= 0 {
			r.values[field] = s.value(field, cell, r, a)
		}
	}
	return nil
}

// value brings a cell into the form of its field, and notes what is wrong with
// the cell itself.
func (s *sheetSplitter) value(field int, cell xlsx.Cell, r *row, a *arena) []byte {
	f, text := &s.contract.Fields[field], trim(cell.Text)
	switch {
	case cell.Kind == xlsx.Failed && len(text) == 0:
		r.fault(field, f.Name, CellError, "公式没有结果")
		return text
	case cell.Kind == xlsx.Failed:
		r.fault(field, f.Name, CellError, "单元格是错误值")
		return text
	case bytes.IndexByte(text, 0) >= 0:
		r.fault(field, f.Name, NULByte, "值含有空字符")
		return text
	case f.Type == contract.Date:
		return s.date(text, a)
	case cell.Kind != xlsx.Number && cell.Kind != xlsx.Date:
		return text
	}
	switch f.Type {
	case contract.Integer, contract.Decimal, contract.Money:
		return roundNumber(text, a)
	}
	number, err := strconv.ParseFloat(string(text), 64)
	switch {
	case err != nil:
		return text
	case cell.Kind == xlsx.Date && f.Type == contract.Text:
		return s.moment(number, text, a)
	case math.Abs(number) >= exactNumber:
		r.fault(field, f.Name, ScientificCode, "单元格是数字而不是文本，只保留了 15 位，原值已丢失")
		return text
	}
	return plainNumber(number, text, a)
}

// A numeric cell is a binary double, of which a spreadsheet keeps 15 digits.
const (
	exactDigits = 15
	exactNumber = 1e15
)

// roundNumber takes back what storing a decimal fraction in binary added: 0.29
// may stand as 0.28999999999999998.
func roundNumber(text []byte, a *arena) []byte {
	if len(text) <= exactDigits {
		return text
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return text
	}
	return a.copyOf(strconv.AppendFloat(nil, v, 'g', exactDigits, 64))
}

// plainNumber writes a number without an exponent and with no more digits than
// count, for a field that is no number.
func plainNumber(number float64, text []byte, a *arena) []byte {
	if len(text) <= exactDigits && bytes.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' }) < 0 {
		return text
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(number, 'g', exactDigits, 64), 64)
	if err != nil {
		return text
	}
	return a.copyOf(strconv.AppendFloat(nil, rounded, 'f', -1, 64))
}

// serialDigits are the most that the number of a day has before its fraction;
// 20260131 is no such number.
const serialDigits = 7

// date turns the number of a day into the day.
func (s *sheetSplitter) date(text []byte, a *arena) []byte {
	whole, _, _ := bytes.Cut(text, []byte{'.'})
	if len(whole) > serialDigits {
		return text
	}
	serial, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return text
	}
	day, ok := s.book.Day(serial)
	if !ok {
		return text
	}
	written, _ := credit.Date(day).AppendText(a.take(10)[:0]) // it never fails
	return written
}

// moment writes a date cell in a text field: the day, and the time if it has one.
func (s *sheetSplitter) moment(serial float64, text []byte, a *arena) []byte {
	day, ok := s.book.Day(serial)
	if !ok {
		return text
	}
	seconds := math.Round((serial - math.Floor(serial)) * 86400)
	at := time.Unix(int64(day)*86400+int64(seconds), 0).UTC()
	if seconds == 0 {
		return a.copyOf(at.AppendFormat(nil, time.DateOnly))
	}
	return a.copyOf(at.AppendFormat(nil, time.DateTime))
}
