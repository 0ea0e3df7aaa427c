package xlsx

import (
	"bytes"
	"io"
)

// A scanner takes the XML of a part apart. It knows what workbooks are made of
// and no more: elements, attributes, text and CDATA, all in UTF-8. A document
// type, where entities could be defined that unfold without end, is an error.
type scanner struct {
	r      io.Reader
	buf    []byte
	pos, n int // buf[pos:n] is read and not yet taken
	eof    bool
}

type tokenKind uint8

const (
	startTag tokenKind = iota
	endTag
	chars
)

// A token is valid until the next is read.
type token struct {
	kind  tokenKind
	empty bool   // of a start tag: <v/>, no end tag follows
	plain bool   // of chars: CDATA, in which & stands for itself
	name  []byte // of a tag, without the prefix of its namespace
	data  []byte // of a start tag its attributes, of chars the text as it stands
}

func (t token) starts(name string) bool { return t.kind == startTag && string(t.name) == name }
func (t token) ends(name string) bool   { return t.kind == endTag && string(t.name) == name }

const scanBytes = 64 << 10

// maxToken bounds a tag or a text as it stands in the file, where a character
// may be written &#x6D4B;.
const maxToken = 10 * maxCell

func newScanner(r io.Reader) *scanner { return &scanner{r: r, buf: make([]byte, scanBytes)} }

// more reads on. It reports false at the end of the part.
func (s *scanner) more() (bool, error) {
	if s.eof {
		return false, nil
	}
	if s.pos > 0 {
		s.n = copy(s.buf, s.buf[s.pos:s.n])
		s.pos = 0
	}
	if s.n == len(s.buf) {
		if s.n > maxToken {
			return false, limitError("a cell or tag is longer than %d bytes", maxToken)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := io.ReadAtLeast(s.r, s.buf[s.n:], 1)
	s.n += n
	if err == io.EOF {
		s.eof, err = true, nil
	}
	return n > 0, err
}

// next returns the next token, or io.EOF.
func (s *scanner) next() (token, error) {
	for {
		t, size, err := s.scan(s.buf[s.pos:s.n])
		if err != nil {
			return t, err
		}
		if size > 0 {
			s.pos += size
			if t.data == nil && t.name == nil {
				continue // a comment or instruction
			}
			return t, nil
		}
		if enough, err := s.more(); err != nil {
			return t, err
		} else if enough {
			continue
		}
		if s.pos == s.n {
			return t, io.EOF
		}
		return t, damaged("the XML ends inside a tag or text")
	}
}

// scan takes one token off b. Its size is 0 when b is too short to tell.
func (s *scanner) scan(b []byte) (token, int, error) {
	if len(b) == 0 {
		return token{}, 0, nil
	}
	if b[0] != '<' {
		end := bytes.IndexByte(b, '<')
		if end < 0 {
			if !s.eof {
				return token{}, 0, nil
			}
			end = len(b)
		}
		return token{kind: chars, data: b[:end]}, end, nil
	}
	if len(b) < 2 {
		return token{}, 0, nil
	}
	switch b[1] {
	case '!':
		return s.declaration(b)
	case '?':
		end := bytes.Index(b, []byte("?>"))
		if end < 0 {
			return token{}, 0, nil
		}
		return token{}, end + 2, checkEncoding(b[2:end])
	}
	end := tagEnd(b)
	if end < 0 {
		return token{}, 0, nil
	}
	t, err := tag(b[1:end])
	return t, end + 1, err
}

// declaration takes a comment or CDATA.
func (s *scanner) declaration(b []byte) (token, int, error) {
	const cdata = "<![CDATA["
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		if end := bytes.Index(b[4:], []byte("-->")); end >= 0 {
			return token{}, 4 + end + 3, nil
		}
	case bytes.HasPrefix(b, []byte(cdata)):
		if end := bytes.Index(b, []byte("]]>")); end >= 0 {
			return token{kind: chars, plain: true, data: b[len(cdata):end:end]}, end + 3, nil
		}
	case len(b) >= len(cdata):
		return token{}, 0, damaged("the XML declares a document type")
	}
	return token{}, 0, nil
}

// plainTag takes <c …>, as nearly every cell begins, and returns its attributes.
// It reports false, and takes nothing, when anything else comes or not all of it
// has been read.
func (s *scanner) plainTag() (attrs []byte, empty, ok bool) {
	const open = "<c "
	b := s.buf[s.pos:s.n]
	if len(b) < len(open) || string(b[:len(open)]) != open {
		return nil, false, false
	}
	end := tagEnd(b)
	if end < 0 {
		return nil, false, false
	}
	s.pos += end + 1
	if b[end-1] == '/' {
		return b[len(open) : end-1], true, true
	}
	return b[len(open):end], false, true
}

// plainCell takes <v>…</v></c>, which is what most cells hold, and returns the
// text as it stands. It reports false, and takes nothing, when anything else
// comes or not all of it has been read.
func (s *scanner) plainCell() (text []byte, ok bool) {
	const before, after = "<v>", "</v></c>"
	b := s.buf[s.pos:s.n]
	if len(b) < len(before) || string(b[:len(before)]) != before {
		return nil, false
	}
	b = b[len(before):]
	end := bytes.IndexByte(b, '<')
	if end < 0 || len(b) < end+len(after) || string(b[end:end+len(after)]) != after {
		return nil, false
	}
	s.pos += len(before) + end + len(after)
	return b[:end], true
}

// skip reads to the end of the element that t began.
func (s *scanner) skip(t token) error {
	for depth := 1; !t.empty; {
		inner, err := s.next()
		if err != nil {
			return unexpected(err)
		}
		switch {
		case inner.kind == startTag && !inner.empty:
			depth++
		case inner.kind == endTag:
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
	return nil
}

// skipOther passes over text, and over an element that nobody asked for.
func (s *scanner) skipOther(t token) error {
	if t.kind != startTag {
		return nil
	}
	return s.skip(t)
}

// skipPast reads until a tag ends that ends in these bytes.
func (s *scanner) skipPast(marker string) error {
	for {
		if i := bytes.Index(s.buf[s.pos:s.n], []byte(marker)); i >= 0 {
			s.pos += i + len(marker)
			return nil
		}
		s.pos = max(s.pos, s.n-len(marker)+1)
		if enough, err := s.more(); err != nil {
			return err
		} else if !enough {
			return io.EOF
		}
	}
}
