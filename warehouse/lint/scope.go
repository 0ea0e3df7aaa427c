package lint

import (
	"strings"

	"rongxin/warehouse/syntax"
)

// derived is a FROM item that is itself a SELECT; the zero value is one of
// which nothing is known, such as a table or the outer side of a join.
type derived struct {
	query node
	ctes  *syntax.CTE
}

// scope is what names mean inside one SELECT.
type scope struct {
	ctes *syntax.CTE
	from map[string]derived // by alias
}

func newScope(n node, ctes *syntax.CTE) scope {
	s := scope{ctes: ctes, from: map[string]derived{}}
	if from := n.Node("from_table"); from != nil {
		s.add(from, true)
	}
	return s
}

// add collects the FROM items. Where an outer join may fill an item's columns
// with NULL, the item is not whole.
func (s scope) add(from node, whole bool) {
	alias, item := strings.ToLower(from.Text("alias")), derived{}
	switch from.Text("type") {
	case "JOIN":
		kind := from.Text("join_type")
		s.add(from.Node("left"), whole && (kind == "INNER" || kind == "LEFT"))
		s.add(from.Node("right"), whole && (kind == "INNER" || kind == "RIGHT"))
		return
	case "SUBQUERY":
		item = derived{from.Node("subquery").Node("node"), s.ctes}
	case "BASE_TABLE":
		if alias == "" {
			alias = from.Name()
		}
		if c := s.ctes.Find(from.Name()); c != nil && from.Text("schema_name") == "" {
			item = derived{c.Query, c.Outer}
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
	switch e.Text("class") {
	case "CONSTANT":
		return !e.Node("value").Flag("is_null")
	case "CAST":
		return !e.Flag("try_cast") && s.neverNull(e.Node("child"))
	case "WINDOW", "FUNCTION":
		switch e.Text("function_name") {
		case "row_number", "rank", "dense_rank", "count", "count_star":
			return true
		case "+", "-", "*", "abs":
			return s.all(e.Nodes("children"))
		}
	case "OPERATOR":
		if e.Text("type") == "OPERATOR_COALESCE" {
			for _, c := range e.Nodes("children") {
				if s.neverNull(c) {
					return true
				}
			}
		}
	case "CASE":
		results := []node{e.Node("else_expr")}
		for _, c := range e.Nodes("case_checks") {
			results = append(results, c.Node("then_expr"))
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
	if from.query.Text("type") != "SELECT_NODE" || from.query["group_sets"] != nil && len(from.query["group_sets"].([]any)) > 1 {
		return false
	}
	ctes := from.ctes
	for c := range from.query.CTEs(ctes) {
		ctes = c
	}
	inner := newScope(from.query, ctes)
	for _, item := range from.query.Nodes("select_list") {
		name := strings.ToLower(item.Text("alias"))
		if name == "" && item.Text("class") == "COLUMN_REF" {
			name = item.Name()
		}
		if name == ref.Name() {
			return inner.neverNull(item)
		}
	}
	return false
}
