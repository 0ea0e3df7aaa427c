package ingest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"rongxin/pipelines/contract"
)

const mendHeader = "name the columns as the contract does, or agree a new version of the contract"

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
	err    error   // why it does not fit
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
		case isMeant && (nearest.err == nil || h.known > nearest.known):
			nearest = h
		}
	}
	place := fmt.Sprintf("line %d", nearest.line)
	switch {
	case len(fits) > 0 && c.Source.Delimiter != "":
		return header{}, badFile{place, fmt.Errorf("its columns are parted by %s, the contract says %s",
			signName(fits[0].comma.sign), signName(c.Source.Delimiter[0])), "export it as the contract says, or change source.delimiter"}
	case len(fits) == 0 && encoding != utf8Name:
		return header{}, badFile{place, fmt.Errorf("%w (read as %s)", nearest.err, encoding), mendHeader}
	case len(fits) == 0:
		return header{}, badFile{place, nearest.err, mendHeader}
	case len(fits) > 1 && len(fits[0].layout.columns) > 1:
		return header{}, badFile{place, fmt.Errorf("its columns can be told apart by %s and by %s",
			signName(fits[0].comma.sign), signName(fits[1].comma.sign)), "name the one that is meant as source.delimiter"}
	}
	return fits[0], nil // of a file with one column the comma
}

func readHeader(w *blocks, c *contract.Contract, comma delimiter, d *textDecoder) (header, error) {
	h := header{comma: comma}
	b, err := w.peek(&lineCutter{quotes: true, comma: comma})
	if errors.Is(err, io.EOF) {
		return h, badFile{"line 1", errors.New("the file is empty: it has not even a header"), "send the header also when there is nothing to report"}
	}
	if err != nil {
		return h, err
	}
	h.line = b.spans[0].line
	names, err := headerNames(b, comma.sign, d)
	if err != nil {
		h.err = err
		return h, nil
	}
	for _, name := range names {
		if c.FieldIndex(cleanName(name)) >= 0 {
			h.known++
		}
	}
	h.layout, h.err = matchHeader(c, names)
	return h, nil
}

func headerNames(b *block, comma byte, d *textDecoder) ([]string, error) {
	var r row
	var a arena
	text, ok := decodeRecord(d, b, b.spans[0], &r, &a)
	if !ok {
		return nil, fmt.Errorf("the header cannot be read: %s：%s", r.faults[0].reason, r.faults[0].detail)
	}
	fields, malformed := splitCSV(text, comma, nil, &a)
	if malformed {
		return nil, errors.New("the header cannot be read: something follows a closing quote")
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
