package evaluators_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators"
)

// The table of docs/schemes.md says of every scheme what its file says.
func TestSchemesDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/schemes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "<!-- schemes -->\n")
	if !ok {
		t.Fatal("docs/schemes.md has no <!-- schemes -->")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	lines := strings.Split(table, "\n")
	var want []string
	for _, s := range ruleSet(t, os.DirFS("rules")).Schemes {
		want = append(want, documented(s))
	}
	if diff := cmp.Diff(want, lines[2:]); diff != "" {
		t.Error(diff)
	}
}

func documented(s *evaluators.Scheme) string {
	var source, bands, levels, status []string
	if s.Imported != nil {
		source = append(source, fmt.Sprintf("`%s` %d 个月", s.Imported.Dataset, s.Imported.ValidMonths))
	}
	if s.Computed != nil {
		source = append(source, fmt.Sprintf("评分卡 `%s`", s.Computed.Scorecard))
	}
	for _, b := range s.ScoreBands {
		text := b.Grade
		for _, bound := range []struct {
			sign  string
			value *int64
		}{{"≥", b.From}, {">", b.Above}, {"<", b.Below}, {"≤", b.UpTo}} {
			if bound.value != nil {
				text += fmt.Sprintf(" %s%d", bound.sign, *bound.value)
			}
		}
		bands = append(bands, text)
	}
	if bands == nil {
		bands = []string{"—"}
	}
	for grade, level := range s.Levels {
		levels = append(levels, fmt.Sprintf("%d\x00%s", level, grade))
	}
	slices.Sort(levels)
	for i, l := range levels {
		level, grade, _ := strings.Cut(l, "\x00")
		levels[i] = grade + "→" + level
	}
	for _, st := range s.Status {
		status = append(status, fmt.Sprintf("%s %s", st.Status, st.From))
	}
	return fmt.Sprintf("| `%s` %s | %s | %s | %s | %s | %s | %s |", s.Name, s.Title, s.Department, strings.Join(source, "；"),
		strings.Join(bands, "；"), strings.Join(levels, " "), strings.Join(status, "；"), s.Trust)
}
