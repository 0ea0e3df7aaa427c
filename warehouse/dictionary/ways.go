package dictionary

import (
	"cmp"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/lineage"
)

// follow writes the ways of all columns into the book, in both directions, and
// lends a column that is another one unchanged the words of that one.
func (b *Book) follow(ways lineage.Lineage) {
	at := map[string]int{}
	for i, t := range b.Tables {
		at[t.Name] = i
	}
	for name, way := range ways {
		t := &b.Tables[at[name]]
		t.Rows = way.Rows
		reads := map[string]bool{}
		for _, s := range way.Rows {
			reads[s.Table] = true
		}
		for i := range t.Columns {
			c := &t.Columns[i]
			found, _ := way.Column(c.Name)
			c.From, c.By = found.From, found.By
			for _, s := range append(slices.Clone(found.From), found.By...) {
				reads[s.Table] = true
				if other := b.column(at, s.Table, s.Column); other != nil && s.Use.Direct() {
					other.To = append(other.To, lineage.Source{Table: name, Column: c.Name, Use: s.Use})
				}
			}
		}
		for read := range reads {
			if !slices.Contains(t.Inputs, read) {
				t.Inputs = append(t.Inputs, read)
			}
		}
	}
	for i := range b.Tables {
		t := &b.Tables[i]
		slices.Sort(t.Inputs)
		for _, input := range t.Inputs {
			if j, ok := at[input]; ok {
				b.Tables[j].Readers = append(b.Tables[j].Readers, t.Name)
			}
		}
	}
	b.Tables = slices.DeleteFunc(b.Tables, func(t Table) bool { return strings.HasPrefix(t.Name, "rejects.") && t.Readers == nil })
	for i, t := range b.Tables { // anew: some were left out
		at[t.Name] = i
	}
	words := credit.ColumnWords()
	for i := range b.Tables {
		slices.Sort(b.Tables[i].Readers)
		for j := range b.Tables[i].Columns {
			c := &b.Tables[i].Columns[j]
			slices.SortFunc(c.To, func(x, y lineage.Source) int {
				return cmp.Or(cmp.Compare(level(x.Table), level(y.Table)), cmp.Compare(x.Table, y.Table), cmp.Compare(x.Column, y.Column))
			})
			c.To = slices.Compact(c.To)
			if level(b.Tables[i].Name) > level("staging.") { // further on a name says more than the field it began as
				c.Label = words[c.Name]
			}
			c.borrow(b, at)
			c.Label = cmp.Or(c.Label, words[c.Name])
		}
	}
}

// borrow takes label, range and masking from the column that this one is,
// unchanged, over as many tables as it takes.
func (c *Column) borrow(b *Book, at map[string]int) {
	for from, steps := c.From, 0; c.Label == "" && len(from) == 1 && from[0].Use == lineage.Identity && steps < len(b.Tables); steps++ {
		other := b.column(at, from[0].Table, from[0].Column)
		if other == nil {
			return
		}
		c.Label, c.Range, c.Masks, from = other.Label, cmp.Or(c.Range, other.Range), cmp.Or(c.Masks, other.Masks), other.From
	}
}

func (b *Book) column(at map[string]int, table, name string) *Column {
	i, ok := at[table]
	if !ok {
		return nil
	}
	columns := b.Tables[i].Columns
	j := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
	if j < 0 {
		return nil
	}
	return &columns[j]
}
