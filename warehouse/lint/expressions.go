package lint

import (
	"math"
	"path"
	"strings"
)

// checkExpression looks at one expression; parent is what it stands in.
func (v *visit) checkExpression(n, parent node, s scope, at int) {
	at = n.At(n.Begin(at))
	switch class := n.Text("class"); class {
	case "FUNCTION":
		v.checkFunction(n, parent, s, at)
	case "WINDOW":
		v.checkWindow(n, parent, at)
	case "CAST":
		v.checkCast(n, at)
	case "CONSTANT":
		v.checkConstant(n, at)
	case "COLUMN_REF":
		v.checkColumn(n, at)
	case "STAR":
		// VALUES is parsed as a star that stands nowhere.
		if _, written := n["query_location"]; written && parent["null_order"] == nil {
			v.report(at, "select-star", "name the columns: * changes when a table does")
		}
	case "OPERATOR":
		switch kind := n.Text("type"); kind {
		case "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE", "COMPARE_IN", "COMPARE_NOT_IN":
		case "ARRAY_EXTRACT", "ARRAY_SLICE", "ARRAY_CONSTRUCTOR", "STRUCT_EXTRACT":
			v.report(at, "nested", "lists, maps and structs differ between engines; keep columns flat")
		default:
			v.report(at, "expression", "%s is not in the common subset", kind)
		}
	case "COMPARISON", "BETWEEN":
		v.checkThreshold(n, at)
	case "LAMBDA":
		v.report(at, "nested", "-> is JSON or a lambda, and neither is in the common subset")
	case "PARAMETER":
		v.report(at, "expression", "parameters come from run.parameters, so that the SELECT can be pasted anywhere")
	case "CASE", "CONJUNCTION", "SUBQUERY":
	default:
		v.report(at, "expression", "%s is not in the common subset", class)
	}
}

// types are those that survive DuckDB, Parquet and Trino unchanged.
var types = map[string]bool{
	"BOOLEAN": true, "INTEGER": true, "BIGINT": true, "DECIMAL": true, "VARCHAR": true, "DATE": true, "TIMESTAMP": true,
}

func (v *visit) checkCast(n node, at int) {
	if n.Flag("try_cast") {
		v.report(at, "try-cast", "engines differ in what text is a number; parse when landing")
	}
	target := n.Node("cast_type")
	if id := target.Text("id"); !types[id] {
		if id == "UNBOUND" {
			id = target.Node("type_info").Text("name")
		}
		v.report(at, "type", "%s is not in the common subset: boolean, integer, bigint, decimal, varchar, date, timestamp", strings.ToLower(id))
	}
}

func (v *visit) checkConstant(n node, at int) {
	if id := n.Node("value").Node("type").Text("id"); id != "NULL" && !types[id] {
		v.report(at, "type", "a literal of type %s; write an integer or a decimal", strings.ToLower(id))
	}
}

// clock names parse as columns and are none.
var clock = map[string]bool{
	"current_date": true, "current_time": true, "current_timestamp": true, "localtime": true, "localtimestamp": true,
	"current_user": true, "session_user": true, "rowid": true,
}

func (v *visit) checkColumn(n node, at int) {
	parts, _ := n["column_names"].([]any)
	if name := n.Name(); clock[name] && (len(parts) == 1 || name == "rowid") {
		v.report(at, "volatile", "%s is another in every run; the day is run.parameters.as_of", name)
	}
}

// checkThreshold keeps judgement out of model files: the bound of a comparison
// belongs in a dated, cited rule and reaches the SQL through a rule table. A
// bound is an integer of two digits or more, a decimal, or a date; SQL compiled
// from such rules may hold them.
func (v *visit) checkThreshold(n node, at int) {
	if path.Ext(v.model.File) != ".sql" {
		return
	}
	sides := []node{n.Node("left"), n.Node("right")}
	switch n.Text("type") {
	case "COMPARE_GREATERTHAN", "COMPARE_GREATERTHANOREQUALTO", "COMPARE_LESSTHAN", "COMPARE_LESSTHANOREQUALTO":
	case "COMPARE_BETWEEN":
		sides = []node{n.Node("input"), n.Node("lower"), n.Node("upper")}
	default:
		return
	}
	columns, bounds := 0, 0
	for _, side := range sides {
		if isBound(side) {
			bounds++
		} else if holdsColumn(map[string]any(side)) {
			columns++
		}
	}
	if columns > 0 && bounds > 0 {
		v.report(at, "literal-threshold", "a bound is judgement: give it a date and a source in the rules and join their table")
	}
}

func isBound(e node) bool {
	switch e.Text("class") {
	case "CAST":
		id := e.Node("cast_type").Text("id")
		child := e.Node("child")
		return isBound(child) || child.Text("class") == "CONSTANT" && (id == "DATE" || id == "TIMESTAMP")
	case "FUNCTION":
		children := e.Nodes("children")
		return e.Text("function_name") == "-" && len(children) == 1 && isBound(children[0])
	case "CONSTANT":
		value := e.Node("value")
		switch value.Node("type").Text("id") {
		case "VARCHAR", "BOOLEAN", "NULL":
			return false
		case "DECIMAL":
			return value["value"] != float64(0)
		}
		number, small := value["value"].(float64)
		return !small || math.Abs(number) >= 10
	}
	return false
}

func holdsColumn(tree any) bool {
	switch t := tree.(type) {
	case []any:
		for _, e := range t {
			if holdsColumn(e) {
				return true
			}
		}
	case map[string]any:
		if node(t).Text("class") == "COLUMN_REF" {
			return true
		}
		for _, e := range t {
			if holdsColumn(e) {
				return true
			}
		}
	}
	return false
}
