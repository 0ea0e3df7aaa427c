package drop

import (
	"bytes"
	"strings"
	"unicode"
)

const byteOrderMark = "\uFEFF"

// writeCSV writes the table as the package comment says.
func (t *table) writeCSV(b *bytes.Buffer, f Format) error {
	end := "\n"
	if f.LineEnd == "CRLF" {
		end = "\r\n"
	}
	if f.Encoding == utf8Encoding {
		b.WriteString(byteOrderMark)
	}
	b.WriteString(strings.Join(exchangeColumns, ","))
	for _, c := range t.columns {
		b.WriteString("," + c.Name)
	}
	b.WriteString(end)
	for i, r := range t.Rows {
		for j, value := range t.exchange(r) {
			if j > 0 {
				b.WriteByte(',')
			}
			writeField(b, guard(value))
		}
		for _, c := range t.columns {
			b.WriteByte(',')
			value, ok, err := t.value(i, c)
			if err != nil {
				return err
			}
			if strings.ContainsRune(value, 0) {
				return unfit("CHARACTER", "%s: %s: CSV cannot hold the character U+0000", r.Key, c.Name)
			}
			if !ok {
				continue
			}
			if c.Type != integerType {
				value = guard(value)
			}
			writeField(b, value)
		}
		b.WriteString(end)
	}
	return nil
}

// guard keeps programs that show tables from running a value (OWASP, CSV
// Injection), so that a reader can take it back.
func guard(value string) string {
	first := strings.TrimLeftFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\uFEFF' })
	if value == "" || value[0] == '\'' || strings.IndexAny(first, "=+-@＝＋－＠") == 0 {
		return "'" + value
	}
	return value
}

func writeField(b *bytes.Buffer, value string) {
	if !strings.ContainsAny(value, ",\"\r\n") && value == strings.Trim(value, " \t") {
		b.WriteString(value)
		return
	}
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(value, `"`, `""`))
	b.WriteByte('"')
}
