package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
	"rongxin/warehouse/model"
)

// mutantsOf are every mutation of every model that the reference knows, by the
// rules of a day.
func mutantsOf(book rulebook, day credit.Date) (list []mutant, err error) {
	set, _, err := book.on(day)
	if err != nil {
		return nil, err
	}
	models, err := modelsOf(set)
	if err != nil {
		return nil, err
	}
	for _, m := range models {
		for _, each := range mutations(m.SQL) {
			list = append(list, mutant{m, each})
		}
	}
	return list, nil
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
	untried   fate = iota // not of the sample
	survived              // no world tells it from its model
	stillborn             // no SELECT any more
	killed
)

// try holds a mutant against its model, which says what the reference says: the
// tables that it reads stand already.
func (w *world) try(ctx context.Context, m mutant) (fate, error) {
	want, err := w.printOnce(ctx, m.model.Name, m.whole)
	if err != nil {
		return survived, err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	got, err := w.printOf(limited, m.model.Name, m.part)
	switch {
	case err != nil && limited.Err() == nil && w.db.Exec(ctx, "explain "+m.query) != nil:
		return stillborn, ctx.Err()
	case err != nil, got != want: // it fails, finds no end, or differs
		return killed, ctx.Err()
	}
	return survived, nil
}

// printOnce is the print of what a model gives, or a part of it.
func (w *world) printOnce(ctx context.Context, name, query string) (print, error) {
	if p, ok := w.prints[query]; ok {
		return p, nil
	}
	p, err := w.printOf(ctx, name, query)
	w.prints[query] = p
	return p, err
}

// makes says whether a model is of the world, word for word: another day or
// rulebook can have another, whose rows say nothing of this one's.
func (w *world) makes(of model.Model) bool {
	return slices.ContainsFunc(w.models, func(m model.Model) bool { return m.Name == of.Name && m.SQL == of.SQL })
}

// patience is how long a mutant may take where its model takes hundredths of a
// second: long enough that one is not taken for endless on a busy machine.
const patience = time.Minute

// count is mutants by fate.
type count [4]int

// The share of mutants that must die, of a hundred: of all, and of a sample,
// where one alone weighs more.
const (
	kill       = 95
	killSample = 90
)

// mutate tries every mutant, or about so many, prints those that survived, and
// fails where too many did. Those that cannot differ are counted apart; what is
// said of a mutant that does not exist, or that died, is a fault.
func (o options) mutate(ctx context.Context, books []rulebook) error {
	list, err := mutantsOf(books[0], turning[0])
	if err != nil {
		return err
	}
	equal, err := readEquivalents()
	if err != nil {
		return err
	}
	if err := equal.unlike(list); err != nil {
		return err
	}
	fates, err := o.tryMutants(ctx, books, list, equal)
	if err != nil {
		return err
	}
	if err := equal.disproved(list, fates); err != nil {
		return err
	}
	total, known := o.tell(list, fates), 0
	for i, m := range list {
		if fates[i] == survived && equal.of(m) != nil {
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
	return nil
}

// tryMutants returns what became of each mutant of a list: all, or about so many.
func (o options) tryMutants(ctx context.Context, books []rulebook, list []mutant, equal equivalents) ([]fate, error) {
	step := 1
	if o.mutants > 0 {
		step = max(len(list)/o.mutants, 1)
	}
	fates := make([]fate, len(list))
	var next atomic.Int64
	var lock sync.Mutex // of the output
	work, ctx := errgroup.WithContext(ctx)
	for range o.workers {
		work.Go(func() error {
			worlds, err := o.prepared(ctx, books)
			for _, w := range worlds {
				defer w.close()
			}
			if err != nil {
				return err
			}
			for i := int(next.Add(1)-1) * step; i < len(list); i = int(next.Add(1)-1) * step {
				if fates[i], err = tryIn(ctx, worlds, list[i]); err != nil {
					return err
				}
				if fates[i] == survived && equal.of(list[i]) == nil {
					lock.Lock()
					fmt.Fprintf(o.out, "survived: %s\n", list[i])
					lock.Unlock()
				}
			}
			return nil
		})
	}
	return fates, work.Wait()
}

// tryIn tries a mutant in one world after the other, until it dies.
func tryIn(ctx context.Context, worlds []*world, m mutant) (fate, error) {
	for _, w := range worlds {
		if !w.makes(m.model) {
			continue
		}
		if f, err := w.try(ctx, m); f != survived || err != nil {
			return f, err
		}
	}
	return survived, nil
}

// tell prints the mutants of each model, and adds them up.
func (o options) tell(list []mutant, fates []fate) (total count) {
	counts, names := map[string]*count{}, []string{}
	for i, m := range list {
		c := counts[m.model.Name]
		if c == nil {
			c = &count{}
			counts[m.model.Name], names = c, append(names, m.model.Name)
		}
		c[fates[i]]++
		total[fates[i]]++
	}
	for _, name := range names {
		c := counts[name]
		fmt.Fprintf(o.out, "%-34s %4d of %4d killed\n", name, c[killed], c[killed]+c[survived])
	}
	return total
}

// A stand is a world in which mutants are tried.
type stand struct {
	book int
	day  credit.Date
	n    int // enterprises
	load func(w *world, ctx context.Context, g *generator, rules *reference.Rules, n int) error
}

func (w *world) loadWhole(ctx context.Context, g *generator, rules *reference.Rules, n int) error {
	return w.differ(ctx, g, rules, g.enterprises(n, weight))
}

// stands are worlds of whole enterprises by each rulebook, on days of their own
// and on one on which a transition begins, and worlds of single stages. Most
// mutants die in the first.
var stands = []stand{
	{0, turning[0], 100, (*world).loadWhole},
	{0, turning[0], 1600, (*world).loadFacts},
	{0, turning[0], 800, (*world).loadWhole},
	{1, turning[1], 800, (*world).loadWhole},
	{0, turning[0], 800, (*world).loadCounted},
	{0, turning[0], 1600, (*world).loadConclusions},
	{1, turning[5], 1600, (*world).loadFacts},
	{1, credit.NewDate(2023, 5, 1), 800, (*world).loadWhole},
	{1, turning[0], 800, (*world).loadWhole},
	{1, turning[1], 800, (*world).loadCounted},
	{1, turning[1], 1600, (*world).loadConclusions},
}

// prepared are the worlds of the stands, all evaluated and as the reference says;
// for a sample smaller ones.
func (o options) prepared(ctx context.Context, books []rulebook) (list []*world, err error) {
	for i, s := range stands {
		if o.mutants > 0 {
			s.n = max(s.n/4, 100)
		}
		set, rules, err := books[s.book].on(s.day)
		if err != nil {
			return list, err
		}
		w, err := newWorld(ctx, set)
		if err != nil {
			return list, err
		}
		list = append(list, w)
		if err := s.load(w, ctx, newGenerator(o.seed+uint64(i), set, s.day), rules, s.n); err != nil {
			return list, fmt.Errorf("rules %s on %s: %w", books[s.book].name, s.day, err)
		}
	}
	return list, nil
}
