package workbook_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/workbook"
)

// landing explains the codes that landing would.
func landing() map[string]workbook.Meaning {
	return map[string]workbook.Meaning{
		"CODE_INVALID":    {Title: "统一社会信用代码无效", Advice: "核实代码"},
		"CODE_CLEANED":    {Title: "代码已规范", Advice: "在源系统更正"},
		"CODE_SUSPECT":    {Title: "代码有一项校验不符", Advice: "核实代码"},
		"DATE_IMPOSSIBLE": {Title: "不存在该日", Advice: "填写真实日期"},
	}
}

// 纠错回传表 holds the department's own waiting cases, one row each, ready to be
// filled in: never a code that was masked, codes as text, a list to choose from,
// and a check over what must come back as it is.
func TestReturns(t *testing.T) {
	got, err := workbook.ExportFeedback(context.Background(), open(t), "市市场监督管理局", t.TempDir(), landing())
	if err != nil {
		t.Fatal(err)
	}
	f := read(t, got.File)
	want := [][]string{
		{"问题编号", "报送单位", "数据集", "错误代码", "主体名称", "行数", "建议代码", "建议依据", "操作标识", "正确代码", "佐证材料", "填报人", "行校验码"},
		{"case-2", "市市场监督管理局", "samr/penalties", "9.135E+17", "福州乙公司", "2", "91350100M000100Y11 或 91350100M000100Y22",
			"名称一致；有多个同等可能，须人工核实", "", "", "", "", contract.RowCheck("case-2", "市市场监督管理局", "samr/penalties", "9.135E+17", "福州乙公司")},
		{"case-1", "市市场监督管理局", "samr/registrations", "91350100M000100Y34", "※=福州甲公司", "1", "91350100M000100Y43", "改动一处即为该代码",
			"", "", "", "", contract.RowCheck("case-1", "市市场监督管理局", "samr/registrations", "91350100M000100Y34", "※=福州甲公司")},
	}
	if diff := cmp.Diff(want, rows(t, f, "纠错回传表")); diff != "" {
		t.Error(diff)
	}
	lists, err := f.GetDataValidations("纠错回传表")
	if err != nil || len(lists) != 1 || lists[0].Sqref != "I2:I3" || lists[0].Formula1 != `"0,1,2"` {
		t.Errorf("choices %v, %v", lists, err)
	}
}

func TestFeedback(t *testing.T) {
	dir := t.TempDir()
	got, err := workbook.ExportFeedback(context.Background(), open(t), "市市场监督管理局", dir, landing())
	if err != nil {
		t.Fatal(err)
	}
	want := workbook.Feedback{File: filepath.Join(dir, "市市场监督管理局-数据质量反馈-2026-04-01.xlsx"), Rejected: 2, Flagged: 2, Checked: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	f := read(t, got.File)
	if diff := cmp.Diff([]string{"说明", "问题清单", "纠错回传表", "统计"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	checks := workbook.CrossChecks()
	penalties, registrations := "行政处罚", "企业登记注册基本信息"
	wantRows := [][]string{
		{"处理", "状态", "数据集", "文件", "行号", "字段", "问题", "原值或详情", "建议值", "建议依据", "请这样处理", "问题代码", "该行原文"},
		{"退回", "已答复 2026-03-31 重报", penalties, "处罚.csv", "2", "CF_JDRQ", "不存在该日", "不存在该日", "", "", "填写真实日期", "DATE_IMPOSSIBLE", "original row"},
		{"退回", "待处理", registrations, "※=登记20260331.csv", "5", "统一社会信用代码", "统一社会信用代码无效",
			"CODE_INVALID 统一社会信用代码：第18位校验码不符，建议 91350100M000100Y43", "91350100M000100Y43", "改动一处即为该代码", "核实代码", "CODE_INVALID", "original row"},
		{"提示", "待处理", registrations, "※=登记20260331.csv", "7", "统一社会信用代码", "代码有一项校验不符", "", "", "", "核实代码", "CODE_SUSPECT"},
		{"提示", "无需反馈", registrations, "※=登记20260331.csv", "8", "统一社会信用代码", "代码已规范", "", "", "", "在源系统更正", "CODE_CLEANED"},
		{"核对", "待处理", penalties, "处罚.csv", "4", "主体名称", checks["NAME_MISMATCH"].Title, "※+86 福州 3****************4", "", "", checks["NAME_MISMATCH"].Advice, "NAME_MISMATCH"},
		{"核对", "待处理", registrations, "登记20260301.csv", "30", "企业类型", checks["KIND_MISMATCH"].Title,
			"个体工商户 / 91350100M000100Y34", "91350100M000100Y43", "", checks["KIND_MISMATCH"].Advice, "KIND_MISMATCH"},
		{"核对", "待处理", registrations, "※=登记20260331.csv", "9", "统一社会信用代码", checks["DUPLICATE_CODE"].Title,
			"91350100M000100Y43", "", "", checks["DUPLICATE_CODE"].Advice, "DUPLICATE_CODE"},
	}
	if diff := cmp.Diff(wantRows, rows(t, f, "问题清单")); diff != "" {
		t.Error(diff)
	}
	for title, want := range map[string][]string{
		"数据集代码": {"samr/penalties", "samr/registrations"}, "退回率": {"12.5%", "3.33%"}, "超时限率": {"0%", ""},
		"最近接收日": {"2026-03-31", "2026-03-31"}, "读取行数": {"8", "30"},
	} {
		if diff := cmp.Diff(want, column(t, f, "统计", title)); diff != "" {
			t.Errorf("%s: %s", title, diff)
		}
	}
	if got, want := notes(t, f)["内容"], "问题 7 条：退回 2，提示 2，核对 3。只含本单位报送的数据"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFeedbackIsReproducible(t *testing.T) {
	db := open(t)
	write := func() map[string]string {
		dir := t.TempDir()
		if _, err := workbook.ExportFeedback(context.Background(), db, "市税务局", dir, landing()); err != nil {
			t.Fatal(err)
		}
		return files(t, dir)
	}
	if diff := cmp.Diff(write(), write()); diff != "" {
		t.Error("other bytes")
	}
}

func TestFeedbackFaults(t *testing.T) {
	tests := []struct {
		name, department string
		meanings         map[string]workbook.Meaning
		is               error
		want             string
	}{
		{"unknown department", "市气象局", landing(), workbook.ErrNoBatches, "feedback to 市气象局: "},
		{"nothing found", "市中级人民法院", landing(), workbook.ErrNoFindings, "feedback to 市中级人民法院: "},
		{"code without meaning", "市市场监督管理局", nil, nil, "samr/penalties: 处罚.csv line 2: finding DATE_IMPOSSIBLE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := workbook.ExportFeedback(context.Background(), open(t), tt.department, dir, tt.meanings)
			if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v", err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
				t.Errorf("left %v, %v", entries, err)
			}
		})
	}
}
