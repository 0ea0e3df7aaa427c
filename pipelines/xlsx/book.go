// Package xlsx reads worksheets as streams of rows.
//
// It does what landing needs and no more: the cells of one sheet as the workbook
// stores them, quickly, in bounded memory, from files that nobody vouches for.
// It was written because the library that writes our workbooks reads them ten
// times as slowly (docs/adr/0013-xlsx-reader.md); the tests hold the two equal.
// The format is ECMA-376 (ISO/IEC 29500), transitional or strict.
package xlsx

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"strings"
	"syscall"

	"github.com/klauspost/compress/flate"
)

// A Book is an open workbook. It may be read by one goroutine at a time.
type Book struct {
	Date1904 bool // days are counted from 1904 on
	Sheets   []Sheet

	size    int64
	parts   map[string]*zip.File // nil: the name stands twice
	dates   []bool               // of cell formats
	strings string               // name of the part of the shared strings, or ""
}

// A Sheet is one tab of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	part   string // "" when it holds no cells but a chart or a dialogue
}

// Open reads what a workbook says of itself. An *Error tells of the workbook,
// every other error of the machine.
func Open(r io.ReaderAt, size int64) (*Book, error) {
	if err := sniff(r, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, partError(err)
	}
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	b := &Book{size: size, parts: map[string]*zip.File{}}
	for _, f := range archive.File {
		name := partName(f.Name)
		if _, twice := b.parts[name]; twice {
			b.parts[name] = nil
			continue
		}
		b.parts[name] = f
	}
	main, err := b.mainPart()
	if err != nil {
		return nil, err
	}
	return b, b.readMain(main)
}

// partName is how names of parts compare: without regard to case (ISO 29500-2,
// 6.2.2.3), and forgiving the backslashes of some writers.
func partName(name string) string {
	return strings.ToLower(strings.TrimLeft(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// open opens a part for reading. What goes wrong in it is an *Error.
func (b *Book) open(name string) (*part, error) {
	f, known := b.parts[name]
	switch {
	case !known:
		return nil, damaged("it has no part " + name)
	case f == nil:
		return nil, damaged("its part " + name + " stands twice")
	case f.Flags&1 != 0:
		return nil, &Error{Protected, "the workbook is protected by a password; save it without one"}
	case f.UncompressedSize64 > uint64(min(maxUnpacked, max(freeBytes, maxRatio*b.size))):
		return nil, limitError("its part %s unpacks from %d KB to %d MB", name, f.CompressedSize64>>10, f.UncompressedSize64>>20)
	}
	r, err := f.Open()
	if err != nil {
		return nil, partError(err)
	}
	return &part{ReadCloser: r}, nil
}

// A part is being unpacked. The archive says how large it is, and the reader
// beneath holds it to that.
type part struct {
	io.ReadCloser
	bytes int64 // unpacked so far
}

func (p *part) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.bytes += int64(n)
	if err == io.EOF {
		return n, err
	}
	return n, partError(err)
}

// partError tells damage from trouble with the disk.
func partError(err error) error {
	var disk syscall.Errno
	var ours *Error
	if err == nil || errors.As(err, &disk) || errors.As(err, &ours) {
		return err
	}
	return damaged(err.Error())
}

// each calls do for every token of a part.
func (b *Book) each(name string, do func(token) error) error {
	p, err := b.open(name)
	if err != nil {
		return err
	}
	defer p.Close()
	for s := newScanner(p); ; {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(t)
		}
		if err != nil {
			return err
		}
	}
}

// A relationship leads from one part to another.
type relationship struct{ kind, target string }

// relationships of a part, by id. A part without any has none.
func (b *Book) relationships(of string) (map[string]relationship, error) {
	dir, base := path.Split(of)
	name, list := dir+"_rels/"+base+".rels", map[string]relationship{}
	if _, known := b.parts[name]; !known {
		return list, nil
	}
	err := b.each(name, func(t token) error {
		if !t.starts("Relationship") || t.attr("TargetMode") == "External" {
			return nil
		}
		target := strings.ReplaceAll(t.attr("Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		if len(list) == maxSheets {
			return limitError("it has more than %d relationships", maxSheets)
		}
		list[t.attr("Id")] = relationship{path.Base(t.attr("Type")), partName(path.Clean(target))}
		return nil
	})
	return list, err
}

// mainPart finds the part that lists the sheets.
func (b *Book) mainPart() (string, error) {
	list, err := b.relationships("")
	if err != nil {
		return "", err
	}
	main := "xl/workbook.xml"
	for _, r := range list {
		if r.kind == "officeDocument" {
			main = r.target
		}
	}
	return main, b.checkKind(main)
}

// readMain reads the list of sheets and what it leads to.
func (b *Book) readMain(main string) error {
	list, err := b.relationships(main)
	if err != nil {
		return err
	}
	err = b.each(main, func(t token) error {
		switch {
		case t.starts("workbookPr"):
			b.Date1904 = isTrue(t.attr("date1904"))
		case t.starts("sheet"):
			s := Sheet{Name: t.attr("name"), Hidden: t.attr("state") != "" && t.attr("state") != "visible"}
			if r := list[t.relation()]; r.kind == "worksheet" {
				s.part = r.target
			}
			if b.Sheets = append(b.Sheets, s); len(b.Sheets) > maxSheets {
				return limitError("it has more than %d sheets", maxSheets)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range list {
		switch r.kind {
		case "styles":
			err = errors.Join(err, b.readStyles(r.target))
		case "sharedStrings":
			b.strings = r.target
		}
	}
	return err
}

func (b *Book) readStyles(name string) error {
	p, err := b.open(name)
	if err != nil {
		return err
	}
	defer p.Close()
	b.dates, err = readStyles(p)
	return err
}

func isTrue(value string) bool { return value == "1" || value == "true" }
