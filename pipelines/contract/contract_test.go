package contract_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/landing"
)

const small = `dataset: water/arrears
version: 1
effective_from: 2026-04-01
title: 水费欠缴
department: 市水务集团
catalogue: {class: 行政管理信息, item: SFQJ, edition: 2024}
basis: 国办发〔2021〕52号
range: government
source: {format: csv, delivery: delta}
key: [户号, 账期]
clock: {from: 应缴日期, within: 5 working days}
fields:
  - {name: 户号, as: account_no, type: text, required: true}
  - {name: 账期, as: period, type: integer, min: 202001}
  - {name: 代码, as: subject_id, type: uscc, required: "when 状态 in [欠缴, 部分缴纳]"}
  - {name: 状态, as: state, type: code, codes: {欠缴: owed, 部分缴纳: partly, "1": paid}}
  - {name: 金额, as: amount, type: money, unit: 元, min: 0, warn_above: 50000}
  - {name: 应缴日期, as: due_on, type: date}
  - {name: 税率, as: rate, type: "decimal(5,2)"}
  - {name: 联系人, as: contact, type: text, range: authorised, mask: [1, 0]}
  - {name: 户名, as: subject_name, type: text}
`

// with replaces a line of the small contract.
func with(old, new string) string {
	if !strings.Contains(small, old) {
		panic("no such text: " + old)
	}
	return strings.Replace(small, old, new, 1)
}

func TestEveryContractOfTheCatalogueLoads(t *testing.T) {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	if len(catalog.All()) < 45 {
		t.Errorf("only %d contracts", len(catalog.All()))
	}
}

func TestColumns(t *testing.T) {
	c, err := contract.Parse("small.yml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	want := []landing.Column{
		{Name: "record_id", Type: "VARCHAR"}, {Name: "match_id", Type: "VARCHAR"}, {Name: "batch_id", Type: "VARCHAR"}, {Name: "line", Type: "BIGINT"},
		{Name: "flags", Type: "VARCHAR"}, {Name: "clock_days", Type: "INTEGER"},
		{Name: "account_no", Type: "VARCHAR"}, {Name: "period", Type: "BIGINT"},
		{Name: "subject_id", Type: "VARCHAR"}, {Name: "subject_id_status", Type: "VARCHAR"},
		{Name: "state", Type: "VARCHAR"}, {Name: "amount", Type: "BIGINT"}, {Name: "due_on", Type: "DATE"},
		{Name: "rate", Type: "DECIMAL(5,2)"}, {Name: "contact", Type: "VARCHAR"},
		{Name: "subject_name", Type: "VARCHAR"},
	}
	if diff := cmp.Diff(want, c.Columns()); diff != "" {
		t.Error(diff)
	}
	if c.Expect.MinRows != 0 || *c.Fields[4].WarnAbove != 5_000_000 {
		t.Errorf("got %+v, %d", c.Expect, *c.Fields[4].WarnAbove)
	}
	wantCodes := []contract.CodeValue{{Source: "欠缴", Value: "owed"}, {Source: "部分缴纳", Value: "partly"}, {Source: "1", Value: "paid"}}
	if diff := cmp.Diff(wantCodes, c.Fields[3].Codes); diff != "" {
		t.Error(diff)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"unknown key", with("basis:", "bases: x\nbasis:"), "f.yml:7:1: unknown key bases"},
		{"unknown type", with("as: account_no, type: text", "as: account_no, type: string"), `f.yml:13:32: fields[0].type: unknown type "string"`},
		{"repeated name", with("name: 账期", "name: 户号"), "fields[1].name: 户号 stands twice"},
		{"repeated column", with("as: period", "as: account_no"), "fields[1].as: the column account_no stands twice"},
		{"column of landing", with("as: period", "as: record_id"), "fields[1].as: the column record_id stands twice, or is one that landing adds"},
		{"column of the status", with("as: period", "as: subject_id_status"), "the column subject_id_status stands twice"},
		{"key without field", with("key: [户号, 账期]", "key: [户号, 月份]"), "f.yml:10:11: key[1]: there is no field 月份"},
		{"masked key", with("key: [户号, 账期]", "key: [联系人]"), "key[0]: 联系人 is masked and cannot identify a record"},
		{"no key", with("key: [户号, 账期]\n", ""), "key: name the fields that identify a record"},
		{"when without field", with("when 状态 in", "when 类别 in"), "fields[2].required: there is no field 类别"},
		{"when without code", with("[欠缴, 部分缴纳]", "[欠费]"), "fields[2].required: 欠费 is no code of 状态"},
		{"when masked", with("when 状态 in [欠缴, 部分缴纳]", "when 联系人 in [王]"), "fields[2].required: 联系人 is masked"},
		{"when unread", with("when 状态 in [欠缴, 部分缴纳]", "if 状态 = 欠缴"), "fields[2].required: want true, or when FIELD in"},
		{"codes missing", with(`, codes: {欠缴: owed, 部分缴纳: partly, "1": paid}`, ""), "fields[3].codes: a field of type code needs its list"},
		{"every sheet of a name", with("format: csv", "format: xlsx, sheet: 名单, every_sheet: true"), "source.every_sheet: wants a pattern"},
		{"several codes in the key", strings.Replace(with("key: [户号, 账期]", "key: [状态]"), "as: state, type: code", "as: state, type: code, several: true", 1), "fields[3].several: is not for a field of the key"},
		{"several codes decide", with("as: state, type: code", "as: state, type: code, several: true"), "fields[2].required: 状态 holds several codes"},
		{"several codes with a blank", with("as: state, type: code, codes: {欠缴: owed", `as: state, type: code, several: true, codes: {"欠 缴": owed`), "fields[3].codes: 欠 缴 holds a sign that parts codes"},
		{"answer that may be missing", with("as: due_on, type: date", "as: due_on, type: date, answer: true"), "fields[5].answer: wants required: true"},
		{"codes on text", with("as: contact, type: text", "as: contact, type: text, codes: [a]"), "fields[7].codes: is not for type text"},
		{"mask without range", with("range: authorised, mask", "mask"), "fields[7].mask: a masked field has range: authorised"},
		{"person id without mask", with("as: contact, type: text, range: authorised, mask: [1, 0]", "as: contact, type: person_id"), "fields[7].mask: a person_id needs a mask"},
		{"wide mask", with("as: contact, type: text, range: authorised, mask: [1, 0]", "as: contact, type: person_id, range: authorised, mask: [10, 4]"), "shows more of an id number than [6, 4]"},
		{"vault without basis", with("mask: [1, 0]}", "mask: [1, 0], vault: true}"), "fields[7].vault: wants basis beside it"},
		{"vault of what is not masked", with("range: authorised, mask: [1, 0]", "vault: true, basis: 某法"), "fields[7].vault: keeps the clear values of a field that is always masked"},
		{"basis without vault", with("mask: [1, 0]}", "mask: [1, 0], basis: 某法}"), "fields[7].basis: is the basis of a vault: true beside it"},
		{"wider range", with("range: authorised, mask: [1, 0]", "range: public"), "fields[7].range: is wider than that of the dataset"},
		{"unit missing", with(", unit: 元", ""), "fields[4].unit: a field of type money needs its unit"},
		{"clock of no date", with("from: 应缴日期", "from: 金额"), "clock.from: 金额 is not a date"},
		{"clock in days", with("5 working days", "5 days"), "clock.within: want a deadline such as 7 working days"},
		{"class unknown", with("class: 行政管理信息", "class: 行政信息"), `catalogue.class: "行政信息" is no class`},
		{"class too young", with("class: 行政管理信息, item: SFQJ, edition: 2024", "class: 知识产权信息, item: SFQJ, edition: 2021"), "知识产权信息 is a class since the edition of 2024"},
		{"catalogue missing", with("catalogue: {class: 行政管理信息, item: SFQJ, edition: 2024}\n", ""), "catalogue.item: want the identifier"},
		{"sheet for csv", with("format: csv", "format: csv, sheet: 一"), "source: sheet, header_row and header_rows are for xlsx only"},
		{"delimiter of two signs", with("format: csv", `format: csv, delimiter: "||"`), "source.delimiter: want auto, tab, or one ASCII sign"},
		{"delimiter a quote", with("format: csv", `format: csv, delimiter: '"'`), "source.delimiter: want auto, tab, or one ASCII sign"},
		{"delimiter a digit", with("format: csv", `format: csv, delimiter: "0"`), "source.delimiter: want auto, tab, or one ASCII sign"},
		{"path missing", with("format: csv", "format: xml"), "source.record_path: an xml source needs the path of its records"},
		{"path for csv", with("format: csv", "format: csv, record_path: a"), "source.record_path: is for json and xml only"},
		{"path with a gap", with("format: csv", "format: xml, record_path: /a//b"), "source.record_path: has an empty name"},
		{"member no pattern", with("format: csv", `format: csv, member: "a["`), "source.member: want the name of a file"},
		{"delimiter for json", with("format: csv", `format: json, delimiter: ";"`), "source.delimiter: is for csv only"},
		{"withdrawal from a snapshot", with("delivery: delta", "delivery: snapshot, withdrawal: {field: 状态, values: [撤]}"), "f.yml:9:43: source.withdrawal: is for a delta"},
		{"withdrawal without a column", with("delivery: delta", "delivery: delta, withdrawal: {values: [撤]}"), "source.withdrawal: want the column and its values"},
		{"withdrawal without values", with("delivery: delta", "delivery: delta, withdrawal: {field: 状态}"), "source.withdrawal: name the values"},
		{"withdrawal by a value twice", with("delivery: delta", "delivery: delta, withdrawal: {field: 状态, values: [撤, 撤]}"), "source.withdrawal.values[1]: is empty, has blanks around it, or stands twice"},
		{"withdrawal by the key", with("delivery: delta", "delivery: delta, withdrawal: {field: 户号, values: [撤]}"), "source.withdrawal.field: 户号 is part of the key"},
		{"withdrawal by a date", with("delivery: delta", "delivery: delta, withdrawal: {field: 应缴日期, values: [撤]}"), "source.withdrawal.field: want a field of type code or text"},
		{"withdrawal by what is masked", with("delivery: delta", "delivery: delta, withdrawal: {field: 联系人, values: [撤]}"), "source.withdrawal.field: want a field of type code or text"},
		{"withdrawal by what is ignored", with("delivery: delta}", "delivery: delta, withdrawal: {field: 操作, values: [撤]}}\nignore: [操作]"), "source.withdrawal.field: 操作 is ignored"},
		{"a share without a sign", with("fields:", "expect: {min_share: 0.5}\nfields:"), "f.yml:12:10: expect.min_share: want a share such as 2% or 0.5%, at most 100%"},
		{"a warning below the usual", with("fields:", "expect: {warn_above_share: 80%}\nfields:"), "expect.warn_above_share: want 100% or more"},
		{"changes of a delta", with("fields:", "expect: {warn_changes: 30%}\nfields:"), "expect.warn_changes: is for a snapshot"},
		{"a rhythm nobody knows", with("fields:", "expect: {every: week, within: 2 days}\nfields:"), "expect.every: want daily, month, quarter, half-year or year"},
		{"a rhythm without a deadline", with("fields:", "expect: {every: month}\nfields:"), "expect.within: is missing"},
		{"a deadline without a rhythm", with("fields:", "expect: {within: 10 days}\nfields:"), "expect.within: wants expect.every beside it"},
		{"a deadline after the next period's middle", with("fields:", "expect: {every: month, within: 15 days}\nfields:"), "expect.within: a delivery belongs to the period whose close it is nearest to: at most 14 days for every month"},
		{"a deadline in other words", with("fields:", "expect: {every: month, within: ten days}\nfields:"), "expect.within: want days after the close of the period, such as 10 days"},
		{"ratio", with("fields:", "expect: {max_reject_ratio: 5}\nfields:"), "expect.max_reject_ratio: want a share such as 2%"},
		{"bound too fine", with("min: 202001", "min: 1.5"), `fields[1].min: "1.5": too many decimals`},
		{"effective_from", with("2026-04-01", "2026-02-30"), "effective_from: want a day"},
		{"ignored field", with("key: [户号, 账期]", "key: [户号]\nignore: [户号]"), "ignore[0]: 户号 is a field, or stands twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := contract.Parse("f.yml", []byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want a fault with\n%s\ngot\n%v", tt.want, err)
			}
		})
	}
}

func TestLoadTellsAllFaultsOfAllFiles(t *testing.T) {
	fsys := fstest.MapFS{
		"water/arrears.yml": {Data: []byte(with("version: 1", "version: 0"))},
		"water/bills.yml":   {Data: []byte(small)},
		"notes.txt":         {Data: []byte("x")},
		"README.md":         {Data: []byte("x")},
		"water/people.yml":  {Data: []byte(strings.Replace(with("water/arrears", "water/people"), "as: subject_name", "as: person", 1))},
	}
	_, err := contract.Load(fsys)
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{
		"water/arrears.yml:2:1: version: want 1 or more",
		"water/bills.yml:1:1: dataset: is water/arrears, but the file stands at water/bills.yml",
		"notes.txt: not a contract",
		"water/people.yml:12:1: fields: a dataset of the catalogue needs a field as subject_name of type text",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "README") {
		t.Errorf("a README is no contract: %v", err)
	}
}

func TestFind(t *testing.T) {
	catalog, err := contract.Load(fstest.MapFS{"water/arrears.yml": {Data: []byte(small)}})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := catalog.Find("water/arrears"); err != nil || c.Title != "水费欠缴" {
		t.Error(c, err)
	}
	_, err = catalog.Find("water/arears")
	if !errors.Is(err, contract.ErrUnknownDataset) || !strings.Contains(err.Error(), "did you mean water/arrears?") {
		t.Error(err)
	}
}

func TestParseScaled(t *testing.T) {
	tests := []struct {
		text     string
		scale    int
		exponent bool
		want     int64
		err      error
	}{
		{"0.2", 6, false, 200_000, nil},
		{"0.200000", 6, false, 200_000, nil},
		{"0.2000000", 6, false, 200_000, nil},
		{"0.0000001", 6, false, 0, contract.ErrDecimals},
		{"-1.05", 2, false, -105, nil},
		{"+7", 0, false, 7, nil},
		{"", 2, false, 0, contract.ErrNumber},
		{"-", 2, false, 0, contract.ErrNumber},
		{"1.", 2, false, 0, contract.ErrNumber},
		{".5", 2, false, 0, contract.ErrNumber},
		{"1,234", 2, false, 0, contract.ErrNumber},
		{"1.2.3", 2, false, 0, contract.ErrNumber},
		{"1E3", 2, false, 0, contract.ErrNumber},
		{"1.25E+2", 2, true, 12_500, nil},
		{"125e-3", 3, true, 125, nil},
		{"125e-3", 2, true, 0, contract.ErrDecimals},
		{"1200E-2", 0, true, 12, nil},
		{"1250E-2", 0, true, 0, contract.ErrDecimals},
		{"5E-3", 0, true, 0, contract.ErrDecimals},
		{"0E-9", 0, true, 0, nil},
		{"1E99", 0, true, 0, contract.ErrNumber},
		{"1E30", 0, true, 0, contract.ErrOverflow},
		{"9223372036854775807", 0, false, math.MaxInt64, nil},
		{"9223372036854775808", 0, false, 0, contract.ErrOverflow},
	}
	for _, tt := range tests {
		got, err := contract.ParseScaled(tt.text, tt.scale, tt.exponent)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%q scale %d: got %d, %v; want %d, %v", tt.text, tt.scale, got, err, tt.want, tt.err)
		}
	}
}

func TestScaledRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "n")
		scale := rapid.IntRange(0, 10).Draw(t, "scale")
		got, err := contract.ParseScaled(contract.FormatScaled(nil, n, scale), scale, false)
		if err != nil || got != n {
			t.Fatalf("%d scale %d came back as %d, %v", n, scale, got, err)
		}
	})
}

func FuzzContract(f *testing.F) {
	f.Add(small)
	f.Add(with("codes: {", "codes: {a: {b: c}, "))
	f.Add(with("required: true", "required: [1, 2]"))
	f.Add("fields:\n  - &a {name: x}\n  - *a\n")
	f.Fuzz(func(t *testing.T, yaml string) {
		c, err := contract.Parse("f.yml", []byte(yaml))
		if err == nil {
			c.Columns()
		}
	})
}
