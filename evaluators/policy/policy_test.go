package policy

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators"
	"rongxin/evaluators/compare"
	"rongxin/internal/credit"
)

func limits(t *testing.T) *evaluators.PolicyLimits {
	t.Helper()
	library, err := evaluators.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	set, err := library.On(credit.NewDate(2026, 6, 30))
	if err != nil {
		t.Fatal(err)
	}
	return set.Limits()
}

func group(title string, subjects, stricter1, stricter2, milder2 int64) compare.Group {
	return compare.Group{Title: title, Subjects: subjects, Moved: stricter1 + stricter2 + milder2,
		Stricter: [4]int64{0, stricter1, stricter2}, Milder: [4]int64{0, 0, milder2}}
}

func index(n int64) *int64 { return &n }

// Each limit holds up to its bound and is passed above it, to the subject.
func TestFindings(t *testing.T) {
	all := func(g compare.Group) map[string][]compare.Group { return map[string][]compare.Group{"all": {g}} }
	tests := []struct {
		name   string
		impact Impact
		groups map[string][]compare.Group
		want   string // id and level
	}{
		{name: "nothing moves", groups: all(group("全市", 10000, 0, 0, 0))},
		{name: "two in a hundred", groups: all(group("全市", 10000, 200, 0, 0))},
		{name: "one more", groups: all(group("全市", 10000, 201, 0, 0)), want: "PL-MOV-1 warn"},
		{name: "five in a hundred", groups: all(group("全市", 10000, 500, 0, 0)), want: "PL-MOV-1 warn"},
		{name: "more than that", groups: all(group("全市", 10000, 501, 0, 0)), want: "PL-MOV-1 stop"},
		{name: "two classes stricter", groups: all(group("全市", 10000, 0, 51, 0)), want: "PL-MOV-2 stop"},
		{name: "two classes milder", groups: all(group("全市", 10000, 0, 0, 11)), want: "PL-MOV-3 warn"},
		{name: "too many whatever the share", groups: all(group("全市", 100_000_000, 100_001, 0, 0)), want: "PL-MOV-1 stop"},
		{name: "one division", groups: map[string][]compare.Group{"division": {group("鼓楼区", 100, 11, 0, 0), group("小区", 99, 99, 0, 0)}}, want: "PL-MOV-4 stop"},
		{name: "one industry", groups: map[string][]compare.Group{"industry": {group("制造业", 100, 11, 0, 0)}}, want: "PL-MOV-5 warn"},
		{name: "stable enough", impact: Impact{Scorecards: []compare.Stability{{Title: "甲", Index: index(1000)}}}},
		{name: "less stable", impact: Impact{Scorecards: []compare.Stability{{Title: "甲", Index: index(1001)}}}, want: "PL-PSI-1 warn"},
		{name: "a characteristic is not stable", impact: Impact{Characteristics: []compare.Stability{{Title: "乙", Index: index(2501)}, {Title: "新增"}}}, want: "PL-PSI-2 stop"},
		{name: "more inspections", impact: Impact{Inspections: Inspections{Now: 1000, Then: 1151}}, want: "PL-INS-1 stop"},
		{name: "fewer inspections", impact: Impact{Inspections: Inspections{Now: 1000, Then: 100}}},
	}
	rule := limits(t)
	for _, tt := range tests {
		var got []string
		for _, f := range findings(tt.impact, tt.groups, rule) {
			got = append(got, f.ID+" "+f.Level)
			if f.Text == "" || f.Is == "" || f.Bound == "" || f.Basis == "" || f.Where == "" || !strings.Contains(f.String(), f.ID) {
				t.Errorf("%s: %+v does not say all", tt.name, f)
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// Quotas are those of a draw: rounded up in each stratum of each list.
func TestInspections(t *testing.T) {
	list := func(after bool, scheme string, class, count, ratio, least int64) compare.Candidates {
		return compare.Candidates{After: after, Department: "市监局", Scheme: scheme, Class: class, Industry: "C", Division: "350102",
			Line: "IQ", RatioBP: ratio, Least: least, ControlBP: 1000, Count: count}
	}
	got, err := inspections([]compare.Candidates{list(false, "food", 2, 101, 1500, 0), list(false, "overall", 2, 10, 1500, 0),
		list(true, "food", 2, 100, 1500, 0), list(true, "food", 4, 1, 3000, 1), list(true, "overall", 2, 10, 1500, 0)})
	if err != nil {
		t.Fatal(err)
	}
	want := Inspections{Classes: []ClassInspections{
		{Class: 2, CandidatesNow: 111, CandidatesThen: 110, Now: 16 + 2, Then: 15 + 2},
		{Class: 4, CandidatesThen: 1, Then: 1}},
		ControlNow: 2 + 1, ControlThen: 2 + 1, Now: 21, Then: 21}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPercentAndIndex(t *testing.T) {
	for got, want := range map[string]string{Percent(1, 3): "33.33%", Percent(1, 200000): "0.00%", Percent(1, 20000): "0.01%",
		Percent(-1, 3): "-33.33%", Percent(5, 0): "—", Index(index(2501)): "0.2501", Index(nil): "—"} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// The page is well-formed, loads nothing, and lets no name become markup.
func TestPage(t *testing.T) {
	page := Page{AsOf: "2026-06-30", Now: "a", Proposed: "b", Content: "c", Limits: "限度", Reason: "<i>理由</i>", Effective: "2026-07-01",
		Impact: Impact{Subjects: 100, Moved: 2, Matrix: []compare.Cell{{From: 2, To: 3, Count: 2}, {From: 2, To: 2, Count: 98}},
			MainCauses: []compare.CauseCount{{Kind: "rule", Change: "matrix", Count: 2}},
			Divisions:  []compare.Group{group("鼓楼区", 100, 2, 0, 0)}, Scorecards: []compare.Stability{{Title: "评分", Index: index(12)}},
			Inspections: Inspections{Classes: []ClassInspections{{Class: 2, Now: 3, Then: 4}}, Now: 3, Then: 4},
			Changes:     []evaluators.Change{{Title: "叠加", File: "overlay.yml", Key: "matrix.B", Label: "公共信用 B", Old: "[2]", New: "[3]"}},
			Findings:    []Finding{{ID: "PL-1", Level: Stop, Text: "变动", Where: "全市", Is: "2户", Bound: "1%", Basis: "口径"}}},
		Moves: []compare.Move{{SubjectID: "S", SubjectName: "<b>公司</b>", From: 2, To: 3, Causes: []compare.Cause{{Kind: "rule", Text: "改"}}}}}
	var out bytes.Buffer
	if err := WritePage(&out, page); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for what, want := range map[string]int{"<b>": 0, "<i>": 0, "&lt;b&gt;公司": 1, "http": 0, "<script": 0, "src=": 0, `class="moved"`: 1,
		"超过停止限度": 1, "另有 1 户": 1, "公共信用 B": 1, "0.0012": 1, "2026-07-01": 1, "批准人二": 1} {
		if got := strings.Count(text, what); got != want {
			t.Errorf("%d times %q, want %d", got, what, want)
		}
	}
	d := xml.NewDecoder(strings.NewReader(text[strings.Index(text, "<body>"):strings.Index(text, "</html>")]))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
