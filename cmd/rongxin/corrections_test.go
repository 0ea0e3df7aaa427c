package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/credit"
)

const labour = "市人力资源和社会保障局"

// subjectsOf reads codes and names of registered enterprises.
func subjectsOf(t *testing.T, home string, limit int) (codes, names []string) {
	t.Helper()
	out := mustRun(t, home, "sql", "--format", "csv", fmt.Sprintf(`select subject_id, subject_name from intermediate.subjects
		where subject_id_status = 'valid' and names_seen = 1 and registration_status = '存续'
			and subject_name in (select subject_name from intermediate.subjects group by 1 having count(*) = 1)
			and subject_id not in (select subject_id from staging.labour__wage_arrears) order by 1 limit %d`, limit))
	lines, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(lines) != limit+1 {
		t.Fatalf("%d subjects, %v", len(lines)-1, err)
	}
	for _, l := range lines[1:] {
		codes, names = append(codes, l[0]), append(names, l[1])
	}
	return codes, names
}

// spoil changes one sign of a code so that it has the wanted status.
func spoil(t *testing.T, code string, from, to int, want credit.CodeStatus) string {
	t.Helper()
	for at := from; at < to; at++ {
		for _, sign := range "0123456789" {
			wrong := code[:at] + string(sign) + code[at+1:]
			if credit.ClassifyCode(wrong) == want {
				return wrong
			}
		}
	}
	t.Fatalf("%s cannot be spoilt to %s", code, want)
	return ""
}

// wageArrears writes an extract of labour/wage_arrears.
func wageArrears(t *testing.T, rows [][2]string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("统一社会信用代码,单位名称,列入决定文书号,列入日期,拖欠人数,拖欠金额,移出日期,决定机关\n")
	for i, r := range rows {
		fmt.Fprintf(&b, "%s,%s,榕人社列〔2026〕%d号,2026-05-20,3,1000,,福州市人力资源和社会保障局\n", r[0], r[1], i+1)
	}
	file := filepath.Join(t.TempDir(), "拖欠名单.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func one(t *testing.T, home, query string) string {
	t.Helper()
	_, value, _ := strings.Cut(strings.TrimSpace(mustRun(t, home, "sql", "--format", "csv", query)), "\n")
	return value
}

// fill fills 纠错回传表 by wrong code: operation, right code, evidence.
func fill(t *testing.T, file string, answers map[string][3]string, change func(f *excelize.File, row int)) string {
	t.Helper()
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("纠错回传表")
	if err != nil {
		t.Fatal(err)
	}
	filled := 0
	for i, r := range rows[1:] {
		answer, ok := answers[r[3]]
		if !ok {
			continue
		}
		for column, value := range map[string]string{"I": answer[0], "J": answer[1], "K": answer[2], "L": "林填报"} {
			if err := f.SetCellStr("纠错回传表", fmt.Sprint(column, i+2), value); err != nil {
				t.Fatal(err)
			}
		}
		filled++
		if change != nil {
			change(f, i+2)
		}
	}
	if filled != len(answers) {
		t.Fatalf("%d of %d cases are in the workbook: %v", filled, len(answers), rows)
	}
	target := filepath.Join(t.TempDir(), "回传.xlsx")
	if err := f.SaveAs(target); err != nil {
		t.Fatal(err)
	}
	return target
}

// The whole loop in a seeded city: a wrong code is refused, the department hears
// of it, fills in what is right, somebody else approves, a replay lets the row
// in, the next run attaches it, and the next feedback says so. Each of the three
// operations once for a refused row or an accepted one.
func TestCorrectionLoop(t *testing.T) {
	home, _ := landedCity(t, "200")
	mustRun(t, home, "run", "--as-of", asOf)
	codes, names := subjectsOf(t, home, 40)
	refused := spoil(t, codes[0], 8, 16, credit.CodeInvalid)
	suspect := spoil(t, codes[1], 2, 8, credit.CodeSuspect)
	kept := spoil(t, codes[2], 8, 16, credit.CodeInvalid)
	stranger, _ := credit.NewCode("91350100", "MA999999")
	early := spoil(t, codes[3], 8, 16, credit.CodeInvalid)
	unborn, _ := credit.NewCode("91350100", "MA999998") // right, and registered by nobody yet
	rows := [][2]string{{refused, names[0]}, {suspect, names[1]}, {kept, "福州赋码如此有限公司"}, {stranger, "福州查无此户有限公司"}, {early, "福州尚未登记有限公司"}}
	for i := 4; i < 40; i++ {
		rows = append(rows, [2]string{codes[i], names[i]})
	}
	mustRun(t, home, "land", "labour/wage_arrears", wageArrears(t, rows), "--received", "2026-06-30")
	mustRun(t, home, "run", "--as-of", asOf)
	waiting := one(t, home, "select count(*) from marts.unattached where state = 'waiting' and dataset = 'labour/wage_arrears'")
	if waiting != "5" {
		t.Fatalf("%s rows wait, want 5", waiting)
	}
	if got := one(t, home, "select s.suggested_code from marts.code_suggestions s join marts.unattached u on u.case_id = s.case_id where u.sent_code = '"+refused+"' and s.suggestion_rank = 1"); got != codes[0] {
		t.Errorf("%s is suggested for %s, want %s", got, refused, codes[0])
	}

	out := t.TempDir()
	mustRun(t, home, "feedback", "--department", labour, "--out", out)
	books, err := filepath.Glob(filepath.Join(out, "*.xlsx"))
	if err != nil || len(books) != 1 {
		t.Fatalf("%v, %v", books, err)
	}
	answers := map[string][3]string{
		refused: {"0", codes[0], "营业执照复印件"}, suspect: {"0", codes[1], "营业执照复印件"},
		kept: {"2", "", "登记机关书面确认"}, stranger: {"1", "", "经查无此户"}, early: {"0", unborn, "登记机关书面确认"},
	}
	altered := fill(t, books[0], map[string][3]string{refused: answers[refused]}, func(f *excelize.File, row int) {
		if err := f.SetCellStr("纠错回传表", fmt.Sprint("D", row), codes[5]); err != nil {
			t.Fatal(err)
		}
	})
	var landing struct {
		Extracts []landed `json:"extracts"`
	}
	lastJSON(t, mustRun(t, home, "land", feedbackDataset, altered, "--received", "2026-07-01", "--json"), &landing)
	if landing.Extracts[0].Reasons["ROW_ALTERED"] != 1 {
		t.Errorf("an altered row: %+v", landing.Extracts[0])
	}
	mustRun(t, home, "land", feedbackDataset, fill(t, books[0], answers, nil), "--received", "2026-07-01")

	var list struct {
		Cases []openCase `json:"cases"`
	}
	lastJSON(t, mustRun(t, home, "corrections", "list", "--department", labour, "--as-of", "2026-07-01", "--json"), &list)
	var numbers []string
	for _, c := range list.Cases {
		for _, p := range c.Proposals {
			if p.Proposer != "林填报" || p.State != "open" {
				t.Errorf("%+v", p)
			}
			numbers = append(numbers, p.No)
		}
	}
	if len(numbers) != 5 {
		t.Fatalf("proposals %v", numbers)
	}
	approve := func(actor string) []string {
		return slices.Concat([]string{"corrections", "approve"}, numbers, []string{"--reason", "与登记档案核对", "--received", "2026-07-01", "--actor", actor})
	}
	if code, _, errs := rongxin(t, home, approve("林填报")...); code != exitBadData || strings.Count(errs, "four eyes") != 5 {
		t.Errorf("the proposer approves: exit %d, %s", code, errs)
	}
	mustRun(t, home, approve("王审核")...)
	if code, _, errs := rongxin(t, home, approve("王审核")...); code != exitBadData || !strings.Contains(errs, "approved by 王审核 already") {
		t.Errorf("approved twice: exit %d, %s", code, errs)
	}

	waits := func(want int, args ...string) {
		t.Helper()
		lastJSON(t, mustRun(t, home, slices.Concat([]string{"corrections", "list", "--department", labour, "--as-of", "2026-07-01", "--json"}, args)...), &list)
		decided := 0
		for _, c := range list.Cases {
			if c.Dataset == "labour/wage_arrears" && c.State == "decided" {
				decided++
			} else if c.Dataset == "labour/wage_arrears" || c.State != "waiting" {
				t.Errorf("corrections list %v: %+v", args, c)
			}
		}
		if decided != want {
			t.Errorf("corrections list %v: %d cases are decided, want %d", args, decided, want)
		}
	}
	waits(0)
	waits(5, "--all") // the run is of before

	var replay replayReport
	lastJSON(t, mustRun(t, home, "replay", "--received", "2026-07-01", "--json"), &replay)
	if replay.LetIn != 3 || len(replay.Batches) != 1 {
		t.Errorf("replayed %+v", replay)
	}
	if code, _, _ := rongxin(t, home, "replay", "--received", "2026-07-01"); code != exitNothing {
		t.Errorf("the same replay again: exit %d", code)
	}
	mustRun(t, home, "run", "--as-of", "2026-07-01")

	waits(0)
	waits(1, "--all") // the right code is not registered
	for i, sent := range []string{refused, suspect} {
		text := mustRun(t, home, "explain", codes[i])
		if !strings.Contains(text, "代码更正：报送代码为 "+sent) || !strings.Contains(text, "审批人 王审核") || !strings.Contains(text, "榕人社列〔2026〕"+fmt.Sprint(i+1)+"号") {
			t.Errorf("the explanation of %s does not tell its correction:\n%s", codes[i], text)
		}
	}
	for query, want := range map[string]string{
		"select count(*) from staging.labour__wage_arrears where subject_id = '" + stranger + "'":                                                                          "0",
		"select subject_id_status from staging.labour__wage_arrears where subject_id = '" + kept + "'":                                                                     "valid",
		"select count(*) from intermediate.record_states s join intermediate.records r using (record_id) where r.correction_no is not null and s.state = 'in_force'":       "2",
		"select count(*) from marts.unattached where state = 'waiting' and dataset = 'labour/wage_arrears'":                                                                "0",
		"select string_agg(distinct answered_by, ' ' order by answered_by) from marts.unattached where dataset = 'labour/wage_arrears'":                                    "保留原码 删除 赋新码",
		"select count(*) from marts.findings_told where dataset = 'labour/wage_arrears' and finding like 'CODE_%' and finding <> 'CODE_CORRECTED' and answered_on is null": "0",
		"select sum(rows_accepted + rows_rejected - rows_read) from run.batches":                                                                                           "0",
	} {
		if got := one(t, home, query); got != want {
			t.Errorf("%s\nis %s, want %s", query, got, want)
		}
	}
	again := t.TempDir()
	mustRun(t, home, "feedback", "--department", labour, "--out", again)
	books, _ = filepath.Glob(filepath.Join(again, "*.xlsx"))
	f, err := excelize.OpenFile(books[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	findings, err := f.GetRows("问题清单")
	if err != nil {
		t.Fatal(err)
	}
	answered := 0
	for _, r := range findings {
		if strings.HasPrefix(r[1], "已答复") {
			answered++
		}
	}
	returns, err := f.GetRows("纠错回传表")
	if err != nil || answered < 4 {
		t.Errorf("%d findings are answered, %v", answered, err)
	}
	for _, r := range returns {
		if _, ok := answers[r[3]]; ok {
			t.Errorf("an answered case is asked again: %v", r)
		}
	}

	// The department mends its system: the same record under the right code is
	// one record with the corrected one.
	rows[0][0], rows[1][0] = codes[0], codes[1]
	mustRun(t, home, "land", "labour/wage_arrears", wageArrears(t, rows), "--received", "2026-07-02", "--override", "测试：仍有错码")
	mustRun(t, home, "run", "--as-of", "2026-07-02")
	if got := one(t, home, "select count(*) from staging.labour__wage_arrears where document_no in ('榕人社列〔2026〕1号', '榕人社列〔2026〕2号')"); got != "2" {
		t.Errorf("%s records after the re-send, want 2", got)
	}
}

// A name attaches nothing: of a thousand records that bear the name of one or
// two registered enterprises under a code nobody has, none is attached, and each
// suggestion that others equal says so.
func TestHomonymsAttachNothing(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	const n = 1000
	var register bytes.Buffer
	register.WriteString("统一社会信用代码,注册号,企业名称,企业类型,法定代表人,法定代表人证件号码,注册资本,成立日期,行业代码,住所区划,住所,经营范围,登记状态,核准日期\n")
	var records [][2]string
	for i := range n {
		name := fmt.Sprintf("福州同名%d有限公司", i)
		for j := range 1 + i%2 {
			code, _ := credit.NewCode("91350102", fmt.Sprintf("MA%06d", 2*i+j))
			fmt.Fprintf(&register, "%s,,%s,有限责任公司,,,,2020-01-01,6511,350102,,,存续,\n", code, name)
		}
		code, _ := credit.NewCode("91350102", fmt.Sprintf("MB%06d", i))
		records = append(records, [2]string{code, name})
	}
	encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes(register.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "登记.csv")
	if err := os.WriteFile(file, encoded, 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, home, "land", "samr/registrations", file, "--received", "2026-06-29")
	mustRun(t, home, "land", "labour/wage_arrears", wageArrears(t, records), "--received", "2026-06-30")
	mustRun(t, home, "run", "--as-of", asOf)
	for query, want := range map[string]string{
		"select count(*) from intermediate.records":                                                                  "1000",
		"select count(*) from intermediate.record_states where state <> 'unattached'":                                "0",
		"select count(*) from marts.unattached where state = 'waiting'":                                              "1000",
		"select count(distinct case_id) from marts.code_suggestions":                                                 "1000",
		"select count(*) from marts.code_suggestions where is_ambiguous":                                             "1000",
		"select count(*) from marts.code_suggestions where not is_ambiguous":                                         "500",
		"select count(*) from marts.records_in_force":                                                                "0",
		"select count(*) from scores.contributions as c join intermediate.records as r on r.record_id = c.record_id": "0",
	} {
		if got := one(t, home, query); got != want {
			t.Errorf("%s\nis %s, want %s", query, got, want)
		}
	}
}
