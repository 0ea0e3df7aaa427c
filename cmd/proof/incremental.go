package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

const (
	townSize = 300 // enterprises of an incremental proof
	townDays = 3   // runs, one after the other
)

// incremental lets days pass over random enterprises: records, cases, results and
// registrations come, go and change, and dates pass by themselves, over edges of
// look-backs, of rules and of months. Each day's run, made from the one before,
// must have the contents and checks of one evaluated in full, in several buckets.
func (o options) incremental(ctx context.Context, books []rulebook) error {
	var made madeTables
	for n, book := range books {
		for i, day := range turning[:max(1, min(o.enterprises/20_000, len(turning)))] {
			if err := o.town(ctx, book, day, o.seed+uint64(n*len(turning)+i), &made); err != nil {
				return fmt.Errorf("rules %s from %s on: %w", book.name, day, err)
			}
		}
	}
	o.figure("tables_from_the_run_before", made.merged+made.carried)
	o.figure("tables_with_touched_subjects", made.merged)
	o.figure("tables_in_full", made.full)
	if made.merged < 4*len(books) {
		return fmt.Errorf("only %d tables were made for touched subjects alone: nothing was tried", made.merged)
	}
	return nil
}

// madeTables counts the tables of local models by how they were made.
type madeTables struct{ merged, carried, full int }

func (m *madeTables) add(r *run.Run) {
	for _, t := range r.Manifest.Tables {
		switch {
		case t.Made.Touched != nil && *t.Made.Touched == 0:
			m.carried++
		case t.Made.Touched != nil:
			m.merged++
		case t.Made.Why != "":
			m.full++
		}
	}
}

func (o options) town(ctx context.Context, book rulebook, day credit.Date, seed uint64, made *madeTables) error {
	home, err := os.MkdirTemp("", "rongxin-proof-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	build := func(name string, plan run.Plan, bucket int, full bool) (*run.Run, error) {
		return run.Build(ctx, run.Config{Home: home, Runs: filepath.Join(home, name), Log: slog.New(slog.DiscardHandler),
			Engine: engine.Config{Threads: 1, TempDir: home}, Bucket: bucket, Full: full, TouchedShare: 70}, plan, model.List)
	}
	var g *generator
	var list []reference.Enterprise
	var before *run.Run
	for n := range townDays {
		day := day.AddDays(n - 1) // so that the second run is of the day on which things turn
		set, _, err := book.on(day)
		if err != nil {
			return err
		}
		if g == nil {
			g = newGenerator(seed, set, day)
			list = g.enterprises(townSize, weight)
		} else {
			list = g.later(list)
		}
		models, err := modelsOf(set)
		if err != nil {
			return err
		}
		plan := run.Plan{AsOf: day, RuleSet: set.ID, Seeds: append(g.given(list), set.Seeds()...), Models: withoutChecks(models), Previous: before}
		r, err := build("runs", plan, 0, false)
		if err != nil {
			return err
		}
		if before != nil {
			want, err := build("full", plan, townSize/2, true)
			if err != nil {
				return err
			}
			if differing := run.Compare(&want.Manifest, &r.Manifest); differing != nil {
				return fmt.Errorf("on %s the run made from the one before differs from a full one: %v", day, differing)
			}
		}
		made.add(r)
		before = r
	}
	return nil
}

// withoutChecks leaves out checks, which the made-up facts need not keep.
func withoutChecks(models []model.Model) []model.Model {
	list := slices.Clone(models)
	for i := range list {
		list[i].Checks = nil
	}
	return list
}

// later is the town after a day: a few enterprises are new or lost, others have
// records, cases, results or permits more, fewer, or other ones.
func (g *generator) later(list []reference.Enterprise) []reference.Enterprise {
	list = slices.Clone(list)
	for range 1 + g.IntN(5) {
		i := g.IntN(len(list))
		e, other := list[i], g.enterprise(weight)
		switch g.IntN(7) {
		case 0:
			e.Registered = !e.Registered
		case 1:
			e.Records = append(slices.Clone(e.Records), other.Records...)
		case 2:
			e.Records = e.Records[:len(e.Records)/2]
		case 3:
			e.Cases, e.Changes, e.Majeure = other.Cases, other.Changes, other.Majeure
		case 4:
			e.National, e.Results, e.Manual = other.National, other.Results, other.Manual
		case 5:
			e.Permits, e.Member, e.Other, e.Status = other.Permits, other.Member, other.Other, other.Status
		case 6:
			list = append(list, other)
		}
		list[i] = e
	}
	return list
}

// given are the enterprises as given tables of a run.
func (g *generator) given(list []reference.Enterprise) (seeds []run.Seed) {
	groups := map[string]string{}
	for _, l := range g.lists {
		groups[l[0]] = "严重失信主体名单"
	}
	all := tables(g.day, g.editions, groups, list)
	maps.Copy(all, g.otherTables(list))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == model.Parameters {
			continue
		}
		seed := run.Seed{Name: name, Rows: all[name].rows}
		for _, each := range strings.Split(all[name].columns, ",") {
			column, kind, ok := strings.Cut(strings.TrimSpace(each), " ")
			if !ok {
				kind = "VARCHAR"
			}
			seed.Columns = append(seed.Columns, landing.Column{Name: column, Type: kind})
		}
		seeds = append(seeds, seed)
	}
	return seeds
}
