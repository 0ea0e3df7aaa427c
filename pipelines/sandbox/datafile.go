package sandbox

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// column is a column of a data file.
type column struct {
	Name string `json:"name"`
	Type string `json:"type"` // text, integer or json
}

// member reads a value as its column's type says.
func (c column) member(said string) (member, error) {
	switch c.Type {
	case "text":
		return textMember(c.Name, said), nil
	case "integer":
		if !integerForm.MatchString(said) {
			return member{}, fmt.Errorf("%s：%q 不是整数", c.Name, said)
		}
		return member{name: c.Name, kind: isNumber, text: said, json: said}, nil
	case "json":
		s, err := scan([]byte(said))
		if err != nil {
			return member{}, fmt.Errorf("%s：%w", c.Name, err)
		}
		return parseMember(s, c.Name), nil
	}
	return member{}, fmt.Errorf("%s：列类型 %q 不在约定内", c.Name, c.Type)
}

// toUTF8 is the text of a data file without its byte order mark.
func toUTF8(text []byte, encoding string) ([]byte, error) {
	switch encoding {
	case "UTF-8":
		return bytes.TrimPrefix(text, []byte("\ufeff")), nil
	case "GB18030":
		return simplifiedchinese.GB18030.NewDecoder().Bytes(text)
	}
	return nil, fmt.Errorf("编码 %q 不在约定内", encoding)
}

var exchangeColumns = []string{"cd_operation", "cd_batch", "cd_id", "cd_time", "cd_source"}

// readCSV reads the rows of a data file in CSV.
func readCSV(text []byte, columns []column) (rows []row, err error) {
	want := append([]string{}, exchangeColumns...)
	for _, c := range columns {
		want = append(want, c.Name)
	}
	r := csvReader{text: string(text)}
	head, err := r.record()
	if err != nil || strings.Join(head, ",") != strings.Join(want, ",") {
		return nil, fmt.Errorf("第 1 行：列名应为 %s", strings.Join(want, ","))
	}
	for n := 2; ; n++ {
		fields, err := r.record()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err == nil && len(fields) != len(want) {
			err = fmt.Errorf("有 %d 列，应为 %d 列", len(fields), len(want))
		}
		var one row
		for i := 0; err == nil && i < len(fields); i++ {
			if into := one.exchange(want[i]); into != nil {
				*into = strings.TrimPrefix(fields[i], "'")
				continue
			}
			if fields[i] == "" {
				continue
			}
			var m member
			m, err = columns[i-len(exchangeColumns)].member(strings.TrimPrefix(fields[i], "'"))
			one.content = append(one.content, m)
		}
		if err != nil {
			return nil, fmt.Errorf("第 %d 行：%w", n, err)
		}
		one.seal()
		rows = append(rows, one)
	}
}

// csvReader reads RFC 4180 and leaves line breaks within quotes as they are,
// which encoding/csv does not.
type csvReader struct{ text string }

func (r *csvReader) record() (fields []string, err error) {
	if r.text == "" {
		return nil, io.EOF
	}
	for {
		var field string
		if field, err = r.field(); err != nil {
			return nil, err
		}
		fields = append(fields, field)
		switch {
		case strings.HasPrefix(r.text, ","):
			r.text = r.text[1:]
			continue
		case strings.HasPrefix(r.text, "\r\n"):
			r.text = r.text[2:]
		case strings.HasPrefix(r.text, "\n"):
			r.text = r.text[1:]
		case r.text != "":
			return nil, errors.New("引号之后应为逗号或行尾")
		}
		return fields, nil
	}
}

func (r *csvReader) field() (string, error) {
	if !strings.HasPrefix(r.text, `"`) {
		end := strings.IndexAny(r.text, ",\n")
		if end < 0 {
			end = len(r.text)
		}
		field := r.text[:end]
		if strings.HasPrefix(r.text[end:], "\n") && strings.HasSuffix(field, "\r") {
			field = field[:len(field)-1]
			end--
		}
		if strings.Contains(field, `"`) {
			return "", errors.New("引号不在字段开头")
		}
		r.text = r.text[end:]
		return field, nil
	}
	var b strings.Builder
	rest := r.text[1:]
	for {
		part, after, found := strings.Cut(rest, `"`)
		if !found {
			return "", errors.New("引号没有结束")
		}
		b.WriteString(part)
		if rest = after; !strings.HasPrefix(rest, `"`) {
			r.text = rest
			return b.String(), nil
		}
		b.WriteByte('"')
		rest = rest[1:]
	}
}

// readXML reads the rows of a data file in XML and what its root says.
func readXML(text []byte, encoding string, columns []column) (rows []row, root map[string]string, err error) {
	byName := map[string]column{}
	for _, c := range columns {
		byName[c.Name] = c
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if !strings.EqualFold(label, encoding) {
			return nil, fmt.Errorf("编码声明为 %s，清单为 %s", label, encoding)
		}
		return in, nil // decoded before
	}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return rows, root, nil
		}
		if err != nil {
			return nil, nil, err
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch {
		case root == nil && element.Name.Local == "batch":
			root = attributes(element)
		case root != nil && element.Name.Local == "record":
			one, err := readRecord(decoder, element, byName)
			if err != nil {
				return nil, nil, fmt.Errorf("第 %d 条记录：%w", len(rows)+1, err)
			}
			rows = append(rows, one)
		default:
			return nil, nil, fmt.Errorf("元素 %s 不在约定内", element.Name.Local)
		}
	}
}

func attributes(element xml.StartElement) map[string]string {
	all := map[string]string{}
	for _, a := range element.Attr {
		all[a.Name.Local] = a.Value
	}
	return all
}

func readRecord(decoder *xml.Decoder, element xml.StartElement, columns map[string]column) (one row, err error) {
	for name, value := range attributes(element) {
		into := one.exchange(name)
		if into == nil {
			return one, fmt.Errorf("属性 %s 不在约定内", name)
		}
		*into = value
	}
	for {
		token, err := decoder.Token()
		if err != nil {
			return one, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			one.seal()
			return one, nil
		case xml.StartElement:
			var text struct {
				Said string   `xml:",chardata"`
				More []string `xml:",any"`
			}
			if err := decoder.DecodeElement(&text, &t); err != nil {
				return one, err
			}
			c, known := columns[t.Name.Local]
			if !known || len(text.More) > 0 {
				return one, fmt.Errorf("元素 %s 不在清单的列中，或含子元素", t.Name.Local)
			}
			m, err := c.member(text.Said)
			if err != nil {
				return one, err
			}
			one.content = append(one.content, m)
		}
	}
}
