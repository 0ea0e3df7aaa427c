package effect_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators/effect"
	"rongxin/internal/credit"
)

// Eight inspections, one a day. By score the order is 2 4 6 7 8 3 5 1, with
// problems at 2, 4 and 7. Of 15 pairs only (7, 6) stands wrong: 14/15. The plain
// first half finds 2 of 3, the scored one all. Plain days are 2, 4, 7, scored
// days 1, 2, 4: six days in three, two each.
const eight = `order,score,outcome,date
1,0.1,0,2026-03-01
2,0.9,1,2026-03-02
3,0.3,0,2026-03-03
4,0.8,1,2026-03-04
5,0.2,0,2026-03-05
6,0.7,0,2026-03-06
7,0.6,1,2026-03-07
8,0.4,0,2026-03-08
`

func TestKnownAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		table                     string
		area, plain, half, sooner int64
	}{
		"eight days":                      {eight, 933333, 666667, 1000000, 2000},
		"columns in another order":        {"score,date,order,outcome\n0.5,2026-03-01,1,0\n0.7,2026-03-03,2,1\n", 1000000, 0, 1000000, 2000},
		"all scores equal":                {"order,score,outcome,date\n1,5,1,2026-03-01\n2,5,0,2026-03-02\n3,5,0,2026-03-03\n", 500000, 1000000, 500000, -1000},
		"the middle of three counts half": {"order,score,outcome,date\n1,3,0,2026-03-01\n2,2,1,2026-03-02\n3,1,0,2026-03-03\n", 500000, 500000, 500000, 0},
		"the worst order":                 {"order,score,outcome,date\n1,1,1,2026-03-01\n2,2,0,2026-03-05\n", 0, 1000000, 0, -4000},
	} {
		t.Run(name, func(t *testing.T) {
			o := measure(t, test.table)
			got := []int64{o.Area.Value, o.HalfPlain.Value, o.HalfScored.Value, o.Sooner.Value}
			if diff := cmp.Diff([]int64{test.area, test.plain, test.half, test.sooner}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func measure(t *testing.T, table string) effect.Order {
	t.Helper()
	rows, err := effect.ReadCSV(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	o, err := effect.Measure("test", rows)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Equal scores count as the mean over all orders that break the tie.
func TestTiesAreTheMeanOfAllOrders(t *testing.T) {
	tied := []effect.Row{
		{Order: 1, Score: 2, Found: true, Day: 10}, {Order: 2, Score: 1, Found: false, Day: 11}, {Order: 3, Score: 1, Found: true, Day: 13},
		{Order: 4, Score: 1, Found: false, Day: 20}, {Order: 5, Score: 0, Found: true, Day: 40},
	}
	got, err := effect.Measure("ties", tied)
	if err != nil {
		t.Fatal(err)
	}
	var area, half, sooner, n int64
	for _, perm := range [][3]float64{{.1, .2, .3}, {.1, .3, .2}, {.2, .1, .3}, {.2, .3, .1}, {.3, .1, .2}, {.3, .2, .1}} {
		rows := slices.Clone(tied)
		for i, p := range perm {
			rows[i+1].Score += p
		}
		one, err := effect.Measure("ties", rows)
		if err != nil {
			t.Fatal(err)
		}
		area, half, sooner, n = area+one.Area.Value, half+one.HalfScored.Value, sooner+one.Sooner.Value, n+1
	}
	for name, pair := range map[string][2]int64{"area": {got.Area.Value, area / n}, "half": {got.HalfScored.Value, half / n}, "sooner": {got.Sooner.Value, sooner / n}} {
		if d := pair[0] - pair[1]; d < -1 || d > 1 {
			t.Errorf("%s: %d, the mean of all orders is %d", name, pair[0], pair[1])
		}
	}
}

// Figures that do not exist are null, not nought.
func TestNothingToMeasure(t *testing.T) {
	none := measure(t, "order,score,outcome\n1,1,0\n2,2,0\n")
	if none.Area != nil || none.HalfScored != nil || none.Sooner != nil || none.Share.Value != 0 {
		t.Errorf("nothing found: %+v", none)
	}
	all := measure(t, "order,score,outcome\n1,1,1\n2,2,1\n")
	if all.Area != nil || all.HalfScored.Value != 500000 || all.Sooner != nil {
		t.Errorf("found everywhere, no days: %+v", all)
	}
	empty, err := effect.Measure("none", nil)
	if err != nil || empty.Share != nil {
		t.Errorf("no rows: %+v, %v", empty, err)
	}
}

// Wilson's bounds by hand: with z² = 3.841459, 1 of 10 is
// (2 + 3.841459 ± 1.959964 √(3.841459 + 3.6)) / 27.682918.
func TestWilson(t *testing.T) {
	for _, test := range []struct{ found, of, low, high int64 }{
		{1, 10, 17876, 404150}, {0, 10, 0, 277533}, {10, 10, 722467, 1000000}, {5, 10, 236593, 763407},
		{0, 1, 0, 793451}, {500000, 1000000, 499020, 500980},
	} {
		if low, high := effect.Wilson(test.found, test.of); low != test.low || high != test.high {
			t.Errorf("%d of %d: %d to %d, want %d to %d", test.found, test.of, low, high, test.low, test.high)
		}
	}
}

// The same rows give the same intervals, whatever the machine; another name
// gives others.
func TestIntervalsArePublic(t *testing.T) {
	rows := made(400, 7)
	var got []string
	for _, name := range []string{"a", "a", "b"} {
		o, err := effect.Measure(name, rows)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(*o.Area.Low, *o.Area.High, *o.Sooner.Low, *o.Sooner.High))
		if *o.Area.Low > o.Area.Value || o.Area.Value > *o.Area.High || *o.Area.Low == *o.Area.High {
			t.Errorf("%d is not within %d to %d", o.Area.Value, *o.Area.Low, *o.Area.High)
		}
	}
	if got[0] != got[1] || got[1] == got[2] {
		t.Errorf("intervals %q", got)
	}
	if want := "724946 820000 5304 9287"; got[0] != want {
		t.Errorf("%s, and on the machine it was written on %s", got[0], want)
	}
}

// made are rows of which the score tells the outcome in part.
func made(n int, seed uint64) []effect.Row {
	random := rand.New(rand.NewPCG(seed, 1))
	rows := make([]effect.Row, n)
	for i := range rows {
		score := random.IntN(4)
		rows[i] = effect.Row{Order: float64(i), Score: float64(score), Found: random.IntN(10) < 1+2*score, Day: credit.NewDate(2026, 1, 1).AddDays(i / 10)}
	}
	return rows
}

// 95 intervals of a hundred hold the true area, give or take what chance does
// to 200 trials.
func TestIntervalsHoldTheTruth(t *testing.T) {
	// Found with 10, 30, 50, 70% in four classes of equal size: of pairs of one
	// with and one without, by hand: 0.760417.
	held := 0
	for trial := range uint64(200) {
		o, err := effect.Measure("truth", made(300, trial+100))
		if err != nil {
			t.Fatal(err)
		}
		if *o.Area.Low <= 760417 && 760417 <= *o.Area.High {
			held++
		}
	}
	if held < 180 || held > 199 {
		t.Errorf("%d of 200 intervals hold the true area", held)
	}
}

// Ten of each class: 1, 2, 4 and 8 problems; two of each are the control share,
// in which one each of classes 3 and 4 has one.
func TestTiers(t *testing.T) {
	var outcomes []effect.Outcome
	for i, found := range []int{1, 2, 4, 8} {
		class := int64(i + 1)
		for n := range 10 {
			o := effect.Outcome{Class: class, Control: n < 2, Industry: "C", Division: fmt.Sprint(350102 + n%2), Day: credit.NewDate(2026, 3, 1+n)}
			o.Found = n >= 10-found && (n >= 2) || class >= 3 && n == 1
			outcomes = append(outcomes, o)
		}
	}
	got, err := effect.MeasureTiers("D1", outcomes)
	if err != nil {
		t.Fatal(err)
	}
	type line struct{ class, found, share, lift int64 }
	var lines []line
	for _, c := range got.Classes {
		lines = append(lines, line{c.Class, c.Found, c.Share.Value, c.Lift.Value})
	}
	// Control: 2 of 8, a quarter.
	want := []line{{4, 9, 900000, 3600000}, {3, 5, 500000, 2000000}, {2, 2, 200000, 800000}, {1, 1, 100000, 400000}}
	if diff := cmp.Diff(want, lines, cmp.AllowUnexported(line{})); diff != "" {
		t.Error(diff)
	}
	if c := got.Control; c.Found != 2 || c.Inspected != 8 || c.Area.Value != 833333 || c.HalfPlain.Value != 500000 || c.HalfScored.Value != 1000000 {
		t.Errorf("control: %+v", c)
	}
	// Both divisions hold the same classes: 17 of 40 are expected of each.
	for _, d := range got.Divisions {
		if d.Expected != 425000 || !d.Within || d.Inspected != 20 {
			t.Errorf("division %+v", d)
		}
	}
	if len(got.Industries) != 1 || got.Industries[0].Found != 17 || got.Industries[0].Share.Value != 425000 {
		t.Errorf("industries %+v", got.Industries)
	}
}

func TestFaultsOfTables(t *testing.T) {
	for name, test := range map[string]struct{ table, want string }{
		"no header":        {"", "line 1: the header: EOF"},
		"column missing":   {"order,outcome\n1,1\n", "there is no column score"},
		"no rows":          {"order,score,outcome\n", "has no rows"},
		"no number":        {"order,score,outcome\n1,high,1\n", `line 2: score: "high" is no number`},
		"not a number":     {"order,score,outcome\n1,NaN,1\n", `score: "NaN" is no number`},
		"outcome":          {"order,score,outcome\n1,1,yes\n", `outcome: "yes" is neither 1`},
		"day":              {"order,score,outcome,date\n1,1,1,2026-02-30\n", `date: "2026-02-30" is no day`},
		"columns":          {"order,score,outcome\n1,1\n", "line 2: record on line 2: wrong number of fields"},
		"both faults":      {"order,score,outcome\n1,x,1\n2,1,y\n", "line 3: outcome"},
		"days run against": {"order,score,outcome,date\n2,1,1,2026-03-01\n1,1,0,2026-03-02\n", "line 2: 2026-03-01 stands after 2026-03-02 of line 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := effect.ReadCSV(strings.NewReader(test.table))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want %q, got %v", test.want, err)
			}
		})
	}
	if _, err := effect.Measure("x", []effect.Row{{Day: 1}, {}}); err == nil {
		t.Error("a day that is missing is no fault")
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add(eight)
	f.Add("\ufefforder,score,outcome\n1,1e308,1\n")
	f.Add("order,score,outcome,date\n\"1,1\n")
	f.Fuzz(func(t *testing.T, table string) {
		rows, err := effect.ReadCSV(strings.NewReader(table))
		if err != nil || len(rows) > 200 {
			return
		}
		if _, err := effect.Measure("fuzz", rows); err != nil {
			t.Fatal(err)
		}
	})
}
