package lineage

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/syntax"
)

// reader knows the tables that a SELECT may read.
type reader struct {
	aggregates map[string]bool
	tables     map[string][]string // columns by schema.table
	text       string              // of the SELECT at hand
}

func (r *reader) fault(n syntax.Node, format string, args ...any) error {
	at := min(n.Begin(0), len(r.text))
	return fmt.Errorf("line %d of the SELECT: %s", 1+strings.Count(r.text[:at], "\n"), fmt.Sprintf(format, args...))
}

// value is what is known of an expression.
type value struct {
	from, by sources
	counts   bool // of rows
	constant bool // holds a constant, or is nothing else
}

func (v *value) merge(other value, use Use) {
	if v.from == nil {
		v.from, v.by = sources{}, sources{}
	}
	v.from.merge(other.from.as(use))
	v.by.merge(other.by)
	v.counts, v.constant = v.counts || other.counts, v.constant || other.constant
}

// decides adds what the expression is made of as a cause of something else.
func (v value) decides(use Use, to sources) {
	to.merge(v.from.as(use))
	to.merge(v.by.as(use))
}

type column struct {
	name string
	value
}

// relation is what a query or an item of a FROM gives.
type relation struct {
	alias   string
	columns []column
	rows    sources // what decides which rows there are
}

func (r relation) find(name string) (value, bool) {
	for _, c := range r.columns {
		if c.name == name {
			return c.value, true
		}
	}
	return value{}, false
}

func (r relation) renamed(alias string, names []string) relation {
	r.alias, r.columns = alias, slices.Clone(r.columns)
	for i, name := range names[:min(len(names), len(r.columns))] {
		r.columns[i].name = name
	}
	return r
}

// named is a CTE and those before it.
type named struct {
	name  string
	is    relation
	outer *named
}

func (n *named) find(name string) (relation, bool) {
	for ; n != nil; n = n.outer {
		if n.name == name {
			return n.is, true
		}
	}
	return relation{}, false
}

// query follows a SELECT or a set operation; outer is the SELECT around a
// subquery.
func (r *reader) query(n syntax.Node, ctes *named, outer *scope) (relation, error) {
	for c := range n.CTEs(nil) {
		is, err := r.query(c.Query, ctes, outer)
		if err != nil {
			return relation{}, err
		}
		ctes = &named{c.Name, is.renamed("", c.Names), ctes}
	}
	switch kind := n.Text("type"); kind {
	case "SELECT_NODE":
		return r.selection(n, ctes, outer)
	case "SET_OPERATION_NODE":
		return r.union(n, ctes, outer)
	default:
		return relation{}, r.fault(n, "%s is not understood", kind)
	}
}

// union follows UNION, INTERSECT and EXCEPT, column by column in their order.
func (r *reader) union(n syntax.Node, ctes *named, outer *scope) (relation, error) {
	parts := n.Nodes("children") // of a chain of unions, where the engine gives one
	if len(parts) == 0 {
		parts = []syntax.Node{n.Node("left"), n.Node("right")}
	}
	kind := n.Text("setop_type")
	var all relation
	for i, part := range parts {
		is, err := r.query(part, ctes, outer)
		if err != nil {
			return relation{}, err
		}
		if i == 0 {
			all = relation{columns: slices.Clone(is.columns), rows: sources{}}
			for j := range all.columns { // not those of a CTE, which others read
				v := value{}
				v.merge(all.columns[j].value, Identity)
				all.columns[j].value = v
			}
		} else if len(is.columns) != len(all.columns) {
			return relation{}, r.fault(part, "%d columns under %d", len(is.columns), len(all.columns))
		}
		all.rows.merge(is.rows)
		for j, c := range is.columns {
			switch kind {
			case "UNION":
				all.columns[j].merge(c.value, Identity)
			case "EXCEPT", "INTERSECT":
				c.decides(Filter, all.rows)
			default:
				return relation{}, r.fault(n, "%s is not understood", kind)
			}
		}
	}
	if kind == "UNION" && n["setop_all"] == false {
		for _, c := range all.columns {
			c.decides(GroupBy, all.rows)
		}
	}
	return all, r.modifiers(n, &scope{reader: r, ctes: ctes, outer: outer, own: all.columns}, all)
}

func (r *reader) selection(n syntax.Node, ctes *named, outer *scope) (relation, error) {
	s := &scope{reader: r, ctes: ctes, outer: outer, rows: sources{}}
	if err := s.from(n.Node("from_table")); err != nil {
		return relation{}, err
	}
	for _, item := range n.Nodes("select_list") {
		columns, err := s.item(item)
		if err != nil {
			return relation{}, err
		}
		s.own = append(s.own, columns...)
	}
	for _, key := range []string{"where_clause", "having", "qualify"} {
		if err := s.decide(n.Node(key), Filter); err != nil {
			return relation{}, err
		}
	}
	for _, by := range n.Nodes("group_expressions") {
		if err := s.decide(by, GroupBy); err != nil {
			return relation{}, err
		}
	}
	is := relation{columns: s.own, rows: s.rows}
	return is, r.modifiers(n, s, is)
}

// modifiers follows what stands behind a SELECT. An order decides about rows
// only where some are cut off.
func (r *reader) modifiers(n syntax.Node, s *scope, is relation) error {
	s.rows = is.rows
	modifiers := n.Nodes("modifiers")
	limited := slices.ContainsFunc(modifiers, func(m syntax.Node) bool { return strings.HasPrefix(m.Text("type"), "LIMIT") })
	for _, m := range modifiers {
		switch kind := m.Text("type"); kind {
		case "DISTINCT_MODIFIER":
			on := m.Nodes("distinct_on_targets")
			for _, target := range on {
				if err := s.decide(target, GroupBy); err != nil {
					return err
				}
			}
			for _, c := range is.columns {
				if len(on) == 0 {
					c.decides(GroupBy, is.rows)
				}
			}
		case "ORDER_MODIFIER":
			for _, order := range m.Nodes("orders") {
				if !limited {
					break
				}
				if err := s.decide(order.Node("expression"), Sort); err != nil {
					return err
				}
			}
		case "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER":
		default:
			return r.fault(m, "%s is not understood", kind)
		}
	}
	return nil
}
