package ingest

import (
	"errors"
	"fmt"
	"io"
	"os"

	"rongxin/pipelines/contract"
)

// An extract is an opened file, ready to be read as records.
type extract struct {
	reader    blockReader
	splitters func() splitter
	encoding  string
	close     func() error
}

// open opens the copy of a file as its contract says. The error is what
// the sender got wrong, at the place it names, or an error of this machine.
func (t *task) open() (*extract, error) {
	c, probe, path := t.Contract, t.Probe, t.path(t.File)
	if c.Source.Format == "xlsx" {
		return openWorkbook(path, c)
	}
	encoding, err := probe.encoding(&c.Source)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	_, mark := probe.mark()
	w := &blocks{r: file, step: t.BlockBytes, size: t.Size, offset: int64(mark), line: 1, spare: make(chan []byte, t.Workers+2)}
	if _, err := file.Seek(w.offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	decoder := func() *textDecoder { return newTextDecoder(encoding, probe.Bad == 0) }
	if isUTF16(encoding) || encoding == gb18030Name && !cutsBytes(c.Source.Format) {
		w.r = newTranscoder(file, encoding, w.offset)
		decoder = func() *textDecoder { return &textDecoder{escaped: true} }
	}
	x := &extract{reader: w, encoding: encoding, close: file.Close}
	switch c.Source.Format {
	case "csv":
		err = openCSV(x, w, c, decoder)
	case "ndjson":
		w.cutter = &lineCutter{}
		if probe.startsWith('[') {
			err = badFile{"", errors.New("the file is a JSON array, the contract says ndjson"), "write one object a line, or change source.format to json"}
		}
	case "json":
		w.cutter = &arrayCutter{}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if x.splitters == nil {
		x.splitters = func() splitter { return newJSONSplitter(c, decoder()) }
	}
	return x, nil
}

// cutsBytes reports formats whose records are cut at bytes that are never part
// of a longer character of GB18030.
func cutsBytes(format string) bool { return format == "csv" || format == "ndjson" }

// badFile is what makes a whole file unfit to land.
type badFile struct {
	place string
	err   error
	mend  string
}

func (b badFile) Error() string { return b.err.Error() }

func openWorkbook(path string, c *contract.Contract) (*extract, error) {
	w, header, err := openSheet(path, &c.Source)
	if err != nil {
		return nil, badFile{"", err, "send the sheet named in the contract in an .xlsx workbook"}
	}
	l, err := matchHeader(c, header)
	if err != nil {
		place := fmt.Sprintf("sheet %s, row %d", c.Source.Sheet, c.Source.HeaderRow)
		return nil, errors.Join(badFile{place, err, mendHeader}, w.close())
	}
	props, err := w.file.GetWorkbookProps()
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	date1904 := props.Date1904 != nil && *props.Date1904
	return &extract{
		reader: w, close: w.close,
		splitters: func() splitter { return &sheetSplitter{layout: l, date1904: date1904} },
	}, nil
}
