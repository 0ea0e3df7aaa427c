package ingest

import "bytes"

// Bounds on what one record may take. They keep memory bounded whatever the
// file holds.
const (
	maxRecord      = 4 << 20 // bytes of a record
	maxQuoted      = 1 << 20 // bytes between two quotes
	maxQuotedLines = 1000    // lines between two quotes
	blockBytes     = 8 << 20 // source bytes of a block, and so of a row group
)

// A piece is what a cutter takes off the front of its input.
type piece struct {
	size  int // bytes taken, line end included
	start int // content is b[start:end]
	end   int
	lines int    // line ends among the bytes taken
	fault string // reason code
	skip  bool   // no record: a blank line or punctuation
}

// A cutter finds the end of the first record of b. It returns false when b is
// too short to tell; at eof it always can.
type cutter interface {
	cut(b []byte, eof bool) (piece, bool, error)
}

// A lineCutter cuts at line ends: LF, CR LF, or CR alone. With quotes set it
// knows the quoting of CSV, in which a field that begins with a quote may hold
// commas and line ends.
//
// It works on raw bytes: CR, LF and the quote are never part of a longer
// character, neither in UTF-8 nor in GB18030; nor is a comma, see delimiter.
type lineCutter struct {
	quotes   bool
	comma    delimiter
	columns  int  // of the header; 0 while that is not known
	skipping bool // inside a line that was too long

	// Each is a place before which its byte does not occur in the rest of the
	// input; looking for a byte that a file does not have costs one pass.
	lf, cr, quote int
}

func (c *lineCutter) cut(b []byte, eof bool) (piece, bool, error) {
	p, enough := c.line(b, eof)
	if !enough {
		return piece{}, false, nil
	}
	if c.quotes && !c.skipping && p.fault == "" && seek(b[:p.end], '"', &c.quote) < p.end {
		p, enough = c.quoted(b, eof, p)
		if !enough {
			return piece{}, false, nil
		}
	}
	p.skip = p.skip || p.fault == "" && c.isBlank(b[:p.end])
	for _, known := range []*int{&c.lf, &c.cr, &c.quote} {
		*known = max(0, *known-p.size)
	}
	return p, true, nil
}

// isBlank reports a line that holds nothing. One of tabs between which nothing
// stands is a record of empty values where tabs part the fields.
func (c *lineCutter) isBlank(line []byte) bool {
	if len(line) > 0 && line[0] > ' ' {
		return false
	}
	if c.comma.sign == '\t' {
		return len(bytes.Trim(line, " ")) == 0
	}
	return len(bytes.Trim(line, " \t")) == 0
}

// line cuts one physical line.
func (c *lineCutter) line(b []byte, eof bool) (piece, bool) {
	end := min(seek(b, '\n', &c.lf), seek(b, '\r', &c.cr))
	if c.skipping {
		if end == len(b) && !eof {
			return piece{size: end, end: end, skip: true}, end > 0
		}
		c.skipping = false
		size, lines, enough := lineEnd(b, end, eof)
		c.skipping = !enough
		return piece{size: size, end: end, lines: lines, skip: true}, enough
	}
	if end > maxRecord {
		c.skipping = true
		return piece{size: maxRecord, end: headBytes, fault: TooLong}, true
	}
	if end == len(b) && !eof {
		return piece{}, false
	}
	size, lines, enough := lineEnd(b, end, eof)
	return piece{size: size, end: end, lines: lines}, enough
}

// lineEnd returns the size of the line that ends at end, its line end included.
func lineEnd(b []byte, end int, eof bool) (size, lines int, enough bool) {
	switch {
	case end == len(b):
		return end, 0, true
	case b[end] == '\n':
		return end + 1, 1, true
	case end+1 < len(b) && b[end+1] == '\n':
		return end + 2, 1, true
	case end+1 == len(b) && !eof:
		return 0, 0, false // the LF of a CR LF may be still to come
	}
	return end + 1, 1, true
}

// seek returns the first place of kind in b, or len(b).
func seek(b []byte, kind byte, known *int) int {
	from := min(*known, len(b))
	if i := bytes.IndexByte(b[from:], kind); i >= 0 {
		*known = from + i
	} else {
		*known = len(b)
	}
	return *known
}

// quoted cuts a record whose first line has a quote in it. When the quote of
// that line never closes, or closes where no field can end, or swallows lines
// that are records themselves, only the first line is given up.
func (c *lineCutter) quoted(b []byte, eof bool, first piece) (piece, bool) {
	s, enough := scanRecord(b, c.comma, eof)
	if !enough {
		return piece{}, false
	}
	first.fault = UnterminatedQuote
	if s.open {
		return first, true
	}
	if s.inside > 0 && c.columns > 0 && s.fields != c.columns {
		next, enough := scanRecord(b[first.size:], c.comma, eof)
		if !enough {
			return piece{}, false
		}
		if !next.open && next.fields == c.columns {
			return first, true
		}
	}
	return piece{size: s.size, end: s.end, lines: s.lines}, true
}

// scanned is what scanRecord found.
type scanned struct {
	size, end, lines, fields int
	inside                   int  // line ends between quotes
	open                     bool // a quote does not close
}

// scanRecord walks one CSV record field by field.
func scanRecord(b []byte, comma delimiter, eof bool) (s scanned, enough bool) {
	s.fields = 1
	line := -1 // end of the physical line that p is in, once known
	for p := 0; ; p++ {
		if p < len(b) && b[p] == '"' {
			end, closed, enough := closingQuote(b, p, eof)
			if !enough {
				return s, false
			}
			inside := countLineEnds(b[p:end])
			s.inside += inside
			if !closed || inside > maxQuotedLines || end > maxRecord {
				s.open = true
				return s, true
			}
			if end < len(b) && b[end] != comma.sign && b[end] != '\n' && b[end] != '\r' && inside > 0 {
				s.open = true // it closed a quote that another line opened
				return s, true
			}
			p = end
		}
		if p > line {
			line = p + physicalEnd(b[p:])
		}
		if i := comma.index(b[p:line]); i >= 0 {
			s.fields++
			p += i
			continue
		}
		p = line
		if p == len(b) && !eof {
			return s, false
		}
		size, lines, enough := lineEnd(b, p, eof)
		s.size, s.end, s.lines = size, p, s.inside+lines
		return s, enough
	}
}

// physicalEnd returns the place of the first LF or CR, or len(b).
func physicalEnd(b []byte) int {
	end := len(b)
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		end = i
	}
	if i := bytes.IndexByte(b[:end], '\r'); i >= 0 {
		end = i
	}
	return end
}

// closingQuote returns the place after the quote that closes the one at open.
func closingQuote(b []byte, open int, eof bool) (after int, closed, enough bool) {
	limit := min(len(b), open+maxQuoted)
	for p := open + 1; ; {
		i := bytes.IndexByte(b[p:limit], '"')
		switch {
		case i < 0 && (limit == open+maxQuoted || eof):
			return limit, false, true
		case i < 0:
			return 0, false, false
		}
		p += i + 1
		switch {
		case p == len(b) && !eof:
			return 0, false, false
		case p < limit && b[p] == '"':
			p++
		case p == limit && p < len(b) && b[p] == '"':
			return limit, false, true
		default:
			return p, true, true
		}
	}
}

// countLineEnds counts LF, CR LF and CR.
func countLineEnds(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	for {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			return n
		}
		if b = b[i+1:]; len(b) == 0 || b[0] != '\n' {
			n++
		}
	}
}
