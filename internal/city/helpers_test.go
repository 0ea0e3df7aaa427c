package city_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/city"
)

// made is a generated city, with its tables if they were read back.
type made struct {
	summary city.Summary
	dir     string
	tables  []table
}

// table is one file of the inbox. Broken bytes of a text are U+FFFD.
type table struct {
	file    string // below inbox
	dataset string
	day     string // YYYYMMDD of the name
	header  []string
	rows    []line
}

type line struct {
	number int
	cells  []string
}

func (t table) cell(l line, column string) string {
	for i, name := range t.header {
		if name == column && i < len(l.cells) {
			return l.cells[i]
		}
	}
	return ""
}

func generate(t *testing.T, cfg city.Config) made {
	t.Helper()
	cfg.Dir = filepath.Join(t.TempDir(), "city")
	summary, err := city.Generate(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return made{summary: summary, dir: cfg.Dir}
}

// read generates a city and reads its inbox, or the named datasets of it.
func read(t *testing.T, cfg city.Config, datasets ...string) made {
	t.Helper()
	m := generate(t, cfg)
	inbox := os.DirFS(filepath.Join(m.dir, "inbox"))
	err := fs.WalkDir(inbox, ".", func(name string, entry fs.DirEntry, err error) error {
		wanted := len(datasets) == 0 || slices.Contains(datasets, datasetOf(name))
		if err != nil || entry.IsDir() || !wanted {
			return err
		}
		b, err := fs.ReadFile(inbox, name)
		if err != nil {
			return err
		}
		one, err := readTable(name, b)
		m.tables = append(m.tables, one)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// datasetOf takes the day of sending off a file's folder.
func datasetOf(name string) string {
	_, dataset, _ := strings.Cut(path.Dir(name), "/")
	return dataset
}

func readTable(name string, b []byte) (table, error) {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	t := table{file: name, dataset: datasetOf(name), day: stem[len(stem)-8:]}
	var err error
	switch path.Ext(name) {
	case ".csv":
		t.rows, err = readCSV(b)
	case ".xlsx":
		t.rows, err = readSheet(b)
	case ".ndjson":
		t.header, t.rows, err = readLines(b)
	}
	if err != nil {
		return t, fmt.Errorf("%s: %w", name, err)
	}
	if t.header == nil {
		head := 0
		if t.dataset == "samr/abnormal_operations" {
			head = 1
		}
		t.header, t.rows = t.rows[head].cells, t.rows[head+1:]
	}
	return t, nil
}

func readCSV(b []byte) (rows []line, err error) {
	// Broken bytes occur in GB18030 and behind a byte order mark only.
	text, marked := bytes.CutPrefix(b, []byte("\ufeff"))
	if !marked && !utf8.Valid(text) {
		if text, err = simplifiedchinese.GB18030.NewDecoder().Bytes(b); err != nil {
			return nil, err
		}
	}
	r := csv.NewReader(strings.NewReader(strings.ToValidUTF8(string(text), "\ufffd")))
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		if cells == nil {
			if err.Error() == "EOF" {
				return rows, nil
			}
			return nil, err
		}
		number, _ := r.FieldPos(0)
		rows = append(rows, line{number, cells})
	}
}

func readSheet(b []byte) (rows []line, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := f.GetRows(f.GetSheetName(0))
	for i, cells := range all {
		rows = append(rows, line{i + 1, cells})
	}
	return rows, err
}

func readLines(b []byte) (header []string, rows []line, err error) {
	for i, text := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		var object map[string]any
		if err := json.Unmarshal([]byte(text), &object); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if header == nil {
			header = keysInOrder(text)
		}
		cells := make([]string, len(header))
		for n, key := range header {
			if object[key] != nil {
				cells[n] = fmt.Sprint(object[key])
			}
		}
		rows = append(rows, line{i + 1, cells})
	}
	return header, rows, nil
}

func keysInOrder(object string) (keys []string) {
	d := json.NewDecoder(strings.NewReader(object))
	for key := true; ; {
		token, err := d.Token()
		if err != nil {
			return keys
		}
		if _, brace := token.(json.Delim); brace {
			continue
		}
		if key {
			keys = append(keys, token.(string))
		}
		key = !key
	}
}

// of calls visit with every row of a dataset.
func (m made) of(dataset string, visit func(table, line)) {
	for _, t := range m.tables {
		if t.dataset == dataset {
			for _, l := range t.rows {
				visit(t, l)
			}
		}
	}
}
