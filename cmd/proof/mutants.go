package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
	"rongxin/warehouse/model"
)

// mutantsOf are every mutation of every model of the world.
func (w *world) mutantsOf() (list []mutant) {
	for _, m := range w.models {
		for _, each := range mutations(m.SQL) {
			list = append(list, mutant{m, each})
		}
	}
	return list
}

// A mutant is a model with one slip.
type mutant struct {
	model model.Model
	mutation
}

func (m mutant) String() string {
	return fmt.Sprintf("%s %s line %d: %s: %s → %s", m.model.Name, m.model.File, m.line, m.kind, m.was, m.now)
}

// A fate is what became of a mutant.
type fate int

const (
	survived  fate = iota
	stillborn      // no SELECT any more
	killed
)

// try holds a mutant against the reference: the tables it reads stand already.
func (w *world) try(ctx context.Context, m mutant) (fate, error) {
	if err := w.db.Exec(ctx, "explain "+m.query); err != nil {
		return stillborn, ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := w.make(limited, "mutants.mutant", m.query); err != nil {
		return killed, ctx.Err() // it fails, or finds no end
	}
	var differs bool
	if err := w.db.QueryRow(ctx, fmt.Sprintf("select (select count(*) from mutants.mutant) <> (select count(*) from %s)", m.model.Name)).Scan(&differs); err != nil || differs {
		return killed, err
	}
	d, err := w.compareWith(ctx, m.model.Name, "mutants.mutant")
	if err != nil || d != nil {
		return killed, ctx.Err() // a column or a row is another
	}
	return survived, nil
}

// makes says whether the world tries a table.
func (w *world) makes(name string) bool {
	return slices.ContainsFunc(w.models, func(m model.Model) bool { return m.Name == name })
}

// patience is how long a mutant may take where its model takes hundredths of a second.
const patience = 5 * time.Second

// count is mutants by fate.
type count [3]int

// The share of mutants that must die, of a hundred: of all, and of a sample,
// where one alone weighs more.
const (
	kill       = 95
	killSample = 90
)

// mutants tries every mutant, or about so many, prints those that survived, and
// fails where too many did. Those that cannot differ are counted apart.
func (o options) mutate(ctx context.Context, books []rulebook) error {
	equal, err := readEquivalents()
	if err != nil {
		return err
	}
	left, total, err := o.tryMutants(ctx, books, equal)
	if err != nil {
		return err
	}
	known := 0
	for _, m := range left {
		if e := equal.of(m); e != nil {
			e.met = true
			known++
		}
	}
	tried := total[killed] + total[survived] - known
	o.figure("mutants", tried)
	o.figure("mutants_killed", total[killed])
	o.figure("mutants_equivalent", known)
	o.figure("mutants_stillborn", total[stillborn])
	want := kill
	if o.mutants > 0 {
		want = killSample
	}
	if 100*total[killed] < want*tried {
		return fmt.Errorf("%d of %d mutants died, want %d%%", total[killed], tried, want)
	}
	if o.mutants == 0 {
		for _, name := range equal.unmet() {
			fmt.Fprintf(o.out, "equivalents.yml: nothing is like %s any more: take it out\n", name)
		}
	}
	return nil
}

// tryMutants returns the mutants that survived, and how many met which fate.
func (o options) tryMutants(ctx context.Context, books []rulebook, equal equivalents) (left []mutant, total count, err error) {
	var worlds [][]*world // by worker, by rulebook
	for range o.workers {
		own, err := o.prepared(ctx, books)
		for _, w := range own {
			defer w.close()
		}
		if err != nil {
			return nil, total, err
		}
		worlds = append(worlds, own)
	}
	list := worlds[0][0].mutantsOf()
	step := 1
	if o.mutants > 0 {
		step = max(len(list)/o.mutants, 1)
	}
	var lock sync.Mutex
	counts := map[string]*count{}
	work, ctx := errgroup.WithContext(ctx)
	next := 0
	take := func() (mutant, bool) {
		lock.Lock()
		defer lock.Unlock()
		if next >= len(list) {
			return mutant{}, false
		}
		m := list[next]
		next += step
		return m, true
	}
	for _, own := range worlds {
		work.Go(func() error {
			for m, ok := take(); ok; m, ok = take() {
				f, err := survived, error(nil)
				for _, w := range own {
					if f == survived && err == nil && w.makes(m.model.Name) {
						f, err = w.try(ctx, m)
					}
				}
				if err != nil {
					return err
				}
				lock.Lock()
				if counts[m.model.Name] == nil {
					counts[m.model.Name] = &count{}
				}
				counts[m.model.Name][f]++
				if f == survived {
					left = append(left, m)
					if equal.of(m) == nil {
						fmt.Fprintf(o.out, "survived: %s\n", m)
					}
				}
				lock.Unlock()
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, total, err
	}
	return left, o.tell(worlds[0][0].models, counts), nil
}

// tell prints the mutants of each model, and adds them up.
func (o options) tell(models []model.Model, counts map[string]*count) (total count) {
	for _, m := range models {
		c := counts[m.Name]
		if c == nil {
			continue
		}
		for f, n := range c {
			total[f] += n
		}
		fmt.Fprintf(o.out, "%-34s %4d of %4d killed\n", m.Name, c[killed], c[killed]+c[survived])
	}
	return total
}

const mutantEnterprises = 800

// prepared are the worlds in which mutants are tried, all evaluated and as the
// reference says: with enterprises by each rulebook, by the second also on the
// day of a transition, and one world for each stage.
func (o options) prepared(ctx context.Context, books []rulebook) (list []*world, err error) {
	add := func(book rulebook, day credit.Date, load func(w *world, g *generator, rules *reference.Rules) error) error {
		set, rules, err := book.on(day)
		if err != nil {
			return err
		}
		w, err := newWorld(ctx, set)
		if err != nil {
			return err
		}
		list = append(list, w)
		if err := load(w, newGenerator(o.seed+uint64(len(list)), set, day), rules); err != nil {
			return fmt.Errorf("rules %s on %s: %w", book.name, day, err)
		}
		return nil
	}
	whole := func(w *world, g *generator, rules *reference.Rules) error {
		return w.differ(ctx, g, rules, g.enterprises(mutantEnterprises, weight))
	}
	counted := func(w *world, g *generator, rules *reference.Rules) error {
		return w.loadCounted(ctx, g, rules, mutantEnterprises)
	}
	concluded := func(w *world, g *generator, rules *reference.Rules) error {
		return w.loadConclusions(ctx, g, rules, 2*mutantEnterprises)
	}
	for _, each := range []struct {
		book int
		day  credit.Date
		load func(w *world, g *generator, rules *reference.Rules) error
	}{
		{0, turning[0], whole}, {1, turning[1], whole}, {0, turning[0], counted}, {0, turning[0], concluded},
		{1, credit.NewDate(2023, 5, 1), whole}, {1, turning[1], counted}, {1, turning[1], concluded},
	} {
		if err := add(books[each.book], each.day, each.load); err != nil {
			return list, err
		}
	}
	return list, nil
}
