package city_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"rongxin/internal/city"
	"rongxin/internal/credit"
)

func day(t *testing.T, text string) credit.Date {
	t.Helper()
	d, err := credit.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Cases speak of documents that were sent, of the same subject, and a repair is
// not applied for before the minimum period of its penalty.
func TestCasesReferToDocuments(t *testing.T) {
	m := read(t, city.Config{Enterprises: 6000, Seed: 21, Clean: true},
		"samr/penalties", "ecology/penalties", "samr/abnormal_operations", "labour/wage_arrears", "credit/cases", "credit/force_majeure")
	documents, earliest := map[string]string{}, map[string]credit.Date{}
	for dataset, columns := range map[string][2]string{
		"samr/penalties": {"CF_WSH", "CF_XDR_SHXYM"}, "ecology/penalties": {"CF_WSH", "CF_XDR_SHXYM"},
		"samr/abnormal_operations": {"列入决定文书号", "统一社会信用代码"}, "labour/wage_arrears": {"列入决定文书号", "统一社会信用代码"},
	} {
		m.of(dataset, func(one table, l line) {
			no := one.cell(l, columns[0])
			if before, ok := documents[no]; ok && before != one.cell(l, columns[1]) {
				t.Errorf("%s is a document of two subjects", no)
			}
			documents[no] = one.cell(l, columns[1])
			if columns[0] == "CF_WSH" {
				earliest[no] = earliestRepair(t, one, l)
			}
		})
	}
	statuses := map[string]int{}
	m.of("credit/cases", func(one table, l line) {
		no := one.cell(l, "文书号")
		if documents[no] != one.cell(l, "主体代码") {
			t.Errorf("%s:%d: %s is no document of the subject", one.file, l.number, no)
		}
		statuses[one.cell(l, "案件类型")+one.cell(l, "处理状态")]++
		if on := day(t, one.cell(l, "申请日期")); one.cell(l, "案件类型") == "2" && on < earliest[no] {
			t.Errorf("%s: repair applied for on %s, before %s", no, on, earliest[no])
		}
	})
	m.of("credit/force_majeure", func(one table, l line) {
		if documents[one.cell(l, "文书号")] != one.cell(l, "主体代码") {
			t.Errorf("%s:%d: no such document", one.file, l.number)
		}
	})
	for _, want := range []string{"20", "21", "22", "23", "24", "13", "14"} {
		if statuses[want] == 0 {
			t.Errorf("no case of kind and status %s: %v", want, statuses)
		}
	}
}

// earliestRepair reads the class of a penalty from its publicity: 3, 12 or 36
// months may be ended after 0, 3 or 12.
func earliestRepair(t *testing.T, one table, l line) credit.Date {
	decided, public := day(t, one.cell(l, "CF_JDRQ")), day(t, one.cell(l, "CF_GSJZQ"))
	for months, minimum := range map[int]int{3: 0, 12: 3, 36: 12} {
		if decided.AddMonths(months) == public {
			return decided.AddMonths(minimum)
		}
	}
	t.Errorf("%s: public from %s to %s", one.cell(l, "CF_WSH"), decided, public)
	return 0
}

// A penalty withdrawn after an objection is in the history file and no later one.
func TestWithdrawnPenaltiesAreNotSentAgain(t *testing.T) {
	m := read(t, city.Config{Enterprises: 6000, Seed: 22, Clean: true}, "samr/penalties", "ecology/penalties", "credit/cases")
	withdrawn, last := map[string]string{}, map[string]string{}
	m.of("credit/cases", func(one table, l line) {
		if one.cell(l, "处理结果") == "撤销" {
			withdrawn[one.cell(l, "文书号")] = strings.ReplaceAll(one.cell(l, "办结日期"), "-", "")
		}
	})
	resent := 0
	for _, dataset := range []string{"samr/penalties", "ecology/penalties"} {
		m.of(dataset, func(one table, l line) {
			no := one.cell(l, "CF_WSH")
			if last[no] != "" {
				resent++
			}
			last[no] = one.day
			if on := withdrawn[no]; on != "" && on <= one.day {
				t.Errorf("%s was withdrawn on %s and is in the file of %s", no, on, one.day)
			}
		})
	}
	if len(withdrawn) == 0 || resent == 0 {
		t.Errorf("%d withdrawn, %d sent again: want some of both", len(withdrawn), resent)
	}
}

func TestTaxGradesAgree(t *testing.T) {
	m := read(t, city.Config{Enterprises: 8000, Seed: 23, Clean: true}, "tax/grades", "tax/major_violations")
	type fraud struct{ on, removed string }
	frauds := map[string]fraud{}
	m.of("tax/major_violations", func(one table, l line) {
		frauds[one.cell(l, "uscc")] = fraud{one.cell(l, "decided_on"), one.cell(l, "removed_on")}
	})
	direct := 0
	m.of("tax/grades", func(one table, l line) {
		grade, score, dated := one.cell(l, "纳税信用级别"), one.cell(l, "评价得分"), one.cell(l, "评价日期")
		f, listed := frauds[one.cell(l, "统一社会信用代码")]
		if listed = listed && f.on <= dated && (f.removed == "" || f.removed > dated); listed {
			direct++
			if grade != "D" {
				t.Errorf("%v: a major violator has %s", l.cells, grade)
			}
		}
		// Scores have two decimals below 100, so text orders them once padded.
		points := strings.Repeat("0", max(0, 6-len(score))) + score
		if score == "" && listed {
			return
		}
		bounds := map[string][2]string{"A": {"090.00", "100.00"}, "B": {"070.00", "089.99"}, "M": {"070.00", "100.00"}, "C": {"040.00", "069.99"}, "D": {"000.00", "039.99"}}[grade]
		if points < bounds[0] || points > bounds[1] {
			t.Errorf("%v: %s with %s", l.cells, grade, score)
		}
	})
	if direct == 0 {
		t.Error("no major violator was graded")
	}
}

// Bad behaviour clusters: who is on a list has many times the penalties.
func TestBadBehaviourClusters(t *testing.T) {
	m := read(t, city.Config{Enterprises: 12_000, Seed: 24, Clean: true},
		"samr/registrations", "samr/penalties", "court/judgment_debtors", "tax/major_violations")
	penalties, listed := map[string]int{}, map[string]bool{}
	m.of("samr/penalties", func(one table, l line) { penalties[one.cell(l, "CF_XDR_SHXYM")]++ })
	m.of("court/judgment_debtors", func(one table, l line) { listed[one.cell(l, "card_num")] = true })
	m.of("tax/major_violations", func(one table, l line) { listed[one.cell(l, "uscc")] = true })
	var sum, all [2]float64
	m.of("samr/registrations", func(one table, l line) {
		code, n := one.cell(l, "统一社会信用代码"), 0
		if listed[code] {
			n = 1
		}
		all[n]++
		sum[n] += float64(penalties[code])
	})
	if ordinary, bad := sum[0]/all[0], sum[1]/all[1]; bad < 4*ordinary {
		t.Errorf("%.2f penalties for the listed, %.2f for the others", bad, ordinary)
	}
}

func TestShares(t *testing.T) {
	const n = 15_000
	m := read(t, city.Config{Enterprises: n, Seed: 25, Clean: true},
		"samr/registrations", "samr/penalties", "samr/abnormal_operations", "court/judgment_debtors", "tax/major_violations",
		"labour/wage_arrears", "ecology/grades", "labour/grades", "ndrc/public_results")
	count := func(dataset string, key ...string) float64 {
		seen := map[string]bool{}
		m.of(dataset, func(one table, l line) {
			if code := one.cell(l, key[0]); code != "" && (len(key) == 1 || slices.Contains(key[1:], l.cells[2])) {
				seen[code] = true
			}
		})
		return float64(len(seen))
	}
	firms := 0.0
	m.of("samr/registrations", func(one table, l line) {
		if one.cell(l, "企业类型") != "个体工商户" {
			firms++
		}
	})
	for _, test := range []struct {
		what          string
		got, want, by float64
	}{
		{"penalised by the market supervision", count("samr/penalties", "CF_XDR_SHXYM") / n, 0.115, 0.02},
		{"abnormal", count("samr/abnormal_operations", "统一社会信用代码") / n, 0.03, 0.007},
		{"debtors", count("court/judgment_debtors", "card_num") / n, 0.008, 0.003},
		{"tax fraud", count("tax/major_violations", "uscc") / n, 0.001, 0.0007},
		{"wage arrears", count("labour/wage_arrears", "统一社会信用代码") / n, 0.001, 0.0007},
		{"ecology graded", count("ecology/grades", "社会信用代码") / n, 0.03, 0.01},
		{"labour graded", count("labour/grades", "统一社会信用代码") / n, 0.29, 0.05},
		{"national result", count("ndrc/public_results", "统一社会信用代码") / firms, 0.78, 0.08},
		{"national D", count("ndrc/public_results", "统一社会信用代码", "D", "差") / firms, 0.02, 0.012},
	} {
		if math.Abs(test.got-test.want) > test.by {
			t.Errorf("%s: %.4f, want %.4f ± %.4f", test.what, test.got, test.want, test.by)
		}
	}
}

func TestNamesAndCodes(t *testing.T) {
	m := read(t, city.Config{Enterprises: 10_000, Seed: 26, Clean: true}, "samr/registrations")
	names, codes, divisions := map[string]bool{}, map[string]bool{}, map[string]bool{}
	rows := 0.0
	m.of("samr/registrations", func(one table, l line) {
		rows++
		names[one.cell(l, "企业名称")] = true
		code, kind := one.cell(l, "统一社会信用代码"), one.cell(l, "企业类型")
		codes[code] = true
		divisions[code[2:8]] = true
		want := map[string]string{"个体工商户": "92", "农民专业合作社": "93"}[kind]
		if want == "" {
			want = "91"
		}
		if code[:2] != want {
			t.Errorf("%s: code %s", kind, code)
		}
	})
	if float64(len(codes)) != rows {
		t.Errorf("%d codes for %.0f enterprises", len(codes), rows)
	}
	if ratio := float64(len(names)) / rows; ratio < 0.995 {
		t.Errorf("only %.4f of the names are distinct", ratio)
	}
	for _, d := range credit.FuzhouDivisions() {
		if !divisions[d.Code] {
			t.Errorf("no code of %s", d.Code)
		}
	}
	if !divisions["350182"] {
		t.Error("no code of the abolished 350182")
	}
}
