package city

import (
	"slices"
)

// injector decides which rows get which fault. It is fed rows in their order
// and so is as deterministic as they are.
type injector struct {
	w        *world
	d        *dice
	makers   []maker
	upto     []float64 // cumulated rates of makers
	kinds    []Kind    // of the makers, and WithdrawnStillSent
	rates    map[Kind]float64
	count    map[Kind]int
	owed     []Kind // kinds behind their minimum
	last     *enterprise
	stranger int // unregistered codes given out
}

// Each kind occurs at least minimum times, one by every stride enterprises.
const (
	minimum  = 3
	stride   = 400
	cleanFor = 30 // rows of a file for each faulty one, at least
)

func newInjector(w *world, rates map[Kind]float64) *injector {
	in := &injector{w: w, d: newDice(w.seed, 0, topicDefect), makers: makers(), rates: rates, count: map[Kind]int{}}
	in.kinds = []Kind{WithdrawnStillSent}
	sum := 0.0
	for _, m := range in.makers {
		sum += rates[m.kind]
		in.upto = append(in.upto, sum)
		in.kinds = append(in.kinds, m.kind)
	}
	return in
}

// prepare runs before the documents of an enterprise are numbered. It brings the
// owed kinds up to date and makes the cases of penalties that will still be sent.
func (in *injector) prepare(e *enterprise) error {
	if e.index%stride == 0 && e.index > 0 {
		in.owe(min(e.index/stride, minimum))
	}
	rate := in.rates[WithdrawnStillSent]
	if rate == 0 {
		return nil
	}
	for _, p := range e.penalties {
		drawn := in.d.chance(rate)
		if !in.w.withdrawable(p) || !drawn && !slices.Contains(in.owed, WithdrawnStillSent) {
			continue
		}
		if err := in.w.withdraw(in.d, e, p); err != nil {
			return err
		}
		p.stillSent = true
		in.done(WithdrawnStillSent)
	}
	return nil
}

// owe lists the kinds with fewer than n faults so far.
func (in *injector) owe(n int) {
	in.owed = in.owed[:0]
	for _, kind := range in.kinds {
		if in.rates[kind] > 0 && in.count[kind] < n {
			in.owed = append(in.owed, kind)
		}
	}
}

func (in *injector) done(kind Kind) {
	in.count[kind]++
	if i := slices.Index(in.owed, kind); i >= 0 {
		in.owed = slices.Delete(in.owed, i, i+1)
	}
}

// seed may change a row; it returns what it did.
func (in *injector) seed(r *row) (fault, bool) {
	drawn := in.d.float()
	if len(in.rates) == 0 || r.to.rows < cleanFor*(r.to.faults+1) {
		return fault{}, false
	}
	if len(in.owed) > 0 && in.d.chance(0.25) {
		for _, m := range in.makers {
			if slices.Contains(in.owed, m.kind) {
				if f, ok := in.try(m, r); ok {
					return f, true
				}
			}
		}
	}
	for i, upto := range in.upto {
		if drawn < upto {
			return in.try(in.makers[i], r)
		}
	}
	return fault{}, false
}

func (in *injector) try(m maker, r *row) (fault, bool) {
	f, ok := m.make(in, r)
	if ok {
		f.kind = m.kind
		in.done(m.kind)
	}
	return f, ok
}

// put changes one cell of a row.
func put(r *row, field int, wrong string) (fault, bool) {
	f := fault{field: field, wrong: wrong, right: r.cells[field]}
	r.cells[field] = wrong
	return f, wrong != f.right
}

// cell finds a column by name with a value in it.
func cell(r *row, column string) (int, bool) {
	i := r.x.index(column)
	return i, i >= 0 && r.cells[i] != ""
}

// some picks a column of a row among those that fit.
func (in *injector) some(r *row, fits func(column, string) bool) (int, bool) {
	var found []int
	for i, c := range r.x.columns {
		if fits(c, r.cells[i]) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return 0, false
	}
	return pick(in.d, found), true
}
