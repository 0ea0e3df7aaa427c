package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"rongxin/evaluators"
	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/transforms"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// catalog reads the contracts of the configured folder, or the built-in ones.
func (a *app) catalog() (*contract.Catalog, error) {
	trees := a.catalogs()
	catalog, err := contract.Load(trees[0], trees[1:]...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConfig, err)
	}
	return catalog, nil
}

// catalogs are the configured folder of contracts, if any, and the built-in one,
// whose list of items is in force where the folder has none of its own.
func (a *app) catalogs() []fs.FS {
	if a.cfg.Catalog == "" {
		return []fs.FS{pipelines.Catalog()}
	}
	return []fs.FS{os.DirFS(a.cfg.Catalog), pipelines.Catalog()}
}

// ruleSet reads the rules of a folder, or the built-in ones, in force on a day.
func (a *app) ruleSet(dir string, asOf credit.Date) (*evaluators.RuleSet, error) {
	library, err := a.library(dir)
	if err != nil {
		return nil, err
	}
	rules, err := library.On(asOf)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConfig, err)
	}
	return rules, nil
}

// library reads the rules of a folder, or the built-in ones, of whatever day.
func (a *app) library(dir string) (*evaluators.Library, error) {
	var library *evaluators.Library
	var err error
	if dir == "" {
		library, err = evaluators.Builtin()
	} else {
		library, err = evaluators.Load(os.DirFS(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: rules %s: %w", errConfig, dir, err)
	}
	return library, nil
}

// plan gathers all that a run on the day depends on: what is known on it, and
// the published run before it.
func (a *app) plan(rulesDir string, asOf credit.Date) (run.Plan, error) {
	rules, err := a.ruleSet(rulesDir, asOf)
	if err != nil {
		return run.Plan{}, err
	}
	return a.planByRules(rules, asOf)
}

// planByRules is plan by rules that were read already.
func (a *app) planByRules(rules *evaluators.RuleSet, asOf credit.Date) (run.Plan, error) {
	batches, err := landing.List(a.cfg.Home)
	if err != nil {
		return run.Plan{}, err
	}
	previous, err := run.Before(a.cfg.Home, asOf)
	if err != nil {
		return run.Plan{}, err
	}
	known := run.Known(batches, asOf)
	if len(known) == 0 {
		return run.Plan{}, fmt.Errorf("nothing had landed in %s by %s: %w", a.cfg.Home, asOf, errNothing)
	}
	return a.checkedPlan(rules, asOf, known, previous)
}

func (a *app) checkedPlan(rules *evaluators.RuleSet, asOf credit.Date, batches []landing.Batch, previous *run.Run) (run.Plan, error) {
	plan, err := a.planBy(rules, asOf, batches, previous)
	if err == nil {
		err = a.checkDatasets(plan)
	}
	return plan, err
}

// checkDatasets names every contract that models read and the catalogue lacks.
func (a *app) checkDatasets(plan run.Plan) error {
	known := map[string]bool{}
	for _, d := range plan.Datasets {
		known[d.Table()] = true
	}
	var missing []string
	for _, m := range plan.Models {
		for _, input := range m.Inputs {
			schema, table, _ := strings.Cut(input, ".")
			department, dataset, ofDataset := strings.Cut(table, "__")
			if ofDataset && !known[table] && slices.Contains([]string{"landing", "rejects", "staging"}, schema) {
				missing = append(missing, department+"/"+dataset+".yml")
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("%w: catalog %s lacks %s, which the models of this version read: copy pipelines/catalog of this version again and add your own contracts to it",
		errConfig, cmp.Or(a.cfg.Catalog, "(built in)"), strings.Join(slices.Compact(missing), ", "))
}

// planOf is the plan of a run that reads these batches and follows that run.
func (a *app) planOf(rulesDir string, asOf credit.Date, batches []landing.Batch, previous *run.Run) (run.Plan, error) {
	rules, err := a.ruleSet(rulesDir, asOf)
	if err != nil {
		return run.Plan{}, err
	}
	return a.planBy(rules, asOf, batches, previous)
}

// planBy is planOf by rules that were read already.
func (a *app) planBy(rules *evaluators.RuleSet, asOf credit.Date, batches []landing.Batch, previous *run.Run) (run.Plan, error) {
	catalog, err := a.catalog()
	if err != nil {
		return run.Plan{}, err
	}
	judgements, err := rules.Models()
	if err != nil {
		return run.Plan{}, fmt.Errorf("%w: %w", errConfig, err)
	}
	models, err := transforms.Models()
	if err != nil {
		return run.Plan{}, fmt.Errorf("%w: %w", errConfig, err)
	}
	models = append(models, judgements...)
	references, err := transforms.References(flagCodes(), catalogueItems(catalog))
	if err != nil {
		return run.Plan{}, err
	}
	datasets := datasets(catalog, batches, models)
	return run.Plan{
		AsOf: asOf, RuleSet: rules.ID, Datasets: datasets, Batches: batches,
		Seeds:  append(references, rules.Seeds()...),
		Models: append(models, transforms.Staging(datasets)...), Previous: previous,
	}, nil
}

// datasets is what a run must know of each dataset: of those in the catalogue,
// the ones that sent something or that a model reads, and what was landed by a
// contract of its own.
func datasets(catalog *contract.Catalog, batches []landing.Batch, models []model.Model) []landing.Dataset {
	needed := map[string]bool{}
	for _, m := range models {
		for _, input := range m.Inputs {
			_, table, _ := strings.Cut(input, ".")
			needed[table] = true
		}
	}
	own := map[string]landing.Dataset{}
	for _, b := range batches {
		needed[landing.TableName(b.Dataset)] = true
		own[b.Dataset] = landing.Dataset{Name: b.Dataset, Title: b.Title, Department: b.Department,
			Delivery: b.Delivery, Columns: b.Columns}
	}
	var list []landing.Dataset
	for _, c := range catalog.All() {
		if d := catalog.Landing(c.Dataset); needed[d.Table()] {
			list = append(list, d)
		}
		delete(own, c.Dataset)
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		list = append(list, own[name])
	}
	return list
}

// catalogueItems is the catalogue as models see it.
func catalogueItems(catalog *contract.Catalog) []transforms.CatalogueItem {
	var items []transforms.CatalogueItem
	for _, c := range catalog.All() {
		item := transforms.CatalogueItem{Dataset: c.Dataset, Title: c.Title, Department: c.Department,
			Class: c.Catalogue.Class, Item: c.Catalogue.Item, Delivery: c.Source.Delivery, Range: string(c.Range),
			Every: c.Expect.Every, WithinDays: c.Expect.Within, EffectiveFrom: c.EffectiveFrom,
			MinSharePPM: c.Expect.MinSharePPM, WarnAbovePPM: c.Expect.WarnAbovePPM, WarnChangesPPM: c.Expect.WarnChangesPPM}
		if c.Clock != nil {
			item.ClockDays = c.Clock.Within
		}
		for _, e := range catalog.Item(c) {
			item.Editions = append(item.Editions, transforms.CatalogueEdition(e))
		}
		for _, f := range c.Fields {
			if f.As == contract.ColumnSubjectID {
				item.SubjectField = f.Name
			}
		}
		items = append(items, item)
	}
	return items
}
