package lineage

import (
	"slices"
	"strings"

	"rongxin/warehouse/syntax"
)

// operands are the keys under which expressions hold those they are made of.
var operands = []string{"children", "child", "left", "right", "input", "lower", "upper", "default_expr"}

// decide adds an expression to what decides about rows. A number in GROUP BY or
// ORDER BY stands for a column of the SELECT.
func (s *scope) decide(n syntax.Node, use Use) error {
	if n == nil {
		return nil
	}
	if number, ok := n.Node("value")["value"].(float64); ok && (use == GroupBy || use == Sort) {
		if i := int(number); i >= 1 && i <= len(s.own) {
			s.own[i-1].decides(use, s.rows)
			return nil
		}
		return s.fault(n, "there is no column %v", number)
	}
	v, err := s.value(n)
	v.decides(use, s.rows)
	return err
}

// value follows an expression.
func (s *scope) value(n syntax.Node) (value, error) {
	switch class := n.Text("class"); class {
	case "COLUMN_REF":
		return s.find(n)
	case "CONSTANT":
		return value{constant: true}, nil
	case "CASE":
		return s.cases(n)
	case "FUNCTION":
		return s.function(n)
	case "WINDOW":
		return s.window(n)
	case "SUBQUERY":
		return s.subquery(n)
	case "CAST", "OPERATOR", "COMPARISON", "CONJUNCTION", "BETWEEN":
		return s.made(n, Transformation)
	default:
		return value{}, s.fault(n, "%s is not understood", class)
	}
}

// made is an expression of its operands.
func (s *scope) made(n syntax.Node, use Use) (value, error) {
	var v value
	for _, key := range operands {
		list := n.Nodes(key)
		if one := n.Node(key); one != nil {
			list = []syntax.Node{one}
		}
		for _, e := range list {
			is, err := s.value(e)
			if err != nil {
				return v, err
			}
			v.merge(is, use)
		}
	}
	return v, nil
}

// beside adds what decides about one value alone.
func (s *scope) beside(v *value, use Use, expressions ...syntax.Node) error {
	for _, e := range expressions {
		if e == nil {
			continue
		}
		is, err := s.value(e)
		if err != nil {
			return err
		}
		by := sources{}
		is.decides(use, by)
		v.merge(value{by: by}, Transformation)
	}
	return nil
}

func (s *scope) cases(n syntax.Node) (value, error) {
	var v value
	results := []syntax.Node{n.Node("else_expr")}
	for _, c := range n.Nodes("case_checks") {
		results = append(results, c.Node("then_expr"))
		if err := s.beside(&v, Conditional, c.Node("when_expr")); err != nil {
			return v, err
		}
	}
	for _, e := range results {
		if e == nil { // without ELSE, NULL
			v.constant = true
			continue
		}
		is, err := s.value(e)
		if err != nil {
			return v, err
		}
		v.merge(is, Transformation)
	}
	return v, nil
}

func (s *scope) function(n syntax.Node) (value, error) {
	name, use := strings.ToLower(n.Text("function_name")), Transformation
	if s.aggregates[name] {
		use = Aggregation
	}
	v, err := s.made(n, use)
	if err != nil {
		return v, err
	}
	v.counts = v.counts || name == "count_star" || name == "count"
	v.constant = v.constant || len(n.Nodes("children")) == 0 && use == Transformation
	if err := s.beside(&v, Conditional, n.Node("filter")); err != nil {
		return v, err
	}
	return v, s.beside(&v, Sort, expressionsOf(n.Node("order_bys").Nodes("orders"))...)
}

// window follows a value over other rows; numberings and counts have none of
// their own.
func (s *scope) window(n syntax.Node) (value, error) {
	use := Transformation
	if n.Text("type") == "WINDOW_AGGREGATE" {
		use = Aggregation
	}
	v, err := s.made(n, use)
	if err != nil {
		return v, err
	}
	v.counts = v.counts || len(n.Nodes("children")) == 0 || n.Text("function_name") == "count"
	by := slices.Concat(n.Nodes("partitions"), expressionsOf(n.Nodes("orders")), expressionsOf(n.Nodes("arg_orders")),
		[]syntax.Node{n.Node("filter_expr"), n.Node("start_expr"), n.Node("end_expr"), n.Node("offset_expr")})
	return v, s.beside(&v, Window, by...)
}

func expressionsOf(orders []syntax.Node) []syntax.Node {
	list := make([]syntax.Node, len(orders))
	for i, o := range orders {
		list[i] = o.Node("expression")
	}
	return list
}

// subquery follows one that stands in an expression: a scalar is its value, IN
// compares with it, EXISTS asks for its rows alone.
func (s *scope) subquery(n syntax.Node) (value, error) {
	is, err := s.query(n.Node("subquery").Node("node"), s.ctes, s)
	if err != nil {
		return value{}, err
	}
	v, err := s.made(n, Transformation)
	if err != nil {
		return v, err
	}
	v.merge(value{by: is.rows}, Transformation)
	switch kind := n.Text("subquery_type"); kind {
	case "SCALAR", "ANY":
		v.merge(is.columns[0].value, Transformation)
	case "EXISTS", "NOT_EXISTS":
		v.counts = true
	default:
		return v, s.fault(n, "a subquery of kind %s is not understood", kind)
	}
	return v, nil
}
