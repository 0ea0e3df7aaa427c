package ingest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"rongxin/pipelines/contract"
)

// openCSV reads the header of a CSV file and with it the file's delimiter.
func openCSV(x *extract, w *blocks, c *contract.Contract, decoder func() *textDecoder) error {
	h, err := findHeader(w, c, x.encoding, decoder())
	if err != nil {
		return err
	}
	w.cutter = &lineCutter{quotes: true, comma: h.comma, columns: len(h.layout.columns)}
	if _, err := w.next(1); err != nil {
		return err
	}
	x.splitters = func() splitter { return &csvSplitter{layout: h.layout, comma: h.comma.sign, decoder: decoder()} }
	return nil
}

// delimiters are tried on the header when the contract names none.
const delimiters = ",;\t|"

// A header is the first record of a file as one delimiter splits it.
type header struct {
	comma  delimiter
	line   int64
	layout *layout // nil when it does not fit the contract
	known  int     // columns that the contract names
	bad    badFile // why it does not fit
}

// findHeader splits the header by each delimiter that may be meant. The one by
// which it holds the columns of the contract is the file's.
func findHeader(w *blocks, c *contract.Contract, encoding string, d *textDecoder) (header, error) {
	var fits []header
	var nearest header
	for _, sign := range []byte(delimiters + c.Source.Delimiter) {
		h, err := readHeader(w, c, newDelimiter(sign, encoding), d)
		if err != nil {
			return h, err
		}
		isMeant := c.Source.Delimiter == "" || c.Source.Delimiter == string(sign)
		switch {
		case h.layout != nil && isMeant && c.Source.Delimiter != "":
			return h, nil
		case h.layout != nil:
			fits = append(fits, h)
		case isMeant && (nearest.bad.err == nil || h.known > nearest.known):
			nearest = h
		}
	}
	place := Place{Unit: Line, Number: nearest.line}
	switch {
	case len(fits) > 0 && c.Source.Delimiter != "":
		return header{}, unfit(DelimiterMismatch, "文件用 %s 分隔，契约约定为 %s", "its columns are parted by %s, the contract says %s",
			signName(fits[0].comma.sign), signName(c.Source.Delimiter[0])).at(place)
	case len(fits) == 0 && encoding != utf8Name:
		bad := nearest.bad
		bad.detail, bad.err = fmt.Sprintf("%s（按 %s 读取）", bad.detail, encoding), fmt.Errorf("%w (read as %s)", bad.err, encoding)
		return header{}, bad.at(place)
	case len(fits) == 0:
		return header{}, nearest.bad.at(place)
	case len(fits) > 1 && len(fits[0].layout.columns) > 1:
		return header{}, unfit(DelimiterUnknown, "按 %s 或按 %s 都分得开各列", "its columns can be told apart by %s and by %s",
			signName(fits[0].comma.sign), signName(fits[1].comma.sign)).at(place)
	}
	return fits[0], nil // of a file with one column the comma
}

func readHeader(w *blocks, c *contract.Contract, comma delimiter, d *textDecoder) (header, error) {
	h := header{comma: comma}
	b, err := w.peek(&lineCutter{quotes: true, comma: comma})
	if errors.Is(err, io.EOF) {
		return h, unfit(EmptyFile, "", "the file is empty: it has not even a header").at(Place{Unit: Line, Number: 1})
	}
	if err != nil {
		return h, err
	}
	h.line = b.spans[0].line
	names, err := headerNames(b, comma.sign, d)
	if errors.As(err, &h.bad) {
		return h, nil
	}
	for _, name := range names {
		if c.FieldIndex(cleanName(name)) >= 0 {
			h.known++
		}
	}
	if h.layout, err = matchHeader(c, names); !errors.As(err, &h.bad) {
		return h, err
	}
	return h, nil
}

func headerNames(b *block, comma byte, d *textDecoder) ([]string, error) {
	var r row
	var a arena
	text, ok := decodeRecord(d, b, b.spans[0], &r, &a)
	if !ok {
		return nil, unfit(HeaderUnreadable, "%[2]s（%[1]s）", "the header cannot be read: %[1]s：%[2]s", r.faults[0].reason, r.faults[0].detail)
	}
	fields, malformed := splitCSV(text, comma, nil, &a)
	if malformed {
		return nil, unfit(HeaderUnreadable, "引号之后还有内容", "the header cannot be read: something follows a closing quote")
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f)
	}
	return names, nil
}

// signName names a delimiter in a message.
func signName(sign byte) string {
	if sign == '\t' {
		return "tab"
	}
	return strings.TrimSpace(string(sign))
}
