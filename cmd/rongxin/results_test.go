package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rongxin/internal/credit"
)

// answer fills in a form as inspectors do: cells of a row by the title of their
// column, row 2 being the first object.
func answer(t *testing.T, file, sheet string, cells map[int]map[string]string) (target string, rows [][]string) {
	t.Helper()
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if rows, err = f.GetRows(sheet); err != nil {
		t.Fatal(err)
	}
	titles := map[string]int{}
	for i, title := range rows[0] {
		titles[title] = i + 1
	}
	for row, values := range cells {
		for title, value := range values {
			cell, err := excelize.CoordinatesToCellName(titles[title], row)
			if err == nil {
				err = f.SetCellStr(sheet, cell, value)
			}
			if err != nil {
				t.Fatalf("%s: %v", title, err)
			}
		}
	}
	target = filepath.Join(t.TempDir(), "回传.xlsx")
	if err := f.SaveAs(target); err != nil {
		t.Fatal(err)
	}
	return target, rows
}

func landOne(t *testing.T, home, dataset, file, day string) landed {
	t.Helper()
	var report struct {
		Extracts []landed `json:"extracts"`
	}
	lastJSON(t, mustRun(t, home, "land", dataset, file, "--received", day, "--json"), &report)
	return report.Extracts[0]
}

// What inspectors fill in comes back: a draw's form and a list, with rows left
// empty and one altered. Results become facts, adverse where they are, stand in
// the history and in the explanation, run against the clock of their publication
// and measure the classes; an inspection that the extract tells too counts once.
func TestResultsComeBack(t *testing.T) {
	home, _ := landedCity(t, "400")
	mustRun(t, home, "run", "--as-of", asOf)
	draws := filepath.Join(t.TempDir(), "draws")
	var plan struct {
		ID  string `json:"draw_id"`
		Dir string `json:"dir"`
	}
	lastJSON(t, mustRun(t, home, "draw", "plan", "--department", "市市场监督管理局", "--scheme", "food", "--out", draws, "--json"), &plan)
	mustRun(t, home, "draw", "commit", plan.Dir, "--seed-source", "沪深300指数2026年7月1日收盘")
	mustRun(t, home, "draw", "reveal", plan.Dir, "--public", "2026-07-01-沪深300-3921.07")
	form := filepath.Join(t.TempDir(), "表.xlsx")
	mustRun(t, home, "draw", "form", plan.Dir, "--out", form)

	found := map[string]string{"检查结果": "A;3", "检查日期": "2026-07-06", "发现问题": "过期食品；联系人身份证350102190001010015", "检查人员代码": "350102001;350102002", "文书编号": "榕检〔2026〕1号"}
	clean := map[string]string{"检查结果": "1", "检查日期": "2026-07-07", "检查人员代码": "350102001;350102002"}
	mended := map[string]string{"检查结果": "E", "检查日期": "2026-07-07", "检查人员代码": "350102001;350102002"}
	altered := map[string]string{"检查结果": "1", "检查日期": "2026-07-07", "企业名称": "福州另一家有限公司"}
	filled, rows := answer(t, form, "抽查结果回传表", map[int]map[string]string{2: found, 3: clean, 4: mended, 5: altered})
	if len(rows) < 7 {
		t.Fatalf("only %d objects are drawn", len(rows)-1)
	}
	got := landOne(t, home, "inspection/returned_results", filled, "2026-07-10")
	if got.Rows.Accepted != 3 || got.Reasons["ROW_ALTERED"] != 1 || got.Reasons["NOT_ANSWERED"] != len(rows)-5 || got.Rows.Read != int64(len(rows)-1) {
		t.Errorf("the form: %+v", got)
	}
	id, names := rows[1][3], rows[1][4]

	// The department's own extract tells the first one too, as a problem.
	authority, _ := credit.NewCode("11350100", "MB900001")
	own := filepath.Join(t.TempDir(), "检查.csv")
	text := "检查编号,统一社会信用代码,企业名称,检查领域,检查方式,检查日期,检查结果,发现问题,检查机关,检查机关代码\n" +
		"榕检〔2026〕1号," + id + "," + names + ",食品安全,双随机抽查,2026-07-06,3,过期食品,市市场监督管理局," + authority + "\n"
	if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, home, "land", "samr/inspections", own, "--received", "2026-07-10")

	// A list comes back with one answer on one of its sheets.
	lists, err := filepath.Glob(filepath.Join(home, "runs", "*", "files", "lists", "市税务局", "350102-*.xlsx"))
	if err != nil || len(lists) != 1 {
		t.Fatalf("lists %v, %v", lists, err)
	}
	list, _ := answer(t, lists[0], "二类（常规监管）", map[int]map[string]string{2: found})
	got = landOne(t, home, "inspection/returned_lists", list, "2026-07-10")
	if got.Rows.Accepted != 1 || int64(got.Reasons["NOT_ANSWERED"]) != got.Rows.Read-1 || got.Rows.Read < 2 {
		t.Errorf("the list: %+v", got)
	}

	mustRun(t, home, "run", "--as-of", "2026-07-10")
	for query, want := range map[string]string{
		"select count(*) from marts.inspection_history where draw_id = '" + plan.ID + "'":                                                                                                  "3",
		"select dataset || ' ' || result_codes || ' ' || is_problem from marts.inspection_history where draw_id = '" + plan.ID + "' and subject_id = '" + id + "'":                         "samr/inspections 3;A true",
		"select count(*) from marts.inspection_history where subject_id = '" + id + "' and inspected_on = date '2026-07-06'":                                                               "1",
		"select count(*) from marts.records_in_force where subject_id = '" + id + "' and event_on = date '2026-07-06'":                                                                     "1",
		"select count(*) from marts.records_in_force where subject_id in ('" + rows[2][3] + "', '" + rows[3][3] + "') and event_on = date '2026-07-07'":                                    "0",
		"select count(*) from marts.records_in_force where document_no = '榕检〔2026〕1号' and authority_name = '市税务局'":                                                                         "1",
		"select count(*) from staging.inspection__returned_results where problem like '%350102190001010015%'":                                                                              "0",
		"select string_agg(distinct cast(due_on as varchar), ' ' order by cast(due_on as varchar)) from marts.inspection_publication where draw_id = '" + plan.ID + "' and state = 'open'": "2026-08-03 2026-08-04",
		"select sum(rows_accepted + rows_rejected - rows_read) from run.batches":                                                                                                           "0",
	} {
		if got := one(t, home, query); got != want {
			t.Errorf("%s\nis %s, want %s", query, got, want)
		}
	}
	if text := mustRun(t, home, "explain", rows[2][3]); !strings.Contains(text, "2026-07-07 市市场监督管理局：未发现问题") {
		t.Errorf("the explanation does not tell the inspection:\n%s", text)
	}

	// The rest of the form comes later; what was accepted stands as it was.
	rest := map[int]map[string]string{2: found, 3: clean, 4: mended, 5: clean}
	later, _ := answer(t, form, "抽查结果回传表", rest)
	if got := landOne(t, home, "inspection/returned_results", later, "2026-07-13"); got.Rows.Accepted != 4 {
		t.Errorf("the form again: %+v", got)
	}
	mustRun(t, home, "run", "--as-of", "2026-07-13")
	if got := one(t, home, "select count(*) from marts.inspection_history where draw_id = '"+plan.ID+"'"); got != "4" {
		t.Errorf("%s inspections of the draw, want 4", got)
	}
	var effects effectReport
	lastJSON(t, mustRun(t, home, "effect", "--draw", plan.ID, "--json"), &effects)
	if all := effects.Draws[0].All; all.Inspected != 4 || all.Found != 1 {
		t.Errorf("effect: %+v", all)
	}

	// Published in time, it is so from the next run on.
	public := filepath.Join(t.TempDir(), "公示.csv")
	mustRun(t, home, "draw", "results", "--draw", plan.ID, "--publish", public, "--received", "2026-08-04")
	data, err := os.ReadFile(public)
	if err != nil || strings.Count(string(data), "\n") != 5 || !strings.Contains(string(data), "违反食品药品管理相关规定；发现问题待后续处理") || strings.Contains(string(data), "过期食品") {
		t.Errorf("%v\n%s", err, data)
	}
	mustRun(t, home, "run", "--as-of", "2026-08-05")
	states := one(t, home, "select string_agg(state || ' ' || n, ', ' order by state) from (select state, count(*) as n from marts.inspection_publication where draw_id = '"+plan.ID+"' group by state)")
	if want := `"late 1, on_time 3"`; states != want {
		t.Errorf("published: %s, want %s", states, want)
	}
	if code, _, errs := rongxin(t, home, "draw", "results", "--draw", plan.ID, "--publish", public); code != exitNothing {
		t.Errorf("published again: exit %d, %s", code, errs)
	}
	if out := mustRun(t, home, "draw", "results"); !strings.Contains(out, "逾期未公示") || !strings.Contains(out, fmt.Sprintf("%s/", asOf)[:4]) {
		t.Errorf("what is overdue is not told:\n%s", out)
	}
}
