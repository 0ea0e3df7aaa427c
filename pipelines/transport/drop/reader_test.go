package drop_test

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A platform reads batches as the package comment tells its engineer to, with no
// code of the sender.
type platform struct {
	t                 *testing.T
	out, ret          string
	macKey, sealedKey []byte // SM4 key; nil where none is agreed
}

// readBatch is one batch as the platform has read it.
type readBatch struct {
	manifest map[string]any
	rows     []readRow
}

type readRow struct {
	operation, batch, id, time, source string
	content                            map[string]any // nil for a removal
}

// batches reads what lies in out, by name of the manifest.
func (p platform) batches() map[string]readBatch {
	p.t.Helper()
	found := map[string]readBatch{}
	for _, path := range glob(p.t, p.out, "*.manifest.json") {
		found[filepath.Base(path)] = p.batch(path)
	}
	return found
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func (p platform) batch(path string) readBatch {
	p.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if p.macKey != nil {
		var codes map[string]string
		p.must(json.Unmarshal([]byte(lines[1]), &codes))
		mac := hmac.New(sm3.New, p.macKey)
		mac.Write([]byte(strings.TrimSuffix(lines[0], "\n")))
		if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); codes["hmac-sm3"] != want {
			p.t.Errorf("%s: code %q, want %q", path, codes["hmac-sm3"], want)
		}
	} else if len(lines) != 2 || lines[1] != "" {
		p.t.Errorf("%s: %d lines without a key agreed", path, len(lines))
	}
	b := readBatch{}
	p.must(json.Unmarshal([]byte(lines[0]), &b.manifest))
	file := b.manifest["data"].(map[string]any)
	data, err := os.ReadFile(filepath.Join(p.out, file["name"].(string)))
	p.must(err)
	sum := sha256.Sum256(data)
	if file["bytes"] != float64(len(data)) || file["sha256"] != hex.EncodeToString(sum[:]) {
		p.t.Errorf("%s: bytes or SHA-256 of the data differ", path)
	}
	if p.sealedKey != nil {
		sum := sm3.Sum(data)
		if file["sm3"] != hex.EncodeToString(sum[:]) {
			p.t.Errorf("%s: SM3 of the data differs", path)
		}
		block, err := sm4.NewCipher(p.sealedKey)
		p.must(err)
		aead, err := cipher.NewGCM(block)
		p.must(err)
		data, err = aead.Open(nil, data[:12], data[12:], []byte(b.manifest["key"].(string)))
		p.must(err)
	}
	if file["encoding"] == "GB18030" {
		data, err = simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		p.must(err)
	}
	types := map[string]string{}
	for _, c := range b.manifest["columns"].([]any) {
		types[c.(map[string]any)["name"].(string)] = c.(map[string]any)["type"].(string)
	}
	if file["form"] == "csv" {
		b.rows = p.csv(data, types)
	} else {
		b.rows = p.xml(data, types)
	}
	return b
}

func (p platform) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// value reads a field of a type.
func (p platform) value(typ, text string) any {
	p.t.Helper()
	if typ == "text" {
		return text
	}
	var v any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	p.must(decoder.Decode(&v))
	return v
}

func (p platform) csv(data []byte, types map[string]string) (rows []readRow) {
	p.t.Helper()
	records := cutCSV(strings.TrimPrefix(string(data), "\uFEFF"))
	for _, record := range records[1:] {
		fields := map[string]string{}
		row := readRow{}
		for i, name := range records[0] {
			fields[name] = record[i]
		}
		plain := func(text string) string { return strings.TrimPrefix(text, "'") }
		row.operation, row.batch, row.id, row.time, row.source = plain(fields["cd_operation"]), plain(fields["cd_batch"]),
			plain(fields["cd_id"]), plain(fields["cd_time"]), plain(fields["cd_source"])
		for name, typ := range types {
			if fields[name] == "" {
				continue
			}
			if row.content == nil {
				row.content = map[string]any{}
			}
			row.content[name] = p.value(typ, plain(fields[name]))
		}
		rows = append(rows, row)
	}
	return rows
}

// cutCSV reads RFC 4180 and leaves line breaks within quotes as they are.
func cutCSV(text string) (records [][]string) {
	var record []string
	var field strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '"' && i+1 < len(text) && text[i+1] == '"':
			field.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
			field.WriteByte(c)
		case c == ',':
			record = append(record, field.String())
			field.Reset()
		case c == '\r':
		case c == '\n':
			records = append(records, append(record, field.String()))
			record = nil
			field.Reset()
		default:
			field.WriteByte(c)
		}
	}
	return records
}

func (p platform) xml(data []byte, types map[string]string) (rows []readRow) {
	p.t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(data))
	decoder.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded before
	var batch struct {
		Count   int `xml:"count,attr"`
		Records []struct {
			Operation string `xml:"cd_operation,attr"`
			Batch     string `xml:"cd_batch,attr"`
			ID        string `xml:"cd_id,attr"`
			Time      string `xml:"cd_time,attr"`
			Source    string `xml:"cd_source,attr"`
			Members   []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"record"`
	}
	p.must(decoder.Decode(&batch))
	if batch.Count != len(batch.Records) {
		p.t.Errorf("count is %d, there are %d records", batch.Count, len(batch.Records))
	}
	for _, r := range batch.Records {
		row := readRow{r.Operation, r.Batch, r.ID, r.Time, r.Source, nil}
		for _, m := range r.Members {
			if row.content == nil {
				row.content = map[string]any{}
			}
			row.content[m.XMLName.Local] = p.value(types[m.XMLName.Local], m.Text)
		}
		rows = append(rows, row)
	}
	return rows
}
