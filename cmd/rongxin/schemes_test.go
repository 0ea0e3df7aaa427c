package main

import (
	"slices"
	"strings"
	"testing"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/transforms"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// An imported scheme has its results in the one fact, a level for every grade
// that its contract lets through, and bands only where a score comes. A day of
// evaluation in the key keeps several results of a year apart.
func TestSchemesFitTheirContracts(t *testing.T) {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	library, err := evaluators.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	set, err := library.On(credit.NewDate(2026, 6, 30))
	if err != nil {
		t.Fatal(err)
	}
	models, err := transforms.Models()
	if err != nil {
		t.Fatal(err)
	}
	fact := models[slices.IndexFunc(models, func(m model.Model) bool { return m.Name == "intermediate.industry_results" })]
	imported := 0
	for _, scheme := range set.Schemes {
		if scheme.Imported == nil {
			continue
		}
		imported++
		c, err := catalog.Find(scheme.Imported.Dataset)
		if err != nil {
			t.Error(err)
			continue
		}
		if staging := "staging." + strings.Replace(c.Dataset, "/", "__", 1); !slices.Contains(fact.Inputs, staging) || !strings.Contains(fact.SQL, "'"+scheme.Name+"'") {
			t.Errorf("%s: %s is not in %s under that name", scheme.Name, staging, fact.Name)
		}
		fields := map[string]contract.Field{}
		for _, f := range c.Fields {
			fields[f.As] = f
		}
		for _, code := range fields["grade"].Codes {
			if _, ok := scheme.Levels[code.Value]; !ok {
				t.Errorf("%s: %s lets grade %s through, which has no level", scheme.Name, c.Dataset, code.Value)
			}
		}
		if _, scored := fields["score"]; len(scheme.ScoreBands) > 0 && !scored {
			t.Errorf("%s: bands, and %s has no score", scheme.Name, c.Dataset)
		}
		if !slices.Contains(c.Key, fields["evaluated_on"].Name) {
			t.Errorf("%s: the key of %s lacks the day of evaluation", scheme.Name, c.Dataset)
		}
	}
	if imported < 12 || len(set.Schemes) < 20 {
		t.Errorf("%d schemes, %d of them imported", len(set.Schemes), imported)
	}
}

// schemesStand holds what became of results in a whole run: every industry that
// the city has is judged, only active schemes have a part in a class, what the
// nation sent is all there, and who was refused was told.
func schemesStand(t *testing.T, r *run.Run) {
	db := attach(t, r)
	for _, none := range []string{
		// Nobody of a city this small need be on the list of one department.
		`select scheme from rules.schemes where not is_overall and scheme not in (select scheme from scores.scheme_results)
			and scheme not in ('wage_arrears', 'work_safety', 'statistics', 'research_integrity')`,
		"select c.scheme from overlay.scheme_classes as c join rules.schemes as s on s.scheme = c.scheme where s.status <> 'active'",
		"select subject_id from overlay.scheme_classes where is_conflict <> (public_grade = 'D' and industry_level = 1)",
		`select h.record_id from marts.public_history as h full join staging.ndrc__public_results as s on s.record_id = h.record_id
			where h.state = 'evaluated' and s.record_id is null or h.record_id is null and s.record_id is not null or h.grade <> s.grade`,
		`select c.subject_id from overlay.conflicts as c join intermediate.industry_results as r on r.record_id = c.industry_record_id
			left join intermediate.scheme_findings as f on f.finding = 'PUBLIC_GRADE_CONFLICT'
			and f.dataset = r.dataset and f.batch_id = r.batch_id and f.line = r.line where f.line is null`,
		"select subject_id from scores.scheme_results where grade = 'not_evaluated'",
	} {
		if n := count(t, db, "select count(*) from ("+none+")"); n > 0 {
			t.Errorf("%d rows of %s", n, none)
		}
	}
	for _, some := range []string{
		"select subject_id from overlay.conflicts where industry_record_id <> ''",
		"select subject_id from marts.public_history where state = 'missing'",
		"select r.subject_id from scores.scheme_results as r join rules.schemes as s on s.scheme = r.scheme where s.adjusts and r.record_id = ''",
		"select subject_id from scores.scheme_results where status = 'suspended'",
	} {
		if count(t, db, "select count(*) from ("+some+")") == 0 {
			t.Errorf("the city has none of %s: nothing was tested", some)
		}
	}
}
