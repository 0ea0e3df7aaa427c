package lint

import (
	"iter"
	"strings"
)

// cte is a named SELECT and the ones named before it.
type cte struct {
	name  string
	query node
	outer *cte
}

func (c *cte) find(name string) *cte {
	for ; c != nil; c = c.outer {
		if c.name == name {
			return c
		}
	}
	return nil
}

// ownCTEs are the names a query defines itself, each seeing those before it.
func ownCTEs(n node, outer *cte) iter.Seq[*cte] {
	return func(yield func(*cte) bool) {
		for _, entry := range n.node("cte_map").nodes("map") {
			query := entry.node("value").node("query").node("node")
			outer = &cte{name: strings.ToLower(entry.text("key")), query: query, outer: outer}
			if !yield(outer) {
				return
			}
		}
	}
}

// derived is a FROM item that is itself a SELECT; the zero value is one of
// which nothing is known, such as a table or the outer side of a join.
type derived struct {
	query node
	ctes  *cte
}

// scope is what names mean inside one SELECT.
type scope struct {
	ctes *cte
	from map[string]derived // by alias
}

func newScope(n node, ctes *cte) scope {
	s := scope{ctes: ctes, from: map[string]derived{}}
	if from := n.node("from_table"); from != nil {
		s.add(from, true)
	}
	return s
}

// add collects the FROM items. Where an outer join may fill an item's columns
// with NULL, the item is not whole.
func (s scope) add(from node, whole bool) {
	alias, item := strings.ToLower(from.text("alias")), derived{}
	switch from.text("type") {
	case "JOIN":
		kind := from.text("join_type")
		s.add(from.node("left"), whole && (kind == "INNER" || kind == "LEFT"))
		s.add(from.node("right"), whole && (kind == "INNER" || kind == "RIGHT"))
		return
	case "SUBQUERY":
		item = derived{from.node("subquery").node("node"), s.ctes}
	case "BASE_TABLE":
		if alias == "" {
			alias = from.name()
		}
		if c := s.ctes.find(from.name()); c != nil && from.text("schema_name") == "" {
			item = derived{c.query, c.outer}
		}
	}
	if _, twice := s.from[alias]; twice || !whole || from["column_name_alias"] != nil {
		item = derived{}
	}
	s.from[alias] = item
}

// neverNull says whether an expression can be seen to have a value in every
// row: constants, counts, row numbers, and what is made of them by arithmetic,
// casts, coalesce or a column of a subquery.
func (s scope) neverNull(e node) bool {
	switch e.text("class") {
	case "CONSTANT":
		return !e.node("value").flag("is_null")
	case "CAST":
		return !e.flag("try_cast") && s.neverNull(e.node("child"))
	case "WINDOW", "FUNCTION":
		switch e.text("function_name") {
		case "row_number", "rank", "dense_rank", "count", "count_star":
			return true
		case "+", "-", "*", "abs":
			return s.all(e.nodes("children"))
		}
	case "OPERATOR":
		if e.text("type") == "OPERATOR_COALESCE" {
			for _, c := range e.nodes("children") {
				if s.neverNull(c) {
					return true
				}
			}
		}
	case "CASE":
		results := []node{e.node("else_expr")}
		for _, c := range e.nodes("case_checks") {
			results = append(results, c.node("then_expr"))
		}
		return s.all(results)
	case "COLUMN_REF":
		return s.columnNeverNull(e)
	}
	return false
}

func (s scope) all(expressions []node) bool {
	for _, e := range expressions {
		if !s.neverNull(e) {
			return false
		}
	}
	return true
}

// columnNeverNull follows a column to the SELECT that makes it.
func (s scope) columnNeverNull(ref node) bool {
	parts, _ := ref["column_names"].([]any)
	var from derived
	switch {
	case len(parts) == 2:
		table, _ := parts[0].(string)
		from = s.from[strings.ToLower(table)]
	case len(parts) == 1 && len(s.from) == 1:
		for _, only := range s.from {
			from = only
		}
	}
	if from.query.text("type") != "SELECT_NODE" || from.query["group_sets"] != nil && len(from.query["group_sets"].([]any)) > 1 {
		return false
	}
	ctes := from.ctes
	for c := range ownCTEs(from.query, ctes) {
		ctes = c
	}
	inner := newScope(from.query, ctes)
	for _, item := range from.query.nodes("select_list") {
		name := strings.ToLower(item.text("alias"))
		if name == "" && item.text("class") == "COLUMN_REF" {
			name = item.name()
		}
		if name == ref.name() {
			return inner.neverNull(item)
		}
	}
	return false
}
