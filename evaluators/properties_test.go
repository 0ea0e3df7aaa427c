package evaluators_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

func asGiven(rows [][]any) [][]any { return rows }

// rounds sets how often rapid tries, unless the command line says so: a round
// here is one query over hundreds of subjects.
func rounds(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Value.Set(f.DefValue) })
}

// drawDay draws the day of an evaluation, month ends as often as others.
func drawDay(t *rapid.T) credit.Date {
	month := credit.NewDate(2024, 1, 31).AddMonths(rapid.IntRange(0, 35).Draw(t, "month"))
	return month.AddDays(rapid.SampledFrom([]int{0, 0, 1, -7}).Draw(t, "day"))
}

func drawSubjects(t *rapid.T, day credit.Date, n int) []subject {
	subjects := make([]subject, n)
	for i := range subjects {
		subjects[i] = drawSubject(t, fmt.Sprintf("S%03d", i), day)
	}
	return subjects
}

// What an enterprise's score may and may not depend on, over thousands of
// random enterprises, each in three variants scored together.
func TestScoreProperties(t *testing.T) {
	set := drawable(ruleSet(t, os.DirFS("rules")))
	w := newWorld(t, set)
	rounds(t, 10)
	rapid.Check(t, func(rt *rapid.T) {
		day := drawDay(rt)
		base := drawSubjects(rt, day, 250)
		var all, mended []subject
		for _, s := range base {
			penalty := drawFact(rt, rapid.SampledFrom([]string{"a-first", "z-last"}).Draw(rt, "id"), day, adverse)
			future := drawFact(rt, "r99", day, adverse)
			future.on = day.AddDays(rapid.IntRange(1, 400).Draw(rt, "ahead"))
			more := s.with("+penalty", penalty)
			all = append(all, s, more, s.with("+future", future))
			// The penalty is taken back, and everyone else is gone.
			more.facts = more.facts[:len(more.facts)-1]
			mended = append(mended, s, more)
		}
		first := w.score(rt, day, all, asGiven)
		seed := rapid.Uint64().Draw(rt, "order")
		shuffled := w.score(rt, day, all, func(rows [][]any) [][]any {
			rows = slices.Clone(rows)
			rand.New(rand.NewPCG(1, seed)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			return rows
		})
		if diff := cmp.Diff(first, shuffled); diff != "" {
			rt.Fatalf("the order of rows changed results: %s", diff)
		}
		fewer := w.score(rt, day, mended, asGiven)
		for _, card := range set.Scorecards {
			results, restored := first[card.Name], fewer[card.Name]
			for _, s := range base {
				was := results[s.id]
				checkAdded(rt, card, was, results[s.id+"+penalty"])
				same(rt, card.Name+" "+s.id+": a record dated ahead of the day", was, results[s.id+"+future"])
				same(rt, card.Name+" "+s.id+": the records of others", was, restored[s.id])
				same(rt, card.Name+" "+s.id+": a penalty come and gone", was, restored[s.id+"+penalty"])
			}
			for id, r := range results {
				checkSum(rt, card.Name+" "+id, r)
			}
		}
	})
}

// checkAdded holds a result with one adverse record more against the one
// without: never better, in points, in grade or in a veto lifted.
func checkAdded(t *rapid.T, card *evaluators.Scorecard, was, is result) {
	worse := is.Points - was.Points // risk points go up
	if card.Better == "higher" {
		worse = -worse
	}
	if worse < 0 || badness(card, is.Grade) < badness(card, was.Grade) || is.Veto == "" && was.Veto != "" {
		t.Fatalf("%s: an adverse record more turned %+v into %+v", card.Name, was, is)
	}
}

func checkSum(t *rapid.T, what string, r result) {
	var sum int64
	for _, points := range r.ByRecord {
		sum += points
	}
	if sum != r.Points {
		t.Fatalf("%s: contributions come to %d, the score is %d", what, sum, r.Points)
	}
}

func same(t *rapid.T, what string, was, is result) {
	if diff := cmp.Diff(was, is); diff != "" {
		t.Fatalf("%s changed the result: %s", what, diff)
	}
}

// badness is the place of a grade from the best, 0, on.
func badness(card *evaluators.Scorecard, grade string) int {
	at := slices.IndexFunc(card.Grades, func(g evaluators.Grade) bool { return g.Grade == grade })
	if card.Better == "higher" {
		return len(card.Grades) - 1 - at
	}
	return at
}

// The compiled SQL and a second reading of the same YAML, written here without
// it, agree on every subject.
func TestReference(t *testing.T) {
	set := drawable(ruleSet(t, os.DirFS("rules")))
	w := newWorld(t, set)
	results, vetoed, capped := 0, 0, 0
	rounds(t, 12)
	rapid.Check(t, func(rt *rapid.T) {
		day := drawDay(rt)
		cases := drawSubjects(rt, day, 500)
		got := w.score(rt, day, cases, asGiven)
		for _, card := range set.Scorecards {
			for _, s := range cases {
				points, grade, atCap := reference(card, s, day)
				r := got[card.Name][s.id]
				if r.Points != points || r.Grade != grade {
					rt.Fatalf("%s of %+v on %s: SQL says %d, %s; the reference %d, %s", card.Name, s, day, r.Points, r.Grade, points, grade)
				}
				results++
				if r.Veto != "" {
					vetoed++
				}
				if atCap {
					capped++
				}
			}
		}
	})
	if results < 10000 || vetoed < 1000 || capped < 1000 {
		t.Errorf("only %d results, %d by veto, %d at a cap: the cases do not reach the rules", results, vetoed, capped)
	}
}

// reference scores one subject by counting.
func reference(card *evaluators.Scorecard, s subject, day credit.Date) (points int64, grade string, capped bool) {
	points = int64(card.BasePoints)
	for _, c := range card.Characteristics {
		each := int64(*c.Each) * int64(count(c.Leaf, s, day))
		if limit := int64(*c.Cap); max(each, -each) > max(limit, -limit) {
			each, capped = limit, true
		}
		points += each
	}
	for _, g := range card.Grades {
		if card.Better == "higher" && points >= int64(*g.From) {
			grade = g.Grade
		}
		if card.Better == "lower" && grade == "" && (g.UpTo == nil || points <= int64(*g.UpTo)) {
			grade = g.Grade
		}
	}
	for _, v := range card.Vetoes {
		if count(v.Leaf, s, day) > 0 && badness(card, v.Grade) > badness(card, grade) {
			grade = v.Grade
		}
	}
	return points, grade, capped
}

func count(leaf evaluators.Leaf, s subject, day credit.Date) int {
	n := 0
	for _, f := range s.facts {
		ok := f.table == leaf.Fact && f.on <= day
		if leaf.WithinMonths > 0 {
			ok = ok && f.on > day.AddMonths(-int(leaf.WithinMonths))
		}
		values := map[string]string{"category": f.category, "record_group": group(f.category), "severity": f.severity, "field": f.field, "activity": f.activity}
		for column, accepted := range leaf.Where {
			ok = ok && slices.Contains(accepted, values[column])
		}
		if ok {
			n++
		}
	}
	return n
}

// Over the matrix in force, a worse industry level never betters the class,
// nor does a worse public grade. Level 0, no industry result, stands aside.
func TestMatrixIsMonotone(t *testing.T) {
	type cell struct {
		grade string
		level int64
	}
	classes := map[cell]int64{}
	for _, seed := range ruleSet(t, os.DirFS("rules")).Seeds() {
		if seed.Name != "rules.overlay_matrix" {
			continue
		}
		for _, row := range seed.Rows {
			classes[cell{row[0].(string), row[1].(int64)}] = row[2].(int64)
		}
	}
	if len(classes) != 25 {
		t.Fatalf("%d cells, want 25", len(classes))
	}
	for _, grade := range []string{"A", "B", "C", "D", "not_evaluated"} {
		for level := int64(2); level <= 4; level++ {
			if worse, better := classes[cell{grade, level}], classes[cell{grade, level - 1}]; worse < better {
				t.Errorf("public %s: level %d gives class %d, the better level %d", grade, level, worse, better)
			}
		}
	}
	for level := int64(0); level <= 4; level++ {
		for i, grade := range []string{"B", "C", "D"} {
			better := []string{"A", "B", "C"}[i]
			if classes[cell{grade, level}] < classes[cell{better, level}] {
				t.Errorf("level %d: public %s gives class %d, the better %s %d", level, grade,
					classes[cell{grade, level}], better, classes[cell{better, level}])
			}
		}
	}
}
