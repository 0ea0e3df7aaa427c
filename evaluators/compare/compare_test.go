package compare

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/run"
)

// A run of one subject S, class 2 by tax B and food B, with a penalty and an
// inspection that food counts, under a severe-list override that does not apply.
//
//go:embed testdata/run.sql
var base string

func sources(changed ...string) []run.Source {
	list := []run.Source{}
	for _, rule := range []string{"rule overlay", "rule publicity_periods", "rule penalty_severity", "rule record_states", "scheme tax", "scheme food", "scorecard food"} {
		digest := "1"
		for _, c := range changed {
			if c == rule {
				digest = "2"
			}
		}
		list = append(list, run.Source{File: rule + ".yml", Rule: rule, Title: rule, Version: 1, SHA256: rule + digest})
	}
	return list
}

func compared(t *testing.T, before, after string, sameFacts bool, changed ...string) []Move {
	t.Helper()
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, change := range map[string]string{"before": before, "after": after} {
		if err := db.Beside(ctx, name, func() error { return db.Exec(ctx, base+change) }); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	c := &Comparison{Before: &run.Run{}, After: &run.Run{}, Rules: ruleChanges(sources(), sources(changed...)), db: db}
	if !sameFacts {
		c.After.Manifest.AsOf = "2026-07-31"
	}
	if err := c.find(ctx); err != nil {
		t.Fatal(err)
	}
	var moves []Move
	for m, err := range c.Moved(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		moves = append(moves, m)
	}
	return moves
}

const (
	taxC   = `update overlay.scheme_classes set industry_grade = 'C', industry_level = 3, matrix_class = 3, supervision_class = 3 where scheme = 'tax';`
	foodC  = `update overlay.scheme_classes set industry_grade = 'C', industry_level = 3, matrix_class = 3, supervision_class = 3 where scheme = 'food';`
	class3 = `update overlay.subject_classes set matrix_class = 3, supervision_class = 3, deciding_scheme = 'food';`
	class4 = `update overlay.subject_classes set supervision_class = 4, override_code = 'OV-1';`
	out    = `update overlay.subject_classes set supervision_class = null, override_code = 'OV-OUT';`
	third  = `insert into scores.contributions values ('S', 'food', 'dynamic', 1, 'FD-1', 'r3', 15000);`
)

func known(state string) string {
	return fmt.Sprintf(`insert into intermediate.records values ('r3', 'S', '行政处罚', '罚3', null);
		insert into intermediate.record_states values ('r3', 'S', '%s', '一般', date '2028-01-01');`, state)
}

func TestCauses(t *testing.T) {
	severe := `insert into overlay.override_hits values ('S', 1, 'r4', 'OV-1', 'class', 4, '在列', '执4');`
	tests := []struct {
		name          string
		before, after string
		rulesOnly     bool
		changed       []string
		want          string // kind change via was→stands rule; several by ;
	}{
		{name: "nothing that bears on the class is no cause",
			after: known("in_force") + `insert into scores.contributions values ('S', 'public_city', 'penalties', 1, 'PC', 'r3', -40000);`},
		{name: "came to the register", before: `delete from intermediate.subjects; delete from overlay.subject_classes;`,
			want: "registration came  →存续"},
		{name: "left the register", after: `delete from intermediate.subjects; delete from overlay.subject_classes;`,
			want: "registration went  存续→"},
		{name: "revoked", after: out + `update intermediate.subjects set registration_status = '吊销';
			insert into overlay.override_hits values ('S', 2, 'reg', 'OV-OUT', 'out', null, '已吊销', null);`,
			want: "registration changed  存续→吊销"},
		{name: "a severe list sets the class", after: class4 + severe + strings.ReplaceAll(known("in_force"), "r3", "r4"),
			want: "override came 在列 →; record came OV-1 行政处罚→"},
		{name: "the severe list was repaired", before: class4 + severe + strings.ReplaceAll(known("in_force"), "r3", "r4"),
			after: strings.ReplaceAll(known("repaired"), "r3", "r4"),
			want:  "override went 在列 →; record repaired OV-1 行政处罚→"},
		{name: "an override that is new to the rules",
			before: strings.ReplaceAll(known("in_force"), "r3", "r4") + `delete from rules.overrides where override_code = 'OV-1';`,
			after:  class4 + severe + strings.ReplaceAll(known("in_force"), "r3", "r4"), rulesOnly: true, changed: []string{"rule overlay"},
			want: "rule came 在列 → rule overlay"},
		{name: "another national grade", after: `update overlay.scheme_classes set public_grade = 'C', matrix_class = 3;
			update scores.public_results set public_grade = 'C';` + class3,
			want: "public changed  B→C"},
		{name: "another imported grade", after: taxC + class3, want: "industry changed tax B→C"},
		{name: "a scheme's first grade", before: `delete from overlay.scheme_classes where scheme = 'tax';`, after: taxC + class3,
			want: "industry came tax →C"},
		{name: "a scheme is suspended", before: taxC + class3, after: `delete from overlay.scheme_classes where scheme = 'tax';
			update rules.schemes set status = 'suspended' where scheme = 'tax';`, rulesOnly: true, changed: []string{"scheme tax"},
			want: "rule went tax active→suspended scheme tax"},
		{name: "a record came", after: foodC + class3 + third + known("in_force"), want: "record came food/dynamic 行政处罚→"},
		{name: "a record lapsed", before: foodC + class3 + third + known("in_force"), after: known("expired"),
			want: "record lapsed food/dynamic 行政处罚→"},
		{name: "a record was repaired", before: foodC + class3 + third + known("in_force"), after: known("repaired"),
			want: "record repaired food/dynamic 行政处罚→"},
		{name: "a record of a state with a name of its own", before: foodC + class3 + third + known("in_force"), after: known("revoked"),
			want: "record revoked food/dynamic 行政处罚→"},
		{name: "an objection that had hidden a record is over", before: known("withdrawn"), after: foodC + class3 + third + known("in_force"),
			want: "record restored food/dynamic 行政处罚→"},
		{name: "a record was put under its right code", before: known("in_force") + `update intermediate.records set subject_id = 'T' where record_id = 'r3';`,
			after: foodC + class3 + third + known("in_force"), want: "record corrected food/dynamic 行政处罚→"},
		{name: "a department sends a record no more", before: foodC + class3 + third + known("in_force"),
			want: "record removed food/dynamic 行政处罚→"},
		{name: "a shorter publicity period", before: foodC + class3 + third + known("in_force"),
			after: known("expired") + `update intermediate.record_states set publicity_until = date '2026-01-01' where record_id = 'r3';`, rulesOnly: true,
			changed: []string{"rule publicity_periods"}, want: "rule lapsed food/dynamic 行政处罚→ rule publicity_periods"},
		{name: "first offences are no records any more", before: foodC + class3 + third + known("in_force"), after: known("exempted"), rulesOnly: true,
			changed: []string{"rule record_states"}, want: "rule exempted food/dynamic 行政处罚→ rule record_states"},
		{name: "a longer look-back", before: known("in_force"), after: foodC + class3 + third + known("in_force"), rulesOnly: true,
			changed: []string{"scorecard food"}, want: "rule counted food/dynamic 行政处罚→ scorecard food"},
		{name: "more points for the same record", after: foodC + class3 + `update scores.contributions set points_milli = 25000 where record_id = 'r2';`,
			rulesOnly: true, changed: []string{"scorecard food"}, want: "rule points food/dynamic 15000→25000 scorecard food"},
		{name: "points that fade with age", after: foodC + class3 + `update scores.contributions set points_milli = 10000 where record_id = 'r2';`,
			want: "record aged food/dynamic 15000→10000"},
		{name: "other bounds of the grades", after: foodC + class3 + `update scores.scorecard_results set points_grade = 'C', grade = 'C';`,
			rulesOnly: true, changed: []string{"scorecard food"}, want: "rule grades scorecard food B→C scorecard food"},
		{name: "a veto", after: foodC + class3 + known("in_force") + `insert into scores.vetoes values ('S', 'food', 'FD-V', 'r3', 'C', 3);`,
			want: "record came food/FD-V 行政处罚→"},
		{name: "another cell of the matrix", after: `update overlay.scheme_classes set matrix_class = 3 where scheme = 'tax';
			update rules.overlay_matrix set supervision_class = 3 where industry_level = 2;` + class3, rulesOnly: true, changed: []string{"rule overlay"},
			want: "rule matrix tax 2→3 rule overlay"},
		{name: "another level of the same grade", after: `update overlay.scheme_classes set industry_level = 3, matrix_class = 3 where scheme = 'tax';
			update rules.scheme_levels set industry_level = 3 where scheme = 'tax' and grade = 'B';` + class3, rulesOnly: true, changed: []string{"scheme tax"},
			want: "rule level tax 2→3 scheme tax"},
		{name: "a grade holds for a shorter time", before: taxC + class3, after: `delete from overlay.scheme_classes where scheme = 'tax';`, rulesOnly: true,
			changed: []string{"scheme tax"}, want: "rule industry_grade tax C→ scheme tax"},
		{name: "the national grade holds for a shorter time", after: `update overlay.scheme_classes set public_grade = 'C', matrix_class = 3;
			update scores.public_results set public_grade = 'C';` + class3, rulesOnly: true, changed: []string{"rule overlay"},
			want: "rule public_grade  B→C rule overlay"},
		{name: "every cause is told, the main one first", after: taxC + foodC + class3 + third + known("in_force"),
			want: "record came food/dynamic 行政处罚→; industry changed tax B→C"},
		{name: "what no rule tells is named for what it is", after: class3, want: "other changed  →"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, m := range compared(t, tt.before, tt.after, tt.rulesOnly, tt.changed...) {
				for _, c := range m.Causes {
					got = append(got, strings.TrimRight(fmt.Sprintf("%s %s %s %s→%s %s", c.Kind, c.Change, c.Via, c.Was, c.Stands, c.Rule), " "))
					if c.Text == "" {
						t.Errorf("%s has no words", c.Kind)
					}
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every state that ends the counting of a record is told to officials in words.
func TestStatesHaveWords(t *testing.T) {
	text, err := os.ReadFile("../rules/record_states.yml")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`state: (\w+), .*counts: false`).FindAllStringSubmatch(string(text), -1)
	if len(found) < 8 {
		t.Errorf("only %d states are in the rule", len(found))
	}
	told := map[string]bool{"unattached": true, "not_yet": true, "ended": true, "expired": true} // by what happened
	for _, state := range found {
		if changes[state[1]] == "" && !told[state[1]] {
			t.Errorf("state %s has no word", state[1])
		}
	}
}

func TestRuleChangesPairVersions(t *testing.T) {
	before := []run.Source{{File: "a.yml", Rule: "scorecard a", Version: 1, SHA256: "1"}, {File: "b.yml", Rule: "rule b", Version: 1, SHA256: "2"}}
	after := []run.Source{{File: "a_2.yml", Rule: "scorecard a", Version: 2, SHA256: "3"}, {File: "renamed.yml", Rule: "rule b", Version: 1, SHA256: "2"},
		{File: "c.yml", Rule: "scheme c", Version: 1, SHA256: "4"}}
	want := []RuleChange{{Rule: "scheme c", FileAfter: "c.yml", VersionAfter: 1},
		{Rule: "scorecard a", FileBefore: "a.yml", FileAfter: "a_2.yml", VersionBefore: 1, VersionAfter: 2}}
	if diff := cmp.Diff(want, ruleChanges(before, after)); diff != "" {
		t.Error(diff)
	}
}
