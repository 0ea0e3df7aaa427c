package lint

import (
	"maps"
	"slices"
	"strings"
)

// checkQuery looks at what a SELECT or a set operation is made of.
func (v *visit) checkQuery(n node, at int) {
	switch n.Text("type") {
	case "SELECT_NODE":
	case "SET_OPERATION_NODE":
		if kind := n.Text("setop_type"); kind == "UNION_BY_NAME" {
			v.report(at, "set-operation", "UNION BY NAME is DuckDB's alone; write the columns in one order")
		}
	case "RECURSIVE_CTE_NODE":
		v.report(at, "set-operation", "recursion differs between engines")
	default:
		v.report(at, "set-operation", "%s is not in the common subset", n.Text("type"))
	}
	if q := n.Node("qualify"); q != nil {
		v.report(q.Begin(at), "qualify", "Trino has no QUALIFY; filter a subquery on the row number")
	}
	if n.Text("aggregate_handling") == "FORCE_AGGREGATES" {
		v.report(at, "group-by-all", "Trino has no GROUP BY ALL; name the columns")
	}
	if n["sample"] != nil {
		v.report(at, "sample", "a sample is not repeatable")
	}
	v.checkModifiers(n.Nodes("modifiers"), at)
}

func (v *visit) checkModifiers(modifiers []node, at int) {
	ordered := slices.ContainsFunc(modifiers, func(m node) bool { return m.Text("type") == "ORDER_MODIFIER" })
	for _, m := range modifiers {
		here := m.Begin(at)
		switch m.Text("type") {
		case "DISTINCT_MODIFIER":
			if m["distinct_on_targets"] != nil {
				v.report(here, "distinct-on", "Trino has no DISTINCT ON; filter a subquery on the row number")
			}
		case "LIMIT_PERCENT_MODIFIER":
			v.report(here, "limit", "LIMIT by percent is DuckDB's alone")
		case "LIMIT_MODIFIER":
			if !ordered {
				v.report(here, "limit", "LIMIT without ORDER BY takes any rows")
			}
			if m["offset"] != nil {
				v.report(here, "limit", "OFFSET stands after LIMIT on one engine and before it on the other; filter on a row number")
			}
		}
	}
}

// checkOrder looks at one key of an ORDER BY, wherever that stands.
func (v *visit) checkOrder(n node, at int) {
	at = n.Begin(at)
	if n.Node("expression").Text("class") == "STAR" {
		v.report(at, "order-by-all", "ORDER BY ALL is DuckDB's alone; name the columns")
	}
	if order := n.Text("null_order"); order != "NULLS FIRST" && order != "NULLS LAST" {
		v.report(at, "nulls", "an ORDER BY key says NULLS FIRST or NULLS LAST: engines differ in what they assume")
	}
}

// checkTable looks at one item of a FROM.
func (v *visit) checkTable(n node, s scope, at int) {
	if n["sample"] != nil {
		v.report(at, "sample", "a sample is not repeatable")
	}
	switch kind := n.Text("type"); kind {
	case "BASE_TABLE":
		v.checkBaseTable(n, s, at)
	case "JOIN":
		v.checkJoin(n, at)
	case "PIVOT":
		v.report(at, "pivot", "PIVOT and UNPIVOT are not in the common subset; write max(case when … end) or UNION ALL")
	case "SUBQUERY", "EXPRESSION_LIST", "EMPTY":
	default:
		v.report(at, "table", "%s is not in the common subset", kind)
	}
}

func (v *visit) checkBaseTable(n node, s scope, at int) {
	name, schema := n.Name(), strings.ToLower(n.Text("schema_name"))
	switch {
	case n["at_clause"] != nil || n.Text("catalog_name") != "":
		v.report(at, "table", "%s: a table is named schema.table, of this run", name)
	case schema == "" && s.ctes.Find(name) == nil:
		v.report(at, "table", "%s is neither a CTE nor schema.table", name)
	case schema != "":
		table := schema + "." + name
		if first, ok := v.reads[table]; !ok || at < first {
			v.reads[table] = at
		}
	}
}

func (v *visit) checkJoin(n node, at int) {
	switch kind := n.Text("ref_type"); kind {
	case "REGULAR", "CROSS":
	default:
		v.report(at, "join", "%s JOIN is not in the common subset; name the columns in ON", kind)
	}
	switch kind := n.Text("join_type"); kind {
	case "INNER", "LEFT", "RIGHT", "FULL":
	default:
		v.report(at, "join", "%s JOIN is not in the common subset; write EXISTS", kind)
	}
}

// inputs compares the header with what the SELECT and the checks read: the
// order of models comes from the header.
func (v *visit) inputs(checked map[string]bool) {
	for _, table := range slices.Sorted(maps.Keys(v.reads)) {
		if !slices.Contains(v.model.Inputs, table) {
			v.report(v.reads[table], "inputs", "%s is read and not among the inputs", table)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(checked)) {
		if !slices.Contains(v.model.Inputs, table) {
			v.report(-1, "inputs", "%s is read by a check and not among the inputs", table)
		}
	}
	for _, table := range v.model.Inputs {
		if _, ok := v.reads[table]; !ok && !checked[table] {
			v.report(-1, "inputs", "%s is among the inputs and not read", table)
		}
	}
}
