package drop

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// writeXML writes the table as the package comment says.
func (t *table) writeXML(b *bytes.Buffer, f Format) error {
	end := "\n"
	if f.LineEnd == "CRLF" {
		end = "\r\n"
	}
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>%s<batch`, f.Encoding, end)
	for _, a := range [][2]string{{"source", t.Source}, {"number", t.Number}, {"table", t.Table}, {"count", strconv.Itoa(len(t.Rows))}} {
		if err := attribute(b, a[0], a[1]); err != nil {
			return err
		}
	}
	b.WriteString(">" + end)
	for i, r := range t.Rows {
		b.WriteString("<record")
		for j, value := range t.exchange(r) {
			if err := attribute(b, exchangeColumns[j], value); err != nil {
				return err
			}
		}
		if len(t.content[i]) == 0 {
			b.WriteString("/>" + end)
			continue
		}
		b.WriteString(">" + end)
		for _, c := range t.columns {
			value, ok, err := t.value(i, c)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			b.WriteString("<" + c.Name + ">")
			if err := escape(b, value); err != nil {
				return unfit("CHARACTER", "%s: %s: %v", r.Key, c.Name, err)
			}
			b.WriteString("</" + c.Name + ">" + end)
		}
		b.WriteString("</record>" + end)
	}
	b.WriteString("</batch>" + end)
	return nil
}

func attribute(b *bytes.Buffer, name, value string) error {
	b.WriteString(" " + name + `="`)
	if err := escape(b, value); err != nil {
		return unfit("CHARACTER", "%s: %v", name, err)
	}
	b.WriteByte('"')
	return nil
}

// escape writes text so that every reader has it back byte for byte, line ends
// included. What XML 1.0 cannot hold (section 2.2, Char) is an error.
func escape(b *bytes.Buffer, text string) error {
	bad := strings.IndexFunc(text, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF'
	})
	if bad >= 0 {
		return fmt.Errorf("XML cannot hold the character U+%04X", []rune(text[bad:])[0])
	}
	return xml.EscapeText(b, []byte(text))
}
