package ingest

import "bytes"

// Kinds of markup in XML.
const (
	startTag = iota
	endTag
	cdata
	passedOver // a comment or an instruction
)

// A markup is what stands between < and > in XML.
type markup struct {
	kind    int
	name    []byte // of a tag, with its prefix
	size    int    // bytes, from < to >
	isEmpty bool   // a start tag that is an end tag too
}

// delimited are the kinds of markup that end with a sign of their own.
var delimited = []struct {
	from, to string
	kind     int
}{{"<!--", "-->", passedOver}, {"<![CDATA[", "]]>", cdata}, {"<?", "?>", passedOver}}

// readMarkup reads the markup that b begins with.
func readMarkup(b []byte, eof bool) (m markup, enough bool, err error) {
	if len(b) > maxRecord {
		b, eof = b[:maxRecord], false
	}
	for _, d := range delimited {
		if !bytes.HasPrefix(b, []byte(d.from)) {
			continue
		}
		if end := bytes.Index(b[len(d.from):], []byte(d.to)); end >= 0 {
			return markup{kind: d.kind, size: len(d.from) + end + len(d.to)}, true, nil
		}
		return m, false, unfinished(b, eof)
	}
	switch {
	case len(b) < len("<![CDATA[") && (len(b) < 2 || b[1] == '!') && !eof:
		return m, false, nil
	case bytes.HasPrefix(b, []byte("<!DOCTYPE")):
		return m, false, unfit(XMLDoctype, "", "the XML has a DOCTYPE, which may draw in other files")
	case bytes.HasPrefix(b, []byte("<!")):
		return m, false, malformed(XMLMalformed, "<! 之后不是数据文件可以有的内容", "<! begins nothing that a file of records may hold")
	}
	end := tagEnd(b)
	if end < 0 {
		return m, false, unfinished(b, eof)
	}
	m = markup{kind: startTag, size: end + 1}
	inner := b[1:end]
	switch {
	case bytes.HasPrefix(inner, []byte("/")):
		m.kind, inner = endTag, bytes.TrimRight(inner[1:], " \t\r\n")
	case bytes.HasSuffix(inner, []byte("/")):
		m.isEmpty, inner = true, inner[:len(inner)-1]
	}
	if i := bytes.IndexAny(inner, " \t\r\n"); i >= 0 && m.kind == startTag {
		inner = inner[:i]
	}
	m.name = inner
	if len(inner) == 0 || bytes.ContainsAny(inner, "\"'<&=/ \t\r\n\xFE\xFF") {
		return m, false, malformed(XMLMalformed, "<%s> 不是标签", "<%s> is no tag", shorten(string(m.name)))
	}
	return m, true, nil
}

// tagEnd finds the > of a tag; one in the value of an attribute does not count.
func tagEnd(b []byte) int {
	for p := 1; p < len(b); p++ {
		i := bytes.IndexAny(b[p:], `>"'`)
		if i < 0 {
			return -1
		}
		p += i
		if b[p] == '>' {
			return p
		}
		closing := bytes.IndexByte(b[p+1:], b[p])
		if closing < 0 {
			return -1
		}
		p += 1 + closing
	}
	return -1
}

// unfinished refuses markup that does not end, in the file or within its bounds.
func unfinished(b []byte, eof bool) error {
	if eof {
		return malformed(XMLMalformed, "%q 没有结束", "%q does not end", shorten(string(b[:min(len(b), 40)])))
	}
	return tooLong(b)
}

// localName is a name without its prefix.
func localName(name string) string {
	for i := range len(name) {
		if name[i] == ':' {
			return name[i+1:]
		}
	}
	return name
}
