package draw

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const whole = 10000 // basis points

// A Stratum is the candidates of one supervision class and one section of
// industries in one division to which one line of the inspection plan applies.
// From each a quota is drawn.
type Stratum struct {
	Class    int    `json:"class"`         // supervision class, 1 low … 4 strict
	Industry string `json:"industry"`      // section of GB/T 4754, A … T; "-" where the list knows none
	Division string `json:"division_code"` // six digits
	Line     string `json:"quota_id"`      // of the inspection plan, which gives the ratio
}

func (s Stratum) String() string {
	return fmt.Sprintf("class %d, industry %s, division %s, %s", s.Class, s.Industry, s.Division, s.Line)
}

// Compare orders strata by class as a number, then industry, division and line
// byte by byte.
func (s Stratum) Compare(t Stratum) int {
	return cmp.Or(cmp.Compare(s.Class, t.Class), strings.Compare(s.Industry, t.Industry),
		strings.Compare(s.Division, t.Division), strings.Compare(s.Line, t.Line))
}

func (s Stratum) check() error {
	switch {
	case s.Class < 0:
		return fmt.Errorf("class %d is below 0", s.Class)
	case s.Industry == "" || !plain(s.Industry):
		return fmt.Errorf("industry %q is empty or has control characters", s.Industry)
	case s.Division == "" || !plain(s.Division):
		return fmt.Errorf("division_code %q is empty or has control characters", s.Division)
	case s.Line == "" || !plain(s.Line):
		return fmt.Errorf("quota_id %q is empty or has control characters", s.Line)
	}
	return nil
}

// A Rule says how many of a stratum are drawn.
type Rule struct {
	RatioBP int64 // share of the candidates, basis points 0 … 10000
	Least   int64 // at least so many, where the ratio is above 0
	Most    int64 // at most so many; 0 is no bound
}

func (r Rule) check() error {
	switch {
	case r.RatioBP < 0 || r.RatioBP > whole:
		return fmt.Errorf("ratio %d is not between 0 and %d basis points", r.RatioBP, whole)
	case r.Least < 0 || r.Most < 0:
		return fmt.Errorf("least %d or most %d is below 0", r.Least, r.Most)
	case r.Most > 0 && r.Least > r.Most:
		return fmt.Errorf("at least %d and at most %d exclude each other", r.Least, r.Most)
	}
	return nil
}

// count is ⌈n × ratio⌉, raised to least where the ratio is above 0, then cut to
// most and to n.
func (r Rule) count(n int64) int64 {
	count := (n*r.RatioBP + whole - 1) / whole
	if r.RatioBP > 0 {
		count = max(count, r.Least)
	}
	return min(count, r.room(n))
}

// room is the most that can be drawn of n candidates.
func (r Rule) room(n int64) int64 {
	switch {
	case r.RatioBP == 0:
		return 0
	case r.Most > 0:
		return min(n, r.Most)
	}
	return n
}

// A Quota is how many of a stratum are drawn, and why so many.
type Quota struct {
	Stratum
	Candidates int64
	Rule
	Count int64
}

// Bounds are the rules of the whole draw.
type Bounds struct {
	ControlBP int64 `json:"control_bp"` // drawn beside the quotas from all alike: a share of their sum, basis points
	Least     int64 `json:"least"`      // of the quotas together
	CapBP     int64 `json:"cap_bp"`     // of all that are drawn, control included: a share of the candidates; 10000 is no cap
}

func (b Bounds) check() error {
	if b.ControlBP < 0 || b.Least < 0 || b.CapBP < 0 || b.CapBP > whole {
		return fmt.Errorf("control share %d or least number %d is below 0, or the cap %d is not between 0 and %d basis points", b.ControlBP, b.Least, b.CapBP, whole)
	}
	return nil
}

// Quotas computes the quota of each stratum of the roster, by stratum. When
// they are fewer than the least number together, they are raised one at a time
// where candidates × ratio / (quota + 1) is greatest, the earlier stratum first,
// until they are as many or nothing is left to raise: so the proportions of the
// ratios stay. When with control they are above the cap, they begin again at 0
// and are raised likewise, none above what it was, as far as the cap goes. All
// faults are reported at once.
func Quotas(candidates map[Stratum]int64, rule func(Stratum) (Rule, error), b Bounds) ([]Quota, error) {
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("quotas: %w", err)
	}
	var quotas []Quota
	var faults []error
	sum, all := int64(0), int64(0)
	for _, s := range slices.SortedFunc(maps.Keys(candidates), Stratum.Compare) {
		r, err := rule(s)
		if err := errors.Join(err, s.check(), r.check()); err != nil {
			faults = append(faults, fmt.Errorf("%v: %w", s, err))
			continue
		}
		quotas = append(quotas, Quota{s, candidates[s], r, r.count(candidates[s])})
		sum, all = sum+quotas[len(quotas)-1].Count, all+candidates[s]
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("quotas: %w", errors.Join(faults...))
	}
	raise(quotas, b.Least-sum, func(q Quota) int64 { return q.room(q.Candidates) })
	if most := all * b.CapBP / whole * whole / (whole + b.ControlBP); b.CapBP < whole && max(sum, b.Least) > most {
		were := make(map[Stratum]int64, len(quotas))
		for i := range quotas {
			were[quotas[i].Stratum], quotas[i].Count = quotas[i].Count, 0
		}
		raise(quotas, most, func(q Quota) int64 { return were[q.Stratum] })
	}
	return quotas, nil
}

// raise gives more to the quotas, which are in order of their strata, to none
// above its bound.
func raise(quotas []Quota, more int64, bound func(Quota) int64) {
	if more <= 0 {
		return
	}
	var queue raises
	for i := range quotas {
		if q := &quotas[i]; q.Count < bound(*q) {
			queue = append(queue, q)
		}
	}
	heap.Init(&queue)
	for ; more > 0 && len(queue) > 0; more-- {
		q := queue[0]
		q.Count++
		if q.Count == bound(*q) {
			heap.Pop(&queue)
		} else {
			heap.Fix(&queue, 0)
		}
	}
}

// raises has the quota that is raised next in front.
type raises []*Quota

func (r raises) Len() int      { return len(r) }
func (r raises) Swap(i, j int) { r[i], r[j] = r[j], r[i] }
func (r raises) Less(i, j int) bool {
	a := r[i].Candidates * r[i].RatioBP * (r[j].Count + 1) // below 10⁷ × 10⁴ × 10⁷
	b := r[j].Candidates * r[j].RatioBP * (r[i].Count + 1)
	return a > b || a == b && r[i].Stratum.Compare(r[j].Stratum) < 0
}
func (r *raises) Push(x any) { *r = append(*r, x.(*Quota)) }
func (r *raises) Pop() any {
	last := len(*r) - 1
	q := (*r)[last]
	*r = (*r)[:last]
	return q
}

// Control is how many candidates are drawn from all alike before the strata:
// ⌈quotas × share⌉, never more than there are.
func Control(quotas []Quota, b Bounds) int64 {
	candidates, count := int64(0), int64(0)
	for _, q := range quotas {
		candidates += q.Candidates
		count += q.Count
	}
	return min(candidates, (count*b.ControlBP+whole-1)/whole)
}
