package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rongxin/internal/credit"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
)

const canaryContract = `
dataset: samr/canaries
version: 1
effective_from: 2021-01-01
title: 探测
department: 市市场监督管理局
catalogue: {class: 行政管理信息, item: XZCF, edition: 2024}
basis: 行政处罚法
range: government
source: {format: FORMAT}
key: [文书号, 名称]
expect: {max_reject_ratio: 100%}
fields:
  - {name: 文书号, as: document_no, type: text, required: true}
  - {name: 代码, as: subject_id, type: uscc}
  - {name: 名称, as: subject_name, type: text}
  - {name: 类别, as: kind, type: code, codes: [法人, 自然人]}
  - {name: 注册号, as: register_no, type: registration_no}
  - {name: 数量, as: quantity, type: integer}
  - {name: 金额, as: fine_amount, type: money, unit: 元}
  - {name: 比例, as: share, type: "decimal(18,2)"}
  - {name: 日期, as: decided_on, type: date}
  - {name: 区划, as: division_code, type: division}
  - {name: 事实, as: facts, type: text, free_text: true}
  - {name: 联系人, as: contact, type: text, range: authorised, mask: [1, 0]}
  - {name: 电话, as: phone, type: text, range: authorised, mask: [3, 4]}
  - {name: 证件, as: person_id, type: person_id, range: authorised, mask: [1, 1]}
`

var canaryFields = []string{"文书号", "代码", "名称", "类别", "注册号", "数量", "金额", "比例", "日期", "区划", "事实", "联系人", "电话", "证件"}

// Numbers made up: born in 1900 or 1960, a telephone and a passport that nobody
// has. resident ones are hidden wherever they stand, the others where the
// contract masks, in free text and in whatever is refused.
var canaries = []struct {
	text     string
	resident bool
}{
	{"350102190001010015", true},
	{"35010219000101004X", true},
	{"350102600101001", true},
	{"３５０１０２１９０００１０１００１５", true},
	{"350102 19000101 0015", true},
	{"350102-1900-0101-0015", true},
	{"13900001234", false},
	{"E12345678", false},
}

// canaryRows puts each canary into every field of a row that is sound but for
// it, alone and within a text, and into rows of every way of being broken.
func canaryRows() (rows [][]string) {
	sound := []string{"罚1", codeA, "甲公司", "法人", "", "1", "2.5", "3", "2026-05-01", "350102", "无", "王某", "13800005678", "350102190001010023"}
	for i, canary := range canaries {
		for at := range sound {
			for _, form := range []string{"%s", "身份证号%s，已核", "x%s", "%s/%s"} {
				if !canary.resident && (form == "x%s" || slices.Contains(openFields, at)) {
					continue
				}
				row := append([]string{}, sound...)
				row[0] = fmt.Sprintf("罚%d-%d", i, at)
				row[at] = strings.ReplaceAll(form, "%s", canary.text)
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// openFields take any text or number: there a telephone or a passport is what
// the contract says it is.
var openFields = []int{0, 2, 4, 5, 6, 7}

// No clear number is left in what landing writes, says or refuses.
func TestNoClearNumberIsLeft(t *testing.T) {
	header := strings.Join(canaryFields, ",") + "\n"
	var lines, objects, elements, broken strings.Builder
	sheet := [][]any{anys(canaryFields)}
	for _, row := range canaryRows() {
		lines.WriteString(strings.Join(row, ",") + "\n")
		object, cells := map[string]string{}, []any{}
		for i, value := range row {
			object[canaryFields[i]] = value
			cells = append(cells, value)
		}
		data, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		objects.Write(append(data, '\n'))
		elements.WriteString("<行>")
		for i, value := range row {
			fmt.Fprintf(&elements, "<%s>%s</%[1]s>", canaryFields[i], value)
		}
		elements.WriteString("</行>\n")
		sheet = append(sheet, cells)
	}
	sound := "罚9," + codeA + ",甲,法人,,1,2,3,2026-05-01,350102,无,王某,13800005678,"
	for _, canary := range canaries {
		c := canary.text
		for _, line := range []string{
			c, sound + c + ",多", c + "," + sound + c, sound + "\"" + c, "\"" + c + "\"x," + sound + c, sound + c + "\x00", sound + "\xff" + c,
			"\"没有结束," + c, strings.Repeat("，", 3) + c, sound + "\"" + c + "\"\"", ",,,,,,,,,,,,,,,,,," + c,
			// One column too many and one too few: as many as there should be, and shifted.
			"罚9," + codeA + ",甲,乙,法人,,1,2,2026-05-01,350102,无,王某,139," + c,
		} {
			broken.WriteString(line + "\n")
		}
	}
	for name, tt := range map[string]struct{ source, content string }{
		"csv":              {"csv, encoding: auto, delivery: delta", header + lines.String()},
		"broken csv":       {"csv, encoding: utf-8, delivery: delta", header + broken.String()},
		"ndjson":           {"ndjson, encoding: auto, delivery: delta", objects.String()},
		"broken ndjson":    {"ndjson, encoding: utf-8, delivery: delta", strings.ReplaceAll(objects.String(), "\",\"", "\",\"350102190001010015\":1,\"") + broken.String()},
		"json":             {"json, encoding: auto, delivery: delta", "[" + strings.ReplaceAll(strings.TrimSpace(objects.String()), "\n", ",\n") + "]"},
		"xlsx":             {"xlsx, sheet: 名单, delivery: delta", workbook(t, sheet...)},
		"no header":        {"csv, encoding: auto, delivery: delta", lines.String()},
		"another column":   {"csv, encoding: auto, delivery: delta", "350102190001010015," + header + lines.String()},
		"xml":              {"xml, record_path: /表/行, delivery: delta", "<表>" + elements.String() + "</表>"},
		"broken xml":       {"xml, record_path: /表/行, delivery: delta", "<表><行>350102190001010015</行><行 x=\"350102190001010015\"/><_350102190001010015/>" + elements.String()},
		"no array":         {"json, encoding: auto, delivery: delta", "350102190001010015"},
		"too many refused": {"csv, encoding: utf-8, delivery: delta", header + broken.String()},
	} {
		t.Run(name, func(t *testing.T) {
			yaml := strings.Replace(canaryContract, "FORMAT", tt.source, 1)
			if name == "too many refused" {
				yaml = strings.Replace(yaml, "100%", "1%", 1)
			}
			c, home := mustContract(t, yaml), t.TempDir()
			file := writeFile(t, filepath.Join(t.TempDir(), "名单350102190001010015王某13900001234."+c.Source.Format), tt.content)
			keys := secret.NewRing(filepath.Join(t.TempDir(), "keys"))
			l := newLander(t, ingest.Config{Home: home, Keys: keys})
			result, err := l.Land(context.Background(), ingest.Request{Contract: c, File: file, ReceivedAt: received})
			said := fmt.Sprintf("%+v\n%v\n", result, err)
			if err == nil {
				if r := result.Batch.Rows; r.Accepted+r.Rejected != r.Read || r.Read < 50 {
					t.Errorf("%+v", r)
				}
				b := readBack(t, home, result)
				said += fmt.Sprintf("%v\n%v\n", b.records, b.rejects)
				extract, err := landing.OpenExtract(home, result.Batch, keys)
				if err != nil {
					t.Fatal(err)
				}
				extract.Close()
			}
			said += everyFile(t, home)
			for _, canary := range canaries {
				if n := strings.Index(said, canary.text); n >= 0 {
					t.Errorf("%s is in clear: …%s…", canary.text, said[max(0, n-300):min(len(said), n+60)])
				}
			}
			if n := strings.Index(said, "350102190001010023"); n >= 0 {
				t.Errorf("the sound rows' number is in clear: …%s…", said[max(0, n-100):n+20])
			}
		})
	}
}

func anys(texts []string) (list []any) {
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}

// everyFile is the raw content of every file below dir.
func everyFile(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all.WriteString(path + "\n" + string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// Two persons whose numbers stand in the key stay two records.
func TestMisplacedNumbersInTheKey(t *testing.T) {
	l, err := land(t, mustContract(t, strings.Replace(canaryContract, "FORMAT", "csv, delivery: delta", 1)), strings.Join([]string{
		strings.Join(canaryFields, ","),
		"350102190001010015,,甲,,,,,,,,,,,", "350102190101010015,,甲,,,,,,,,,,,", "350102190001010015,,甲,,,,,,,,,,,", "罚1,,甲,,,,,,,,,,,"}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	numbers, ids := column(l.records, "document_no"), column(l.records, "record_id")
	if ids[0] == ids[1] || ids[0] != ids[2] || !strings.HasPrefix(numbers[0].(string), credit.Mask("350102190001010015", 1, 1)+"#") {
		t.Errorf("%v %v", numbers, ids)
	}
	if l.Batch.Flags["PERSON_ID_MISPLACED"] != 3 {
		t.Errorf("%v", l.Batch.Flags)
	}
}
