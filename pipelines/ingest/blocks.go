package ingest

import (
	"bytes"
	"errors"
	"io"

	"rongxin/pipelines/xlsx"
)

// A block is a run of consecutive records, cut and not yet split. It becomes
// one row group. Where blocks end depends on the file alone, never on how it
// was read or by how many workers, so equal files give equal Parquet bytes.
type block struct {
	data   []byte
	offset int64 // of data[0] in the file
	spans  []span
	faults map[int]string // reason codes that cutting found, by the start of the span
	rows   []xlsx.Row     // of a worksheet, instead of data
}

// A span is one record of a block.
type span struct {
	start, end int // in data; in rows, start is the index
	line       int64
}

// add notes the record that p is, from a place in data on.
func (b *block) add(at int, p piece, line int64) {
	b.spans = append(b.spans, span{start: at + p.start, end: at + p.end, line: line})
	if p.fault != "" {
		if b.faults == nil {
			b.faults = map[int]string{}
		}
		b.faults[at+p.start] = p.fault
	}
}

// blocks reads a text file as blocks.
type blocks struct {
	r      io.Reader
	cutter cutter
	step   int         // bytes of a read
	size   int64       // of the file, to make the buffers no larger than it needs
	spare  chan *block // judged, their space to be used again
	buf    []byte
	pos    int
	eof    bool
	offset int64 // of buf[0]
	line   int64 // of buf[pos]
	most   int   // records of a block so far

	// countsRecords: a record is known by its number in the file rather than by
	// its line, which it may share with others.
	countsRecords bool
	records       int64

	err error // found behind the last block, which is judged first
}

// next returns the next block of at most limit records, or io.EOF.
func (w *blocks) next(limit int) (*block, error) {
	b := w.blank(limit)
	for w.err == nil && len(b.spans) < limit && w.pos < blockBytes {
		p, enough, err := w.cutter.cut(w.buf[w.pos:], w.eof)
		if err != nil {
			if bad := (badFile{}); errors.As(err, &bad) {
				w.err = bad.at(Place{Unit: Line, Number: w.line})
				break
			}
			return nil, err
		}
		if !enough {
			if err := w.read(); err != nil {
				return nil, err
			}
			continue
		}
		if p.skip && w.pos == 0 {
			w.drop(p)
			b.offset = w.offset
			if len(w.buf) == 0 && w.eof {
				break
			}
			continue
		}
		if !p.skip {
			w.records++
			line := w.line
			if w.countsRecords {
				line = w.records
			}
			b.add(w.pos, p, line)
		}
		w.pos += p.size
		w.line += int64(p.lines)
		// What is left of a line that was too long is dropped at the start of
		// the next block, so that it takes no memory.
		if p.fault == TooLong || w.pos == len(w.buf) && w.eof {
			break
		}
	}
	if len(b.spans) == 0 && w.err != nil {
		return nil, w.err
	}
	w.take(b)
	if len(b.spans) == 0 && len(b.data) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

// peek returns the first record that c cuts, as a block that must be read at
// once, and takes nothing but the empty lines before it. A header is found within
// the bounds of a record.
func (w *blocks) peek(c cutter) (*block, error) {
	at, line := 0, w.line
	for {
		p, enough, err := c.cut(w.buf[at:], w.eof)
		switch {
		case err != nil:
			return nil, err
		case !enough:
			if err := w.read(); err != nil {
				return nil, err
			}
			continue
		case p.skip && at == 0 && len(bytes.Trim(w.buf[p.start:p.end], " ")) == 0: // empty for every delimiter
			w.drop(p)
			if line = w.line; len(w.buf) == 0 && w.eof {
				return nil, io.EOF
			}
			continue
		case !p.skip || at > maxRecord:
			if p.skip {
				p.fault = TooLong
			}
			b := &block{data: w.buf, offset: w.offset}
			b.add(at, p, line)
			return b, nil
		}
		at, line = at+p.size, line+int64(p.lines)
		if at == len(w.buf) && w.eof {
			return nil, io.EOF
		}
	}
}

// drop forgets what p took off the front of an empty block.
func (w *blocks) drop(p piece) {
	w.buf = w.buf[p.size:]
	w.offset += int64(p.size)
	w.line += int64(p.lines)
}

// blank returns an empty block, with space for the next one's data too.
func (w *blocks) blank(limit int) *block {
	select {
	case b := <-w.spare:
		b.offset, b.spans, b.data = w.offset, b.spans[:0], b.data[:0]
		clear(b.faults)
		return b
	default:
	}
	return &block{offset: w.offset, spans: make([]span, 0, min(w.most+w.most/16, limit)), data: w.space()}
}

// space for a block and what may be read beyond it.
func (w *blocks) space() []byte { return make([]byte, 0, int(min(w.size, blockBytes))+w.step) }

// take hands what was cut to b, whose space keeps the rest.
func (w *blocks) take(b *block) {
	cut, rest := w.buf[:w.pos], w.buf[w.pos:]
	w.buf = append(b.data, rest...)
	b.data = cut
	w.offset, w.pos, w.most = w.offset+int64(w.pos), 0, max(w.most, len(b.spans))
}

// release takes back a block that nobody reads any more.
func (w *blocks) release(b *block) {
	select {
	case w.spare <- b:
	default:
	}
}

// read appends to the buffer: one step, or as much again as lies uncut, so
// that a long record read in small steps is not scanned over and over.
func (w *blocks) read() error {
	want := max(w.step, len(w.buf)-w.pos)
	if free := cap(w.buf) - len(w.buf); free < want {
		grown := make([]byte, len(w.buf), max(2*cap(w.buf), len(w.buf)+want))
		copy(grown, w.buf)
		w.buf = grown
	}
	n, err := io.ReadFull(w.r, w.buf[len(w.buf):len(w.buf)+want])
	w.buf = w.buf[:len(w.buf)+n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		w.eof = true
		return nil
	}
	return err
}
