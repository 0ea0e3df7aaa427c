package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of the slips that a hand could make in the SQL of judgement, a sample dies.
func TestMutants(t *testing.T) {
	o, books := short(t)
	o.mutants, o.workers = 90, 1
	if err := o.mutate(t.Context(), books); err != nil {
		t.Fatal(err)
	}
}

// Every kind of slip is made, once a place.
func TestMutations(t *testing.T) {
	query := `select a.x, max(case when a.y >= 3 then 'p' when a.y = 2 then 'q' else 'r' end) as z -- a < b
from s.a as a
inner join s.b as b
    on b.x = a.x and b.w <= fx_add_months(a.d, -12)
where a.k is not null and not a.gone
group by a.x
order by a.x desc nulls last, a.z asc nulls last`
	var got []string
	for _, m := range mutations(query) {
		if strings.Count(m.query, "\n") != strings.Count(query, "\n") && m.kind != "condition left out" {
			t.Errorf("%s: %s", m.was, m.query)
		}
		got = append(got, m.kind+": "+m.was[strings.Index(m.was, "«"):strings.Index(m.was, "»")]+"» → "+m.now)
	}
	want := []string{
		"function: «max» → min",
		"arm left out: «when a.y >= 3 then 'p'» → ",
		"arms exchanged: «'p' when a.y = 2 then 'q'» → 'q' when a.y = 2 then 'p'",
		"arm left out: «when a.y = 2 then 'q'» → ",
		"comparison: «>=» → >", "comparison: «>=» → <", "constant: «3» → 4", "constant: «3» → 2", "text: «'p'» → 'p~'",
		"comparison: «=» → <>", "constant: «2» → 3", "constant: «2» → 1", "text: «'q'» → 'q~'", "text: «'r'» → 'r~'",
		"join: «inner» → left",
		"comparison: «=» → <>",
		"and/or: «and» → or",
		"condition left out: «and b.w <= fx_add_months(a.d, -12)» → ",
		"condition left out: «b.x = a.x and» → ",
		"comparison: «<=» → <", "comparison: «<=» → >", "constant: «12» → 13", "constant: «12» → 11",
		"null: «is not null» → is null",
		"and/or: «and» → or",
		"condition left out: «and not a.gone» → ",
		"condition left out: «a.k is not null and» → ",
		"not: «not» → ",
		"order by: «a.x desc nulls last,» → ", "order by: «, a.z asc nulls last» → ",
		"direction: «desc» → asc", "direction: «asc» → desc",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Of a plain UNION ALL a slip is tried in its part alone; one at the seam, or
// where the parts stand in something else, in the whole.
func TestMutationsOfParts(t *testing.T) {
	query := "select 1 as x from a\nunion all\nselect x from (select 2 as x union all select 3)"
	got := map[string][2]string{}
	for _, m := range mutations(query) {
		if _, ok := got[m.kind]; !ok {
			got[m.kind] = [2]string{m.part, m.whole}
		}
	}
	want := map[string][2]string{
		"constant": {"select 2 as x from a\n", "select 1 as x from a\n"},
		"union":    {strings.Replace(query, "union all", "union", 1), query},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, m := range mutations("with b as (select 1) " + query) {
		if m.part != m.query {
			t.Errorf("%s: %s", m.was, m.part)
		}
	}
}

// Each mutant that is said not to differ has a place and a reason.
func TestEquivalents(t *testing.T) {
	list, err := readEquivalents()
	if err != nil || len(list) < 20 {
		t.Fatal(len(list), err)
	}
	for _, e := range list {
		if e.Model == "" || !strings.Contains(e.Was, "«") || len(e.Reason) < 10 {
			t.Errorf("%+v", *e)
		}
	}
}

// What is said of no mutant, or of one that died, is named.
func TestEquivalentsAreHeldAgainstMutants(t *testing.T) {
	_, books := short(t)
	mutants, err := mutantsOf(books[0], turning[0])
	if err != nil {
		t.Fatal(err)
	}
	list, err := readEquivalents()
	if err != nil {
		t.Fatal(err)
	}
	if err := list.unlike(mutants); err != nil {
		t.Error(err)
	}
	list[3].Was = "«nowhere»"
	if err := list.unlike(mutants); err == nil || !strings.Contains(err.Error(), list[3].String()) || strings.Contains(err.Error(), list[2].String()) {
		t.Errorf("got %v", err)
	}
	dead := make([]fate, len(mutants))
	i := slices.IndexFunc(mutants, func(m mutant) bool { return list.of(m) == list[0] })
	dead[i] = killed
	if err := list.disproved(mutants, dead); err == nil || !strings.Contains(err.Error(), mutants[i].String()) {
		t.Errorf("got %v", err)
	}
}
