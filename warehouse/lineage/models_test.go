package lineage_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/transforms"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// house is the plan of every model and every dataset that ship.
func house(t *testing.T) run.Plan {
	t.Helper()
	catalog, err := contract.Load(pipelines.Catalog())
	must(t, err)
	var datasets []landing.Dataset
	for _, c := range catalog.All() {
		datasets = append(datasets, catalog.Landing(c.Dataset))
	}
	models, err := transforms.Models()
	must(t, err)
	library, err := evaluators.Builtin()
	must(t, err)
	day := credit.NewDate(2026, 6, 30)
	rules, err := library.On(day)
	must(t, err)
	judgements, err := rules.Models()
	must(t, err)
	references, err := transforms.References(nil, nil)
	must(t, err)
	return run.Plan{AsOf: day, RuleSet: rules.ID, Datasets: datasets, Seeds: append(references, rules.Seeds()...),
		Models: slices.Concat(models, judgements, transforms.Staging(datasets))}
}

// idle are columns that a CTE of a model names and nothing is made of.
var idle = map[string][]lineage.Source{
	"marts.delivery_warnings": {{Table: "ref.catalogue", Column: "delivery"}, {Table: "run.batches", Column: "delivery"}},
	"marts.quality_monthly":   {{Table: "landing.rejects", Column: "reason"}, {Table: "landing.replayed_rejects", Column: "reason"}},
}

// Every column of every model leads to columns that there are. The engine is the
// judge: shown only those columns of its inputs that lineage tells of, it makes
// each model's table with the same columns, so nothing that a model reads is
// missing; and it misses each of them, so none is told of that is not read. (Of
// the staging models, which are few texts made for many datasets, some do for all
// in the second.)
func TestEveryModel(t *testing.T) {
	plan, db := house(t), open(t)
	all, err := plan.Lineage(t.Context(), db)
	must(t, err)
	tables, err := plan.Columns(t.Context(), db)
	must(t, err)
	for i, m := range plan.Models {
		read := map[string][]string{}
		tell := func(list []lineage.Source) {
			for _, s := range list {
				if !slices.Contains(read[s.Table], s.Column) {
					read[s.Table] = append(read[s.Table], s.Column)
				}
			}
		}
		tell(all[m.Name].Rows)
		tell(idle[m.Name])
		var names, want []string
		for _, c := range all[m.Name].Columns {
			names = append(names, c.Name)
			tell(c.From)
			tell(c.By)
		}
		for _, c := range tables[m.Name] {
			want = append(want, c.Name)
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%s: other columns than the engine finds: %s", m.Name, diff)
		}
		judge(t, db, m, read, !strings.HasPrefix(m.Name, "staging.") || i%20 == 0)
	}
}

// judge shows a model the columns it is said to read, and then, one by one, all
// the others.
func judge(t *testing.T, db *engine.DB, m model.Model, read map[string][]string, one bool) {
	t.Helper()
	whole := map[string][]landing.Column{}
	show := func(table, without string) {
		columns := slices.DeleteFunc(slices.Clone(whole[table]), func(c landing.Column) bool { return c.Name == without })
		must(t, db.View(t.Context(), table, engine.Empty(append(columns, landing.Column{Name: "another column", Type: "BOOLEAN"}))))
	}
	for table, columns := range read {
		all, err := db.Columns(t.Context(), "select * from "+engine.Table(table))
		must(t, err)
		whole[table] = slices.DeleteFunc(slices.Clone(all), func(c landing.Column) bool { return !slices.Contains(columns, c.Name) })
		show(table, "")
		defer func() { must(t, db.View(t.Context(), table, engine.Empty(all))) }()
	}
	if _, err := db.Columns(t.Context(), m.SQL); err != nil {
		t.Errorf("%s reads more than it is said to: %v", m.Name, err)
		return
	}
	for table, columns := range read {
		for _, c := range columns {
			if !one {
				continue
			}
			show(table, c)
			if _, err := db.Columns(t.Context(), m.SQL); err == nil {
				t.Errorf("%s does not read %s.%s", m.Name, table, c)
			}
		}
		show(table, "")
	}
}

// What a list says of an enterprise leads back to what departments sent and to
// the rules.
func TestOriginsOfTheList(t *testing.T) {
	all, err := house(t).Lineage(t.Context(), open(t))
	must(t, err)
	want := []lineage.Source{
		{Table: "landing.credit__manual_overrides", Column: "supervision_class", Use: lineage.Transformation},
		{Table: "rules.overlay_matrix", Column: "supervision_class", Use: lineage.Transformation},
		{Table: "rules.overrides", Column: "supervision_class", Use: lineage.Transformation},
	}
	if diff := cmp.Diff(want, all.Origins("lists.supervision", "supervision_class")); diff != "" {
		t.Error(diff)
	}
	// What is put together of all datasets is not where the way ends.
	plan, from, reasons := house(t), all.Origins("marts.record_versions", "record_id"), all.Origins("marts.quality_findings", "finding")
	for _, d := range plan.Datasets {
		if !slices.Contains(from, lineage.Source{Table: "landing." + d.Table(), Column: "record_id", Use: lineage.Identity}) {
			t.Errorf("the versions of records are not made of %s: %v", d.Name, from)
		}
		if reject := (lineage.Source{Table: "rejects." + d.Table(), Column: "reason", Use: lineage.Identity}); !slices.Contains(reasons, reject) {
			t.Errorf("the findings are not made of the rejects of %s: %v", d.Name, reasons)
		}
	}
}
