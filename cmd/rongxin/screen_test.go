package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rongxin/pipelines/screening"
	"rongxin/pipelines/workbook"
	"rongxin/warehouse/run"
)

// screened is a list of parties compared and answered: every enterprise that is
// on a severe list, a stranger of such a name, a person's number and nonsense.
func screened(t *testing.T, home string, r *run.Run) {
	t.Helper()
	codes := severeCodes(t, r)
	if len(codes) < 3 {
		t.Fatalf("only %d on severe lists: nothing to compare", len(codes))
	}
	dir := t.TempDir()
	parties := filepath.Join(dir, "投标人.csv")
	text := "统一社会信用代码,名称,业务\n91350100MA8T00016W,福州市,招标\n350102190001010015,某人,招标\n91350100,错码,招标\n"
	for _, code := range codes {
		text += code + ",另一个名称,招标\n"
	}
	if err := os.WriteFile(parties, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := []string{"screen", parties, "--department", "市财政局", "--purpose", "政府采购资格审查"}
	if code, _, errs := rongxin(t, home, ask[:4]...); code != exitBadConfig || !strings.Contains(errs, "purpose") {
		t.Errorf("without a purpose: exit %d, %s", code, errs)
	}
	book := filepath.Join(dir, "比对结果.xlsx")
	var report screenReport
	lastJSON(t, mustRun(t, home, append(ask, "--out", book, "--json")...), &report)
	if report.Rows.Read != int64(len(codes)+3) || report.Rows.Rejected != 2 || report.Rows.Accepted+report.Rows.Rejected != report.Rows.Read || len(report.Refused) != 2 {
		t.Errorf("rows %+v, refused %v", report.Rows, report.Refused)
	}
	hit := slices.Compact(slices.Sorted(slices.Values(codesOf(report.Hits))))
	if !slices.Equal(hit, codes) {
		t.Errorf("hits %v, want %v", hit, codes)
	}
	for _, h := range report.Hits {
		if h.Basis == "" || h.DocumentNo == "" || h.RegisteredName == h.SubjectName || len(h.Measures) == 0 && h.List != "政府采购严重违法失信行为记录" {
			t.Errorf("hit %+v", h)
		}
	}
	if out := mustRun(t, home, ask...); !strings.Contains(out, "仅作提示") || strings.Contains(out, "350102190001010015") {
		t.Errorf("no prompt, or a person's number: %s", out)
	}
	list := filepath.Join(dir, "命中.csv")
	mustRun(t, home, append(ask, "--out", list)...)
	if data, err := os.ReadFile(list); err != nil || strings.Count(string(data), workbook.ScreenPrompt) != len(report.Hits) {
		t.Errorf("the CSV has not a prompt for each hit: %v", err)
	}
	answered(t, home, book, report)
}

func codesOf(hits []screening.Hit) (codes []string) {
	for _, h := range hits {
		codes = append(codes, h.SubjectID)
	}
	return codes
}

func severeCodes(t *testing.T, r *run.Run) (codes []string) {
	t.Helper()
	rows, err := attach(t, r, "marts.records_in_force").Query(context.Background(),
		"select distinct subject_id from marts.records_in_force where record_group = '严重失信主体名单' order by subject_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	return codes
}

// answered fills in the sheet of a comparison: one measure of the catalogue, one
// outside it, one row left empty, one altered.
func answered(t *testing.T, home, book string, report screenReport) {
	t.Helper()
	took := map[string]string{"处理类型": "已惩戒", "措施编号": report.Hits[0].Measures[0].ID, "惩戒日期": "2026-06-30", "依据": "名单管理办法"}
	wrong := map[string]string{"处理类型": "已惩戒", "措施编号": "D-99", "惩戒日期": "2026-06-30", "依据": "自定"}
	filled, _ := answer(t, book, "比对反馈表", map[int]map[string]string{2: took, 3: wrong})
	var told struct {
		Extract     landed        `json:"extract"`
		Departments []screenCount `json:"departments"`
	}
	lastJSON(t, mustRun(t, home, "screen", "feedback", filled, "--received", "2026-07-01", "--json"), &told)
	if told.Extract.Rows.Accepted != 2 || told.Extract.Reasons["NOT_ANSWERED"] != len(report.Hits)-2 {
		t.Errorf("landed %+v", told.Extract)
	}
	d, hits := told.Departments[0], int64(len(report.Hits)+1) // one of an earlier comparison
	if rate := 2 * 10_000 / hits; d.Department != "市财政局" || d.Hits != hits || d.Answered != 2 || d.Acted != 2 || *d.RateBP != rate {
		t.Errorf("counted %+v of %d hits", d, hits)
	}
	altered, _ := answer(t, book, "比对反馈表", map[int]map[string]string{2: took, 4: {"处理类型": "不予惩戒", "依据": "已履行", "名单": "另一名单"}})
	lastJSON(t, mustRun(t, home, "screen", "feedback", altered, "--received", "2026-07-01", "--json"), &told)
	if told.Extract.Reasons["ROW_ALTERED"] != 1 {
		t.Errorf("an altered row: %+v", told.Extract)
	}
	if out := mustRun(t, home, "screen", "ledger"); !strings.Contains(out, "市财政局") {
		t.Error(out)
	}
}
