package drop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/gb18030"
	"rongxin/pipelines/publish"
)

// column is one member of the content.
type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

const textType, integerType, jsonType = "text", "integer", "json"

// table is a batch as rows and columns.
type table struct {
	publish.Message
	columns []column
	content []map[string]json.RawMessage // of each row
}

// unfitError is a record that cannot be written in the agreed form.
type unfitError struct{ code, text string }

func (e unfitError) Error() string { return e.code + ": " + e.text }

func unfit(code, format string, args ...any) error {
	return unfitError{code, fmt.Sprintf(format, args...)}
}

// exchangeColumns stand before those of the content.
var exchangeColumns = []string{"cd_operation", "cd_batch", "cd_id", "cd_time", "cd_source"}

func (t *table) exchange(r publish.MessageRow) []string {
	return []string{string(r.Operation), t.Number, r.Key, t.AsOf.Format("2006-01-02") + " 00:00:00", t.Source}
}

// memberName is also a name of XML.
var memberName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// tableOf finds the columns of a batch: those that any of its rows has.
func tableOf(b publish.Message) (*table, error) {
	t := &table{Message: b, columns: []column{}}
	types := map[string]string{}
	for _, r := range b.Rows {
		var content map[string]json.RawMessage
		if r.Content != nil {
			if err := json.Unmarshal(r.Content, &content); err != nil {
				return nil, fmt.Errorf("%s: %w", r.Key, err)
			}
		}
		for name, value := range content {
			if !memberName.MatchString(name) || strings.HasPrefix(name, "cd_") {
				return nil, unfit("MEMBER", "%s: %.100q cannot be the name of a column", r.Key, name)
			}
			switch of := typeOf(value); types[name] {
			case "", of:
				types[name] = of
			default:
				types[name] = jsonType
			}
		}
		t.content = append(t.content, content)
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		t.columns = append(t.columns, column{name, types[name]})
	}
	return t, nil
}

func typeOf(value json.RawMessage) string {
	switch c := value[0]; {
	case c == '"':
		return textType
	case c == '-', c >= '0' && c <= '9':
		return integerType
	}
	return jsonType
}

// value is what stands for a member of a record; ok is false when it has none.
func (t *table) value(row int, c column) (value string, ok bool, err error) {
	raw, ok := t.content[row][c.Name]
	if !ok || c.Type != textType {
		return string(raw), ok, nil
	}
	return value, ok, json.Unmarshal(raw, &value)
}

// write renders the table.
func (t *table) write(f Format) ([]byte, error) {
	var b bytes.Buffer
	write := t.writeCSV
	if f.Form == formXML {
		write = t.writeXML
	}
	if err := write(&b, f); err != nil {
		return nil, err
	}
	if f.Encoding != gbkEncoding {
		return b.Bytes(), nil
	}
	encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes(b.Bytes())
	if err != nil {
		return nil, t.notGB18030()
	}
	// A few characters have two places in the tables of GB 18030.
	if back, bad := gb18030.Append(nil, encoded); bad >= 0 || !bytes.Equal(back, b.Bytes()) {
		return nil, t.notGB18030()
	}
	return encoded, nil
}

// notGB18030 names the record at fault.
func (t *table) notGB18030() error {
	for _, r := range t.Rows {
		for text := append([]byte(r.Key), r.Content...); len(text) > 0; {
			char, size := utf8.DecodeRune(text)
			encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes(text[:size])
			if back, bad := gb18030.Append(nil, encoded); err != nil || bad >= 0 || !bytes.Equal(back, text[:size]) {
				return unfit("CHARACTER", "%s: GB18030 has no place of its own for the character U+%04X", r.Key, char)
			}
			text = text[size:]
		}
	}
	return unfit("CHARACTER", "the source or the table has a character that GB18030 has no place for")
}
