package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

const (
	zipMagic = "PK\x03\x04"
	oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" // of Office before 2007, and of encrypted files
)

// sniff looks at the first bytes, to say more than "not a ZIP file".
func sniff(r io.ReaderAt, size int64) error {
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n"))
	switch {
	case bytes.HasPrefix(head, []byte(zipMagic)):
		return nil
	case size == 0:
		return &Error{Empty, "the file is empty"}
	case bytes.HasPrefix(head, []byte(oleMagic)):
		return oleKind(r, size)
	case bytes.HasPrefix(text, []byte("<?xml")):
		return &Error{NotWorkbook, "it is an XML file, perhaps a spreadsheet of 2003; open it and save it as .xlsx"}
	case bytes.HasPrefix(text, []byte("<")):
		return &Error{NotWorkbook, "it is a web page under the name of a workbook; open it and save it as .xlsx"}
	}
	return &Error{NotWorkbook, "it is no .xlsx workbook"}
}

// oleKind tells an encrypted workbook from an old one: the names of the streams
// within are written in UTF-16.
func oleKind(r io.ReaderAt, size int64) error {
	encrypted, err := contains(io.NewSectionReader(r, 0, size), utf16("EncryptedPackage"))
	if err != nil {
		return err
	}
	if encrypted {
		return &Error{Protected, "the workbook is protected by a password; save it without one"}
	}
	return &Error{NotWorkbook, "it is an old .xls workbook; open it and save it as .xlsx"}
}

func utf16(ascii string) []byte {
	return []byte(strings.Join(strings.Split(ascii, ""), "\x00") + "\x00")
}

func contains(r io.Reader, what []byte) (bool, error) {
	buf, kept := make([]byte, scanBytes), 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		if bytes.Contains(buf[:kept+n], what) {
			return true, nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, buf[len(buf)-len(what):])
	}
}

// checkKind refuses what is a ZIP file and no .xlsx workbook.
func (b *Book) checkKind(main string) error {
	for name := range b.parts {
		if strings.HasSuffix(name, "vbaproject.bin") {
			return &Error{NotWorkbook, "it is a workbook with macros (.xlsm); save it as .xlsx without them"}
		}
	}
	_, isODF := b.parts["mimetype"]
	_, known := b.parts[main]
	switch {
	case strings.HasSuffix(main, ".bin"):
		return &Error{NotWorkbook, "it is a binary workbook (.xlsb); save it as .xlsx"}
	case isODF && !known:
		return &Error{NotWorkbook, "it is an OpenDocument file; save it as .xlsx"}
	case !known:
		return &Error{NotWorkbook, "it is a ZIP file that holds no workbook"}
	case strings.HasPrefix(main, "word/"), strings.HasPrefix(main, "ppt/"):
		return &Error{NotWorkbook, "it is no workbook but another document of an office program; send a table as .xlsx"}
	}
	return nil
}
