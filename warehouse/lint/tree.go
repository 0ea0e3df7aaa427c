package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rongxin/warehouse/model"
	"rongxin/warehouse/syntax"
)

type node = syntax.Node

// visit is the walk through one SELECT.
type visit struct {
	fx     map[string]bool
	model  model.Model
	start  int // the line the SELECT begins on
	found  []Finding
	reads  map[string]int // tables with a schema, and where they are read first
	unread bool           // it did not parse
}

// report adds a finding at a byte of the SQL; at -1 it stands on the first line of the file.
func (v *visit) report(at int, rule, format string, args ...any) {
	line := 1
	if at >= 0 {
		line = v.start + strings.Count(v.model.SQL[:min(at, len(v.model.SQL))], "\n")
	}
	v.found = append(v.found, Finding{File: v.model.File, Line: line, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

// query visits a SELECT or a set operation in which the CTEs are known.
func (v *visit) query(n node, ctes *syntax.CTE, at int) {
	at = n.Begin(at)
	for c := range n.CTEs(ctes) {
		v.query(c.Query, c.Outer, at)
		ctes = c
	}
	v.checkQuery(n, at)
	s := newScope(n, ctes)
	for _, key := range slices.Sorted(maps.Keys(n)) {
		if key != "cte_map" {
			v.walk(n[key], n, s, at)
		}
	}
}

// walk visits whatever stands in a tree; parent is the nearest object around it.
func (v *visit) walk(tree any, parent node, s scope, at int) {
	switch t := tree.(type) {
	case []any:
		for _, e := range t {
			v.walk(e, parent, s, at)
		}
	case map[string]any:
		n := node(t)
		at = n.At(at)
		kind := n.Text("type")
		if strings.HasSuffix(kind, "_NODE") {
			v.query(n, s.ctes, at)
			return
		}
		switch {
		case n.Text("class") != "":
			v.checkExpression(n, parent, s, at)
			if isInterval(n) {
				return
			}
		case kind != "" && n["null_order"] != nil:
			v.checkOrder(n, at)
		case kind == "LIMIT_MODIFIER", kind == "ORDER_MODIFIER", kind == "DISTINCT_MODIFIER", kind == "LIMIT_PERCENT_MODIFIER":
			// seen with the query they belong to
		case kind == "TABLE_FUNCTION":
			v.report(at, "table-function", "%s: a model reads tables of the run, named in its inputs", n.Node("function").Text("function_name"))
			return
		case kind != "":
			v.checkTable(n, s, at)
		}
		for _, key := range slices.Sorted(maps.Keys(n)) {
			switch key {
			case "cast_type", "value", "sample", "at_clause":
				continue // no expressions in there
			}
			v.walk(n[key], n, s, at)
		}
	}
}
