package city

import (
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// maxSheetRows is where an extract goes on in a second workbook. The one snapshot
// in XLSX, the abnormal list, stays below it up to some six million enterprises.
const maxSheetRows = 200_000

// workbook streams rows into XLSX files of one sheet each. All cells are text,
// so that codes keep their digits, but for the serial number.
type workbook struct {
	inbox string
	x     *extract
	ed    *edition
	limit int // rows of one workbook
	part  int
	done  []File

	file   *excelize.File
	stream *excelize.StreamWriter
	line   int // last row written
	rows   int
	cells  []any
}

func newWorkbook(inbox string, x *extract, ed *edition) *workbook {
	return &workbook{inbox: inbox, x: x, ed: ed, limit: maxSheetRows}
}

func (b *workbook) path() string {
	return b.ed.sent.String() + "/" + b.x.dataset + "/" + b.ed.fileName(b.part, "xlsx")
}

func (b *workbook) write(cells []string) (string, int, error) {
	if b.file != nil && b.rows == b.limit {
		if err := b.save(); err != nil {
			return "", 0, err
		}
	}
	if b.file == nil {
		if err := b.open(); err != nil {
			return "", 0, err
		}
	}
	b.rows++
	serial := ""
	if b.x.numbered {
		serial = strconv.Itoa(b.rows)
	}
	err := b.put(serial, cells)
	return b.path(), b.line, err
}

func (b *workbook) open() error {
	b.part++
	b.file, b.line, b.rows = excelize.NewFile(), 0, 0
	if err := b.file.SetSheetName("Sheet1", b.x.sheet); err != nil {
		return err
	}
	day := b.ed.sent.String() + "T00:00:00Z"
	err := b.file.SetDocProps(&excelize.DocProperties{Creator: b.x.dataset, Created: day, Modified: day})
	if err != nil {
		return err
	}
	if b.stream, err = b.file.NewStreamWriter(b.x.sheet); err != nil {
		return err
	}
	if b.x.banner != "" {
		if err := b.put("", []string{b.x.banner}); err != nil {
			return err
		}
	}
	serial := ""
	if b.x.numbered {
		serial = "序号"
	}
	return b.put(serial, b.x.header())
}

func (b *workbook) put(serial string, cells []string) error {
	b.cells = b.cells[:0]
	if serial != "" {
		if n, err := strconv.Atoi(serial); err == nil {
			b.cells = append(b.cells, n)
		} else {
			b.cells = append(b.cells, serial)
		}
	}
	for _, cell := range cells {
		if cell == "" {
			b.cells = append(b.cells, nil)
			continue
		}
		b.cells = append(b.cells, cell)
	}
	b.line++
	return b.stream.SetRow("A"+strconv.Itoa(b.line), b.cells)
}

func (b *workbook) save() error {
	if err := b.stream.Flush(); err != nil {
		return err
	}
	out, err := createFile(b.inbox, b.ed.sent, b.x.dataset, b.ed.fileName(b.part, "xlsx"))
	if err != nil {
		return err
	}
	out.Rows = b.rows
	written := b.file.Write(out.buffer)
	f, err := out.finish()
	if closed := b.file.Close(); written == nil {
		written = closed
	}
	if written != nil {
		return fmt.Errorf("%s: %w", b.path(), written)
	}
	b.done, b.file = append(b.done, f), nil
	return err
}

func (b *workbook) close() ([]File, error) {
	if b.file == nil {
		return b.done, nil
	}
	err := b.save()
	return b.done, err
}
