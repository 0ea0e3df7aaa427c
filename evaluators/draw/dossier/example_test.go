package dossier_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
)

// The worked example of docs/draw.md is what the steps write, and every key in it.
func TestWorkedExample(t *testing.T) {
	fair := draw.Stratum{Class: 1, Industry: "C", Division: "350102", Line: "IQ-1"}
	strict := draw.Stratum{Class: 3, Industry: "F", Division: "350102", Line: "IQ-3"}
	d := random{rules: map[draw.Stratum]draw.Rule{fair: {RatioBP: 500}, strict: {RatioBP: 5000}}, bounds: draw.Bounds{ControlBP: 1000, CapBP: 10000}}
	for i, name := range []string{"示例甲", "示例乙", "示例丙", "示例丁", "示例戊"} {
		s := strict
		if i == 1 {
			s = fair
		}
		d.listed = append(d.listed, dossier.Listed{Candidate: draw.Candidate{SubjectID: fmt.Sprintf("91350102MA000000%d%c", i+1, 'A'+i), SubjectName: name, Stratum: s}})
	}
	d.listed[4].Code, d.listed[4].Reason = "new", "成立未满一年"
	dir, commit, _ := d.revealed(t, t.TempDir(), origin)

	page, err := os.ReadFile("../../../docs/draw.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{dossier.PlanFile, dossier.RosterFile, dossier.ExclusionsFile, dossier.QuotasFile, dossier.CommitFile, dossier.SeedFile, dossier.DrawnFile} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, strings.TrimPrefix(string(text), "\ufeff"))
	}
	g := draw.Generator{Seed: origin.Public, Commit: commit}
	for _, l := range d.listed[:4] {
		for _, part := range []string{draw.ControlPart, draw.StratumPart} {
			want = append(want, fmt.Sprintf("%s %s %x\n", part, l.SubjectID, g.Key(part, l.SubjectID)))
		}
	}
	for _, text := range append(want, commit) {
		if !strings.Contains(string(page), text) {
			t.Errorf("docs/draw.md does not say\n%s", text)
		}
	}
}
