package ruletest_test

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators/ruletest"
	"rongxin/warehouse/engine"
)

func run(t *testing.T, rules fs.FS) (*ruletest.Report, error) {
	t.Helper()
	return ruletest.Run(context.Background(), ruletest.Config{Rules: rules, Engine: engine.Config{Threads: 1, TempDir: t.TempDir()}})
}

// changed are the rules of every kind with one text of one file replaced.
func changed(t *testing.T, file, old, replacement string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"kinds.yml", "kinds.test.yml", "schemes/tax.yml"} {
		data, err := os.ReadFile("testdata/kinds/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			if strings.Count(string(data), old) != 1 {
				t.Fatalf("%s does not hold %q once", file, old)
			}
			data = []byte(strings.Replace(string(data), old, replacement, 1))
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// Every kind of characteristic and veto gives what its cases say, and the cases
// reach all that it can say.
func TestKinds(t *testing.T) {
	report, err := run(t, os.DirFS("testdata/kinds"))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Failures) > 0 || report.Cases < 30 {
		t.Errorf("%d cases: %+v", report.Cases, report.Failures)
	}
	for _, a := range report.Unreached() {
		if a.File == "kinds.yml" {
			t.Errorf("no case reaches %s", a.Name)
		}
	}
}

// The worked example of docs/rules.md comes to what the page says.
func TestExample(t *testing.T) {
	report, err := run(t, os.DirFS("testdata/example"))
	if err != nil || report.Cases != 1 || len(report.Failures) > 0 {
		t.Errorf("%v: %+v", err, report)
	}
}

// A case that does not hold is told by its line and by what differs; a case
// taken away leaves what it reached unreached.
func TestFailures(t *testing.T) {
	report, err := run(t, changed(t, "kinds.test.yml", "want: {points: 59.9, grade: D, reasons: {K-V-SCORE: -41.1,", "want: {points: 60, grade: C, reasons: {K-V-SCORE: -41,"))
	if err != nil {
		t.Fatal(err)
	}
	want := []ruletest.Failure{{File: "kinds.test.yml", Line: 113, Case: "a refusal bounds the score, and the points still add up", Diff: []ruletest.Diff{
		{What: "points", Want: "60", Got: "59.9"}, {What: "grade", Want: "C", Got: "D"}, {What: "reason K-V-SCORE", Want: "-41", Got: "-41.1"},
	}}}
	if diff := cmp.Diff(want, report.Failures); diff != "" {
		t.Error(diff)
	}
	report, err = run(t, changed(t, "kinds.test.yml", "given: {public: B, failures: 3 of 10}", "given: {public: B, failures: 2 of 10}"))
	if err != nil {
		t.Fatal(err)
	}
	var unreached []string
	for _, a := range report.Unreached() {
		if a.File == "kinds.yml" {
			unreached = append(unreached, a.Name)
		}
	}
	if diff := cmp.Diff([]string{"failures band from 30%"}, unreached); diff != "" {
		t.Error(diff)
	}
}

// What is wrong with files of cases comes at once, each at its place.
func TestCaseFaults(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           []string
	}{
		{"unknown characteristic and key", "given: {public: B, often: 1}\n  want: {reasons: ", "given: {public: B, oftn: 1}\n  want: {reson: ",
			[]string{"kinds.test.yml:24:3: unknown key reson", "kinds.test.yml:23:22: [5].given.oftn: is no characteristic and no veto: each, aged", "kinds.test.yml:24:3: [5].want: wants at least one of"}},
		{"a share that is none", "failures: 2 of 7", "failures: 8 of 7", []string{`given.failures: "8 of 7" is no share of records such as 2 of 7`}},
		{"steps without numbers", "steps: {一般: 2}", "steps: 2", []string{"given.steps: wants how many records of each step, such as {一般: 2}"}},
		{"a column nobody looks at", "in: marts.records, kind: each", "in: marts.records, knd: each", []string{"records[1]: knd: no characteristic and no veto looks at this column of marts.records"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := run(t, changed(t, "kinds.test.yml", tt.old, tt.new))
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %q", err, want)
				}
			}
		})
	}
	orphan := changed(t, "kinds.yml", "scorecard: kinds", "scorecard: kinds")
	orphan["gone.test.yml"] = &fstest.MapFile{Data: []byte("[]")}
	if _, err := run(t, orphan); err == nil || !strings.Contains(err.Error(), "gone.test.yml:1:1: there is no gone.yml beside it") {
		t.Errorf("got %v", err)
	}
}
