package evaluators_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

var day = credit.NewDate(2026, 6, 30)

func ruleSet(t *testing.T, files fs.FS) *evaluators.RuleSet {
	t.Helper()
	library, err := evaluators.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	set, err := library.On(day)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// A rule file is understood in full or refused, all faults at once, each at its
// place.
func TestFaults(t *testing.T) {
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("rules"), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join("rules", name))
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, file, old, new string
		want                 []string
	}{
		{"unknown key", "scorecards/food.yml", "    each: 25\n", "    eech: 25\n", []string{"food.yml:23:5: unknown key eech", "food.yml:18:5: characteristics[0]: has 0 of the keys each"}},
		{"cap of the wrong sign", "scorecards/public_city.yml", "    cap: -30\n", "    cap: 30\n", []string{"characteristics[0].cap: each -10 and cap 30"}},
		{"caps that reach below zero", "scorecards/public_city.yml", "    cap: -300\n", "    cap: -301\n", []string{"base_points: all caps together reach -1"}},
		{"grades that leave a gap", "scorecards/public_city.yml", "from: 600", "from: 760", []string{"grades[2].from: bounds must ascend"}},
		{"no citation", "scorecards/public_city.yml", "    basis: 国发〔2019〕5号\n", "", []string{"characteristics[6].basis: is missing"}},
		{"a level off the scale", "schemes/tax.yml", "D: 4}", "D: 5}", []string{"levels.D: level 5"}},
		{"a matrix with a hole", "overlay.yml", "[2, 2, 3, 4, 2]\n  C", "[2, 2, 3, 4]\n  C", []string{"matrix.B: wants five classes"}},
		{"a share that is none", "tiers.yml", "15%", "15", []string{"tiers[1].check_ratio"}},
		{"periods that overlap", "publicity.yml", "effective_to: 2026-03-31, basis: 令第58号}", "effective_to: 2026-04-01, basis: 令第58号}", []string{"holds on the same days as periods[0] PUB-36-1"}},
		{"penalties without severity", "severity.yml", "  - {id: SEV-99, severity: 一般, basis: 令第36号 一般失信信息}\n", "", []string{"must end with a line without conditions"}},
		{"a measure that nobody counts", "code_quality.yml", "measure: wrong_code, meaning: 代码格式", "measure: wrong_codes, meaning: 代码格式", []string{"findings[0].measure: is \"wrong_codes\", wants one of wrong_code"}},
		{"a finding counted twice", "code_quality.yml", "finding: CODE_SUSPECT, measure", "finding: CODE_INVALID, measure", []string{"findings[1].finding: CODE_INVALID stands twice"}},
		{"a fault that wants no answer", "code_quality.yml", "finding: LATE, meaning", "finding: CODE_INVALID, meaning", []string{"unanswerable[0].finding: CODE_INVALID counts as a fault under findings"}},
		{"a finding that wants no answer twice", "code_quality.yml", "finding: CODE_CLEANED, meaning", "finding: LATE, meaning", []string{"unanswerable[1].finding: LATE stands twice"}},
		{"no answer without a reason", "code_quality.yml", "finding: LATE, meaning: 迟报已是事实，以后按时报送,", "finding: LATE,", []string{"unanswerable[0].meaning: is missing"}},
		{"nobody said what wants no answer", "code_quality.yml", "unanswerable:\n", "unasked:\n", []string{"unasked", "unanswerable: is missing"}},
		{"an exception nobody knows", "code_quality.yml", "exception: branch", "exception: branches", []string{`exceptions[1].exception: is "branches"`}},
		{"a move without a status", "code_quality.yml", "exception: move, statuses: [迁出]", "exception: move", []string{"exceptions[2].statuses: belong to move and conversion"}},
		{"a review without an approver", "code_quality.yml", "reviewed: []", "reviewed: [{finding: LATE, code: 91350203M0001QAY9B, from: 2026-01-05, reason: 试点期赋码}]",
			[]string{"reviewed[0].approver: is missing", `reviewed[0].finding: is "LATE"`}},
		{"a code reviewed twice", "code_quality.yml", "reviewed: []", "reviewed:\n" +
			"  - {finding: CODE_SUSPECT, code: 91350203M0001QAY9B, from: 2026-01-05, until: 2026-06-30, reason: 试点期赋码, approver: 王审核}\n" +
			"  - {finding: CODE_SUSPECT, code: 91350203M0001QAY9B, from: 2026-06-30, reason: 试点期赋码, approver: 王审核}",
			[]string{"code_quality.yml:", "reviewed[1]: holds on the same days as reviewed[0]"}},
		{"a goal that is none", "code_quality.yml", "goal: below 1‰", "goal: 1‰", []string{`measures[2].goal: "1‰" is no goal such as "below 1‰"`}},
		{"a measure left out", "code_quality.yml", "  - {measure: rejects, ", "  - {measure: answered, ", []string{"measures[6].measure: answered stands twice", "measures: rejects is missing"}},
		{"no live status", "code_quality.yml", "register: {live_statuses: [存续, 吊销]}", "register: {live_statuses: []}", []string{"register.live_statuses: is missing"}},
		{"a quota nobody asks", cityPlan, "  - {id: IQ-1, ", "  - {id: IQ-0, classes: [1], ratio_min: 0%, ratio: 1%, max_checks_per_year: 1, frequency: 一次, trust: memory, basis: 试}\n  - {id: IQ-1, ",
			[]string{"quotas[4]: is never asked: quotas[3] IQ-0 before it"}},
		{"a class without a quota", cityPlan, "{id: IQ-4, classes: [4], ", "{id: IQ-4, classes: [4], industries: [Z, C], ", []string{"quotas: class 4 wants a line", `quotas[6].industries[0]: "Z" is no section`}},
		{"a minimum of nothing", cityPlan, "ratio_min: 30%, ratio: 30%, max_checks_per_year: 4, minimum: 1", "ratio_min: 1%, ratio: 0%, max_checks_per_year: 0, minimum: 1",
			[]string{"city.yml:48:30: quotas[6].ratio_min: 1% is above ratio 0%", "quotas[6].max_checks_per_year: is missing", "quotas[6].minimum: is 1"}},
		{"a quota that nobody wrote down", cityPlan, "trust: published, basis: 福建省2018年差异化抽查比例（一般15%）", "trust: hearsay", []string{"quotas[4].basis: is missing", `quotas[4].trust: is "hearsay"`}},
		{"a risk nobody knows", cityPlan, "risk_classes: [D]", "risk_classes: [E]", []string{`quotas[1].risk_classes[0]: is "E", wants one of A, B, C, D`}},
		{"a period nobody knows", cityPlan, "period: quarter", "period: week", []string{`period: is "week", wants one of month, quarter, year`}},
		{"a share of control that is none", cityPlan, "share: 10%", "share: 10", []string{"control.share"}},
		{"one inspector too few", cityPlan, "per_object: 2", "per_object: 0", []string{"inspectors: wants per_object"}},
		{"a conflict nobody can find", cityPlan, "conflict: former_employer", "conflict: cousin", []string{"inspectors.conflicts[0].conflict: is \"cousin\""}},
		{"a visit of no day", cityPlan, "conflict: recent_visit, months: 12", "conflict: recent_visit", []string{"inspectors.conflicts[2].months: belongs to recent_visit"}},
		{"an exclusion of the wrong kind", cityPlan, "exclusion: cap_reached,", "exclusion: cap_reached, months: 3, statuses: [注销], classes: [1],",
			[]string{"exclusions[3].months", "exclusions[3]: statuses and results belong to closed", "exclusions[3]: classes, and risk_classes"}},
		{"an exclusion twice", cityPlan, "exclusion: closed,", "exclusion: new, months: 3,", []string{"exclusions[1].exclusion: new stands twice", "exclusions[1]: statuses and results"}},
		{"an initiator twice", cityPlan, "[市市场监督管理局, 市生态环境局,", "[市生态环境局, 市生态环境局,", []string{"joint.initiators[1]: 市生态环境局 stands twice"}},
		{"a class without a joint cap", cityPlan, "{1: 1, 2: 2, 3: 4, 4: 6}", "{1: 1, 2: 2, 3: 4, 5: 6}", []string{"joint.max_visits_per_year: class 4 is missing"}},
		{"no day to publish by", cityPlan, "working_days: 20, basis: 政府信息公开条例第二十六条（二十个工作日）", "working_days: 0", []string{"publish_within.working_days", "publish_within.basis: is missing"}},
		{"a class that says how much is checked", "tiers_2026.yml", "title: 一类（简化监管）}", "title: 一类（简化监管）, check_ratio: 5%}", []string{"tiers[0]: check_ratio, max_checks and frequency belong to an inspection plan"}},
		{"a day that is none", "severity.yml", "effective_from: 2008-01-01", "effective_from: 2008-13-01", []string{"severity.yml:6:1: effective_from: date \"2008-13-01\": no such day"}},
		{"points that are none", "scorecards/food.yml", "    each: 25\n", "    each: 25.0001\n", []string{"food.yml:23:5: "}},
		{"two faults in two files", "tiers.yml", "owner: 市发展和改革委员会\n", "", []string{"tiers.yml", "owner: is missing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			broken := fstest.MapFS{}
			for name, f := range files {
				broken[name] = f
			}
			text := string(files[tt.file].Data)
			if !strings.Contains(text, tt.old) {
				t.Fatalf("%s does not hold %q", tt.file, tt.old)
			}
			broken[tt.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, tt.old, tt.new, 1))}
			_, err := evaluators.Load(broken)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant it to say %q", err, want)
				}
			}
		})
	}
}

// The rule set is named by what it holds, and a day without rules says so.
func TestOn(t *testing.T) {
	library, err := evaluators.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	first, err := library.On(day)
	if err != nil {
		t.Fatal(err)
	}
	again, err := library.On(day)
	if err != nil || first.ID != again.ID {
		t.Errorf("the same day gave %s and %s, %v", first.ID, again.ID, err)
	}
	if _, err := library.On(credit.NewDate(2007, 1, 1)); err == nil || !strings.Contains(err.Error(), "no version of rule overlay is in force on 2007-01-01") {
		t.Errorf("got %v, want the missing rules named", err)
	}
}

// The matrix is the recommended one, and never gives the unevaluated class 1
// but through an industry result.
func TestMatrix(t *testing.T) {
	set := ruleSet(t, os.DirFS("rules"))
	for _, seed := range set.Seeds() {
		if seed.Name != "rules.overlay_matrix" {
			continue
		}
		if len(seed.Rows) != 25 {
			t.Fatalf("%d cells, want 25", len(seed.Rows))
		}
		for _, row := range seed.Rows {
			grade, level, used, class, conflict := row[0].(string), row[1].(int64), row[2].(int64), row[3].(int64), row[4].(bool)
			if grade == "not_evaluated" && class < 2 {
				t.Errorf("no data became good data: level %d gives class %d", level, class)
			}
			if conflict != (grade == "D" && level == 1) || conflict != (used == 2 && level != 2) {
				t.Errorf("%s/%d: conflict %v, read at level %d", grade, level, conflict, used)
			}
			if grade == "D" && class != 4 {
				t.Errorf("D/%d gives class %d", level, class)
			}
		}
	}
}
