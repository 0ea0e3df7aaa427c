package exchange

import (
	"cmp"
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

// A value is one of a row; nil is NULL.
type value *string

// rows renders a batch, a row of values for each change, and sums it up as
// cd_digest. An error is about the content of a record.
func (t table) rows(m publish.Message) ([][]value, string, error) {
	batch, day, source := m.Number, m.AsOf.Format("2006-01-02")+" 00:00:00", m.Source
	var sum publish.State
	rows := make([][]value, len(m.Rows))
	for i, r := range m.Rows {
		operation, key := string(r.Operation), r.Key
		row := make([]value, len(t.columns))
		row[0], row[1], row[2], row[3], row[4] = &operation, &batch, &key, &day, &source
		if r.Operation != ops.Delete {
			if err := t.fill(row[len(exchangeColumns):], r.Content); err != nil {
				return nil, "", fmt.Errorf("record %s: %w", key, err)
			}
		}
		sum.Add(operation+"\n"+key, r.Digest)
		rows[i] = row
	}
	return rows, sum.Digest(), nil
}

// fill puts the members of a content, which stand in ascending order, where they
// belong.
func (t table) fill(row []value, content []byte) error {
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
			row[place] = &text
		}
		return nil
	})
}
