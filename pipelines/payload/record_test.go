package payload_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// told is what reading one table gave, by the column case of its rows.
type told struct {
	contents map[string]string
	faults   map[string][]payload.Fault
	counts   payload.Count
	keys     []string
}

// readAll loads rows into the relation of a mapping and reads the table. Each row
// is named by its column case, which no mapping reads.
func readAll(t *testing.T, m *payload.Mapping, rows []map[string]string) told {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Config{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var columns []landing.Column
	for _, name := range columnsOf(m) {
		columns = append(columns, landing.Column{Name: name, Type: "VARCHAR"})
	}
	var values [][]any
	for _, row := range rows {
		var line []any
		for _, c := range columns {
			if v, ok := row[c.Name]; ok {
				line = append(line, v)
			} else {
				line = append(line, nil)
			}
		}
		values = append(values, line)
	}
	if err := db.Load(t.Context(), m.Source.Relation, columns, values); err != nil {
		t.Fatal(err)
	}
	got := told{contents: map[string]string{}, faults: map[string][]payload.Fault{}}
	source := payload.NewSource(db, []*payload.Mapping{m})
	err = source.Each(context.Background(), func(r publish.Record, faults []payload.Fault) error {
		if r.Table != m.Table || r.Subject == "" || (r.HeldBack == "") != (faults == nil) || (r.Payload == nil) != (faults != nil) {
			t.Errorf("record %+v", r)
		}
		got.keys = append(got.keys, r.Key)
		got.contents[r.Key], got.faults[r.Key] = string(r.Payload), faults
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got.counts = source.Counts()[0]
	return got
}

// columnsOf are all columns that a mapping names.
func columnsOf(m *payload.Mapping) []string {
	names := append([]string{m.Source.Subject, m.Source.RangeColumn}, m.Source.Key...)
	if m.Source.Skip != nil {
		names = append(names, m.Source.Skip.Column)
	}
	for _, f := range m.Fields {
		names = append(names, f.From...)
	}
	for _, r := range m.Rules {
		names = append(names, r.Doubt)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// spoilt is one way to break a good row: what is changed, and the fault it gives.
type spoilt struct {
	name   string
	change map[string]string // a value "\x00" takes it away
	field  string
	code   payload.Code
	rule   string
}

// waysToSpoil are, of every field, all that its mapping asks of it.
func waysToSpoil(m *payload.Mapping, good map[string]string) (ways []spoilt) {
	add := func(f *payload.Field, code payload.Code, value string) {
		ways = append(ways, spoilt{f.Name + " " + string(code) + " " + fmt.Sprint(len(ways)), map[string]string{f.From[0]: value}, f.Name, code, ""})
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		if len(f.From) == 0 || slices.Contains(m.Source.Key, f.From[0]) || slices.Contains([]string{m.Source.Subject, m.Source.RangeColumn}, f.From[0]) {
			continue
		}
		skipped := m.Source.Skip != nil && m.Source.Skip.Column == f.From[0]
		conditionMet := f.Required.Field != "" // the good rows meet every condition
		if (f.Required.Always || conditionMet) && len(f.From) == 1 && !skipped {
			add(f, payload.Required, "\x00")
		}
		switch {
		case f.Codes != nil:
			add(f, payload.CodeList, "无此代码")
		case f.Type == payload.Date, f.Type == payload.DateTime:
			add(f, payload.Format, "昨天")
		case f.Type != payload.Text:
			add(f, payload.Format, "一百")
		case len(f.From) > 1:
			add(f, payload.Length, strings.Repeat("长", f.MaxLength+1))
		default:
			if f.Length > 0 {
				add(f, payload.Length, good[f.From[0]]+"1")
			}
			if f.MaxLength > 0 {
				add(f, payload.Length, strings.Repeat("长", f.MaxLength+1))
			}
			if f.Pattern != nil {
				add(f, payload.Format, strings.Repeat("长", len([]rune(good[f.From[0]]))))
			} else if n := max(f.Length, f.MaxLength); n == 0 || n >= 20 {
				add(f, payload.Personal, "350102190001010015")
			}
		}
	}
	return ways
}

// A hand-made record of each table becomes exactly the content written beside it;
// spoilt in every way that the mapping knows, it is held back for that reason.
func TestRecordsOfEveryTable(t *testing.T) {
	library, err := payload.Load(payload.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range library.On(credit.NewDate(2026, 6, 30)) {
		t.Run(m.Table, func(t *testing.T) {
			archive, err := txtar.ParseFile(filepath.Join("testdata", m.Table+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = strings.TrimSpace(string(f.Data))
			}
			good := map[string]string{}
			for line := range strings.Lines(parts["row"]) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
				good[name] = value
			}
			ways := append(waysToSpoil(m, good), rulesBroken(m, parts["broken"])...)
			if len(m.Rules) > 0 && len(ways) < len(m.Rules) {
				t.Errorf("%d rules, and %d ways to break one", len(m.Rules), len(ways))
			}
			var rows []map[string]string
			for i, way := range append([]spoilt{{name: "good"}}, ways...) {
				row := maps.Clone(good)
				for column, value := range way.change {
					if row[column] = value; value == "\x00" {
						delete(row, column)
					}
				}
				row[m.Source.Key[0]] = fmt.Sprintf("r%d", i+1)
				if m.Source.Key[0] == m.Source.Subject {
					row[m.Source.Key[0]] = fmt.Sprintf("91350100M%09d", i+1)
				}
				rows = append(rows, row)
			}
			if first := m.Source.Key[0]; first == m.Source.Subject || first == "department" {
				rows[0][first] = good[first]
			}
			got := readAll(t, m, rows)
			if diff := cmp.Diff(parts["want.json"], got.contents[keyOf(m, rows[0])]); diff != "" {
				t.Errorf("%v\n%s", got.faults[keyOf(m, rows[0])], diff)
			}
			if got.counts.Read != len(rows) || got.counts.ToSend != 1 || got.counts.HeldBack != len(ways) {
				t.Errorf("counts %+v of %d rows", got.counts, len(rows))
			}
			for i, way := range ways {
				faults := got.faults[keyOf(m, rows[i+1])]
				if !slices.ContainsFunc(faults, func(f payload.Fault) bool {
					return f.Field == way.field && f.Code == way.code && f.Rule == way.rule && f.Reason != ""
				}) {
					t.Errorf("%s: got %+v", way.name, faults)
				}
				for _, f := range faults {
					if strings.Contains(f.Reason, "350102190001010015") {
						t.Errorf("%s tells a person's number", way.name)
					}
				}
			}
		})
	}
}

// rulesBroken reads lines of rule, field and column=value.
func rulesBroken(m *payload.Mapping, text string) (ways []spoilt) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		way := spoilt{name: strings.TrimSpace(line), change: map[string]string{}, rule: words[0], field: words[1], code: payload.RuleFail}
		for _, one := range words[2:] {
			column, value, _ := strings.Cut(one, "=")
			way.change[column] = value
		}
		ways = append(ways, way)
	}
	for _, r := range m.Rules {
		if !slices.ContainsFunc(ways, func(w spoilt) bool { return w.rule == r.ID }) {
			panic(m.Table + ": nothing breaks rule " + r.ID)
		}
	}
	return ways
}

func keyOf(m *payload.Mapping, row map[string]string) string {
	var parts []string
	for _, c := range m.Source.Key {
		parts = append(parts, row[c])
	}
	return strings.Join(parts, "/")
}

func parsed(t *testing.T) *payload.Mapping {
	t.Helper()
	m, err := payload.Parse("fines.yml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What may not leave and what is no record of the table is counted, and never
// read; a range that nobody stated keeps a record here.
func TestWhatMayLeave(t *testing.T) {
	row := func(id, rng, state string) map[string]string {
		r := map[string]string{"record_id": id, "subject_id": "S", "body": "ABCD", "kind": "警告", "found": "2026-01-01", "state": state}
		if rng != "" {
			r["range"] = rng
		}
		return r
	}
	rows := []map[string]string{row("c", "public", "好"), row("a", "government", "好"), row("b", "authorised", "好"), row("d", "", "好"), row("e", "public", "草稿")}
	got := readAll(t, parsed(t), rows)
	if diff := cmp.Diff([]string{"a", "c"}, got.keys); diff != "" {
		t.Error(diff)
	}
	want := payload.Count{Table: "fines", Title: "罚款", Version: 1, Read: 4, ToSend: 2, NotForReceiver: 2, Skipped: 1, Reasons: []payload.Reason{}}
	got.counts.Example = nil
	if diff := cmp.Diff(want, got.counts); diff != "" {
		t.Error(diff)
	}
}

// Values are those of the receiver's words: codes, units without rounding, masks,
// joined columns without holes.
func TestValues(t *testing.T) {
	base := map[string]string{"record_id": "r", "subject_id": "S", "range": "public", "state": "好", "body": "ABCD", "kind": "罚款", "fine": "1", "found": "2026-01-01"}
	for _, tt := range []struct{ column, value, field, want string }{
		{"fine", "200000", "fine", `"0.200000"`}, {"fine", "1", "fine", `"0.000001"`}, {"fine", "-150000000", "fine", `"-150.000000"`}, {"fine", "9223372036854775807", "fine", `"9223372036854.775807"`},
		{"owner", "陈某某", "owner", `"陈**"`}, {"owner", "陈", "owner", `"*"`}, {"first", "王", "people", "RULE"}, {"share", "1250", "share", `"12.5%"`}, {"share", "5", "share", `"0.05%"`},
		{"share", "10000", "share", `"100%"`}, {"class", "3", "class", `3`}, {"class", "", "class", `""`}, {"told", "2026-01-02", "told", `"2026-01-02 00:00:00"`},
		{"told", "2026-01-02 13:00:00", "told", `"2026-01-02 13:00:00"`}, {"told", "2026-01-01 13:00:00", "told", "RULE"}, {"item", "ABCD3x", "item", `"ABCD3x"`}, {"item", "ABCD9", "item", "RULE"},
		{"item", "<a>&\u2028", "item", "RULE"}, {"numbers", "一\"二\n", "numbers", `"一\"二\n"`}, {"", "", "paper", `"001"`}, {"", "", "kind", `"02"`},
	} {
		row := maps.Clone(base)
		if tt.column != "" {
			row[tt.column] = tt.value
		}
		got := readAll(t, parsed(t), []map[string]string{row})
		if tt.want == "RULE" {
			if len(got.faults["r"]) != 1 || got.faults["r"][0].Code != payload.RuleFail {
				t.Errorf("%s=%s: got %+v", tt.column, tt.value, got.faults["r"])
			}
			continue
		}
		if member := `"` + tt.field + `":` + tt.want; !strings.Contains(got.contents["r"], member) {
			t.Errorf("%s=%s: got %s %+v, want %s", tt.column, tt.value, got.contents["r"], got.faults["r"], member)
		}
	}
	two := maps.Clone(base)
	two["first"], two["second"] = "王", "李"
	if got := readAll(t, parsed(t), []map[string]string{two}); !strings.Contains(got.contents["r"], `"people":"王;李"`) {
		t.Errorf("got %s", got.contents["r"])
	}
}

// A run that has not the columns of a mapping is told with the place of each.
func TestColumnsThatAreNotThere(t *testing.T) {
	db, err := engine.Open(t.Context(), engine.Config{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m := parsed(t)
	var columns []landing.Column
	for _, name := range columnsOf(m) {
		if name != "fine" && name != "state" {
			columns = append(columns, landing.Column{Name: strings.Replace(name, "owner", "owners", 1), Type: "VARCHAR"})
		}
	}
	if err := db.Load(t.Context(), m.Source.Relation, columns, nil); err != nil {
		t.Fatal(err)
	}
	err = payload.NewSource(db, []*payload.Mapping{m}).Records(t.Context(), func(publish.Record) error { return nil })
	for _, want := range []string{"fines.yml:13:10: source.skip.column: marts.fines of this run has no column state", "fines.yml:19:31: fields[4].from: marts.fines of this run has no column fine",
		"fields[7].from: marts.fines of this run has no column owner: did you mean owners?"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A key twice, or none, breaks the grain of the model and stops the reading.
func TestBrokenGrain(t *testing.T) {
	for name, ids := range map[string][]any{"twice": {"a", "a"}, "none": {nil}} {
		db, err := engine.Open(t.Context(), engine.Config{TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		m := parsed(t)
		var columns []landing.Column
		for _, c := range columnsOf(m) {
			columns = append(columns, landing.Column{Name: c, Type: "VARCHAR"})
		}
		var rows [][]any
		for _, id := range ids {
			row := make([]any, len(columns))
			for i, c := range columns {
				row[i] = map[string]any{"record_id": id, "subject_id": "S", "range": string(contract.Public)}[c.Name]
			}
			rows = append(rows, row)
		}
		if err := db.Load(t.Context(), m.Source.Relation, columns, rows); err != nil {
			t.Fatal(err)
		}
		err = payload.NewSource(db, []*payload.Mapping{m}).Records(t.Context(), func(publish.Record) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "breaks its grain") {
			t.Errorf("%s: %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
