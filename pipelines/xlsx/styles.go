package xlsx

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// readStyles tells of each cell format whether it shows a number as a date.
func readStyles(r io.Reader) ([]bool, error) {
	s, custom := newScanner(r), map[string]bool{}
	var dates []bool
	inFormats := false
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return dates, nil
		}
		if err != nil {
			return nil, err
		}
		switch {
		case t.starts("numFmt"):
			custom[t.attr("numFmtId")] = isDateFormat(t.attr("formatCode"))
			if len(custom) > maxStyles {
				return nil, limitError("it has more than %d number formats", maxStyles)
			}
		case t.starts("cellXfs"):
			inFormats = !t.empty
		case t.ends("cellXfs"):
			inFormats = false
		case inFormats && t.starts("xf"):
			id := t.attr("numFmtId")
			isDate, known := custom[id]
			dates = append(dates, known && isDate || !known && isBuiltInDate(id))
			if len(dates) > maxStyles {
				return nil, limitError("it has more than %d cell formats", maxStyles)
			}
		}
	}
}

// isBuiltInDate knows the formats that have a number and no text: ECMA-376 part
// 1, 18.8.30, those of Chinese included (27–36 and 50–58).
func isBuiltInDate(id string) bool {
	n, err := strconv.Atoi(id)
	return err == nil && (n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58)
}

// isDateFormat reports a number format that shows days or times: one with y, m,
// d, h, s, or the eras e and g, outside of literal text.
func isDateFormat(code string) bool {
	code, _, _ = strings.Cut(code, ";") // of several, the first is for positive numbers
	if strings.EqualFold(code, "general") {
		return false
	}
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; {
		case code[i] == '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return false
			}
			i += end + 1
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			i++ // the next character is literal, or sets a width
		case code[i] == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return false
			}
			if elapsed := strings.Trim(strings.ToLower(code[i+1:i+end]), "hms"); elapsed == "" && end > 1 {
				return true // [h]:mm
			}
			i += end
		case c == 'e':
			if i+1 == len(code) || code[i+1] != '+' && code[i+1] != '-' {
				return true
			}
		case c == 'y' || c == 'm' || c == 'd' || c == 'h' || c == 's' || c == 'g' || c == 'b':
			return true
		}
	}
	return false
}
