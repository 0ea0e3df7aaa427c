package model_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/model"
)

const good = `/* model
description: One row for each penalty in force.
grain: [subject_id, record_id]
inputs: [staging.penalties, run.parameters]
local: true
days:
  - {table: staging.penalties, column: event_on, months: 36}
checks:
  - fail: {unique: [record_id]}
  - fail: {not_null: [subject_id]}
  - fail: {accepted: {column: kind, values: [罚款, 警告]}}
  - fail: {refers: {column: subject_id, to: intermediate.subjects}}
  - fail: {no_rows: "select 1 from marts.penalties where fine < 0"}
  - warn: {min_rows: 10}
  - warn: {rows_changed: 20%}
*/
select subject_id, record_id
from staging.penalties
`

func TestParse(t *testing.T) {
	got, err := model.Parse("transforms/marts/penalties.sql", []byte(good), model.Transform)
	if err != nil {
		t.Fatal(err)
	}
	want := model.Model{
		Name: "marts.penalties", File: "transforms/marts/penalties.sql", Stage: model.Transform,
		Description: "One row for each penalty in force.",
		Grain:       []string{"subject_id", "record_id"},
		Inputs:      []string{"staging.penalties", "run.parameters"},
		Checks: []model.Check{
			{Severity: "fail", Unique: []string{"record_id"}},
			{Severity: "fail", NotNull: []string{"subject_id"}},
			{Severity: "fail", Accepted: &model.Accepted{Column: "kind", Values: []string{"罚款", "警告"}}},
			{Severity: "fail", Refers: &model.Reference{Column: "subject_id", To: "intermediate.subjects"}},
			{Severity: "fail", NoRows: "select 1 from marts.penalties where fine < 0"},
			{Severity: "warn", MinRows: 10},
			{Severity: "warn", RowsChanged: "20%"},
		},
		SQL:   "select subject_id, record_id\nfrom staging.penalties",
		Local: model.Local{Is: true, Days: []model.Passing{{Table: "staging.penalties", Column: "event_on", Months: 36}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var names []string
	for _, c := range got.Checks {
		names = append(names, c.String())
	}
	if diff := cmp.Diff([]string{"unique record_id", "not null subject_id", "accepted values of kind",
		"subject_id refers to intermediate.subjects", "no rows: select 1 from marts.penalties where fine < 0",
		"at least 10 rows", "rows changed by at most 20%"}, names); diff != "" {
		t.Errorf("checks as reports name them: %s", diff)
	}
}

// A header is understood in full or refused, with every fault at its place.
func TestParseFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no header", "select 1\n", `m/t.sql:1:1: a model opens with its header, the line "/* model"`},
		{"header without end", "/* model\ndescription: a\n", "m/t.sql:1:1: the header has no closing */"},
		{"empty header", "/* model\n*/\nselect 1\n", "m/t.sql:2:1: the file is empty\nm/t.sql:2:1: description: is missing: say what one row is and who needs it\nm/t.sql:2:1: grain: is missing: name the columns that make a row unique"},
		{"no description, no grain", "/* model\ninputs: [a.b]\n*/\nselect 1\n", "m/t.sql:2:1: description: is missing: say what one row is and who needs it\nm/t.sql:2:1: grain: is missing: name the columns that make a row unique"},
		{"unknown key", "/* model\ndescription: a\ngrain: [x]\nowner: b\n*/\nselect 1\n", "m/t.sql:4:1: unknown key owner"},
		{"unknown kind of check", "/* model\ndescription: a\ngrain: [x]\nchecks:\n  - fail: {uniqe: [x]}\n*/\nselect 1\n", "m/t.sql:5:5: unknown key uniqe\nm/t.sql:5:5: checks[0]: has 0 kinds of check, wants one"},
		{"unknown severity", "/* model\ndescription: a\ngrain: [x]\nchecks:\n  - stop: {unique: [x]}\n*/\nselect 1\n", `m/t.sql:5:5: checks[0]: severity "stop" is neither fail nor warn`},
		{"two kinds in one check", "/* model\ndescription: a\ngrain: [x]\nchecks:\n  - warn: {unique: [x]}\n  - fail: {unique: [x], min_rows: 1}\n*/\nselect 1\n", "m/t.sql:6:5: checks[1]: has 2 kinds of check, wants one"},
		{"grain that is no list", "/* model\ndescription: a\ngrain: {x: 1}\n*/\nselect 1\n", "m/t.sql:3:1: grain: want a list such as [a, b], not keys with values\nm/t.sql:3:1: grain: is missing: name the columns that make a row unique"},
		{"local by record", "/* model\ndescription: a\ngrain: [record_id]\ninputs: [run.batches, a.b]\nlocal: true\ndays:\n  - {table: a.c, column: on}\n  - {table: a.b, months: 3}\n*/\nselect 1\n",
			"m/t.sql:3:1: grain: of a local model begins with subject_id, so that its table is sorted by subject\n" +
				"m/t.sql:4:1: inputs: a local model reads of the run only run.parameters, not run.batches\n" +
				"m/t.sql:6:1: days: the model does not read run.parameters\n" +
				"m/t.sql:7:5: days[0]: a.c is no input with subjects\n" +
				"m/t.sql:8:5: days[1]: wants a column, and how many months it looks back from the day"},
		{"days of a model that is not local", "/* model\ndescription: a\ngrain: [x]\ninputs: [a.b]\ndays:\n  - {table: a.b, column: on}\n*/\nselect 1\n",
			"m/t.sql:5:1: days: a model that is not local needs none"},
		{"no SELECT", "/* model\ndescription: a\ngrain: [x]\n*/\n \n", "m/t.sql:2:1: there is no SELECT after the header"},
		{"no YAML", "/* model\ndescription: [a\n*/\nselect 1\n", "m/t.sql:2:1: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := model.Parse("m/t.sql", []byte(tt.text), model.Transform)
			if err == nil {
				t.Fatal("accepted")
			}
			if tt.name == "no YAML" { // the decoder words this one
				if !strings.HasPrefix(err.Error(), "m/t.sql:") {
					t.Errorf("got %v, want the file and line", err)
				}
				return
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Load names each model by its path, and reports the faults of all files.
func TestLoad(t *testing.T) {
	text := func(sql string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("/* model\ndescription: a\ngrain: [x]\n*/\n" + sql)}
	}
	files := fstest.MapFS{"models/marts/b.sql": text("select 2 as x"), "models/marts/a.sql": text("select 1 as x"), "models/README.md": {Data: []byte("words")}}
	models, err := model.Load(files, "models", model.List)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range models {
		got = append(got, m.Stage.String()+" "+m.Name+" "+m.File)
	}
	if diff := cmp.Diff([]string{"list marts.a models/marts/a.sql", "list marts.b models/marts/b.sql"}, got); diff != "" {
		t.Error(diff)
	}
	files["models/marts/c.sql"] = &fstest.MapFile{Data: []byte("select 3")}
	files["models/marts/d.sql"] = text("")
	_, err = model.Load(files, "models", model.List)
	for _, want := range []string{"marts/c.sql:1:1", "marts/d.sql:2:1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
}

func table(name string, stage model.Stage, inputs ...string) model.Model {
	return model.Model{Name: name, File: strings.ReplaceAll(name, ".", "/") + ".sql", Stage: stage, Inputs: inputs}
}

func given(name string) bool { return strings.HasPrefix(name, "landing.") }

// Every model comes after what it reads, stages in their order, and the order
// does not depend on how the models were listed.
func TestOrder(t *testing.T) {
	models := []model.Model{
		table("lists.a", model.List, "scores.z", "marts.m"),
		table("scores.z", model.Evaluate, "marts.m"),
		table("marts.m", model.Transform, "staging.b", "staging.a"),
		table("staging.b", model.Transform, "landing.b", "staging.a"),
		table("staging.a", model.Transform, "landing.a"),
		table("staging.c", model.Transform),
		table("alone.e", model.Evaluate),
	}
	want := []string{"staging.a", "staging.b", "marts.m", "staging.c", "alone.e", "scores.z", "lists.a"}
	for range len(models) {
		ordered, err := model.Order(models, given)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range ordered {
			got = append(got, m.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("listed as %v: %s", models, diff)
		}
		models = append(models[1:], models[0])
	}
}

func TestOrderFaults(t *testing.T) {
	tests := []struct {
		name   string
		models []model.Model
		want   string
	}{
		{"circle", []model.Model{table("m.a", 0, "m.b"), table("m.b", 0, "m.c"), table("m.c", 0, "m.a")},
			"m/a.sql: models read each other in a circle: m.a → m.b → m.c → m.a"},
		{"reads itself", []model.Model{table("m.a", 0, "m.a")}, "m/a.sql: models read each other in a circle: m.a → m.a"},
		{"missing input", []model.Model{table("m.a", 0, "landing.x", "m.gone")}, "m/a.sql: input m.gone does not exist"},
		{"one name twice", []model.Model{table("m.a", 0), {Name: "m.a", File: "other/a.sql"}},
			"other/a.sql: two models make m.a; the other is m/a.sql"},
		{"input of a later stage", []model.Model{table("marts.a", model.Transform, "scores.b"), table("scores.b", model.Evaluate)},
			"marts/a.sql: a model of stage transform cannot read scores.b of stage evaluate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := model.Order(tt.models, given)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

// The hash follows what can change the result and nothing else.
func TestHash(t *testing.T) {
	base, err := model.Parse("transforms/marts/penalties.sql", []byte(good), model.Transform)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		change  func(*model.Model)
		changes bool
	}{
		{"the SQL", func(m *model.Model) { m.SQL += "\nwhere true" }, true},
		{"the grain", func(m *model.Model) { m.Grain = []string{"record_id", "subject_id"} }, true},
		{"a column moved between grain names", func(m *model.Model) { m.Grain = []string{"subject_id, record_id"} }, true},
		{"the table's name", func(m *model.Model) { m.Name = "marts.other" }, true},
		{"the description", func(m *model.Model) { m.Description = "other words" }, false},
		{"the checks", func(m *model.Model) { m.Checks = nil }, false},
		{"the file", func(m *model.Model) { m.File = "elsewhere.sql" }, false},
		{"the inputs", func(m *model.Model) { slices.Reverse(m.Inputs) }, false},
		{"the stage", func(m *model.Model) { m.Stage = model.List }, false},
	}
	for _, tt := range tests {
		other := base
		other.Inputs = slices.Clone(base.Inputs)
		tt.change(&other)
		if changed := other.Hash() != base.Hash(); changed != tt.changes {
			t.Errorf("%s: changes the hash: %v, want %v", tt.name, changed, tt.changes)
		}
	}
}
