package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing/iotest"
	"unicode/utf8"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// Judge does what landing does with content, in dir, which it leaves as it was.
func Judge(dir string, c *contract.Contract, content []byte, workers, blockBytes, groupRows int) (found outcome, err error) {
	if err := os.WriteFile(filepath.Join(dir, "extract"), content, 0o600); err != nil {
		return found, err
	}
	probe := &textProbe{}
	probe.add(content)
	probe.finish()
	t := &task{
		Contract: c, Dir: dir, File: "extract", Size: int64(len(content)), Name: "in", Probe: probe, Batch: "b",
		Day: credit.NewDate(2026, 6, 15), Workers: workers, BlockBytes: blockBytes, GroupRows: groupRows,
	}
	if found, err = t.do(context.Background(), nil); err == nil {
		err = t.digest(&found)
	}
	files, globErr := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		globErr = errors.Join(globErr, os.Remove(file))
	}
	return found, errors.Join(err, globErr)
}

// Transcode reads content of an encoding as UTF-8, all at once or byte by byte,
// and shows it to people.
func Transcode(content []byte, encoding string, bytewise bool) (text, legible []byte, err error) {
	var r io.Reader = bytes.NewReader(content)
	if bytewise {
		r = iotest.OneByteReader(r)
	}
	text, err = io.ReadAll(newTranscoder(r, encoding, 0))
	return text, (&textDecoder{escaped: true}).legible(text), err
}

// EscapedBytes are the bytes that did not decode, by their place in the file.
func EscapedBytes(text []byte) (places map[int64]byte, rest []byte) {
	places = map[int64]byte{}
	for len(text) > 0 {
		if text[0] < escapeNUL {
			_, size := utf8.DecodeRune(text)
			rest, text = append(rest, text[:size]...), text[size:]
			continue
		}
		c, offset, size := readEscape(text)
		places[offset] = c
		text = text[size:]
	}
	return places, rest
}
