package ingest

import (
	"context"
	"errors"
	"io"
	"os"
)

// An extract is an opened file, ready to be read as records.
type extract struct {
	reader    blockReader
	splitters func() splitter
	encoding  string
	member    string // of an archive that was read, or ""
	close     func() error
}

// open opens the copy of a file as its contract says. The error is what
// the sender got wrong, at the place it names, or an error of this machine.
func (t *task) open(ctx context.Context) (*extract, error) {
	u, err := t.content(ctx)
	if err != nil {
		return nil, inMember(u.member, err)
	}
	x, err := t.openContent(&u)
	if err != nil {
		return nil, errors.Join(inMember(u.member, err), t.discardUnpacked())
	}
	closeContent := x.close
	x.close = func() error { return errors.Join(closeContent(), t.discardUnpacked()) }
	x.member = u.member
	return x, nil
}

// inMember puts the name of an archive's member before the place of a fault.
func inMember(member string, err error) error {
	if bad := (badFile{}); errors.As(err, &bad) {
		bad.place.Member = member
		return bad
	}
	return err
}

func (t *task) openContent(u *content) (*extract, error) {
	c, probe := t.Contract, u.probe
	if c.Source.Format == "xlsx" {
		return openWorkbook(u.path, c)
	}
	encoding, err := probe.encoding(&c.Source)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(u.path)
	if err != nil {
		return nil, err
	}
	_, mark := probe.mark()
	w := &blocks{r: file, step: t.BlockBytes, size: u.size, offset: int64(mark), line: 1, spare: make(chan *block, t.Workers+2)}
	w.buf = w.space()
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
			err = unfit(FormatMismatch, "文件是一个 JSON 数组，契约约定为 ndjson：每行一个对象", "the file is a JSON array, the contract says ndjson: one object a line")
		}
	case "json":
		w.cutter, w.countsRecords = newArrayCutter(c.Source.RecordPath), true
	case "xml":
		w.cutter, w.countsRecords = newElementCutter(c), true
		x.splitters = func() splitter { return newXMLSplitter(c, decoder()) }
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
