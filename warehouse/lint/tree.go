package lint

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"rongxin/warehouse/model"
)

// node is an object of the engine's parse tree. Absent keys read as nothing.
type node map[string]any

func (n node) text(key string) string { s, _ := n[key].(string); return s }
func (n node) flag(key string) bool   { b, _ := n[key].(bool); return b }
func (n node) node(key string) node   { m, _ := n[key].(map[string]any); return m }

func (n node) nodes(key string) []node {
	list, _ := n[key].([]any)
	nodes := make([]node, 0, len(list))
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			nodes = append(nodes, m)
		}
	}
	return nodes
}

// at is where the node stands in the SQL, in bytes, or else its parent.
func (n node) at(parent int) int {
	if f, ok := n["query_location"].(float64); ok {
		return int(f)
	}
	return parent
}

// begin is the first place that anything in the tree stands at, or else its parent.
func begin(tree any, parent int) int {
	first := math.MaxInt
	var seek func(tree any)
	seek = func(tree any) {
		switch t := tree.(type) {
		case []any:
			for _, e := range t {
				seek(e)
			}
		case map[string]any:
			first = min(first, node(t).at(first))
			for _, e := range t {
				seek(e)
			}
		}
	}
	seek(tree)
	if first == math.MaxInt {
		return parent
	}
	return first
}

// name is what a column reference or a table is called, in lower case.
func (n node) name() string {
	if parts, ok := n["column_names"].([]any); ok {
		last, _ := parts[len(parts)-1].(string)
		return strings.ToLower(last)
	}
	return strings.ToLower(n.text("table_name"))
}

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
func (v *visit) query(n node, ctes *cte, at int) {
	at = begin(map[string]any(n), at)
	for c := range ownCTEs(n, ctes) {
		v.query(c.query, c.outer, at)
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
		at = n.at(at)
		kind := n.text("type")
		if strings.HasSuffix(kind, "_NODE") {
			v.query(n, s.ctes, at)
			return
		}
		switch {
		case n.text("class") != "":
			v.checkExpression(n, parent, s, at)
			if isInterval(n) {
				return
			}
		case kind != "" && n["null_order"] != nil:
			v.checkOrder(n, at)
		case kind == "LIMIT_MODIFIER", kind == "ORDER_MODIFIER", kind == "DISTINCT_MODIFIER", kind == "LIMIT_PERCENT_MODIFIER":
			// seen with the query they belong to
		case kind == "TABLE_FUNCTION":
			v.report(at, "table-function", "%s: a model reads tables of the run, named in its inputs", n.node("function").text("function_name"))
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
