package ingest

// A plainMember is a member of an object whose value is no object or array; the
// value of null is nil.
type plainMember struct{ name, value []byte }

// A plainReader reads objects as most are: flat, the names without escapes. What
// else it meets, sound or not, it leaves to the full reader, with which it agrees
// on everything that it reads, many times faster.
type plainReader struct {
	text    []byte
	at      int
	arena   *arena
	members []plainMember
}

// object reads a whole text as members; false says that it is not plain.
func (p *plainReader) object(text []byte, a *arena) bool {
	p.text, p.at, p.arena, p.members = text, 0, a, p.members[:0]
	if !p.sign('{') {
		return false
	}
	if p.sign('}') {
		return p.ends()
	}
	for {
		name, escapes, ok := p.quoted()
		if !ok || escapes || !p.sign(':') {
			return false
		}
		value, ok := p.value()
		if !ok {
			return false
		}
		p.members = append(p.members, plainMember{name, value})
		switch {
		case p.sign(','):
		case p.sign('}'):
			return p.ends()
		default:
			return false
		}
	}
}

// sign takes one sign, and the blanks before it.
func (p *plainReader) sign(c byte) bool {
	p.blanks()
	if p.at == len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *plainReader) blanks() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

func (p *plainReader) ends() bool {
	p.blanks()
	return p.at == len(p.text)
}

// quoted takes a string and tells what stands between its quotes.
func (p *plainReader) quoted() (inner []byte, escapes, ok bool) {
	if !p.sign('"') {
		return nil, false, false
	}
	for from := p.at; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return p.text[from : p.at-1], escapes, true
		case c == '\\':
			escapes = true
			p.at++ // the sign after it ends nothing
		case c < ' ':
			return nil, false, false
		}
	}
	return nil, false, false
}

func (p *plainReader) value() ([]byte, bool) {
	p.blanks()
	if p.at == len(p.text) {
		return nil, false
	}
	switch c := p.text[p.at]; {
	case c == '"':
		inner, escapes, ok := p.quoted()
		if !ok || !escapes {
			return inner, ok
		}
		return p.unescape(inner)
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, word := range []string{"null", "true", "false"} {
		if len(p.text)-p.at >= len(word) && string(p.text[p.at:p.at+len(word)]) == word {
			p.at += len(word)
			if word == "null" {
				return nil, true
			}
			return p.text[p.at-len(word) : p.at], true
		}
	}
	return nil, false
}

// number takes a number of JSON's grammar, RFC 8259 section 6.
func (p *plainReader) number() ([]byte, bool) {
	from := p.at
	p.skip('-', '-')
	zero := p.at < len(p.text) && p.text[p.at] == '0'
	digits := p.digits()
	ok := digits > 0 && (!zero || digits == 1)
	if p.skip('.', '.') {
		ok = p.digits() > 0 && ok
	}
	if p.skip('e', 'E') {
		p.skip('+', '-')
		ok = p.digits() > 0 && ok
	}
	return p.text[from:p.at], ok
}

// skip takes one of two signs, where one is.
func (p *plainReader) skip(a, b byte) bool {
	if p.at == len(p.text) || p.text[p.at] != a && p.text[p.at] != b {
		return false
	}
	p.at++
	return true
}

func (p *plainReader) digits() int {
	from := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - from
}

// unescape resolves the escapes of one sign, and those of ASCII by number.
func (p *plainReader) unescape(inner []byte) ([]byte, bool) {
	space := p.arena.take(len(inner))
	out := space[:0]
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' {
			out = append(out, inner[i])
			continue
		}
		i++ // quoted saw to it that there is one
		c, ok := escapedSign(inner[i])
		if inner[i] == 'u' && len(inner)-i > 4 {
			c, ok = asciiOf(inner[i+1 : i+5])
			i += 4
		}
		if !ok {
			return nil, false
		}
		out = append(out, c)
	}
	p.arena.release(len(space) - len(out))
	return out, true
}

func escapedSign(c byte) (byte, bool) {
	switch c {
	case '"', '\\', '/':
		return c, true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// asciiOf reads the four digits of an escape below 0x80.
func asciiOf(digits []byte) (byte, bool) {
	n := 0
	for _, c := range digits {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | int(c-'0')
		case 'a' <= c && c <= 'f':
			n = n<<4 | int(c-'a'+10)
		case 'A' <= c && c <= 'F':
			n = n<<4 | int(c-'A'+10)
		default:
			return 0, false
		}
	}
	return byte(n), n < 0x80
}
