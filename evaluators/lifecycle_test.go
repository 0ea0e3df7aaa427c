package evaluators_test

import (
	"os"
	"strings"
	"testing"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

// What is wrong in the rules of the life-cycle is told by its place.
func TestLifecycleFaults(t *testing.T) {
	for _, test := range []struct {
		name, file, old, new string
		want                 []string
	}{
		{"a state left out", "record_states.yml", "  - {state: revoked, title: 处罚决定已被撤销、确认违法或确认无效, counts: false, stop_within: 3, basis: 行政处罚法第四十八条 三日内撤回；第八十五条 三日指工作日}\n", "",
			[]string{`states[4].state: is "withdrawn"`, "states: lacks in_force"}},
		{"a state that counts as well", "record_states.yml", "{state: expired, title: 公示期已届满, counts: false", "{state: expired, title: 公示期已届满, counts: true",
			[]string{"record_states.yml:", "states[10].counts: is true: in_force counts, and nothing else does"}},
		{"a state without words", "record_states.yml", "title: 公示期已届满", "title: ''", []string{"states[10].title: is missing"}},
		{"an exemption twice", "record_states.yml", "penalty_kind: 首违不罚", "penalty_kind: 轻微不罚", []string{"exemptions[1].penalty_kind: 轻微不罚 stands twice"}},
		{"days below none", "record_states.yml", "stop_within: 3", "stop_within: -1", []string{"states[4].stop_within: is below 0"}},
		{"a list twice on a day", "severe_lists.yml", "lists:\n", "lists:\n  - {id: SX-0, list: 失信被执行人, dataset: court/judgment_debtors, early_exit_months: 0, delete_within: 3, effective_from: 2020-01-01, trust: memory, basis: 试}\n",
			[]string{"severe_lists.yml:", "holds on the same days as lists[0] SX-0 for 失信被执行人"}},
		{"a list under two names", "severe_lists.yml", "list: 海关严重失信企业, dataset: customs/severe", "list: 海关严重失信企业, dataset: civil/severe", []string{"shares with lists[7] only one of list and dataset"}},
		{"an exit after the term", "severe_lists.yml", "term_months: 24, early_exit_months: 24", "term_months: 12, early_exit_months: 24", []string{"lists[7].term_months: is below early_exit_months"}},
		{"a bound below the term", "severe_lists.yml", "term_months: 36, stated_months: 60", "term_months: 36, stated_months: 24", []string{"lists[8].stated_months: is below term_months"}},
		{"no day to be gone by", "severe_lists.yml", "early_exit_months: 0, delete_within: 3", "early_exit_months: 0", []string{"lists[0].delete_within: is missing"}},
		{"a transition to nothing", "publicity.yml", "applies: earlier", "applies: neither", []string{`transitions[0].applies: is "neither", wants one of earlier, later`}},
		{"a field twice on a day", "publicity.yml", "periods:\n", "periods:\n  - {id: PUB-0, class: 行政处罚/一般, fields: [药品安全], min_months: 6, effective_from: 2026-03-31, effective_to: 2026-03-31, basis: 试}\n",
			[]string{"publicity.yml:", "holds on the same days as periods[0] PUB-0 for 行政处罚/一般"}},
		{"no papers", "repair_conditions.yml", "papers: [移出申请]", "papers: []", []string{"conditions[4]: wants require and papers"}},
		{"an answer before it is taken up", "repair_conditions.yml", "answer_within: 10", "answer_within: 2", []string{"answer_within: is below accept_within"}},
		{"a class repaired twice", "repair_conditions.yml", "class: 监督检查问题", "class: 经营异常名录", []string{"conditions[6].class: 经营异常名录 stands twice"}},
		{"a measure without a law", "measures.yml", "basis: 公司法第一百七十八条 董事、监事、高级管理人员任职资格", "basis: ''", []string{"measures[1].for[0].basis: is missing"}},
		{"a discipline for a good grade", "measures.yml", "{public_grade: A, by: 行政审批部门", "{list: 失信被执行人, by: 行政审批部门", []string{"discipline follows from a severe list, an incentive from a good grade"}},
		{"a trigger of two", "measures.yml", "{public_grade: A, by: 行政审批部门", "{public_grade: A, scheme: tax, grade: A, by: 行政审批部门", []string{"wants one of list, public_grade, scheme with grade"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := evaluators.Load(changedRules(t, test.file, test.old, test.new))
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant it to say %q", err, want)
				}
			}
		})
	}
}

// A measure stands for what the other rules know.
func TestMeasuresFit(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"{list: 科研严重失信行为记录,", "{list: 网络失信名单,", "measure D-06: severe_lists has no list 网络失信名单"},
		{"{scheme: tax, grade: A,", "{scheme: tax, grade: 绿,", "measure I-03: scheme tax has no grade 绿"},
	} {
		library, err := evaluators.Load(changedRules(t, "measures.yml", test.old, test.new))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := library.On(day); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

// Every list has its period and its override, each by its own law; before there
// was a list of measures there is none.
func TestSevereListsReachEveryTable(t *testing.T) {
	set := ruleSet(t, os.DirFS("rules"))
	rows := func(table string, of *evaluators.RuleSet) map[string]bool {
		found := map[string]bool{}
		for _, seed := range of.Seeds() {
			for _, row := range seed.Rows {
				for _, value := range row {
					if s, ok := value.(string); ok && seed.Name == table {
						found[s] = true
					}
				}
			}
		}
		return found
	}
	periods, overrides, lists := rows("rules.publicity_periods", set), rows("rules.overrides", set), 0
	for _, seed := range set.Seeds() {
		if seed.Name != "rules.severe_lists" {
			continue
		}
		for _, row := range seed.Rows {
			lists++
			if name := row[1].(string); !periods[name] || !overrides[name] || !overrides[row[5].(string)] {
				t.Errorf("%s has no period, no override, or not its basis", name)
			}
		}
	}
	if lists != 12 {
		t.Errorf("%d lists, want 12", lists)
	}
	library, err := evaluators.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	early, err := library.On(credit.NewDate(2021, 12, 15))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(rows("rules.measures", early)); n != 0 {
		t.Errorf("%d words of measures before the first edition", n)
	}
	if n := len(rows("rules.measures", set)); n < 50 {
		t.Errorf("only %d words of measures", n)
	}
}
