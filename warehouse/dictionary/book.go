// Package dictionary makes one page of everything that can be asked for: each
// dataset and each table of a run, their columns, and the way of each column
// from what a department sends to what is judged by it, both ways. The page is
// one file that needs no network, to be searched, followed by links, and printed.
package dictionary

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// A Book is the content of the page.
type Book struct {
	Title, AsOf, RuleSet string
	Tables               []Table // in the order of the way: landing first
}

// A Table is a dataset as it lands, a table that is given, or a model's.
type Table struct {
	Name        string // schema.table
	Title       string // in Chinese, where it has one
	Description string
	Facts       []Fact
	Columns     []Column
	Inputs      []string         // tables it is made of
	Readers     []string         // tables made of it
	Rows        []lineage.Source // what decides which rows there are
}

// A Fact is something known of a table: who sends it, by when, what checks it. A
// search does not look at what is quiet, such as names of columns.
type Fact struct {
	Label, Text string
	Quiet       bool
}

// A Column is one of a table. What only a contract says is empty elsewhere.
type Column struct {
	Name, Type, Unit                     string
	Label                                string // what it is, in Chinese
	Kind, Required, Values, Range, Masks string
	From                                 []lineage.Source // what its values are made of
	By                                   []lineage.Source // what decides about its values alone
	To                                   []lineage.Source // the columns it goes into
}

// Make puts a book together. Datasets are the tables landing.* as their contracts
// tell; columns are those of every model of the plan.
func Make(plan run.Plan, datasets []Table, columns map[string][]landing.Column, ways lineage.Lineage) Book {
	b := Book{AsOf: plan.AsOf.String(), RuleSet: plan.RuleSet, Tables: slices.Clone(datasets)}
	given := plan.Given()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.ContainsFunc(datasets, func(t Table) bool { return t.Name == name }) {
			continue
		}
		b.Tables = append(b.Tables, Table{Name: name, Description: givenSays(name), Columns: plain(given[name])})
	}
	for _, m := range plan.Models {
		b.Tables = append(b.Tables, ofModel(m, columns[m.Name]))
	}
	slices.SortStableFunc(b.Tables, func(x, y Table) int {
		return cmp.Or(cmp.Compare(level(x.Name), level(y.Name)), cmp.Compare(x.Name, y.Name))
	})
	b.follow(ways)
	return b
}

// ofModel is the table of a model, without its ways.
func ofModel(m model.Model, columns []landing.Column) Table {
	t := Table{Name: m.Name, Description: m.Description, Columns: plain(columns), Inputs: slices.Sorted(slices.Values(m.Inputs))}
	checks := make([]string, len(m.Checks))
	for i, c := range m.Checks {
		checks[i] = c.Severity + ": " + c.String()
	}
	for _, f := range [][2]string{{"粒度 Grain", strings.Join(m.Grain, ", ")}, {"阶段 Stage", m.Stage.String()}, {"出处 Source", m.File}, {"检查 Checks", strings.Join(checks, "\n")}} {
		if f[1] != "" {
			t.Facts = append(t.Facts, Fact{Label: f[0], Text: f[1], Quiet: true})
		}
	}
	return t
}

func plain(columns []landing.Column) []Column {
	list := make([]Column, len(columns))
	for i, c := range columns {
		list[i] = Column{Name: c.Name, Type: c.Type, Unit: unitOf(c.Name)}
	}
	return list
}

// unitOf tells the unit by the end of the name, which is how tables of a run name
// what they count (docs/glossary.md).
func unitOf(name string) string {
	for _, u := range [][2]string{{"_amount", "分 fen"}, {"_milli", "千分之一分 1/1000 point"}, {"_bp", "万分之一 basis point"}, {"_days", "天 days"}} {
		if strings.HasSuffix(name, u[0]) {
			return u[1]
		}
	}
	return ""
}

// levels are the schemas in the order of the way, with what they are.
func levels() [][2]string {
	return [][2]string{
		{"landing", "报送数据 As landed"}, {"rejects", "拒收 Refused"}, {"run", "本次运行 The run"}, {"ref", "参照表 Reference"}, {"rules", "规则表 Rules"},
		{"staging", "现行记录 Staging"}, {"intermediate", "主体与记录 Intermediate"}, {"marts", "事实表 Marts"},
		{"scores", "评分 Scores"}, {"overlay", "叠加定类 Overlay"}, {"lists", "监管名单 Lists"},
	}
}

func level(name string) int {
	schema, _, _ := strings.Cut(name, ".")
	return slices.IndexFunc(levels(), func(l [2]string) bool { return l[0] == schema })
}

// givenSays is what there is to say of tables that no model makes.
func givenSays(name string) string {
	switch schema, _, _ := strings.Cut(name, "."); {
	case name == "landing.records":
		return "Every accepted row of every dataset, by what all of them have."
	case name == "landing.rejects":
		return "Every refused row of every dataset that no replay let in."
	case name == "landing.replayed_rejects":
		return "Every refused row that a replay let in, and when."
	case name == "run.previous_list":
		return "The supervision list of the published run before this one. It is not part of a run."
	case schema == "rejects":
		return "Refused rows of the dataset that models read."
	case schema == "rules":
		return "A rule in force on the day, as a table: evaluators/rules."
	case schema == "ref":
		return "Reference data of the field."
	}
	return ""
}
