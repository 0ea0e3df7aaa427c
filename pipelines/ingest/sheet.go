package ingest

import (
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/xlsx"
)

// sheetRows of a worksheet are a block at most; it also ends when blockBytes of
// the sheet have been unpacked.
const sheetRows = 4096

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
		return nil, badWorkbook(bad)
	}
	return nil, err
}

// badWorkbook refuses what is no workbook or none that is read.
func badWorkbook(bad *xlsx.Error) badFile {
	switch bad.Fault {
	case xlsx.Empty:
		return unfit(EmptyFile, "", "%w", bad)
	case xlsx.Damaged:
		return unfit(WorkbookDamaged, "", "%w", bad)
	case xlsx.Protected:
		return unfit(WorkbookProtected, "", "%w", bad)
	case xlsx.TooLarge:
		return unfit(WorkbookTooLarge, "", "%w", bad)
	case xlsx.NoCells:
		return unfit(SheetMissing, "", "%w", bad)
	}
	return unfit(NotXLSX, "", "%w", bad)
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
	sheets, err := chooseSheets(book.Sheets, c.Source)
	if err != nil {
		return nil, err
	}
	w := &sheetReader{book: book, contract: c, sheets: sheets}
	if err := w.open(); err != nil {
		return nil, err
	}
	return &extract{
		reader: w, close: func() error { return errors.Join(w.rows.Close(), file.Close()) },
		splitters: func() splitter { return &sheetSplitter{layout: w.layout, book: book} },
	}, nil
}

// chooseSheets finds the sheet that a contract names: by its name, as the first
// that is not hidden, or as the only one not hidden that a /pattern/ fits; or all
// that it fits, where the contract reads every sheet.
func chooseSheets(sheets []xlsx.Sheet, source contract.Source) ([]xlsx.Sheet, error) {
	want := source.Sheet
	var names []string
	var fit []xlsx.Sheet
	pattern, isPattern := contract.SheetPattern(want)
	for _, s := range sheets {
		names = append(names, shorten(s.Name))
		switch {
		case isPattern:
			if expression, err := regexp.Compile(pattern); err != nil {
				return nil, err
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
	switch {
	case len(fit) == 0:
		return nil, unfit(SheetMissing, "没有工作表“%s”；工作簿中有 %s", "there is no sheet %s; the workbook has %s", want, list)
	case len(fit) == 1 || source.EverySheet:
		return fit, nil
	}
	return nil, unfit(SheetAmbiguous, "有 %d 个工作表符合“%s”；工作簿中有 %s", "%d sheets are called %s; the workbook has %s", len(fit), want, list)
}

// sheetLines parts the lines of one sheet from those of the next: line 30000012
// is row 12 of the fourth sheet that is read. No sheet has so many rows.
const sheetLines = 10_000_000

// A sheetReader reads sheets of one header, one after the other, as blocks of
// rows.
type sheetReader struct {
	book     *xlsx.Book
	contract *contract.Contract
	sheets   []xlsx.Sheet
	at       int // the sheet that is read
	layout   *layout

	rows   *xlsx.Rows
	held   []xlsx.Row // read while the header was looked for
	header int        // last row of the header
	line   int        // of the last row
	merges *mergeFiller
	ended  bool
}

// open opens the sheet that is next. All have the header of the first.
func (w *sheetReader) open() error {
	sheet := w.sheets[w.at]
	rows, err := w.book.Rows(sheet)
	if err != nil {
		return err
	}
	w.rows, w.held, w.line, w.ended = rows, nil, 0, false
	l, err := w.findHeader(w.contract, sheet.Name)
	if err == nil && w.layout != nil && !slices.Equal(l.columns, w.layout.columns) {
		err = unfit(HeaderMismatch, "各列的次序与工作表“%s”不同", "its columns are not in the order of sheet %s", shorten(w.sheets[0].Name)).
			at(Place{Sheet: shorten(sheet.Name)})
	}
	if err != nil {
		return errors.Join(err, rows.Close())
	}
	if w.layout == nil {
		w.layout = l
	}
	w.merges = newMergeFiller(rows.Merged, w.header, len(l.columns))
	return nil
}

// next gives the blocks of all sheets; each block is of one sheet.
func (w *sheetReader) next(limit int) (*block, error) {
	for {
		b, err := w.block(limit)
		if !errors.Is(err, io.EOF) || w.at == len(w.sheets)-1 {
			return b, err
		}
		if err := w.rows.Close(); err != nil {
			return nil, err
		}
		w.at++
		if err := w.open(); err != nil {
			return nil, w.badSheet(err)
		}
	}
}

func (w *sheetReader) block(limit int) (*block, error) {
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
		b.spans = append(b.spans, span{start: len(b.rows), end: len(b.rows) + 1, line: int64(w.at*sheetLines + row.Number)})
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
		return badWorkbook(bad).at(Place{Sheet: shorten(w.sheets[w.at].Name), Unit: AfterRow, Number: int64(w.line)})
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
