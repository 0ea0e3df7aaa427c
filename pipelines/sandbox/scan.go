package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// scanner walks over JSON that json.Valid found to be whole. It exists because
// a million records pass through it: it makes no maps and copies no text that
// stands in the body as it is to be kept.
type scanner struct {
	text []byte
	at   int
}

var errEncoding = errors.New("不是 UTF-8 编码")

// scan returns a scanner at the first byte of text's value.
func scan(text []byte) (*scanner, error) {
	if !utf8.Valid(text) {
		return nil, errEncoding
	}
	if !json.Valid(text) {
		var any json.RawMessage
		return nil, fmt.Errorf("不是完整的 JSON：%w", json.Unmarshal(text, &any)) // says where
	}
	s := &scanner{text: text}
	s.blank()
	return s, nil
}

func (s *scanner) blank() {
	for s.at < len(s.text) && s.text[s.at] <= ' ' {
		s.at++
	}
}

// next is the byte that the value here begins with.
func (s *scanner) next() byte { return s.text[s.at] }

// take passes over one byte and the blanks behind it.
func (s *scanner) take() {
	s.at++
	s.blank()
}

// object calls member for each member of the object here, with the scanner at
// its value, which member passes over. Names occur once.
func (s *scanner) object(member func(name string) error) error {
	if s.next() != '{' {
		return errors.New("应为 JSON 对象")
	}
	s.take()
	var seen names
	for s.next() != '}' {
		name := s.string()
		if !seen.add(name) {
			return fmt.Errorf("%s：出现两次", name)
		}
		s.take() // the colon
		if err := member(name); err != nil {
			return err
		}
		if s.next() == ',' {
			s.take()
		}
	}
	s.take()
	return nil
}

// names are those met in one object: in ascending order as a sender of
// canonical JSON writes them, they need no set.
type names struct {
	last string
	any  bool
	set  map[string]bool
	list []string
}

func (n *names) add(name string) bool {
	if n.set == nil && (!n.any || name > n.last) {
		n.last, n.any = name, true
		n.list = append(n.list, name)
		return true
	}
	if n.set == nil {
		n.set = make(map[string]bool, len(n.list)+1)
		for _, earlier := range n.list {
			n.set[earlier] = true
		}
	}
	if n.set[name] {
		return false
	}
	n.set[name] = true
	return true
}

// array calls item for each item of the array here.
func (s *scanner) array(item func() error) error {
	if s.next() != '[' {
		return errors.New("应为 JSON 列表")
	}
	s.take()
	for s.next() != ']' {
		if err := item(); err != nil {
			return err
		}
		if s.next() == ',' {
			s.take()
		}
	}
	s.take()
	return nil
}

// raw passes over the value here and returns it as it stands.
func (s *scanner) raw() []byte {
	start, end := s.at, s.at
	switch s.next() {
	case '"':
		s.pass()
		end = s.at
	case '{', '[':
		for depth := 0; ; {
			switch s.text[s.at] {
			case '"':
				s.pass()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			s.at++
			if depth == 0 {
				break
			}
		}
		end = s.at
	default:
		for s.at < len(s.text) && strings.IndexByte(",]} \t\r\n", s.text[s.at]) < 0 {
			s.at++
		}
		end = s.at
	}
	s.blank()
	return s.text[start:end]
}

// pass goes behind the string here.
func (s *scanner) pass() {
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

// string passes over the string here and returns what it says.
func (s *scanner) string() string {
	said, _ := unquote(s.raw())
	return said
}

// unquote returns what a JSON string says, and its canonical spelling.
func unquote(raw []byte) (said, canonical string) {
	if bytes.IndexByte(raw, '\\') < 0 && !bytes.Contains(raw, lineSeparator[:2]) {
		canonical = string(raw)
		return canonical[1 : len(canonical)-1], canonical
	}
	json.Unmarshal(raw, &said) // raw is a valid string
	return said, quote(said)
}

// lineSeparator and its neighbour U+2029 begin alike; encoding/json escapes
// both.
var lineSeparator = []byte("\u2028")

// quote writes text as canonical JSON does.
func quote(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.Encode(text) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
