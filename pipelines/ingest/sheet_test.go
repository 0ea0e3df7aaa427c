package ingest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/ingest"
)

// made returns the bytes of a workbook whose sheet 名单 do fills.
func made(t testing.TB, do func(f *excelize.File) error) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	_, err := f.NewSheet("名单")
	if err == nil {
		err = do(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return data.String()
}

func setRows(f *excelize.File, sheet string, rows ...[]any) error {
	for i, row := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	return nil
}

// cellsYAML has a column of each kind that a cell can be wrong for.
const cellsYAML = `dataset: test/cells
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: xlsx, sheet: 名单, delivery: delta}
key: [编号]
fields:
  - {name: 编号, as: number, type: text, required: true}
  - {name: 注册号, as: registration, type: registration_no}
  - {name: 证件, as: person, type: person_id, range: authorised, mask: [1, 1]}
  - {name: 状态, as: state, type: code, codes: [TRUE, "1", 注销]}
  - {name: 日期, as: day, type: date}
  - {name: 数, as: amount, type: "decimal(9,2)"}
`

// Every kind of cell in every kind of column.
func TestCellKinds(t *testing.T) {
	moment := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	tests := []struct {
		name string
		row  []any // 编号 注册号 证件 状态 日期 数
		want string
	}{
		{"text", []any{"榕1", "350100100012340", "350102199001011237", "注销", "2026-03-01", "1.50"}, "榕1 350100100012340 3****************7 注销 20513 150"},
		{"numbers that are exact", []any{123456789012345, 350100100012340, 350102900101123, 1, 46082, 1.5}, "123456789012345 350100100012340 3*************3 1 20513 150"},
		{"a fraction as text", []any{0.1 + 0.2}, "0.3"},
		{"a small fraction as text", []any{0.00001}, "0.00001"},
		{"days", []any{moment, nil, nil, nil, moment}, "2026-03-01 09:30:00 <nil> <nil> <nil> 20513"},
		{"a truth", []any{"榕", nil, nil, true}, "榕 <nil> <nil> TRUE"},
		{"sixteen digits", []any{1234567890123456}, "编号 SCIENTIFIC_CODE"},
		{"a code of 18 digits", []any{"榕", nil, 350102199001011237}, "证件 SCIENTIFIC_CODE 3****************"},
		{"an exponent", []any{"榕", 9.13501e17}, "注册号 SCIENTIFIC_CODE 913501000000000000"},
		{"an exponent as text", []any{"榕", "9.13501E+17"}, "注册号 SCIENTIFIC_CODE 9.13501E+17"},
		{"a day that never was", []any{"榕", nil, nil, nil, 60}, "日期 DATE_IMPOSSIBLE 60"},
		{"two faults in the order of the contract", []any{"榕", 9.13501e17, nil, "x"}, "注册号 SCIENTIFIC_CODE 913501000000000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := land(t, mustContract(t, cellsYAML), made(t, func(f *excelize.File) error {
				return setRows(f, "名单", []any{"编号", "注册号", "证件", "状态", "日期", "数"}, tt.row)
			}))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range l.records {
				got = append(got, strings.TrimSuffix(fmt.Sprint(r["number"], " ", r["registration"], " ", r["person"], " ", r["state"], " ", r["day"], " ", r["amount"]), " <nil>"))
			}
			for _, r := range l.rejects {
				got = append(got, fmt.Sprint(r["field"], " ", r["reason"], " ", r["original"]))
			}
			if len(got) != 1 || !strings.HasPrefix(got[0], tt.want) {
				t.Errorf("want %q, got %q", tt.want, got)
			}
		})
	}
}

func TestCellsThatFailed(t *testing.T) {
	l, err := land(t, mustContract(t, cellsYAML), made(t, func(f *excelize.File) error {
		return errors.Join(setRows(f, "名单", []any{"编号", "注册号", "证件", "状态", "日期", "数"}, []any{"榕1"}, []any{"榕2"}, []any{"榕3"}),
			f.SetCellFormula("名单", "F2", "1/0"), f.SetCellFormula("名单", "A5", "B5"), f.SetRowVisible("名单", 4, false))
	}))
	if err != nil {
		t.Fatal(err)
	}
	_, rejects := shown(l)
	if diff := cmp.Diff([]string{"2:CELL_ERROR", "5:CELL_ERROR"}, rejects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"榕2", "榕3"}, column(l.records, "number")); diff != "" { // a hidden row is a row
		t.Error(diff)
	}
}

// headerYAML names its columns over two rows.
const headerYAML = `dataset: test/header
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: xlsx, sheet: 名单, header_row: auto, header_rows: 2, delivery: delta}
ignore: [序号]
key: [文书号]
fields:
  - {name: 文书号, as: number, type: text, required: true}
  - {name: 处罚/种类, as: kind, type: text}
  - {name: 处罚/金额, as: amount, type: integer}
  - {name: 备注, as: note, type: text}
`

func TestHeaderOfTwoRows(t *testing.T) {
	l, err := land(t, mustContract(t, headerYAML), made(t, func(f *excelize.File) error {
		return errors.Join(
			setRows(f, "名单", []any{"福州市行政处罚一览表"}, nil, []any{"填报单位：市市场监督管理局"},
				[]any{"序号", "文书号", "处罚", nil, "备注"}, []any{nil, nil, "种类", "金额"},
				[]any{1, "榕1号", "罚款", 100, "一并"}, []any{2, "榕2号", "警告"}, nil, []any{3, "榕3号", "罚款", 5, "另"}),
			f.MergeCell("名单", "A1", "E1"), f.MergeCell("名单", "A4", "A5"), f.MergeCell("名单", "B4", "B5"), f.MergeCell("名单", "C4", "D4"),
			f.MergeCell("名单", "E4", "E5"), f.MergeCell("名单", "E6", "E8"))
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range l.records {
		got = append(got, fmt.Sprint(r["line"], " ", r["number"], " ", r["kind"], " ", r["amount"], " ", r["note"]))
	}
	want := []string{"6 榕1号 罚款 100 一并", "7 榕2号 警告 <nil> 一并", "9 榕3号 罚款 5 另"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Merged cells: downwards each row has the value, sideways only the first column.
func TestMergedCells(t *testing.T) {
	c := mustContract(t, strings.Replace(cellsYAML, "{name: 编号, as: number, type: text, required: true}", "{name: 编号, as: number, type: text}", 1))
	l, err := land(t, c, made(t, func(f *excelize.File) error {
		return errors.Join(
			setRows(f, "名单", []any{"编号", "注册号", "证件", "状态", "日期", "数"}, []any{"榕1", nil, nil, "注销", nil, 1},
				[]any{nil, nil, nil, nil, nil, 2}, []any{nil, nil, nil, nil, nil, 3}, []any{"榕2", nil, nil, nil, nil, 4}, []any{nil, nil, nil, nil, nil, 5}),
			f.MergeCell("名单", "A2", "A4"), f.MergeCell("名单", "D2", "E3"), f.MergeCell("名单", "A5", "C6"), f.MergeCell("名单", "A1", "A1"))
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range l.records {
		got = append(got, fmt.Sprint(r["number"], " ", r["registration"], " ", r["state"], " ", r["day"], " ", r["amount"]))
	}
	want := []string{"榕1 <nil> 注销 <nil> 100", "榕1 <nil> 注销 <nil> 200", "榕1 <nil> <nil> <nil> 300", "榕2 <nil> <nil> <nil> 400", "榕2 <nil> <nil> <nil> 500"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff, l.rejects)
	}
}

func TestSheetRule(t *testing.T) {
	content := made(t, func(f *excelize.File) error {
		_, err := f.NewSheet("名单2026")
		f.SetActiveSheet(1) // the active sheet cannot be hidden
		return errors.Join(err, setRows(f, "Sheet1", []any{"编号"}), setRows(f, "名单", []any{"编号"}, []any{"甲"}),
			setRows(f, "名单2026", []any{"编号"}, []any{"乙"}), f.SetSheetVisible("Sheet1", false))
	})
	const yaml = `dataset: test/rule
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {format: xlsx, sheet: RULE, delivery: delta}
key: [编号]
fields:
  - {name: 编号, as: number, type: text}
`
	for rule, want := range map[string]string{
		"名单": "甲", "名单2026": "乙", "first": "甲", `"/[0-9]$/"`: "乙", "sheet1": "",
		`"/名单/"`: "2 sheets are called /名单/; the workbook has Sheet1, 名单, 名单2026", `"/^Sheet/"`: "there is no sheet /^Sheet/",
		"名册": "there is no sheet 名册",
	} {
		t.Run(rule, func(t *testing.T) {
			l, err := land(t, mustContract(t, strings.Replace(yaml, "RULE", rule, 1)), content)
			var refusal *ingest.Refusal
			switch {
			case errors.As(err, &refusal):
				if want == "" || !strings.Contains(err.Error(), want) {
					t.Errorf("want %q, got %v", want, err)
				}
			case err != nil:
				t.Error(err)
			case want == "" && len(l.records) > 0, want != "" && (len(l.records) != 1 || l.records[0]["number"] != want):
				t.Errorf("want %s, got %v", want, l.records)
			}
		})
	}
}

func TestHeaderNotFound(t *testing.T) {
	for name, tt := range map[string]struct {
		rows [][]any
		want string
	}{
		"nowhere":     {[][]any{{"a"}, {"b"}}, "sheet 名单: none of the first 50 rows has the columns of the contract"},
		"nearly":      {[][]any{{"表"}, {"序号", "文书号", "处罚", nil, "备注"}, {nil, nil, "种类", "罚款"}}, "sheet 名单, row 2: missing column 处罚/金额; the column 罚款 is not in the contract"},
		"ends inside": {[][]any{{"序号", "文书号", "处罚/种类", "处罚/金额", "备注"}}, "the sheet ends before its header in row 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := land(t, mustContract(t, headerYAML), made(t, func(f *excelize.File) error { return setRows(f, "名单", tt.rows...) }))
			var refusal *ingest.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %q, got %v", tt.want, err)
			}
		})
	}
}
