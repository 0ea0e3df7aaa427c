package xlsx

import (
	"errors"
	"io"
	"strconv"
)

// sharedStrings are the texts that cells name by number. They are kept in
// slabs, so that none is ever moved and cells may point into them.
type sharedStrings struct {
	chunks [][][]byte // of chunkStrings each
	count  int
	slab   []byte
	bytes  int
}

const (
	chunkStrings = 1 << 14
	slabBytes    = 1 << 20
	stringCost   = 24 // bytes that find one string
)

func (s *sharedStrings) add(text []byte) error {
	if s.bytes += len(text) + stringCost; s.bytes > maxStrings {
		return limitError("its shared strings take more than %d MB", maxStrings>>20)
	}
	if cap(s.slab)-len(s.slab) < len(text) {
		s.slab = make([]byte, 0, max(slabBytes, len(text)))
	}
	start := len(s.slab)
	s.slab = append(s.slab, text...)
	if s.count%chunkStrings == 0 {
		s.chunks = append(s.chunks, make([][]byte, 0, min(chunkStrings, 64+s.count)))
	}
	last := &s.chunks[len(s.chunks)-1]
	*last = append(*last, s.slab[start:len(s.slab):len(s.slab)])
	s.count++
	return nil
}

// get returns the string that a cell names.
func (s *sharedStrings) get(number []byte) ([]byte, error) {
	i := 0
	for _, c := range number {
		if c < '0' || c > '9' || i > maxStrings {
			i = -1
			break
		}
		i = 10*i + int(c-'0')
	}
	if i < 0 || i >= s.count || len(number) == 0 {
		return nil, damaged("a cell names a shared string that is not there; the workbook has " + strconv.Itoa(s.count))
	}
	return s.chunks[i/chunkStrings][i%chunkStrings], nil
}

// readStrings reads the part of the shared strings.
func readStrings(r io.Reader) (*sharedStrings, error) {
	s, list := newScanner(r), &sharedStrings{}
	var text []byte
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		if !t.starts("si") {
			continue
		}
		if text, err = s.richText(t, text[:0]); err != nil {
			return nil, err
		}
		if err := list.add(unescape(text)); err != nil {
			return nil, err
		}
	}
}

// richText appends the text of the element that t began: of its t elements and
// those of its runs, but not of how it is pronounced.
func (s *scanner) richText(t token, text []byte) ([]byte, error) {
	if t.empty {
		return text, nil
	}
	for depth := 1; ; {
		inner, err := s.next()
		if err != nil {
			return text, unexpected(err)
		}
		switch {
		case inner.starts("rPh"):
			err = s.skip(inner)
		case inner.starts("t"):
			text, err = s.text(inner, text)
		case inner.kind == startTag && !inner.empty:
			depth++
		case inner.kind == endTag:
			depth--
		}
		if err != nil || depth == 0 {
			return text, err
		}
	}
}

// text appends the characters of the element that t began, up to its end.
func (s *scanner) text(t token, text []byte) ([]byte, error) {
	if t.empty {
		return text, nil
	}
	for {
		inner, err := s.next()
		if err != nil {
			return text, unexpected(err)
		}
		switch {
		case inner.kind == endTag:
			return text, nil
		case inner.kind == startTag:
			err = s.skip(inner)
		case inner.plain:
			text = append(text, inner.data...)
		default:
			text, err = appendText(text, inner.data)
		}
		if err != nil {
			return text, err
		}
		if len(text) > maxCell {
			return text, limitError("a cell holds more than %d bytes", maxCell)
		}
	}
}
