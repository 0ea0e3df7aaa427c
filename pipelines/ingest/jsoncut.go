package ingest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxNesting bounds how deep brackets or elements may stand in one another
// around and inside records, which are flat.
const maxNesting = 64

// An arrayCutter cuts the elements of one JSON array: of the file itself or,
// with a path, of the value that these names lead to from the outermost object.
type arrayCutter struct {
	path  []string
	found bool
	// inside the array, wantComma says what comes next.
	inside, wantComma bool

	// Around the array: the open brackets, how many names of the path the objects
	// among them follow (-1 outside), whether the next value is on the path, and
	// what may come next.
	open   []byte
	on     int
	isNext bool
	want   string
}

// What may come next around the array, as the signs that a token may begin with.
const (
	wantValue  = "{[\"-0123456789tfn"
	wantKey    = "\""
	wantColon  = ":"
	wantAfter  = ",}]"
	wantNought = ""
)

func newArrayCutter(path []string) *arrayCutter {
	return &arrayCutter{path: path, on: -1, isNext: true, want: wantValue}
}

func (c *arrayCutter) cut(b []byte, eof bool) (piece, bool, error) {
	blank := len(b) - len(bytes.TrimLeft(b, " \t\r\n"))
	switch {
	case blank > 0:
		return piece{size: blank, lines: countFeeds(b[:blank]), skip: true}, true, nil
	case len(b) == 0 && eof:
		return piece{skip: true}, true, c.atEnd()
	case len(b) == 0:
		return piece{}, false, nil
	case c.inside:
		return c.element(b, eof)
	}
	return c.around(b, eof)
}

// element cuts what comes next inside the array.
func (c *arrayCutter) element(b []byte, eof bool) (piece, bool, error) {
	one := piece{size: 1, skip: true}
	switch {
	case b[0] == ']':
		c.inside, c.want = false, c.after()
		return one, true, nil
	case c.wantComma != (b[0] == ','):
		return piece{}, false, malformed(JSONMalformed, "缺少或多了逗号", "a comma is missing or too many")
	case c.wantComma:
		c.wantComma = false
		return one, true, nil
	}
	end, enough, err := elementEnd(b, eof)
	if err != nil || !enough {
		return piece{}, false, err
	}
	c.wantComma = true
	return piece{size: end, end: end, lines: countFeeds(b[:end])}, true, nil
}

// around passes over one token of what surrounds the array.
func (c *arrayCutter) around(b []byte, eof bool) (piece, bool, error) {
	one := piece{size: 1, skip: true}
	switch isValue := strings.HasPrefix(c.want, wantValue); {
	case isValue && c.isNext && c.on+1 == len(c.path) && b[0] != '[':
		return piece{}, false, c.missing()
	case strings.IndexByte(c.want, b[0]) < 0:
		return piece{}, false, c.unexpected()
	}
	switch b[0] {
	case '{', '[':
		return one, true, c.push(b[0])
	case '}', ']':
		return one, true, c.pop(b[0])
	case ',':
		c.want = wantValue
		if c.open[len(c.open)-1] == '{' {
			c.want = wantKey
		}
		return one, true, nil
	case ':':
		c.want = wantValue
		return one, true, nil
	}
	end, enough, err := tokenEnd(b, eof)
	if err != nil || !enough {
		return piece{}, false, err
	}
	if !json.Valid(b[:end]) && !bytes.ContainsAny(b[:end], "\xFE\xFF") {
		return piece{}, false, malformed(JSONMalformed, "%q 不是一个值", "%q is no value", shorten(string(b[:end])))
	}
	if c.want == wantKey || c.want == wantKey+"}" {
		var key string
		if err := json.Unmarshal(b[:end], &key); err != nil {
			return piece{}, false, malformed(JSONMalformed, "", "%w", err)
		}
		c.isNext = len(c.open) == c.on+1 && key == c.path[c.on]
		c.want = wantColon
	} else {
		c.isNext, c.want = false, c.after()
	}
	return piece{size: end, skip: true, lines: countFeeds(b[:end])}, true, nil
}

func (c *arrayCutter) push(bracket byte) error {
	if c.isNext && c.on+1 == len(c.path) && bracket == '[' {
		if c.found {
			return malformed(JSONMalformed, "%s 处的数组出现两次", "the array at %s stands twice", strings.Join(c.path, "."))
		}
		c.found, c.inside, c.isNext, c.wantComma = true, true, false, false
		return nil
	}
	if c.isNext && c.on+1 < len(c.path) && bracket == '{' {
		c.on++
	}
	c.isNext = false
	if c.open = append(c.open, bracket); len(c.open) > maxNesting {
		return malformed(JSONMalformed, "括号嵌套超过 %d 层", "brackets are nested more than %d deep", maxNesting)
	}
	c.want = wantValue + "]"
	if bracket == '{' {
		c.want = wantKey + "}"
	}
	return nil
}

func (c *arrayCutter) pop(bracket byte) error {
	if len(c.open) == 0 || c.open[len(c.open)-1] != bracket-2 { // { and }, [ and ] are two apart in ASCII
		return malformed(JSONMalformed, "括号不配对", "the brackets do not match")
	}
	c.open = c.open[:len(c.open)-1]
	c.on = min(c.on, len(c.open)-1)
	c.want = c.after()
	return nil
}

// after is what may come after a value.
func (c *arrayCutter) after() string {
	if len(c.open) == 0 {
		return wantNought
	}
	return wantAfter
}

func (c *arrayCutter) atEnd() error {
	switch {
	case c.inside:
		return malformed(JSONMalformed, "数组没有以 ] 结束", "the array is not closed by ]")
	case c.want != wantNought:
		return malformed(JSONMalformed, "括号没有闭合文件就结束了", "it ends before its brackets are closed")
	case !c.found:
		return c.missing()
	}
	return nil
}

func (c *arrayCutter) unexpected() error {
	switch {
	case c.want == wantNought:
		return malformed(JSONMalformed, "结尾的括号之后还有内容", "something follows the closing bracket")
	case len(c.open) == 0:
		return c.missing()
	}
	return malformed(JSONMalformed, "值、逗号、冒号或括号缺少或多余", "a value, comma, colon or bracket is missing or too many")
}

func (c *arrayCutter) missing() error {
	if len(c.path) == 0 {
		return malformed(JSONMalformed, "不是数组：没有以 [ 开头", "it is no array: it does not begin with [")
	}
	return malformed(JSONMalformed, "%s 处没有数组", "there is no array at %s", strings.Join(c.path, "."))
}

// tokenEnd finds the end of the text, number or word that b begins with.
func tokenEnd(b []byte, eof bool) (end int, enough bool, err error) {
	if b[0] != '"' {
		if end = bytes.IndexAny(b, ",:{}[]\" \t\r\n"); end >= 0 {
			return end, true, nil
		}
		return len(b), eof || len(b) >= maxRecord, nil
	}
	for p := 1; p < min(len(b), maxRecord); p++ {
		switch b[p] {
		case '\\':
			p++
		case '"':
			return p + 1, true, nil
		}
	}
	if len(b) >= maxRecord || eof {
		return 0, false, malformed(JSONMalformed, "文字没有结束的引号", "a text does not end")
	}
	return 0, false, nil
}

func countFeeds(b []byte) int { return bytes.Count(b, []byte{'\n'}) }

// elementEnd finds the end of the JSON value that b begins with, by brackets
// and strings; whether it is well formed inside is found when it is read.
func elementEnd(b []byte, eof bool) (end int, enough bool, err error) {
	depth, inString := 0, false
	for i, ch := range b[:min(len(b), maxRecord)] {
		switch {
		case inString && ch == '\\':
			// The sign after it is looked at below as any other; only a quote matters.
		case inString:
			if ch == '"' && !escaped(b[:i]) {
				inString = false
			}
		case ch == '"':
			inString = true
		case ch == '{' || ch == '[':
			depth++
		case (ch == '}' || ch == ']') && depth > 0:
			depth--
			if depth == 0 {
				return i + 1, true, nil
			}
		case depth == 0 && (ch == ',' || ch == ']' || ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t'):
			return i, true, nil
		}
	}
	switch {
	case len(b) >= maxRecord:
		return 0, false, malformed(JSONMalformed, "一个元素超过 %d 字节", "an element is longer than %d bytes", maxRecord)
	case eof:
		return 0, false, malformed(JSONMalformed, "元素没有结束文件就结束了", "it ends inside an element")
	}
	return 0, false, nil
}

// escaped reports whether an odd number of backslashes ends b.
func escaped(b []byte) bool {
	return (len(b)-len(bytes.TrimRight(b, `\`)))%2 == 1
}
