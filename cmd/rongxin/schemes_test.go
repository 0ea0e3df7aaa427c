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
