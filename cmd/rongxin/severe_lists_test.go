package main

import (
	"slices"
	"testing"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/transforms"
	"rongxin/warehouse/landing"
)

// Every severe list has its contract, its line of the rules and its arm of the
// model; none has only some of them.
func TestSevereListsFit(t *testing.T) {
	library, err := evaluators.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	set, err := library.On(credit.NewDate(2026, 6, 30))
	if err != nil {
		t.Fatal(err)
	}
	var ruled []string
	for _, seed := range set.Seeds() {
		if seed.Name == "rules.severe_lists" {
			for _, row := range seed.Rows {
				ruled = append(ruled, row[0].(string))
			}
		}
	}
	models, err := transforms.Models()
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, m := range models {
		if m.Name == "intermediate.severe_list_entries" {
			read = m.Inputs
		}
	}
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	for _, dataset := range ruled {
		if _, err := catalog.Find(dataset); err != nil {
			t.Errorf("severe_lists.yml: %v", err)
		}
		if !slices.Contains(read, "staging."+landing.TableName(dataset)) {
			t.Errorf("intermediate.severe_list_entries does not read %s", dataset)
		}
	}
	if len(read) != len(ruled)+1 { // and the rule itself
		t.Errorf("intermediate.severe_list_entries reads %v for %d lists", read, len(ruled))
	}
	for _, c := range catalog.All() {
		of := c.Catalogue.Class == "严重失信主体名单信息" && c.Catalogue.Item != "MDFK" // what departments did about them
		if of && !slices.Contains(ruled, c.Dataset) {
			t.Errorf("%s is a severe list and stands in no line of severe_lists.yml", c.Dataset)
		}
	}
}
