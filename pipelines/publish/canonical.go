package publish

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// exchangePrefix marks the members of a row that belong to the exchange and
// not to the record.
const exchangePrefix = "cd_"

// canonical brings a payload into the form that is sent and digested; the
// package comment defines it. Members of the exchange are refused. What has the
// form already, as nearly every payload does, is returned as it is.
func canonical(payload json.RawMessage) ([]byte, error) {
	if isCanonical(payload) {
		return payload, nil
	}
	object, err := decodeObject(payload)
	if err != nil {
		return nil, err
	}
	for name := range object {
		if strings.HasPrefix(name, exchangePrefix) {
			return nil, fmt.Errorf("%s: the name is reserved for the exchange", name)
		}
	}
	return encodeObject(object)
}

func decodeObject(text []byte) (map[string]any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if object == nil {
		return nil, errors.New("null, want an object")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return object, onlyIntegers(object)
}

// onlyIntegers refuses fractions and exponents anywhere in value: they have
// many spellings, so a digest over them would not hold.
func onlyIntegers(value any) error {
	switch v := value.(type) {
	case json.Number:
		if !isInteger(v.String()) {
			return fmt.Errorf("number %s: want an integer", v)
		}
	case []any:
		for i, item := range v {
			if err := onlyIntegers(item); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
	case map[string]any:
		for name, item := range v {
			if err := onlyIntegers(item); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func isInteger(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == text
}

// encodeObject writes names in byte order, as encoding/json does for a map.
func encodeObject(object map[string]any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// isCanonical tells, in one pass and without an allocation, that a payload has
// the canonical form. It gives up early: of a text with escapes in it, which may
// have the form, it says no.
func isCanonical(payload []byte) bool {
	if !utf8.Valid(payload) {
		return false
	}
	s := scanner{payload}
	return s.object(0) && len(s.rest) == 0
}

// scanner walks over canonical JSON.
type scanner struct{ rest []byte }

// maxDepth of objects and lists; what is deeper is left to encoding/json.
const maxDepth = 32

func (s *scanner) take(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) object(depth int) bool {
	if !s.take('{') || depth > maxDepth {
		return false
	}
	if s.take('}') {
		return true
	}
	for last, first := []byte(nil), true; ; first = false {
		name, ok := s.text()
		if !ok || !first && bytes.Compare(last, name) >= 0 || depth == 0 && bytes.HasPrefix(name, []byte(exchangePrefix)) {
			return false
		}
		last = name
		if !s.take(':') || !s.value(depth+1) {
			return false
		}
		if !s.take(',') {
			return s.take('}')
		}
	}
}

func (s *scanner) list(depth int) bool {
	if !s.take('[') || depth > maxDepth {
		return false
	}
	if s.take(']') {
		return true
	}
	for {
		if !s.value(depth + 1) {
			return false
		}
		if !s.take(',') {
			return s.take(']')
		}
	}
}

// text takes a string without escapes and returns what stands in it.
func (s *scanner) text() (text []byte, ok bool) {
	if !s.take('"') {
		return nil, false
	}
	for i, c := range s.rest {
		switch {
		case c == '"':
			text, s.rest = s.rest[:i], s.rest[i+1:]
			return text, true
		case c < ' ' || c == '\\':
			return nil, false
		case c == 0xe2 && isLineSeparator(s.rest[i:]):
			return nil, false
		}
	}
	return nil, false
}

// isLineSeparator tells of U+2028 and U+2029, which are written as escapes.
func isLineSeparator(b []byte) bool {
	return len(b) > 2 && b[1] == 0x80 && b[2]&^1 == 0xa8
}

func (s *scanner) value(depth int) bool {
	if len(s.rest) == 0 {
		return false
	}
	switch c := s.rest[0]; {
	case c == '"':
		_, ok := s.text()
		return ok
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.list(depth)
	case c == '-' || '0' <= c && c <= '9':
		return s.integer()
	}
	for _, word := range []string{"null", "true", "false"} {
		if rest, ok := bytes.CutPrefix(s.rest, []byte(word)); ok {
			s.rest = rest
			return true
		}
	}
	return false
}

// integer takes a number of at most 18 digits, without zeros in front.
func (s *scanner) integer() bool {
	negative := s.take('-')
	n := 0
	for n < len(s.rest) && '0' <= s.rest[n] && s.rest[n] <= '9' {
		n++
	}
	if n == 0 || n > 18 || s.rest[0] == '0' && (n > 1 || negative) {
		return false
	}
	s.rest = s.rest[n:]
	return true
}
