package ingest

import (
	"bytes"
	"regexp"
	"strings"

	"rongxin/internal/gb18030"
	"rongxin/pipelines/contract"
)

// marks are the byte order marks that a text may begin with.
var marks = []struct{ bytes, encoding string }{
	{"\xEF\xBB\xBF", utf8Name}, {"\xFF\xFE", utf16leName}, {"\xFE\xFF", utf16beName},
}

// mark returns the encoding that the first bytes name, and their number.
func (p *textProbe) mark() (encoding string, size int) {
	for _, m := range marks {
		if bytes.HasPrefix(p.Head, []byte(m.bytes)) {
			return m.encoding, len(m.bytes)
		}
	}
	return "", 0
}

// encoding decides how a file is read: as the contract says or, with auto, by
// its mark, by its zero bytes, and by which of UTF-8 and GB18030 it can be. What
// contradicts the contract, or could be either, is refused rather than guessed.
func (p *textProbe) encoding(source *contract.Source) (name string, err error) {
	marked, _ := p.mark()
	declared := source.Encoding
	switch {
	case bytes.HasPrefix(p.Head, []byte("\xFF\xFE\x00\x00")), bytes.HasPrefix(p.Head, []byte("\x00\x00\xFE\xFF")):
		err = unfit(EncodingUnknown, "文件是 UTF-32 编码", "the file is UTF-32")
	case marked != "" && declared != "auto" && marked != declared && !(declared == utf16Name && isUTF16(marked)):
		err = unfit(EncodingMismatch, "契约约定为 %s，文件开头的标记却是 %s", "the contract says %s, but the file begins with the mark of %s", declared, marked)
	case marked != "":
		return marked, nil
	case declared == utf16leName || declared == utf16beName:
		return declared, nil
	case declared == utf16Name:
		if name = p.guessUTF16(); name == "" {
			err = unfit(EncodingUnknown, "文件没有字节顺序标记，无法判断字节顺序", "the file has no mark, and its byte order cannot be told")
		}
	case declared == "auto" && source.Format == "xml":
		name, err = p.declaredByXML()
	case declared == "auto":
		name, err = p.guess()
	case p.guessUTF16() != "":
		err = unfit(EncodingMismatch, "契约约定为 %s，文件却像是 %s", "the contract says %s, but the file looks like %s", declared, p.guessUTF16())
	case p.isBinary():
		err = notText()
	default:
		name = declared
	}
	return name, err
}

func isUTF16(name string) bool { return strings.HasPrefix(name, utf16Name) }

func notText() error {
	return unfit(NotText, "开头的字节有四分之一是零", "the file is no text: a quarter of its first bytes are zero")
}

func (p *textProbe) isBinary() bool { return bytes.Count(p.Head, []byte{0})*4 > len(p.Head) }

// guess tells the encoding of a file without a mark.
func (p *textProbe) guess() (string, error) {
	if name := p.guessUTF16(); name != "" {
		return name, nil
	}
	switch {
	case p.isBinary():
		return "", notText()
	case p.Bad > 0 && !p.isForeign():
		return utf8Name, nil // with damaged rows
	case p.Bad > 0 && !looksGB(p.Doubt):
		return "", unfit(EncodingUnknown, "既不是 UTF-8 也不是 GB18030，可能是 Big5", "the file is neither UTF-8 nor GB18030; it may be Big5")
	case p.Bad > 0:
		return gb18030Name, nil
	case !p.Wide && looksGB(p.Narrow):
		return "", unfit(EncodingUnknown, "非 ASCII 字符太少，既可能是 UTF-8 也可能是 GB18030", "the few characters beyond ASCII can be UTF-8 or GB18030")
	}
	return utf8Name, nil
}

// xmlDeclaration is the first line of an XML file that names its encoding.
var xmlDeclaration = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// declaredByXML tells the encoding of an XML file without a mark: the one it
// names, or else UTF-8 (XML 1.0, 4.3.3), unless its bytes are another.
func (p *textProbe) declaredByXML() (string, error) {
	if name := p.guessUTF16(); name != "" {
		return name, nil
	}
	said := utf8Name
	if m := xmlDeclaration.FindSubmatch(p.Head); m != nil {
		said = contract.EncodingName(string(m[1]))
	}
	switch {
	case p.isBinary():
		return "", notText()
	case said != utf8Name && said != gb18030Name:
		return "", unfit(EncodingUnknown, "文件自称的编码是 %s", "the file names its encoding %s", said)
	case said == utf8Name && p.isForeign():
		return "", unfit(EncodingMismatch, "应为 UTF-8，内容却不是", "the file should be UTF-8, but its bytes are not")
	case said == gb18030Name && p.Bad == 0 && p.Wide:
		return "", unfit(EncodingMismatch, "文件自称 gb18030，内容却是 UTF-8", "the file names its encoding gb18030, but its text is UTF-8")
	}
	return said, nil
}

// guessUTF16 tells UTF-16 without a mark by its ASCII signs, each beside a zero
// byte: commas, digits and line ends are never rare in an extract. The zero may
// by chance belong to a Chinese character (4E 00 is 一), so one order must
// prevail by far; and a text with damaged places is no UTF-16.
func (p *textProbe) guessUTF16() string {
	if !p.isForeign() && !p.isBinary() {
		return ""
	}
	little, big, pairs := 0, 0, len(p.Head)/2
	for i := 0; i+1 < len(p.Head); i += 2 {
		a, b := p.Head[i], p.Head[i+1]
		switch {
		case b == 0 && isPlainASCII(a):
			little++
		case a == 0 && isPlainASCII(b):
			big++
		case a == 0 && b == 0:
			return ""
		}
	}
	const least, prevails = 16, 4 // one sign in sixteen; four times the other order
	switch {
	case little*least >= pairs && little > big*prevails:
		return utf16leName
	case big*least >= pairs && big > little*prevails:
		return utf16beName
	}
	return ""
}

func isPlainASCII(c byte) bool {
	return ' ' <= c && c < 0x7F || c == '\t' || c == '\n' || c == '\r'
}

// looksGB reports whether most of the characters beyond ASCII are ones of GB
// 2312, as in any simplified Chinese text in GB18030: 汉字 begin with B0–F7,
// punctuation and full-width signs with A1–A3, and both go on with A1–FE. Of
// Big5 text less than a third looks so, of Latin text nearly nothing.
func looksGB(sample []byte) bool {
	usual, odd := 0, 0
	for i := 0; i < len(sample); {
		size := max(1, gb18030.Size(sample[i:]))
		switch c := sample[i]; {
		case c < 0x80:
		case size == 2 && sample[i+1] >= 0xA1 && (0xA1 <= c && c <= 0xA3 || 0xB0 <= c && c <= 0xF7):
			usual++
		case i+4 > len(sample): // cut off by the end of the sample
		default:
			odd++
		}
		i += size
	}
	return usual > 0 && usual >= odd
}

// startsWith reports whether the first sign of the text is c.
func (p *textProbe) startsWith(c byte) bool {
	_, mark := p.mark()
	text := bytes.TrimLeft(p.Head[mark:], " \t\r\n\x00")
	return len(text) > 0 && text[0] == c
}
