package evaluators_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/warehouse/run"
)

// rulesWith is the built-in rules with texts replaced; a file of no text is left out.
func rulesWith(t *testing.T, file string, pairs ...string) *evaluators.Library {
	t.Helper()
	tree := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("rules"), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile("rules/" + name)
		text := string(data)
		if name == file {
			for i := 0; i < len(pairs); i += 2 {
				if strings.Count(text, pairs[i]) != 1 {
					t.Fatalf("%q stands %d times in %s", pairs[i], strings.Count(text, pairs[i]), file)
				}
				text = strings.Replace(text, pairs[i], pairs[i+1], 1)
			}
		}
		tree[name] = &fstest.MapFile{Data: []byte(text)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	library, err := evaluators.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return library
}

func TestChangesNameKeyAndValues(t *testing.T) {
	day := credit.NewDate(2026, 6, 30)
	on := func(l *evaluators.Library) []run.Source {
		set, err := l.On(day)
		if err != nil {
			t.Fatal(err)
		}
		return set.Sources()
	}
	now := rulesWith(t, "")
	then := rulesWith(t, "overlay.yml", "not_evaluated: [2, 2, 3, 4, 2]", "not_evaluated: [2, 2, 3, 4, 3]",
		"{code: OV-OBJ-1, when: objection_pending, mark: true, text: 有记录处于异议处理中,", "{code: OV-OBJ-1, when: objection_pending, mark: true, text: 异议处理中,")
	got, err := evaluators.Changes(on(now), on(then))
	if err != nil {
		t.Fatal(err)
	}
	overlay := evaluators.Change{Rule: "rule overlay", Title: "公共信用与行业信用叠加", File: "evaluators/rules/overlay.yml"}
	matrix, text := overlay, overlay
	matrix.Label, matrix.Unit = "叠加矩阵（行业 1、2、3、4 级、无结果） 公共信用 未评价", "类"
	text.Label = "调整（依次）“异议处理中” 说明"
	matrix.Key, matrix.Old, matrix.New = "matrix.not_evaluated", "[2, 2, 3, 4, 2]", "[2, 2, 3, 4, 3]"
	text.Key, text.Old, text.New = "overrides[OV-OBJ-1].text", "有记录处于异议处理中", "异议处理中"
	if diff := cmp.Diff([]evaluators.Change{matrix, text}, got); diff != "" {
		t.Error(diff)
	}
	if now.Digest() == then.Digest() || now.Digest() != rulesWith(t, "").Digest() {
		t.Error("the digest does not go with the rules")
	}
	if got, err := evaluators.Changes(on(now), on(now)); err != nil || len(got) > 0 {
		t.Errorf("nothing changed, got %v, %v", got, err)
	}
}

func TestPolicyLimitsAreChecked(t *testing.T) {
	for name, pair := range map[string][2]string{
		"moves[0].stop_above: 1% is below warn_above 2%":         {"warn_above: 2%, stop_above: 5%", "warn_above: 2%, stop_above: 1%"},
		`moves[1].direction: is "up"`:                            {"direction: stricter", "direction: up"},
		`moves[3].by: is "street"`:                               {"classes: 1, by: division", "classes: 1, by: street"},
		"moves[0].classes: 4 is not between 1 and 3":             {"direction: any, classes: 1, warn_above", "direction: any, classes: 4, warn_above"},
		`stability[0].stop_above: "0.25%" is not a number`:       {"of: scorecard, warn_above: 0.10, stop_above: 0.25", "of: scorecard, warn_above: 0.10, stop_above: 0.25%"},
		"sizes.bands[4].capital_below: bounds must ascend":       {"capital_below: 1000}", "capital_below: 50}"},
		"sizes.bands: must end with a band without conditions":   {"    - {size: 注册资本1亿元以上}\n", ""},
		"inspections.basis: is missing":                          {", basis: 国办发〔2015〕58号（防止检查过多）", ""},
		"moves[1].id: PL-MOV-1 stands twice":                     {"id: PL-MOV-2", "id: PL-MOV-1"},
		"moves[4].text: is missing":                              {"text: 一个行业门类内的变动, ", ""},
		"moves[2]: min_subjects and stop_subjects are not below": {"direction: milder, classes: 2, warn_above: 0.1%, stop_above: 0.5%, stop_subjects: 5000", "direction: milder, classes: 2, warn_above: 0.1%, stop_above: 0.5%, stop_subjects: -1"},
	} {
		data, err := os.ReadFile("rules/policy_limits.yml")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), pair[0]) {
			t.Fatalf("%q is not in the rule", pair[0])
		}
		bad := strings.Replace(string(data), pair[0], pair[1], 1)
		_, err = evaluators.Load(fstest.MapFS{"policy_limits.yml": {Data: []byte(bad)}})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %s, got %v", name, err)
		}
	}
}
