package lineage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lineage"
	"rongxin/warehouse/model"
)

func open(t *testing.T) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Config{TempDir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var given = map[string][]string{"s.a": {"id", "x", "y", "day"}, "s.b": {"id", "z"}, "run.parameters": {"as_of"}}

// told writes a table's lineage as lines: a column with what it is made of, after
// a bar what decides about it, and last what decides about the rows.
func told(t lineage.Table) string {
	var b strings.Builder
	list := func(sources []lineage.Source) {
		for _, s := range sources {
			fmt.Fprintf(&b, " %s.%s:%s", s.Table, s.Column, s.Use)
		}
	}
	for _, c := range t.Columns {
		fmt.Fprintf(&b, "%s =", c.Name)
		list(c.From)
		if c.Counts {
			b.WriteString(" rows")
		}
		if len(c.By) > 0 {
			b.WriteString(" |")
			list(c.By)
		}
		b.WriteString("\n")
	}
	b.WriteString("rows:")
	list(t.Rows)
	return strings.TrimSuffix(b.String(), "rows:")
}

// What each construct of SQL does to the columns it is given.
func TestConstructs(t *testing.T) {
	tests := []struct{ name, query, want string }{
		{"as it is, computed, constant", "select a.x, a.x + y as sum, 'z' as kind, cast(a.day as varchar) as day from s.a as a", `
x = s.a.x:IDENTITY
sum = s.a.x:TRANSFORMATION s.a.y:TRANSFORMATION
kind =
day = s.a.day:TRANSFORMATION
`},
		{"filter and day", "select x from s.a cross join run.parameters as p where a.day <= p.as_of and y > 1", `
x = s.a.x:IDENTITY
rows: run.parameters.as_of:FILTER s.a.day:FILTER s.a.y:FILTER`},
		{"joins", "select a.x, b.z from s.a left join s.b on b.id = a.id", `
x = s.a.x:IDENTITY
z = s.b.z:IDENTITY
rows: s.a.id:JOIN s.b.id:JOIN`},
		{"join using", "select id, b.z from s.a join s.b using (id)", `
id = s.a.id:IDENTITY s.b.id:IDENTITY
z = s.b.z:IDENTITY
rows: s.a.id:JOIN s.b.id:JOIN`},
		{"case", "select case when x > 1 then y else 0 end as v, case x when 1 then 'a' end as w from s.a", `
v = s.a.y:TRANSFORMATION | s.a.x:CONDITIONAL
w = | s.a.x:CONDITIONAL
`},
		{"groups", "select x, sum(y) as total, count(*) as n, count(y) as ys, min(day) filter (where id > 1) as first from s.a group by x having count(*) > 1", `
x = s.a.x:IDENTITY
total = s.a.y:AGGREGATION
n = rows
ys = s.a.y:AGGREGATION rows
first = s.a.day:AGGREGATION | s.a.id:CONDITIONAL
rows: s.a.x:GROUP_BY`},
		{"groups by number, having a value", "select x + y as v, max(id) as m from s.a group by 1 having max(day) > date '2026-01-01'", `
v = s.a.x:TRANSFORMATION s.a.y:TRANSFORMATION
m = s.a.id:AGGREGATION
rows: s.a.day:FILTER s.a.x:GROUP_BY s.a.y:GROUP_BY`},
		{"windows", "select row_number() over (partition by x order by day nulls last) as n, sum(y) over w as s, lag(y, 1, id) over (order by day) as l from s.a window w as (partition by x)", `
n = rows | s.a.day:WINDOW s.a.x:WINDOW
s = s.a.y:AGGREGATION | s.a.x:WINDOW
l = s.a.id:TRANSFORMATION s.a.y:TRANSFORMATION | s.a.day:WINDOW
`},
		{"CTEs, the latest by number", "with v as (select id, x, row_number() over (partition by id order by day) as n from s.a), w as (select id, x + 1 as x1 from v where n = 1) select id, x1 from w", `
id = s.a.id:IDENTITY
x1 = s.a.x:TRANSFORMATION
rows: s.a.day:FILTER s.a.id:FILTER`},
		{"names of a CTE's columns, one that hides a table", "with a(k, v) as (select id, x from s.a) select k, v from a", `
k = s.a.id:IDENTITY
v = s.a.x:IDENTITY
`},
		{"union all", "select x, 'a' as kind from s.a union all select z, 'b' from s.b where id > 1", `
x = s.a.x:IDENTITY s.b.z:IDENTITY
kind =
rows: s.b.id:FILTER`},
		{"union keeps one of equals", "select x from s.a union select z from s.b", `
x = s.a.x:IDENTITY s.b.z:IDENTITY
rows: s.a.x:GROUP_BY s.b.z:GROUP_BY`},
		{"except", "select x from s.a except select z from s.b", `
x = s.a.x:IDENTITY
rows: s.a.x:FILTER s.b.z:FILTER`},
		{"distinct", "select distinct x from s.a", `
x = s.a.x:IDENTITY
rows: s.a.x:GROUP_BY`},
		{"subqueries that filter", "select x from s.a where exists (select 1 from s.b where b.id = a.id) and y in (select z from s.b)", `
x = s.a.x:IDENTITY
rows: s.a.id:FILTER s.a.y:FILTER s.b.id:FILTER s.b.z:FILTER`},
		{"a subquery as value", "select x, (select max(z) from s.b where b.id = a.id) as m from s.a", `
x = s.a.x:IDENTITY
m = s.b.z:AGGREGATION | s.a.id:FILTER s.b.id:FILTER
`},
		{"stars", "select a.*, b.* exclude (id) from s.a cross join (select * from s.b) as b", `
id = s.a.id:IDENTITY
x = s.a.x:IDENTITY
y = s.a.y:IDENTITY
day = s.a.day:IDENTITY
z = s.b.z:IDENTITY
`},
		{"values", "select v.p, a.x from s.a join (values (1, 2), (3, 4)) as v(p, q) on v.q = a.y", `
p =
x = s.a.x:IDENTITY
rows: s.a.y:JOIN`},
		{"an order that cuts off, and one that does not", "select x from (select x from s.a order by day limit 3) order by x", `
x = s.a.x:IDENTITY
rows: s.a.day:SORT`},
		{"an alias read again", "select x + 1 as up, up * 2 as twice from s.a where up > 1", `
up = s.a.x:TRANSFORMATION
twice = s.a.x:TRANSFORMATION
rows: s.a.x:FILTER`},
		{"functions of the house, capitals", "select fx_add_days(A.DAY, 3) as later, coalesce(nullif(X, 0), y) as c from S.A", `
later = s.a.day:TRANSFORMATION
c = s.a.x:TRANSFORMATION s.a.y:TRANSFORMATION
`},
	}
	db := open(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, err := lineage.Read(t.Context(), db, []model.Model{{Name: "m.t", File: "t.sql", SQL: tt.query}}, given)
			must(t, err)
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), told(all["m.t"])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is not found or not understood is told with its place, of all models at once.
func TestFaults(t *testing.T) {
	tests := []struct{ query, want string }{
		{"select\n  a.gone\nfrom s.a", "line 2 of the SELECT: column a.gone is not known"},
		{"select gone from s.a", "line 1 of the SELECT: column gone is not known"},
		{"select x from s.gone", "line 1 of the SELECT: table s.gone is not known"},
		{"select x from gone", "line 1 of the SELECT: table gone is not known"},
		{"select id from s.a cross join s.b", "line 1 of the SELECT: column id may be of several tables"},
		{"select a.x + 1 from s.a", "column 1 has no name: write as NAME"},
		{"select x from s.a natural join s.b", "line 1 of the SELECT: NATURAL JOIN is not understood"},
		{"select x from s.a positional join s.b", "line 1 of the SELECT: POSITIONAL JOIN is not understood"},
		{"select i as x from range(3) as r(i)", "line 1 of the SELECT: TABLE_FUNCTION in a FROM is not understood"},
		{"select columns('x') from s.a", "line 1 of the SELECT: * with "},
		{"select list_transform([x], e -> e + 1) as l from s.a", "line 1 of the SELECT: LAMBDA is not understood"},
		{"with recursive r as (select 1 as i union all select i + 1 from r) select i from r", "RECURSIVE_CTE_NODE is not understood"},
		{"select x from s.a group by 2", "line 1 of the SELECT: there is no column 2"},
		{"select from", "syntax error"},
	}
	db := open(t)
	for _, tt := range tests {
		models := []model.Model{{Name: "m.t", File: "t.sql", SQL: tt.query}, {Name: "m.u", File: "u.sql", SQL: "select gone from s.b"}}
		_, err := lineage.Read(t.Context(), db, models, given)
		if err == nil || !strings.Contains(err.Error(), "t.sql: lineage of m.t: "+tt.want) && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.query, err, tt.want)
		} else if !strings.Contains(err.Error(), "u.sql: lineage of m.u: line 1 of the SELECT: column gone is not known") {
			t.Errorf("%s: the fault of the other model is missing: %v", tt.query, err)
		}
	}
}

// A step in Go makes all its columns of the one that its SELECT gives, and models
// are followed through each other to what is given.
func TestOrigins(t *testing.T) {
	step := &model.Step{Columns: []landing.Column{{Name: "p", Type: "VARCHAR"}, {Name: "q", Type: "DATE"}}}
	models := []model.Model{
		{Name: "m.step", SQL: "select x from s.a where y > 1", Step: step},
		{Name: "m.mid", SQL: "select st.p, b.z, case when b.id > 1 then b.z end as c from m.step as st join s.b on b.z = st.q"},
		{Name: "m.end", SQL: "select sum(p) as total, max(z) as z, 7 as seven from m.mid group by c"},
	}
	all, err := lineage.Read(t.Context(), open(t), models, given)
	must(t, err)
	if diff := cmp.Diff("p = s.a.x:TRANSFORMATION\nq = s.a.x:TRANSFORMATION\nrows: s.a.y:FILTER", told(all["m.step"])); diff != "" {
		t.Error(diff)
	}
	for column, want := range map[string][]lineage.Source{
		"total": {{Table: "s.a", Column: "x", Use: lineage.Aggregation}},
		"z":     {{Table: "s.b", Column: "z", Use: lineage.Aggregation}},
		"seven": nil,
	} {
		if diff := cmp.Diff(want, all.Origins("m.end", column)); diff != "" {
			t.Errorf("%s: %s", column, diff)
		}
	}
}
