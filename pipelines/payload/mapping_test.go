package payload_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/internal/strictyaml"
	"rongxin/pipelines/payload"
)

const small = `table: fines
version: 1
effective_from: 2026-01-01
title: 罚款
basis: 试
trust: memory
source:
  relation: marts.fines
  key: [record_id]
  subject: subject_id
  range_column: range
  leaving: [public, government]
  skip: {column: state, in: [草稿]}
fields:
  - {name: id, title: 标识, from: record_id, max_length: 10, required: true}
  - {name: body, title: 机关, from: body, length: 4, pattern: "[A-Z]{4}", required: true}
  - {name: item, title: 事项, from: item, max_length: 8}
  - {name: kind, title: 种类, from: kind, required: true, codes: {罚款: "02", 警告: "01"}}
  - {name: fine, title: 罚款金额, from: fine, type: amount, unit: 万元, required: "when kind in ['02']"}
  - {name: people, title: 人员, from: [first, second], join: ;}
  - {name: numbers, title: 证号, from: numbers}
  - {name: owner, title: 负责人, from: owner, mask: [1, 0]}
  - {name: class, title: 类别, from: class, type: integer}
  - {name: share, title: 比例, from: share, type: percent}
  - {name: found, title: 检查日期, from: found, type: date, required: true}
  - {name: told, title: 报送时间, from: told, type: datetime}
  - {name: paper, title: 证件类型, value: "001"}
rules:
  - {id: R-1, title: 报送晚于检查, later: told, than: found, basis: 试}
  - {id: R-2, title: 至少两人, parts: people, separator: ;, least: 2, as_many_as: numbers, basis: 试}
  - {id: R-3, title: 以机关开头, begins: item, with: body, then: "[1-5].*", basis: 试}
`

func with(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(small, old) {
		t.Fatalf("no such text: %s", old)
	}
	return strings.Replace(small, old, new, 1)
}

func TestEveryMappingLoads(t *testing.T) {
	library, err := payload.Load(payload.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	day := credit.NewDate(2026, 6, 30)
	var tables []string
	for _, m := range library.On(day) {
		tables = append(tables, m.Table)
	}
	want := []string{"check_actions", "commitments", "measures", "penalty_actions", "severe_hits", "supervision_results", "tiered_lists"}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Error(diff)
	}
	if before := library.On(credit.NewDate(2018, 12, 31)); len(before) != 0 {
		t.Errorf("%d mappings before any was in force", len(before))
	}
}

// Every fault stands at its own place, and all come at once.
func TestFaultsOfMappings(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"an unknown key", "trust: memory\n", "trust: memory\nowner: 某\n", "7:1: unknown key owner"},
		{"no table name", "table: fines", "table: Fines", "1:1: table: want the name"},
		{"a trust nobody knows", "trust: memory\nsource", "trust: hearsay\nsource", `6:1: trust: is "hearsay"`},
		{"what may never leave", "leaving: [public, government]", "leaving: [public, authorised]", "12:21: source.leaving[1]: what is given on authorisation"},
		{"nothing leaves", "leaving: [public, government]", "leaving: []", "source.leaving: say which"},
		{"no range", "  range_column: range\n", "", "source.range: want range"},
		{"no key", "key: [record_id]", "key: []", "source.key: name the columns"},
		{"no enterprise", "  subject: subject_id\n", "", "source.subject: name the column"},
		{"a field twice", "{name: body,", "{name: id,", "fields[1].name: id stands twice"},
		{"a member of the exchange", "{name: body,", "{name: cd_id,", "fields[1].name: names that begin with cd_"},
		{"neither column nor value", ", from: item", "", "fields[2].from: want from"},
		{"an amount without unit", "type: amount, unit: 万元", "type: amount", "fields[4].unit: an amount needs its unit"},
		{"a type nobody knows", "type: percent", "type: float", `fields[9].type: unknown type "float"`},
		{"a length of a date", "from: found, type: date", "from: found, type: date, max_length: 10", "fields[10].max_length: is not for type date"},
		{"two lengths", "length: 4, pattern", "length: 4, max_length: 5, pattern", "fields[1].length: want length"},
		{"a broken pattern", "[A-Z]{4}", "[A-Z", "fields[1].pattern: is no regular expression"},
		{"a condition on a field that is not there", "when kind in", "when sort in", "fields[4].required: there is no field sort"},
		{"a condition on a code that is not there", "when kind in ['02']", "when kind in ['03']", "fields[4].required: 03 is no code of kind"},
		{"a code twice", `{罚款: "02", 警告: "01"}`, `[罚款, 罚款]`, "fields[3].codes: 罚款 stands twice"},
		{"a list of columns without join", "[first, second], join: ;", "[first, second]", "fields[5].join: goes with several columns"},
		{"a mask of one number", "mask: [1, 0]", "mask: [1]", "fields[7].mask: want the characters"},
		{"a rule of a field that is not there", "than: found", "than: lost", "rules[0].than: there is no field lost"},
		{"a rule of two kinds", "later: told, than: found", "later: told, than: found, parts: people", "rules[0]: want one of"},
		{"a rule without basis", "least: 2, as_many_as: numbers, basis: 试", "least: 2", "rules[1].basis: is missing"},
		{"parts without a separator", "separator: ;, ", "", "rules[1].parts: wants separator"},
		{"a day that is none", "effective_from: 2026-01-01", "effective_from: soon", "3:1: effective_from: want a day"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := payload.Parse("fines.yml", []byte(with(t, tt.old, tt.new)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			var fault strictyaml.Fault
			if !errors.As(err, &fault) || fault.Line == 0 {
				t.Errorf("no place: %v", err)
			}
		})
	}
	_, err := payload.Parse("fines.yml", []byte(strings.ReplaceAll(with(t, "title: 罚款\n", "title: ''\n"), "trust: memory", "trust: no")))
	if err == nil || strings.Count(err.Error(), "\n") != 2+13+3-1 {
		t.Errorf("want every fault at once: title, trust, and that of each field and rule: %v", err)
	}
}

func TestVersions(t *testing.T) {
	newer := with(t, "version: 1\neffective_from: 2026-01-01", "version: 2\neffective_from: 2026-05-01")
	library, err := payload.Load(fstest.MapFS{"fines.yml": {Data: []byte(newer)}, "fines.v1.yml": {Data: []byte(small)}, "README.md": {Data: []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]int{"2026-04-30": 1, "2026-05-01": 2} {
		d, _ := credit.ParseDate(day)
		if on := library.On(d); len(on) != 1 || on[0].Version != want {
			t.Errorf("%s: got %+v, want version %d", day, on, want)
		}
	}
	if m, err := library.Find("fines"); err != nil || m.Version != 2 {
		t.Errorf("got %v, %v", m, err)
	}
	if _, err := library.Find("fine"); !errors.Is(err, payload.ErrUnknownTable) || !strings.Contains(err.Error(), "did you mean fines?") {
		t.Error(err)
	}
	for name, files := range map[string]fstest.MapFS{
		"name the file fines.yml":                        {"fine.yml": {Data: []byte(small)}},
		"name the file fines.v2.yml":                     {"fines.v3.yml": {Data: []byte(newer)}},
		"fines.v1.yml is version 1 too":                  {"fines.yml": {Data: []byte(small)}, "fines.v1.yml": {Data: []byte(small)}},
		"not a mapping":                                  {"fines.yaml": {Data: []byte(small)}},
		"the folder has no mapping":                      {},
		"want record_id, as in version 1":                {"fines.yml": {Data: []byte(strings.Replace(newer, "key: [record_id]", "key: [no]", 1))}, "fines.v1.yml": {Data: []byte(small)}},
		"want a day after that of version 1, 2026-01-01": {"fines.yml": {Data: []byte(strings.Replace(newer, "2026-05-01", "2026-01-01", 1))}, "fines.v1.yml": {Data: []byte(small)}},
	} {
		if _, err := payload.Load(files); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

// docs/mappings.md has a row for every key, and for every code of a fault.
func TestKeysAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/mappings.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range payload.Keys() {
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("docs/mappings.md does not explain `%s`", key)
		}
	}
	for _, code := range []payload.Code{payload.Required, payload.Length, payload.CodeList, payload.Format, payload.Personal, payload.RuleFail} {
		if !strings.Contains(string(page), "| `"+string(code)+"` |") {
			t.Errorf("docs/mappings.md does not explain `%s`", code)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("table: x\nfields:\n  - {from: {a: 1}, required: [true], codes: 1}\nrules: [{}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := payload.Parse("fuzz.yml", data); (m == nil) == (err == nil) {
			t.Errorf("got %v and %v", m, err)
		}
	})
}
