package xlsx

import "bytes"

// tagEnd returns the place of the > that closes the tag b begins with, or -1. A
// > between quotes does not.
func tagEnd(b []byte) int {
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		return -1
	}
	quotes := 0
	for _, c := range b[:end] {
		switch c {
		case '"':
			quotes++
		case '\'':
			return tagEndQuoted(b)
		}
	}
	if quotes%2 == 0 {
		return end
	}
	return tagEndQuoted(b)
}

func tagEndQuoted(b []byte) int {
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}

// tag reads what stands between < and >.
func tag(b []byte) (token, error) {
	t := token{kind: startTag}
	if len(b) > 0 && b[0] == '/' {
		t.kind, b = endTag, b[1:]
	} else if len(b) > 0 && b[len(b)-1] == '/' {
		t.empty, b = true, b[:len(b)-1]
	}
	end, start := len(b), 0
	for i, c := range b {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			end = i
			break
		}
		if c == ':' {
			start = i + 1
		}
	}
	t.name, t.data = b[start:end], b[end:]
	if len(t.name) == 0 {
		return t, damaged("the XML has a tag without a name")
	}
	return t, nil
}

// checkEncoding looks at an XML declaration.
func checkEncoding(declaration []byte) error {
	for rest := declaration; ; {
		name, value, left, ok := attribute(rest)
		if !ok {
			return nil
		}
		if rest = left; string(bytes.TrimPrefix(name, []byte("xml "))) != "encoding" && string(name) != "encoding" {
			continue
		}
		if !bytes.EqualFold(value, []byte("utf-8")) && !bytes.EqualFold(value, []byte("us-ascii")) {
			return damaged("the XML is not in UTF-8")
		}
	}
}

// attribute takes the first attribute off b.
func attribute(b []byte) (name, value, rest []byte, ok bool) {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	start := i
	end := start
	for ; i < len(b) && b[i] != '='; i++ {
		if b[i] > ' ' {
			end = i + 1
		}
	}
	name = b[start:end]
	for i++; i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r'); i++ {
	}
	if i >= len(b) || b[i] != '"' && b[i] != '\'' {
		return nil, nil, nil, false
	}
	quote := b[i]
	i++
	start = i
	for i < len(b) && b[i] != quote {
		i++
	}
	if i == len(b) {
		return nil, nil, nil, false
	}
	return name, b[start:i], b[i+1:], true
}

// attr returns the value of an attribute of a start tag, without its entities,
// or "".
func (t token) attr(name string) string {
	for rest := t.data; ; {
		n, v, left, ok := attribute(rest)
		if !ok {
			return ""
		}
		if rest = left; string(n) == name {
			text, err := appendText(nil, v)
			if err != nil {
				return ""
			}
			return string(text)
		}
	}
}

// relation returns the value of the id attribute that has a prefix, r:id by
// custom, which names a relationship.
func (t token) relation() string {
	for rest := t.data; ; {
		n, v, left, ok := attribute(rest)
		if !ok {
			return ""
		}
		if rest = left; bytes.HasSuffix(n, []byte(":id")) {
			return string(v)
		}
	}
}
