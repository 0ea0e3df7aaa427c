package ingest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/xlsx"
)

// sheetRows of a worksheet are a block at most; it also ends when blockBytes of
// the sheet have been unpacked.
const sheetRows = 4096

const mendSheet = "send the sheet named in the contract in an .xlsx workbook"

// openWorkbook opens the contract's sheet and finds its header.
func openWorkbook(path string, c *contract.Contract) (*extract, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	x, err := openSheet(file, c)
	if err == nil {
		return x, nil
	}
	err = errors.Join(err, file.Close())
	if bad := new(xlsx.Error); errors.As(err, &bad) {
		return nil, badFile{"", bad, mendSheet}
	}
	return nil, err
}

func openSheet(file *os.File, c *contract.Contract) (*extract, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	book, err := xlsx.Open(file, info.Size())
	if err != nil {
		return nil, err
	}
	sheet, err := chooseSheet(book.Sheets, c.Source.Sheet)
	if err != nil {
		return nil, badFile{"", err, mendSheet}
	}
	rows, err := book.Rows(sheet)
	if err != nil {
		return nil, err
	}
	w := &sheetReader{rows: rows}
	l, err := w.findHeader(c, sheet.Name)
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	w.merges = newMergeFiller(rows.Merged, w.header, len(l.columns))
	return &extract{
		reader: w, close: func() error { return errors.Join(rows.Close(), file.Close()) },
		splitters: func() splitter { return &sheetSplitter{layout: l, book: book} },
	}, nil
}

// chooseSheet finds the sheet that a contract names: by its name, as the first
// that is not hidden, or as the only one not hidden that a /pattern/ fits.
func chooseSheet(sheets []xlsx.Sheet, want string) (xlsx.Sheet, error) {
	var names []string
	var fit []xlsx.Sheet
	pattern, isPattern := contract.SheetPattern(want)
	for _, s := range sheets {
		names = append(names, shorten(s.Name))
		switch {
		case isPattern:
			if expression, err := regexp.Compile(pattern); err != nil {
				return s, err
			} else if !s.Hidden && expression.MatchString(s.Name) {
				fit = append(fit, s)
			}
		case want == contract.FirstSheet:
			if !s.Hidden && len(fit) == 0 {
				fit = append(fit, s)
			}
		case strings.EqualFold(strings.TrimSpace(s.Name), want):
			fit = append(fit, s)
		}
	}
	list := strings.Join(names[:min(len(names), 20)], ", ")
	switch len(fit) {
	case 0:
		return xlsx.Sheet{}, fmt.Errorf("there is no sheet %s; the workbook has %s", want, list)
	case 1:
		return fit[0], nil
	}
	return xlsx.Sheet{}, fmt.Errorf("%d sheets are called %s; the workbook has %s", len(fit), want, list)
}

// A sheetReader reads one sheet as blocks of rows.
type sheetReader struct {
	rows   *xlsx.Rows
	held   []xlsx.Row // read while the header was looked for
	header int        // last row of the header
	line   int        // of the last row
	merges *mergeFiller
	ended  bool
}

func (w *sheetReader) next(limit int) (*block, error) {
	b := &block{}
	start := w.rows.Bytes()
	for !w.ended && len(b.spans) < min(limit, sheetRows) && (len(b.spans) == 0 || w.rows.Bytes()-start < blockBytes) {
		row, err := w.row()
		if errors.Is(err, io.EOF) {
			w.ended = true
			break
		}
		if err != nil {
			return nil, w.badSheet(err)
		}
		if w.line = row.Number; row.Number <= w.header {
			continue
		}
		isBlank := isBlankRow(row)
		if row = w.merges.fill(row); isBlank {
			continue
		}
		b.spans = append(b.spans, span{start: len(b.rows), end: len(b.rows) + 1, line: int64(row.Number)})
		b.rows = append(b.rows, row)
	}
	if len(b.spans) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

// badSheet makes damage found below a row something wrong with the file.
func (w *sheetReader) badSheet(err error) error {
	if bad := new(xlsx.Error); errors.As(err, &bad) {
		return badFile{fmt.Sprintf("after row %d", w.line), bad, mendSheet}
	}
	return err
}

func (w *sheetReader) row() (xlsx.Row, error) {
	if len(w.held) > 0 {
		row := w.held[0]
		w.held = w.held[1:]
		return row, nil
	}
	return w.rows.Next()
}

func (w *sheetReader) release(*block) {} // rows are left to the collector

func isBlankRow(row xlsx.Row) bool {
	for _, cell := range row.Cells {
		if cell.Kind == xlsx.Failed || len(trim(cell.Text)) > 0 {
			return false
		}
	}
	return true
}
