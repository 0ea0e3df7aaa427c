package workbook_test

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/workbook"
	"rongxin/warehouse/engine"
)

//go:embed testdata/notice.sql
var noticeRun string

func notice(t *testing.T, period workbook.Period, department string) *workbook.Notice {
	t.Helper()
	n, err := workbook.ReadNotice(context.Background(), noticeDB(t), period, department)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func noticeDB(t *testing.T) *engine.DB {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	exec(t, db, noticeRun)
	return db
}

// A share is rounded half up from its integers; nothing and all are written
// only where they are exact, and of nothing there is no share.
func TestFigureText(t *testing.T) {
	tests := []struct {
		numerator, denominator, per int64
		want                        string
	}{
		{0, 0, 100, "—"}, {0, 7, 100, "0.00%"}, {7, 7, 100, "100.00%"}, {1, 3, 100, "33.33%"}, {2, 3, 100, "66.67%"},
		{1, 800, 100, "0.13%"}, {1, 801, 100, "0.12%"}, {1, 1_000_000, 100, "<0.01%"}, {999_999, 1_000_000, 100, ">99.99%"},
		{3, 3000, 1000, "1.00‰"}, {1, 1_000_000, 1000, "<0.01‰"}, {999_999_999, 1_000_000_000, 1000, ">999.99‰"},
	}
	for _, tt := range tests {
		if got := (workbook.Figure{Numerator: tt.numerator, Denominator: tt.denominator}).Text(tt.per); got != tt.want {
			t.Errorf("%d/%d per %d: %s, want %s", tt.numerator, tt.denominator, tt.per, got, tt.want)
		}
	}
}

// Departments stand by the measures in their order: coverage first, then goals
// missed. Equals share a place, and who owes nothing has none.
func TestStandings(t *testing.T) {
	var got []string
	for _, s := range notice(t, workbook.Period{From: "2026-04", To: "2026-06"}, "").Standings {
		f := s.Figures
		got = append(got, fmt.Sprint(s.Rank, " ", s.Department, " ", f["coverage"].Parts(), " missed ", s.GoalsMissed, " ",
			f["code_faults"].Text(1000), " ", f["timeliness"].Text(100), " ", f["unattached"].Parts(), " late ", s.LateDelivered))
	}
	want := []string{
		"1 税务局 1/1 missed 0 0.67‰ — 0/3000 late 0",
		"2 市监局 2/2 missed 2 1.00‰ 99.90% 7/2985 late 1",
		"3 法院 0/1 missed 1 — — 0/0 late 0",
		"3 消防 0/1 missed 1 — — 0/0 late 0",
		"0 海关 0/0 missed 0 — — 0/0 late 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The period chooses months of receipt and deadlines; the register's stock is
// that of the day. A department's own notice keeps its place among all.
func TestNoticePeriod(t *testing.T) {
	all, quarter := notice(t, workbook.Period{}, ""), notice(t, workbook.Period{From: "2026-04", To: "2026-06"}, "")
	if all.Total.Read != 11000 || quarter.Total.Read != 6000 || len(all.Problems) != 3 || len(quarter.Problems) != 2 {
		t.Errorf("read %d and %d, problems %d and %d", all.Total.Read, quarter.Total.Read, len(all.Problems), len(quarter.Problems))
	}
	if all.Digest == quarter.Digest || len(all.Digest) != 64 {
		t.Errorf("digests %s and %s", all.Digest, quarter.Digest)
	}
	var rows int64
	for _, d := range quarter.Divisions {
		rows += d.RowsRead
	}
	if rows != quarter.Total.Read {
		t.Errorf("divisions hold %d rows of %d", rows, quarter.Total.Read)
	}
	if last := quarter.Divisions[len(quarter.Divisions)-1]; last.Name != "未知区划" || last.Refused != 1 {
		t.Errorf("the last division is %+v", last)
	}
	if diff := cmp.Diff([]string{"court/debtors", "customs/grades", "fire/inspections", "samr/permits"}, all.Missing); diff != "" {
		t.Error(diff)
	}
	own := notice(t, workbook.Period{From: "2026-04", To: "2026-06"}, "市监局")
	if len(own.Standings) != 1 || own.Standings[0].Rank != 2 || own.Total.Read != 3000 || len(own.Problems) != 2 || len(own.Coverage) != 2 {
		t.Errorf("its own notice: %+v", own)
	}
	if _, err := workbook.ReadNotice(context.Background(), noticeDB(t), workbook.Period{}, "无此部门"); !errors.Is(err, workbook.ErrNoDepartment) {
		t.Errorf("got %v", err)
	}
}

// The workbook holds the ranking as it reads aloud, with what misses its goal
// marked, and the same notice gives the same bytes.
func TestWriteNotice(t *testing.T) {
	n := notice(t, workbook.Period{From: "2026-04", To: "2026-06"}, "")
	meanings := map[string]workbook.Meaning{"CODE_INVALID": {Title: "代码无效", Advice: "核实"}}
	files := []string{filepath.Join(t.TempDir(), "一.xlsx"), filepath.Join(t.TempDir(), "二.xlsx")}
	var contents [][]byte
	for _, file := range files {
		if err := workbook.WriteNotice(n, file, meanings); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, data)
	}
	if !bytes.Equal(contents[0], contents[1]) {
		t.Error("the same notice gave other bytes")
	}
	f := read(t, files[0])
	if diff := cmp.Diff([]string{"说明", "部门排名", "重错码率", "双公示及时率", "迟报清单", "覆盖情况", "覆盖明细", "问题类型", "未挂接", "整改反馈"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	sheets := map[string][][]string{
		"部门排名": {
			{"名次", "部门", "覆盖率", "已报/应报", "未达标项数", "重错码率", "重错码行/报送行", "双公示及时率", "及时/双公示", "退回率", "退回行/报送行", "未挂接率", "未挂接/记录", "整改反馈率", "已答复/已告知"},
			{"1", "税务局", "100.00%", "1/1", "0", "0.67‰", "2/3000", "—", "", "0.00%", "0/3000", "0.00%", "0/3000", "—"},
			{"2", "市监局", "100.00%", "2/2", "2", "1.00‰ ▼", "3/3000", "99.90% ▼", "999/1000", "0.50%", "15/3000", "0.23%", "7/2985", "40.00%", "6/15"},
			{"3", "法院", "0.00% ▼", "0/1", "1", "—", "", "—", "", "—", "", "—", "", "—"},
			{"3", "消防", "0.00% ▼", "0/1", "1", "—", "", "—", "", "—", "", "—", "", "—"},
			{"—", "海关", "—", "", "0", "—", "", "—", "", "—", "", "—", "", "—"},
		},
		"重错码率": {
			{"区划代码", "区划", "存量代码", "错码", "重码", "重错码", "因代码退回", "登记存量重错码率", "重错码行", "报送行数", "报送行重错码率"},
			{"350102", "鼓楼区", "1999", "1", "2", "2", "0", "1.00‰ ▼", "1", "2000", "0.50‰"},
			{"350103", "台江区", "500", "0", "0", "0", "0", "0.00‰", "2", "3000", "0.67‰"},
			{"000000", "未知区划", "0", "0", "0", "0", "1", "1000.00‰ ▼", "2", "1000", "2.00‰ ▼"},
			{"", "合计", "2499", "1", "2", "2", "1", "1.20‰ ▼", "5", "6000", "0.83‰"},
		},
		"迟报清单": {
			{"部门", "数据集", "决定文书号", "决定日期", "报送期限", "报送日期", "用时（工作日）", "文件", "行号", "批次"},
			{"市监局", "samr/penalties", "※=榕罚1号", "2026-02-13", "2026-03-02", "2026-03-03", "8", "处罚.csv", "2", "b1"},
		},
		"覆盖情况": {
			{"部门", "已报/应报", "2026-03", "2025", "2026-04"},
			{"税务局", "1/1", "", "1/1"},
			{"市监局", "2/2", "1/1", "", "1/1"},
			{"法院", "0/1 ▼", "", "", "0/1 ▼"},
			{"消防", "0/1 ▼", "", "", "0/1 ▼"},
		},
		"覆盖明细": {
			{"部门", "数据集", "2026-03", "2025", "2026-04"},
			{"市监局", "行政处罚", "已报", "", "迟报"},
			{"法院", "失信被执行人", "", "", "缺报"},
			{"消防", "消防检查", "", "", "缺报"},
			{"税务局", "纳税信用", "", "已报"},
		},
		"整改反馈": {
			{"部门", "已告知", "已答复", "未答复", "整改反馈率"},
			{"市监局", "15", "6", "9", "40.00%"},
		},
		"问题类型": {
			{"部门", "数据集", "处理", "问题", "行数", "问题数", "问题代码"},
			{"市监局", "samr/penalties", "退回", "代码无效", "2", "2", "CODE_INVALID"},
			{"市监局", "samr/penalties", "核对", "重码：同一统一社会信用代码对应两个以上名称", "1", "1", "DUPLICATE_CODE"},
		},
	}
	for sheet, want := range sheets {
		if diff := cmp.Diff(want, rows(t, f, sheet)); diff != "" {
			t.Errorf("%s: %s", sheet, diff)
		}
	}
	note := rows(t, f, "说明")
	for _, want := range [][]string{{"数据截止日", "2026-06-30"}, {"内容摘要", n.Digest},
		{"口径", "数据质量口径，第3版，自2026-01-01起施行，城市口径，待上级文件核定"},
		{"重错码率", "重错码行 ÷ 报送行。目标：低于1‰。依据：目标"}, {"不算重码", "已迁出；新旧名称"}} {
		if !slices.ContainsFunc(note, func(line []string) bool { return slices.Equal(line, want) }) {
			t.Errorf("说明 does not say %q", want)
		}
	}
}

// A finding that nobody can explain to a department stops the notice.
func TestNoticeWithoutMeaning(t *testing.T) {
	file := filepath.Join(t.TempDir(), "通报.xlsx")
	err := workbook.WriteNotice(notice(t, workbook.Period{}, ""), file, nil)
	if _, stat := os.Stat(file); err == nil || !os.IsNotExist(stat) {
		t.Errorf("got %v, %v; want an error and no file", err, stat)
	}
}
