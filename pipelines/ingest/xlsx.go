package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/contract"
)

// Bounds on a workbook. A workbook is a ZIP file: one of a megabyte may hold
// gigabytes. Sheets larger than xlsxMemory are unpacked to a temporary file.
const (
	xlsxUnpacked = 512 << 20
	xlsxMemory   = 16 << 20
	xlsxRows     = 4096 // of a block
)

// A workbook reads one sheet as blocks of rows.
type workbook struct {
	file    *excelize.File
	rows    *excelize.Rows
	line    int64
	columns int // of the header
	ended   bool
}

// openSheet opens the contract's sheet and reads its header row.
func openSheet(path string, source *contract.Source) (w *workbook, header []string, err error) {
	defer recoverInto(&err)
	if err := checkWorkbook(path); err != nil {
		return nil, nil, err
	}
	file, err := excelize.OpenFile(path, excelize.Options{
		RawCellValue: true, UnzipSizeLimit: xlsxUnpacked, UnzipXMLSizeLimit: xlsxMemory,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	w = &workbook{file: file}
	if i, err := file.GetSheetIndex(source.Sheet); err != nil || i < 0 {
		return nil, nil, errors.Join(fmt.Errorf("there is no sheet %s; the workbook has %s",
			source.Sheet, strings.Join(file.GetSheetList(), ", ")), w.close())
	}
	if w.rows, err = file.Rows(source.Sheet); err != nil {
		return nil, nil, errors.Join(err, w.close())
	}
	for w.line < int64(source.HeaderRow) {
		if header, err = w.row(); err != nil {
			return nil, nil, errors.Join(fmt.Errorf("the sheet %s ends before its header in row %d",
				source.Sheet, source.HeaderRow), w.close())
		}
	}
	for len(header) > 0 && cleanName(header[len(header)-1]) == "" {
		header = header[:len(header)-1]
	}
	w.columns = len(header)
	return w, header, nil
}

// checkWorkbook looks at the first bytes, to say more than "not a ZIP file".
func checkWorkbook(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 8)
	n, _ := io.ReadFull(f, head)
	switch {
	case bytes.HasPrefix(head[:n], []byte("PK\x03\x04")):
		return nil
	case bytes.HasPrefix(head[:n], []byte("\xD0\xCF\x11\xE0")):
		return errors.New("it is an old .xls or an encrypted workbook; save it as .xlsx without a password")
	}
	return errors.New("it is no .xlsx workbook")
}

// errWorkbook is what a workbook is refused for once its rows are being read.
var errWorkbook = errors.New("the workbook is damaged")

// recoverInto turns a panic of the workbook reader on a damaged file into an
// error.
func recoverInto(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", errWorkbook, p)
	}
}

func (w *workbook) close() error {
	var err error
	if w.rows != nil {
		err = w.rows.Close()
	}
	return errors.Join(err, w.file.Close())
}

// row returns the cells of the next row, or io.EOF.
func (w *workbook) row() ([]string, error) {
	if !w.rows.Next() {
		if err := w.rows.Error(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
	w.line++
	return w.rows.Columns()
}

func (w *workbook) next(limit int) (b *block, err error) {
	defer recoverInto(&err)
	b = &block{}
	for len(b.spans) < min(limit, xlsxRows) && !w.ended {
		cells, err := w.row()
		if errors.Is(err, io.EOF) {
			w.ended = true
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: row %d: %w", errWorkbook, w.line+1, err)
		}
		if isBlankRow(cells) {
			continue
		}
		b.spans = append(b.spans, span{start: len(b.rows), end: len(b.rows) + 1, line: w.line})
		b.rows = append(b.rows, cells)
	}
	if len(b.spans) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

func (w *workbook) release(*block) {} // rows are small and left to the collector

func isBlankRow(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// A sheetSplitter takes rows of a sheet apart. Cells come raw, as the workbook
// stores them: a text as it is, a number in full, a date as its serial number.
type sheetSplitter struct {
	*layout
	date1904 bool
	fields   [][]byte
}

func (s *sheetSplitter) split(b *block, sp span, r *row, a *arena) error {
	s.fields = s.fields[:0]
	for _, cell := range b.rows[sp.start] {
		s.fields = append(s.fields, []byte(cell))
	}
	// A row ends at its last cell that is not empty.
	for len(s.fields) > len(s.columns) && len(trim(s.fields[len(s.fields)-1])) == 0 {
		s.fields = s.fields[:len(s.fields)-1]
	}
	for len(s.fields) < len(s.columns) {
		s.fields = append(s.fields, nil)
	}
	fields := s.fields
	r.whole = func() []byte { return s.maskRecord(fields, " | ") }
	for i, field := range s.columns {
		if field >= 0 {
			s.fields[i] = s.cell(&s.contract.Fields[field], s.fields[i])
		}
	}
	s.place(s.fields, r)
	for i, value := range r.values {
		if bytes.IndexByte(value, 0) >= 0 {
			r.fault(i, s.contract.Fields[i].Name, NULByte, "值含有空字符")
		}
	}
	return nil
}

// cell brings a raw cell into the form that other formats have.
func (s *sheetSplitter) cell(f *contract.Field, raw []byte) []byte {
	text := string(trim(raw))
	switch f.Type {
	case contract.Date:
		// A serial has at most seven digits before its fraction; 20260131 is no serial.
		whole, _, _ := strings.Cut(text, ".")
		serial, err := strconv.ParseFloat(text, 64)
		if err != nil || len(whole) > 7 || serial < 1 {
			return raw
		}
		day, err := excelize.ExcelDateToTime(serial, s.date1904)
		if err != nil {
			return raw
		}
		return []byte(day.Format("2006-01-02"))
	case contract.Integer, contract.Decimal, contract.Money:
		// A numeric cell is a binary double, which a spreadsheet shows to 15
		// digits: 0.29 may be stored as 0.28999999999999998.
		if len(text) < 16 {
			return raw
		}
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return strconv.AppendFloat(nil, v, 'g', 15, 64)
		}
	}
	return raw
}
