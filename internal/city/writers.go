package city

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/credit"
)

// sink writes the rows of one edition. It tells the file and the physical line
// on which the row begins, counted from 1 with the header.
type sink interface {
	write(cells []string) (path string, line int, err error)
	close() ([]File, error)
}

// File is one file of the inbox.
type File struct {
	Path    string `json:"path"` // below inbox, with slashes
	Dataset string `json:"dataset"`
	Rows    int    `json:"rows"` // without header
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
}

// brokenByte stands in a cell for a byte that is no text in any encoding of the
// city; the CSV writer replaces it by 0xFF.
const brokenByte = '\uf8ff'

func newSink(inbox string, x *extract, ed *edition) (sink, error) {
	switch x.format {
	case xlsxSheet:
		return newWorkbook(inbox, x, ed), nil
	case ndjson:
		return newLineFile(inbox, x, ed)
	}
	return newCSVFile(inbox, x, ed)
}

// outFile is a file being written, with its digest.
type outFile struct {
	File
	f      *os.File
	buffer *bufio.Writer
	digest hash.Hash
}

// createFile opens a file of one delivery: inbox/<day of sending>/<dataset>/name.
func createFile(inbox string, sent credit.Date, dataset, name string) (*outFile, error) {
	path := filepath.Join(sent.String(), filepath.FromSlash(dataset), name)
	if err := os.MkdirAll(filepath.Join(inbox, filepath.Dir(path)), 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(inbox, path))
	if err != nil {
		return nil, err
	}
	o := &outFile{File: File{Path: filepath.ToSlash(path), Dataset: dataset}, f: f, digest: sha256.New()}
	o.buffer = bufio.NewWriterSize(o, 1<<16)
	return o, nil
}

// Write takes what the buffer passes on.
func (o *outFile) Write(b []byte) (int, error) {
	o.digest.Write(b)
	o.Bytes += int64(len(b))
	return o.f.Write(b)
}

func (o *outFile) finish() (File, error) {
	err := o.buffer.Flush()
	if closed := o.f.Close(); err == nil {
		err = closed
	}
	o.SHA256 = hex.EncodeToString(o.digest.Sum(nil))
	return o.File, err
}

// csvFile quotes as RFC 4180 asks for, and writes GB18030 or UTF-8.
type csvFile struct {
	*outFile
	encoder *encoding.Encoder // nil for UTF-8
	end     string
	line    int // of the next record
	text    []byte
	coded   []byte
}

func newCSVFile(inbox string, x *extract, ed *edition) (*csvFile, error) {
	out, err := createFile(inbox, ed.sent, x.dataset, ed.fileName(1, x.format.extension()))
	if err != nil {
		return nil, err
	}
	c := &csvFile{outFile: out, end: "\r\n", line: 1, coded: make([]byte, 1<<14)}
	switch x.format {
	case gb18030CSV:
		c.encoder = simplifiedchinese.GB18030.NewEncoder()
	case bomCSV:
		if _, err := out.buffer.WriteString("\ufeff"); err != nil {
			return nil, err
		}
	case utf8CSV:
		c.end = "\n"
	}
	_, _, err = c.write(x.header())
	c.Rows = 0
	return c, err
}

func (c *csvFile) write(cells []string) (string, int, error) {
	line := c.line
	c.text = c.text[:0]
	for i, cell := range cells {
		if i > 0 {
			c.text = append(c.text, ',')
		}
		if strings.ContainsAny(cell, ",\"\r\n") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			c.line += strings.Count(cell, "\n")
		}
		c.text = append(c.text, cell...)
	}
	c.text = append(c.text, c.end...)
	c.line++
	c.Rows++
	before, after, broken := bytes.Cut(c.text, utf8.AppendRune(nil, brokenByte))
	err := c.encode(before)
	if broken && err == nil {
		if err = c.buffer.WriteByte(0xFF); err == nil {
			err = c.encode(after)
		}
	}
	return c.Path, line, err
}

func (c *csvFile) encode(text []byte) error {
	if c.encoder == nil {
		_, err := c.buffer.Write(text)
		return err
	}
	if need := 4 * len(text); need > len(c.coded) {
		c.coded = make([]byte, need)
	}
	c.encoder.Reset()
	n, _, err := c.encoder.Transform(c.coded, text, true)
	if err != nil {
		return err
	}
	_, err = c.buffer.Write(c.coded[:n])
	return err
}

func (c *csvFile) close() ([]File, error) {
	f, err := c.finish()
	return []File{f}, err
}

// lineFile writes one JSON object a line, fields in the order of the contract.
// Blank cells are null; amounts and counts are numbers.
type lineFile struct {
	*outFile
	columns []column
	numbers map[int]bool
}

func newLineFile(inbox string, x *extract, ed *edition) (*lineFile, error) {
	out, err := createFile(inbox, ed.sent, x.dataset, ed.fileName(1, x.format.extension()))
	if err != nil {
		return nil, err
	}
	return &lineFile{outFile: out, columns: x.columns, numbers: map[int]bool{x.index("amount_wan"): true}}, nil
}

func (l *lineFile) write(cells []string) (string, int, error) {
	var line bytes.Buffer
	coder := json.NewEncoder(&line)
	coder.SetEscapeHTML(false)
	for i, cell := range cells {
		separator := ", "
		if i == 0 {
			separator = "{"
		}
		fmt.Fprintf(&line, "%s%q: ", separator, l.columns[i].name)
		switch {
		case cell == "":
			line.WriteString("null")
		case l.numbers[i]:
			line.WriteString(cell)
		default:
			if err := coder.Encode(cell); err != nil {
				return "", 0, err
			}
			line.Truncate(line.Len() - 1) // the newline of Encode
		}
	}
	line.WriteString("}\n")
	l.Rows++
	_, err := io.Copy(l.buffer, &line)
	return l.Path, l.Rows, err
}

func (l *lineFile) close() ([]File, error) {
	f, err := l.finish()
	return []File{f}, err
}
