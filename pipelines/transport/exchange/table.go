package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// table is a table of records in the database.
type table struct {
	Table
	name    string   // quoted, with its schema
	columns []string // quoted, those of the exchange first
	byName  []int    // places of Columns in ascending order of their names
}

// exchangeColumns are those of each table of records that say what to do with a
// row.
var exchangeColumns = []field{
	{name: "cd_operation", kind: text, length: 1, title: "操作：I 新增、U 变更、D 删除"},
	{name: "cd_batch", kind: text, length: 13, title: "批次号"},
	{name: "cd_id", kind: text, length: 200, title: "记录主键"},
	{name: "cd_time", kind: instant, title: "数据日期"},
	{name: "cd_source", kind: text, length: 20, title: "来源编码"},
}

func (t *Transport) tableOf(described Table) table {
	made := table{Table: described, name: t.named(cmp.Or(t.settings.Tables[described.Name], described.Name))}
	for _, f := range exchangeColumns {
		made.columns = append(made.columns, t.dialect.quote(f.name))
	}
	for i, c := range described.Columns {
		made.columns = append(made.columns, t.dialect.quote(c.Name))
		made.byName = append(made.byName, i)
	}
	slices.SortFunc(made.byName, func(a, b int) int { return strings.Compare(described.Columns[a].Name, described.Columns[b].Name) })
	return made
}

// named is a table's name as statements write it.
func (t *Transport) named(name string) string {
	if t.settings.Schema == "" {
		return t.dialect.quote(name)
	}
	return t.dialect.quote(t.settings.Schema) + "." + t.dialect.quote(name)
}

// A value is one of a row.
type value struct {
	text string
	set  bool // or else NULL
}

// errRow is wrapped by errors that are about the content of a record.
var errRow = errors.New("a record does not fit the table")

// row renders a change into as many values as there are columns.
func (t table) row(m *publish.Message, i int, values []value) error {
	r := &m.Rows[i]
	clear(values)
	for place, text := range [...]string{string(r.Operation), m.Number, r.Key, midnight(m), m.Source} {
		values[place] = value{text, true}
	}
	if r.Operation == ops.Delete {
		return nil
	}
	if err := t.fill(values[len(exchangeColumns):], r.Content); err != nil {
		return fmt.Errorf("%w: record %s: %w", errRow, r.Key, err)
	}
	return nil
}

// midnight is cd_time.
func midnight(m *publish.Message) string { return m.AsOf.Format("2006-01-02") + " 00:00:00" }

// digestOf sums a batch up as cd_digest.
func digestOf(m *publish.Message) string {
	var sum publish.State
	for _, r := range m.Rows {
		sum.Add(string(r.Operation)+"\n"+r.Key, r.Digest)
	}
	return sum.Digest()
}

// fill puts the members of a content, which stand in ascending order, where they
// belong.
func (t table) fill(values []value, content []byte) error {
	at := 0
	return eachMember(content, func(name, text string, isText bool) error {
		for at < len(t.byName) && t.Columns[t.byName[at]].Name < name {
			at++
		}
		if at == len(t.byName) || t.Columns[t.byName[at]].Name != name {
			return fmt.Errorf("%s: the table %s has no such column", name, t.Name)
		}
		place := t.byName[at]
		switch c := t.Columns[place]; {
		case c.Integer && isText && text != "":
			return fmt.Errorf("%s: want an integer", name)
		case c.Integer && isText: // the empty text stands for no value
		case !c.Integer && !isText:
			return fmt.Errorf("%s: want a text", name)
		default:
			values[place] = value{text, true}
		}
		return nil
	})
}
