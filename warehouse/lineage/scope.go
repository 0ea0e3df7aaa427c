package lineage

import (
	"slices"
	"strings"

	"rongxin/warehouse/syntax"
)

// scope is what names mean inside one SELECT.
type scope struct {
	*reader
	ctes  *named
	outer *scope
	items []relation // of the FROM
	using []string   // columns that a join has made one
	own   []column   // of the SELECT itself, so far
	rows  sources
}

// from takes in an item of the FROM.
func (s *scope) from(n syntax.Node) error {
	names := n.Words("column_name_alias")
	alias := strings.ToLower(n.Text("alias"))
	switch kind := n.Text("type"); kind {
	case "EMPTY", "":
		return nil
	case "JOIN":
		return s.join(n)
	case "SUBQUERY":
		is, err := s.query(n.Node("subquery").Node("node"), s.ctes, s.outer)
		if err != nil {
			return err
		}
		s.take(is.renamed(alias, names))
		return nil
	case "BASE_TABLE":
		is, err := s.table(n)
		if err != nil {
			return err
		}
		if alias == "" {
			alias = n.Name()
		}
		s.take(is.renamed(alias, names))
		return nil
	case "EXPRESSION_LIST":
		is, err := s.values(n)
		if err != nil {
			return err
		}
		s.take(is.renamed(alias, names))
		return nil
	default:
		return s.fault(n, "%s in a FROM is not understood", kind)
	}
}

func (s *scope) take(is relation) {
	s.items = append(s.items, is)
	s.rows.merge(is.rows)
}

func (s *scope) join(n syntax.Node) error {
	if kind := n.Text("ref_type"); kind != "REGULAR" && kind != "CROSS" {
		return s.fault(n, "%s JOIN is not understood", kind)
	}
	for _, side := range []string{"left", "right"} {
		if err := s.from(n.Node(side)); err != nil {
			return err
		}
	}
	for _, name := range n.Words("using_columns") {
		s.using = append(s.using, name)
		for _, item := range s.items {
			if v, ok := item.find(name); ok {
				v.decides(Join, s.rows)
			}
		}
	}
	return s.decide(n.Node("condition"), Join)
}

// table is a CTE, or a table that a run holds.
func (s *scope) table(n syntax.Node) (relation, error) {
	schema, name := strings.ToLower(n.Text("schema_name")), n.Name()
	if is, ok := s.ctes.find(name); ok && schema == "" {
		return is, nil
	}
	full := schema + "." + name
	names, ok := s.tables[full]
	if !ok {
		return relation{}, s.fault(n, "table %s is not known", strings.TrimPrefix(full, "."))
	}
	is := relation{rows: sources{}}
	for _, name := range names {
		is.columns = append(is.columns, column{name, value{from: sources{{full, name, Identity}: true}}})
	}
	return is, nil
}

// values follows VALUES, whose columns are constants or computed.
func (s *scope) values(n syntax.Node) (relation, error) {
	is := relation{rows: sources{}}
	rows, _ := n["values"].([]any)
	for _, row := range rows {
		for j, e := range syntax.Node(map[string]any{"row": row}).Nodes("row") {
			v, err := s.value(e)
			if err != nil {
				return is, err
			}
			if j == len(is.columns) {
				is.columns = append(is.columns, column{})
			}
			is.columns[j].merge(v, Identity)
		}
	}
	return is, nil
}

// item is what an entry of the SELECT list gives: one column, or those of a *.
func (s *scope) item(n syntax.Node) ([]column, error) {
	if n.Text("class") != "STAR" {
		v, err := s.value(n)
		name := strings.ToLower(n.Text("alias"))
		if name == "" && n.Text("class") == "COLUMN_REF" {
			name = n.Name()
		}
		return []column{{name, v}}, err
	}
	for _, key := range []string{"replace_list", "rename_list", "expr", "columns", "qualified_exclude_list"} {
		if n[key] != nil {
			return nil, s.fault(n, "* with %s is not understood", key)
		}
	}
	excluded, of := n.Words("exclude_list"), strings.ToLower(n.Text("relation_name"))
	var list []column
	for _, item := range s.items {
		if of != "" && item.alias != of {
			continue
		}
		for _, c := range item.columns {
			twice := of == "" && slices.Contains(s.using, c.name) && slices.ContainsFunc(list, func(o column) bool { return o.name == c.name })
			if !twice && !slices.Contains(excluded, c.name) {
				list = append(list, c)
			}
		}
	}
	if len(list) == 0 {
		return nil, s.fault(n, "* stands for no column")
	}
	return list, nil
}

// find is what a name of a column means.
func (s *scope) find(n syntax.Node) (value, error) {
	parts := n.Words("column_names")
	for at := s; at != nil; at = at.outer {
		if v, ok, err := at.here(n, parts); ok || err != nil {
			return v, err
		}
	}
	return value{}, s.fault(n, "column %s is not known", strings.Join(parts, "."))
}

// here looks a name up in one SELECT.
func (s *scope) here(n syntax.Node, parts []string) (found value, ok bool, err error) {
	name := parts[len(parts)-1]
	switch len(parts) {
	case 1:
		for _, item := range s.items {
			v, has := item.find(name)
			if has && ok && !slices.Contains(s.using, name) {
				return found, ok, s.fault(n, "column %s may be of several tables", name)
			}
			if has {
				found.merge(v, Identity)
				ok = true
			}
		}
		if !ok { // an alias that the SELECT has given before
			found, ok = relation{columns: s.own}.find(name)
		}
	case 2:
		for _, item := range s.items {
			if item.alias == parts[0] && !ok {
				found, ok = item.find(name)
			}
		}
	default:
		err = s.fault(n, "%s: a column is named TABLE.COLUMN", strings.Join(parts, "."))
	}
	return found, ok, err
}
