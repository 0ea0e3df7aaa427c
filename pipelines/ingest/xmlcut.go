package ingest

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"rongxin/pipelines/contract"
)

// An elementCutter cuts the elements of an XML file that a path of local names
// leads to from the root on. It reads tags alone and holds no more than one
// record, and knows no DTD and so no entity but the five of XML itself.
type elementCutter struct {
	path  []string
	known []string // elements beside the records that may be passed over

	open  []string // full names of the elements around the place
	on    int      // how many of them the path leads through
	found bool     // the element that holds the records
	ended bool     // the root element
}

func newElementCutter(c *contract.Contract) *elementCutter {
	path := c.Source.RecordPath
	return &elementCutter{path: path, known: c.Ignore, found: len(path) == 1}
}

func (c *elementCutter) cut(b []byte, eof bool) (piece, bool, error) {
	if len(b) == 0 {
		return piece{skip: true}, eof, c.atEnd(eof)
	}
	if b[0] != '<' {
		return c.text(b)
	}
	m, enough, err := readMarkup(b, eof)
	if err != nil || !enough {
		return piece{}, false, err
	}
	skip := piece{size: m.size, lines: countFeeds(b[:m.size]), skip: true}
	switch m.kind {
	case startTag:
		return c.start(b, eof, m, skip)
	case endTag:
		return skip, true, c.end(string(m.name))
	case cdata:
		if c.holdsRecords() || len(c.open) == 0 {
			return piece{}, false, malformed(XMLMalformed, "记录之外有文字", "text stands outside of any record")
		}
	}
	return skip, true, nil
}

// text passes over what stands between tags; among the records it would be lost.
func (c *elementCutter) text(b []byte) (piece, bool, error) {
	end := len(b) - len(bytes.TrimLeft(b, " \t\r\n"))
	if end == 0 {
		if c.holdsRecords() || len(c.open) == 0 {
			return piece{}, false, malformed(XMLMalformed, "记录之外有文字", "text stands outside of any record")
		}
		if end = bytes.IndexByte(b, '<'); end < 0 {
			end = len(b)
		}
	}
	return piece{size: end, lines: countFeeds(b[:end]), skip: true}, true, nil
}

// holdsRecords reports whether the next element should be a record.
func (c *elementCutter) holdsRecords() bool {
	return len(c.open) == len(c.path)-1 && c.on == len(c.open)
}

func (c *elementCutter) start(b []byte, eof bool, m markup, skip piece) (piece, bool, error) {
	local := localName(string(m.name))
	switch {
	case c.ended:
		return piece{}, false, malformed(XMLMalformed, "根元素之后还有内容", "something follows the root element")
	case c.holdsRecords() && local == c.path[c.on]:
		size, enough, err := recordEnd(b, eof)
		if err != nil || !enough {
			return piece{}, false, err
		}
		c.found = true
		c.ended = len(c.open) == 0
		return piece{size: size, end: size, lines: countFeeds(b[:size])}, true, nil
	case c.holdsRecords() && !slices.Contains(c.known, local):
		return piece{}, false, malformed(XMLMalformed, "记录之间有元素 %s；记录应为 %s", "among the records stands an element %s; records are %s", shorten(local), c.written())
	case len(c.open) == maxNesting:
		return piece{}, false, malformed(XMLMalformed, "元素嵌套超过 %d 层", "elements are nested more than %d deep", maxNesting)
	}
	isNext := c.on == len(c.open) && c.on < len(c.path)-1 && local == c.path[c.on]
	if isNext {
		c.found = c.found || c.on == len(c.path)-2
	}
	if m.isEmpty {
		c.ended = len(c.open) == 0
		return skip, true, nil
	}
	if isNext {
		c.on++
	}
	c.open = append(c.open, string(m.name))
	return skip, true, nil
}

func (c *elementCutter) end(name string) error {
	last := len(c.open) - 1
	if last < 0 || c.open[last] != name {
		return malformed(XMLMalformed, "</%s> 没有对应的开始标签", "</%s> closes nothing", shorten(name))
	}
	c.open = c.open[:last]
	c.on = min(c.on, last)
	c.ended = last == 0
	return nil
}

func (c *elementCutter) atEnd(eof bool) error {
	switch {
	case !eof:
		return nil
	case len(c.open) > 0:
		return malformed(XMLMalformed, "没有 </%s> 文件就结束了", "it ends before </%s>", shorten(c.open[len(c.open)-1]))
	case !c.found:
		return malformed(XMLMalformed, "没有 %s", "there is no %s", c.written())
	}
	return nil
}

func (c *elementCutter) written() string { return "/" + strings.Join(c.path, "/") }

// recordEnd finds the end of the element that b begins with.
func recordEnd(b []byte, eof bool) (size int, enough bool, err error) {
	if len(b) > maxRecord {
		b, eof = b[:maxRecord], false
	}
	var open [maxNesting][]byte
	depth := 0
	for {
		m, enough, err := readMarkup(b[size:], eof)
		if err != nil || !enough {
			return 0, false, cmp.Or(err, tooLong(b))
		}
		size += m.size
		switch {
		case m.kind == startTag && m.isEmpty:
		case m.kind == startTag && depth == maxNesting:
			return 0, false, malformed(XMLMalformed, "元素嵌套超过 %d 层", "elements are nested more than %d deep", maxNesting)
		case m.kind == startTag:
			open[depth] = m.name
			depth++
		case m.kind == endTag && !bytes.Equal(open[depth-1], m.name):
			return 0, false, malformed(XMLMalformed, "遇到 </%s> 时 <%s> 尚未结束", "</%s> stands where <%s> is open", shorten(string(m.name)), shorten(string(open[depth-1])))
		case m.kind == endTag:
			depth--
		}
		if depth == 0 {
			return size, true, nil
		}
		next := bytes.IndexByte(b[size:], '<')
		switch {
		case next < 0 && eof:
			return 0, false, malformed(XMLMalformed, "记录没有结束文件就结束了", "it ends inside a record")
		case next < 0:
			return 0, false, tooLong(b)
		}
		size += next
	}
}

// tooLong refuses a record that does not end within its bounds.
func tooLong(b []byte) error {
	if len(b) >= maxRecord {
		return malformed(XMLMalformed, "一条记录或一个标签超过 %d 字节", "a record or tag is longer than %d bytes", maxRecord)
	}
	return nil
}
