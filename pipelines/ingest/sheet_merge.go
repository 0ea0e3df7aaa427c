package ingest

import (
	"slices"

	"rongxin/pipelines/xlsx"
)

// A mergeFiller gives the value of cells that are merged downwards to every row
// they cover. Only the first column of merged cells has the value: what is
// merged sideways stays one value in one column.
type mergeFiller struct {
	merged  []xlsx.Range // still to come, from top to bottom
	columns int          // with a name
	open    []openMerge  // by column
}

type openMerge struct {
	xlsx.Range
	value xlsx.Cell
}

// newMergeFiller takes the merged cells that begin below the header.
func newMergeFiller(merged []xlsx.Range, header, columns int) *mergeFiller {
	first, _ := slices.BinarySearchFunc(merged, header+1, func(r xlsx.Range, top int) int { return r.Top - top })
	return &mergeFiller{merged: merged[first:], columns: columns}
}

// fill returns the row with the values that merged cells above give it.
func (m *mergeFiller) fill(row xlsx.Row) xlsx.Row {
	if len(m.open) > 0 {
		m.open = slices.DeleteFunc(m.open, func(o openMerge) bool { return o.Bottom < row.Number })
		cells := slices.Clone(row.Cells)
		for _, o := range m.open {
			if at, taken := findCell(cells, o.value.Column); !taken {
				cells = slices.Insert(cells, at, o.value)
			}
		}
		row.Cells = cells
	}
	for len(m.merged) > 0 && m.merged[0].Top <= row.Number {
		r := m.merged[0]
		m.merged = m.merged[1:]
		if r.Top < row.Number || r.Bottom == r.Top || r.Left >= m.columns {
			continue
		}
		at, found := findCell(row.Cells, int32(r.Left))
		isOpen := slices.ContainsFunc(m.open, func(o openMerge) bool { return o.Left == r.Left })
		if found && !isOpen {
			m.open = append(m.open, openMerge{r, row.Cells[at]})
		}
	}
	return row
}

func findCell(cells []xlsx.Cell, column int32) (at int, found bool) {
	return slices.BinarySearchFunc(cells, column, func(c xlsx.Cell, column int32) int { return int(c.Column - column) })
}
