package evaluators_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"rongxin/evaluators"
	"rongxin/warehouse/landing"
)

// What a scorecard cannot mean is refused at its place.
func TestLanguageFaults(t *testing.T) {
	const kinds = "ruletest/testdata/kinds/kinds.yml"
	data, err := os.ReadFile(kinds)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"no kind", "each: -2.5, cap: -5,", "", "kinds.yml:16:5: characteristics[0]: has 0 of the keys each, present, bands, grades, escalate, wants one"},
		{"two kinds", "each: -2.5, cap: -5,", "each: -2.5, cap: -5, present: 1,", "characteristics[0]: has 2 of the keys"},
		{"a key of another kind", "each: -2.5, cap: -5,", "each: -2.5, cap: -5, missing: 0,", "characteristics[0].missing: does not go with each"},
		{"a cap of the other sign", "each: -2.5, cap: -5,", "each: -2.5, cap: 5,", "characteristics[0].cap: each -2.5 and cap 5 must have one sign"},
		{"no cap", "each: -2.5, cap: -5,", "each: -2.5,", "characteristics[0].cap: each -2.5 and cap none"},
		{"a table that is none", "fact: marts.permits", "fact: permits", `characteristics[2].fact: is "permits", wants a table`},
		{"a condition that nothing fits", "where: {kind: each}", "where: {kind: []}", "characteristics[0].where.kind: is an empty list"},
		{"a share that comes to no thousandth", "each: -10, cap: -15", "each: -10.001, cap: -15", "decay[1].keep: 50% of -10.001 points is no whole thousandth"},
		{"an older record that keeps more", "keep: 50%", "keep: 5%", "decay[2].keep: an older record keeps less"},
		{"months that fall", "within_months: 24, keep", "within_months: 12, keep", "decay[1].within_months: months must ascend from 1"},
		{"a measure that is none", "measure: count", "measure: average(x)", `characteristics[3].measure: is "average(x)", wants count, share, sum(column) or newest(column)`},
		{"one band", "bands: [{points: 4}, {from: 1, points: 0}, {from: 3, points: -20}]", "bands: [{points: 4}]", "characteristics[3].bands: wants at least two bands"},
		{"a first band with a bound", "bands: [{points: 4}, {from: 1", "bands: [{from: 0, points: 4}, {from: 1", "characteristics[3].bands[0].from: the first band is open below"},
		{"bounds that fall", "{from: 3, points: -20}", "{from: 1, points: -20}", "characteristics[3].bands[2].from: bounds must ascend"},
		{"half a record", "{from: 3, points: -20}", "{from: 2.5, points: -20}", "characteristics[3].bands[2].from: is a number of records: a whole number"},
		{"a band without points", "{from: 3, points: -20}", "{from: 3}", "characteristics[3].bands[2].points: is missing"},
		{"a tenth of a fen", "from: 50000.01", "from: 50000.001", "characteristics[4].bands[2].from: is an amount in 元 with at most two decimals"},
		{"a share without a sign", "{from: 30%, points: -12}", "{from: 30, points: -12}", "characteristics[7].bands[1].from"},
		{"a share of nothing", "of: {kind: fail}, ", "", "characteristics[7].of: goes with measure share"},
		{"nothing said of no record", "missing: -2, ", "", "characteristics[6].missing: is missing: points, or not_evaluated"},
		{"a word for missing", "missing: -2, ", "missing: none, ", `kinds.yml:26:5: "none" is no number with at most three decimals, nor the word not_evaluated`},
		{"a result and a table", "result: national,", "result: national, fact: marts.records,", "characteristics[9].result: brings its own table"},
		{"grades without a text", "result: national, ", "fact: marts.records, ", "characteristics[9]: grades want the text of a newest record"},
		{"one step", ", {is: 较重, each: -15, every: 3}, {is: 严重, each: -50}", "", "characteristics[10].escalate.steps: wants 2 to 5 steps"},
		{"a step twice", "{is: 较重, each", "{is: 一般, each", "steps[1].is: 一般 stands twice"},
		{"a step that would be lighter", "each: -15, every: 3", "each: -11, every: 3", "steps[0].each: 3 records of this step would weigh more than the one of the next"},
		{"a last step with a next", "{is: 严重, each: -50}", "{is: 严重, each: -50, every: 2}", "steps[2].every: the last step has none above it"},
		{"steps of two signs", "{is: 严重, each: -50}", "{is: 严重, each: 50}", "steps[2].each: is 50: all steps have one sign"},
		{"no cap on steps", "cap: -60, ", "", "characteristics[10].cap: is none"},
		{"a veto of nothing", "grade: D, basis", "basis", "vetoes[0]: has 0 of the keys grade, ceiling, score, wants one"},
		{"a veto of two effects", "ceiling: B", "ceiling: B, score: 3", "vetoes[1]: has 2 of the keys grade, ceiling, score"},
		{"a ceiling that is no grade", "ceiling: B", "ceiling: E", `vetoes[1].ceiling: "E" is not a grade of this scorecard`},
		{"at least nothing", "at_least: 2", "at_least: 0", "vetoes[1].at_least: is 0, wants at least 1"},
		{"a name twice", "name: warned", "name: each", "vetoes[1].name: each stands twice"},
		{"a reason twice", "reason_code: K-V-CEIL", "reason_code: BASE", "vetoes[1].reason_code: BASE stands twice"},
		{"not evaluated as a grade", "{grade: B, from: 70.5}", "{grade: not_evaluated, from: 70.5}", "grades[2].grade: not_evaluated is no grade: it says that there is none"},
		{"a highest below the lowest", "highest: 120", "highest: 0", "highest: is not above lowest"},
		{"points that fall below zero", "lowest: 0\n", "", "base_points: all caps together reach -"},
		{"no base points", "base_points: 100\n", "", "base_points: is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if strings.Count(string(data), tt.old) != 1 {
				t.Fatalf("%s does not hold %q once", kinds, tt.old)
			}
			files := fstest.MapFS{"kinds.yml": &fstest.MapFile{Data: []byte(strings.Replace(string(data), tt.old, tt.new, 1))}}
			if _, err := evaluators.Load(files); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %q", err, tt.want)
			}
		})
	}
}

// What a scorecard looks at must be there, with a type that fits.
func TestFactsExist(t *testing.T) {
	library, err := evaluators.Load(os.DirFS("ruletest/testdata/kinds"))
	if err != nil {
		t.Fatal(err)
	}
	columns := func(pairs ...string) []landing.Column {
		var list []landing.Column
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, landing.Column{Name: pairs[i], Type: pairs[i+1]})
		}
		return list
	}
	tables := map[string][]landing.Column{
		"intermediate.subjects": columns("subject_id", "VARCHAR"),
		"marts.records": columns("subject_id", "VARCHAR", "record_id", "VARCHAR", "event_on", "DATE", "kind", "VARCHAR",
			"severity", "VARCHAR", "fine_amount", "BIGINT", "hours", "DECIMAL(5,2)"),
		"marts.permits": columns("subject_id", "VARCHAR", "record_id", "VARCHAR", "event_on", "TIMESTAMP"),
		"marts.ratings": columns("subject_id", "VARCHAR", "record_id", "VARCHAR", "rated_on", "DATE", "score", "VARCHAR"),
	}
	want := "kinds.yml:19:33: characteristics[2].fact: event_on of marts.permits is TIMESTAMP, wants DATE\n" +
		"kinds.yml:26:33: characteristics[6].fact: score of marts.ratings is VARCHAR, wants a number"
	if err := library.CheckFacts(tables); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	tables["marts.permits"][2].Type, tables["marts.ratings"][3].Type = "DATE", "DECIMAL(5,2)"
	if err := library.CheckFacts(tables); err != nil {
		t.Error(err)
	}
}

// A result that is no imported scheme in force is told on the day.
func TestResultsExist(t *testing.T) {
	files := changedRules(t, "scorecards/public_city.yml", "    fact: marts.records_in_force\n    where: {category: 守信荣誉}\n    reason_code: PC-HON-1\n    each: 10\n    cap: 50\n",
		"    reason_code: PC-HON-1\n    result: taxes\n    grades: {A: 10}\n    missing: 0\n")
	library, err := evaluators.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	want := "scorecard public_city: honours: taxes is no imported scheme in force on 2026-06-30"
	if _, err := library.On(day); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// Points are read exactly, and written as they were read.
func TestPoints(t *testing.T) {
	for text, want := range map[string]evaluators.Points{"0": 0, "12.5": 12_500, "-0.001": -1, "999999999.999": 999_999_999_999, "-40": -40_000} {
		got, err := evaluators.ParsePoints(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %d, %v, written %s", text, got, err, got)
		}
	}
	for _, text := range []string{"", "1e3", "0.0001", ".5", "5.", "+1", "1,000", "--1", "９", "9999999999"} {
		if got, err := evaluators.ParsePoints(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

// Whatever a rule file holds, it is understood or refused, never worse; what is
// understood has its lines and compiles.
func FuzzRules(f *testing.F) {
	for _, file := range []string{"ruletest/testdata/kinds/kinds.yml", "rules/severity.yml", "rules/publicity.yml", "rules/overlay.yml",
		"rules/schemes/tax.yml", "rules/tiers.yml", "rules/severe_lists.yml", "rules/inspection_plans/city.yml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		library, err := evaluators.Load(fstest.MapFS{"x.yml": &fstest.MapFile{Data: data}})
		if err != nil {
			return
		}
		for _, file := range library.Files() {
			if len(file.Lines) < 7 {
				t.Errorf("%d lines", len(file.Lines))
			}
			set := library.At(file.Header.EffectiveFrom)
			if _, err := set.Models(); err != nil {
				t.Error(err)
			}
		}
	})
}
