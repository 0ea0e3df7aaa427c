package workbook_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

// A run takes ExportLists as it is.
var _ = run.Config{Export: workbook.ExportLists}

func exportLists(t *testing.T, db *engine.DB) string {
	t.Helper()
	dir := t.TempDir()
	if err := workbook.ExportLists(context.Background(), db, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestListFiles(t *testing.T) {
	var names []string
	for name := range files(t, exportLists(t, open(t))) {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"lists/市公共信用信息中心/350199.csv", "lists/市公共信用信息中心/350199.parquet", "lists/市公共信用信息中心/350199.xlsx",
		"lists/市税务局/350102-鼓楼区.csv", "lists/市税务局/350102-鼓楼区.parquet", "lists/市税务局/350102-鼓楼区.xlsx",
		"lists/市税务局/350181-福清市.csv", "lists/市税务局/350181-福清市.parquet", "lists/市税务局/350181-福清市.xlsx",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestListSheets(t *testing.T) {
	f := read(t, filepath.Join(exportLists(t, open(t)), "lists/市税务局/350102-鼓楼区.xlsx"))
	want := []string{"说明", "四类（严格监管）", "三类（重点监管）", "二类（常规监管）", "一类（简化监管）", "变动", "结果代码"}
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	for sheet, codes := range map[string][]string{
		"四类（严格监管）": {"91350102M0001A1B2D", "91350102M0001A1B2E"},
		"三类（重点监管）": nil,
		"一类（简化监管）": {"91350102M0001A1B2C"},
		"变动":       {"91350102M0001A1B2D", "91350102M0001A1B2E", "91350102M0001A1B2F"},
	} {
		if diff := cmp.Diff(codes, column(t, f, sheet, "统一社会信用代码")); diff != "" {
			t.Errorf("%s: %s", sheet, diff)
		}
	}
	row := rows(t, f, "四类（严格监管）")[1]
	wantRow := []string{"91350102M0001A1B2D", "福州𬱖豫商贸有限公司", "鼓楼区", "", "四类（严格监管）", "32.5%", "每季度1次",
		"未评价", "", "纳税（缴费）信用", "D", "2026-03-01", "C", "在列重大税收违法失信主体：榕税〔2026〕1号", "", "", "", "2",
		"三类（重点监管）", "从严", "异议中", "", "", "", "", "", "",
		"OV-SEV-2;OV-OBJ-1", "r-20260401-aa", "2026-Q2", "市税务局", "tax",
		contract.RowCheck("r-20260401-aa", "2026-Q2", "市税务局", "tax", "91350102M0001A1B2D", "福州𬱖豫商贸有限公司", "四类（严格监管）")}
	if diff := cmp.Diff(wantRow, row); diff != "" {
		t.Error(diff)
	}
	for title, want := range map[string][]string{
		"变动":   {"从严", "新增", "移出"},
		"上期类别": {"三类（重点监管）", "", "二类（常规监管）"},
		"备注标记": {"异议中", "数据冲突", ""},
		"抽查比例": {"32.5%", "32.5%", ""},
		"行业等级": {"D", "A", ""},
	} {
		if diff := cmp.Diff(want, column(t, f, "变动", title)); diff != "" {
			t.Errorf("变动 %s: %s", title, diff)
		}
	}
}

// Codes and formulas are text in a text column; counts are numbers.
func TestListCells(t *testing.T) {
	f := read(t, filepath.Join(exportLists(t, open(t)), "lists/市税务局/350102-鼓楼区.xlsx"))
	sheet := "一类（简化监管）"
	for cell, want := range map[string]excelize.CellType{
		"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeInlineString, "Q2": excelize.CellTypeUnset,
	} {
		if got, err := f.GetCellType(sheet, cell); err != nil || got != want {
			t.Errorf("%s is of type %v, want %v (%v)", cell, got, want, err)
		}
	}
	for _, cell := range []string{"A2", "B2", "A100"} {
		id, err := f.GetCellStyle(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		if style.NumFmt != 49 {
			t.Errorf("%s has number format %d, want 49 (@)", cell, style.NumFmt)
		}
	}
	name := column(t, f, sheet, "企业名称")[0]
	if want := `※=HYPERLINK("http://x","福州")`; name != want {
		t.Errorf("name %q, want %q", name, want)
	}
	if formula, err := f.GetCellFormula(sheet, "B2"); err != nil || formula != "" {
		t.Errorf("a formula: %q, %v", formula, err)
	}
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 1 || panes.XSplit != 2 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	filters := map[string]string{}
	for _, n := range f.GetDefinedName() {
		filters[n.Scope] = n.RefersTo
	}
	if got, want := filters["四类（严格监管）"], "'四类（严格监管）'!$A$1:$AG$3"; got != want {
		t.Errorf("filter %q, want %q", got, want)
	}
}

func TestListNote(t *testing.T) {
	db := open(t)
	f := read(t, filepath.Join(exportLists(t, db), "lists/市税务局/350102-鼓楼区.xlsx"))
	got := notes(t, f)
	for label, want := range map[string]string{
		"区划": "鼓楼区 350102", "评价方案": "纳税（缴费）信用", "数据截止日": "2026-04-01", "规则集": "rules-2026-04",
		"运行编号": "r-20260401-aa", "上期运行编号": "r-20260301-bb", "公布范围": "政府共享", "在列行数": "3",
		"变动":        "新增 1，从严 1，放宽 0，移出 1；见“变动”表",
		"四类（严格监管）":  "本名单 2 行。依据：办法第二十二条",
		"抽查规则 IQ-4": "本名单 2 行。抽查比例 32.5%，每年检查不超过 4 次，每季度1次。依据：省里比例",
		"期间":        "2026-Q2",
		"内容摘要":      digest(column(t, f, "一类（简化监管）", "行校验码"), column(t, f, "四类（严格监管）", "行校验码"), column(t, f, "变动", "行校验码")[2:]),
	} {
		if got[label] != want {
			t.Errorf("%s: %q, want %q", label, got[label], want)
		}
	}
	if !strings.Contains(got["返回"], "市公共信用信息中心") {
		t.Errorf("返回: %q", got["返回"])
	}
}

// digest is that of the package comment, worked out from the sheets.
func digest(columns ...[]string) string {
	hashes := slices.Concat(columns...)
	slices.Sort(hashes)
	sum := sha256.Sum256([]byte(strings.Join(hashes, "\n") + "\n"))
	return hex.EncodeToString(sum[:])
}

func TestParquetHasTheSameRows(t *testing.T) {
	db := open(t)
	file := filepath.Join(exportLists(t, db), "lists/市税务局/350102-鼓楼区.parquet")
	result, err := db.Query(context.Background(), "select subject_id, subject_name from read_parquet("+engine.Quote(file)+")")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	var got [][2]string
	for result.Next() {
		var row [2]string
		if err := result.Scan(&row[0], &row[1]); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	want := [][2]string{
		{"91350102M0001A1B2D", "福州𬱖豫商贸有限公司"},
		{"91350102M0001A1B2E", "福州榕木家具有限公司"},
		{"91350102M0001A1B2C", `=HYPERLINK("http://x","福州")`},
		{"91350102M0001A1B2F", "福州旧物回收有限公司"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The same run gives the same bytes, in whatever order its rows lie.
func TestListsAreReproducible(t *testing.T) {
	db := open(t)
	first := files(t, exportLists(t, db))
	exec(t, db, `create or replace table lists.supervision as select * from lists.supervision order by subject_name`)
	second := files(t, exportLists(t, db))
	for name, bytes := range first {
		if second[name] != bytes {
			t.Errorf("%s has other bytes", name)
		}
	}
}

func TestFirstRunHasNoChanges(t *testing.T) {
	db := open(t)
	exec(t, db, `update run.parameters set previous_run_id = ''; delete from lists.supervision where change = 'left';
		update lists.supervision set change = 'new', previous_class = null`)
	f := read(t, filepath.Join(exportLists(t, db), "lists/市税务局/350102-鼓楼区.xlsx"))
	if got := len(rows(t, f, "变动")); got != 1 {
		t.Errorf("%d rows on 变动, want the header alone", got)
	}
	if got, want := notes(t, f)["变动"], "首期名单，无上期可比，“变动”表为空"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestListFaults(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"class without a rule", "delete from rules.tiers where supervision_class = 4", "subject 91350102M0001A1B2D: supervision class 4"},
		{"unknown change", "update lists.supervision set change = 'moved' where supervision_class = 2", `subject 91350181M0001A1B2G: change "moved"`},
		{"unknown range", "update lists.supervision set publication_range = 'all'", `publication range "all"`},
		{"two lists, one file", "insert into lists.supervision by name select * replace ('市/税务局' as department) from lists.supervision where division_code = '350181'; update lists.supervision set department = '市_税务局' where department = '市税务局'", "would be one file"},
		{"no table", "drop table rules.tiers", "rules.tiers"},
		{"no quotas", "drop table rules.inspection_quotas", "rules.inspection_quotas"},
		{"no result codes", "drop table rules.inspection_results", "rules.inspection_results"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := open(t)
			exec(t, db, tt.sql)
			err := workbook.ExportLists(context.Background(), db, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
