package lint_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/transforms"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lint"
	"rongxin/warehouse/model"
)

func open(t *testing.T) *engine.DB {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

var (
	wanted = regexp.MustCompile(`-- want (.*)$`)
	table  = regexp.MustCompile(`\b(?:m|run|rules)\.[a-z]+\b`)
)

// In each fixture the comment `-- want RULE…` stands on the line of a finding;
// the name says whether there is any.
func TestFixtures(t *testing.T) {
	linter, err := lint.New(context.Background(), open(t))
	if err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, archive := range archives {
		stories, err := txtar.ParseFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range stories.Files {
			t.Run(filepath.Base(archive)+"/"+f.Name, func(t *testing.T) { fixture(t, linter, f) })
		}
	}
}

func fixture(t *testing.T, linter *lint.Linter, f txtar.File) {
	query := strings.TrimSpace(string(f.Data))
	var want []string
	for i, line := range strings.Split(query, "\n") {
		if m := wanted.FindStringSubmatch(line); m != nil {
			for _, rule := range strings.Fields(m[1]) {
				want = append(want, fmt.Sprintf("%d %s", i+1, rule))
			}
		}
	}
	if good := strings.HasSuffix(f.Name, ".good.sql"); good != (want == nil) {
		t.Fatalf("%d findings wanted, which its name denies", len(want))
	}
	inputs := table.FindAllString(query, -1)
	slices.Sort(inputs)
	findings, err := linter.Check(context.Background(), model.Model{
		Name: "marts.fixture", File: f.Name, Inputs: slices.Compact(inputs), SQL: query,
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, finding := range findings {
		if finding.Rule != "inputs" { // names of aliases look like tables to this test; TestInputs has that rule
			got = append(got, fmt.Sprintf("%d %s", finding.Line, finding.Rule))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s\n%v", diff, findings)
	}
}

const inputsModel = `/* model
description: Inputs of every kind.
grain: [x]
inputs: [staging.a, marts.unused, marts.referred, marts.counted, run.parameters]
checks:
  - fail: {refers: {column: x, to: marts.referred}}
  - fail: {refers: {column: y, to: marts.forgotten}}
  - fail: {no_rows: "select * from marts.self where x not in (select x from marts.counted)"}
  - fail: {no_rows: "select x from"}
*/
with a as (select x from staging.a)

select a.x
from a
cross join RUN.parameters
where a.x in (
    select x from staging.b
)
`

// The header's inputs are the tables that the SELECT and the checks read, and
// lines count from the top of the file.
func TestInputs(t *testing.T) {
	const file = "marts/self.sql"
	files := fstest.MapFS{file: {Data: []byte(inputsModel)}}
	m, err := model.Parse(file, []byte(inputsModel), model.Transform)
	if err != nil {
		t.Fatal(err)
	}
	linter, err := lint.New(context.Background(), open(t), os.DirFS(t.TempDir()), files)
	if err != nil {
		t.Fatal(err)
	}
	got, err := linter.Check(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	want := []lint.Finding{
		{File: file, Line: 1, Rule: "check", Message: "no rows: select x from: syntax error at end of input"},
		{File: file, Line: 1, Rule: "inputs", Message: "marts.forgotten is read by a check and not among the inputs"},
		{File: file, Line: 1, Rule: "inputs", Message: "marts.unused is among the inputs and not read"},
		{File: file, Line: 17, Rule: "inputs", Message: "staging.b is read and not among the inputs"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if s := got[3].String(); s != "marts/self.sql:17: inputs: staging.b is read and not among the inputs" {
		t.Errorf("String() = %q", s)
	}
}

// SQL compiled from dated rules may hold the bounds those rules state.
func TestCompiledSQLMayHoldBounds(t *testing.T) {
	linter, err := lint.New(context.Background(), open(t))
	if err != nil {
		t.Fatal(err)
	}
	m := model.Model{Name: "scores.x", File: "evaluators/compile.go", Inputs: []string{"m.t"}, SQL: "select x from m.t where x >= 600"}
	got, err := linter.Check(context.Background(), m)
	if err != nil || got != nil {
		t.Errorf("Check = %v, %v", got, err)
	}
}

// Every model of the house keeps to the subset.
func TestModels(t *testing.T) {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	var datasets []landing.Dataset
	for _, c := range catalog.All() {
		datasets = append(datasets, c.Landing())
	}
	models, err := transforms.Models()
	if err != nil {
		t.Fatal(err)
	}
	library, err := evaluators.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	day, err := credit.ParseDate("2026-06-30")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := library.On(day)
	if err != nil {
		t.Fatal(err)
	}
	judgements, err := rules.Models()
	if err != nil {
		t.Fatal(err)
	}
	linter, err := lint.New(context.Background(), open(t), os.DirFS("../../transforms"), os.DirFS("../../evaluators"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range slices.Concat(models, transforms.Staging(datasets), judgements) {
		findings, err := linter.Check(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			t.Error(f)
		}
	}
}
