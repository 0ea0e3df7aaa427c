package ingest

import (
	"errors"
	"io"
	"slices"
	"strings"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/xlsx"
)

// searchedRows at the top of a sheet are looked at for the header when the
// contract leaves its place open.
const searchedRows = 50

// findHeader reads up to the end of the header.
func (w *sheetReader) findHeader(c *contract.Contract, sheet string) (*layout, error) {
	top, height := c.Source.HeaderRow, c.Source.HeaderRows
	if top == contract.AutoHeader {
		if err := w.peek(searchedRows + height - 1); err != nil {
			return nil, err
		}
		if top = w.likelyHeader(c); top == 0 {
			return nil, unfit(HeaderMissing, "前 %d 行都没有契约的列名", "none of the first %d rows has the columns of the contract", searchedRows).at(Place{Sheet: sheet})
		}
	} else if err := w.peek(top + height - 1); err != nil {
		return nil, err
	}
	w.header = top + height - 1
	place := Place{Sheet: sheet, Unit: Row, Number: int64(top)}
	if len(w.held) == 0 || w.held[len(w.held)-1].Number < w.header {
		return nil, unfit(HeaderMissing, "工作表不到第 %d 行的表头就结束了", "the sheet ends before its header in row %d", w.header).at(place)
	}
	l, err := matchHeader(c, w.names(top, height))
	if bad := (badFile{}); errors.As(err, &bad) {
		return nil, bad.at(place)
	}
	return l, err
}

// peek holds every row up to the given number, if there are so many.
func (w *sheetReader) peek(number int) error {
	for len(w.held) == 0 || w.held[len(w.held)-1].Number < number {
		row, err := w.rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		w.held = append(w.held, row)
	}
	return nil
}

// likelyHeader is the first row that names every column of the contract, else
// the one that names most of them, which then tells what is wrong, else 0.
func (w *sheetReader) likelyHeader(c *contract.Contract) int {
	best, most := 0, 0
	for _, row := range w.held {
		if row.Number > searchedRows {
			break
		}
		known := map[string]bool{}
		for _, name := range w.names(row.Number, c.Source.HeaderRows) {
			if name = cleanName(name); c.FieldIndex(name) >= 0 {
				known[name] = true
			}
		}
		if len(known) > most {
			best, most = row.Number, len(known)
		}
		if most == len(c.Fields) {
			break
		}
	}
	return best
}

// names are the column names of a header of so many rows. Of several, each name
// is what stands above each other in its column, joined by a slash; cells that
// are merged all count, and what stands twice above each other is written once.
func (w *sheetReader) names(top, height int) []string {
	grid := make([][]string, height)
	width := 0
	for _, row := range w.held {
		if row.Number < top || row.Number >= top+height {
			continue
		}
		for _, cell := range row.Cells {
			line := &grid[row.Number-top]
			*line = append(*line, make([]string, int(cell.Column)+1-len(*line))...)
			(*line)[cell.Column] = cleanName(string(cell.Text))
			width = max(width, len(*line))
		}
	}
	if height > 1 {
		fillHeader(grid, w.rows.Merged, top, width)
	}
	names := make([]string, width)
	for i := range names {
		var parts []string
		for _, line := range grid {
			if i < len(line) && line[i] != "" && (len(parts) == 0 || parts[len(parts)-1] != line[i]) {
				parts = append(parts, line[i])
			}
		}
		names[i] = strings.Join(parts, contract.HeaderSeparator)
	}
	for len(names) > 0 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	return names
}

// fillHeader gives the text of merged cells to each of them.
func fillHeader(grid [][]string, merged []xlsx.Range, top, width int) {
	for i := range grid {
		grid[i] = append(grid[i], make([]string, width-len(grid[i]))...)
	}
	first, _ := slices.BinarySearchFunc(merged, top, func(r xlsx.Range, top int) int { return r.Top - top })
	for _, r := range merged[first:] {
		if r.Top >= top+len(grid) || r.Left >= width {
			break
		}
		text := grid[r.Top-top][r.Left]
		for row := r.Top - top; row <= min(r.Bottom-top, len(grid)-1); row++ {
			for column := r.Left; column <= min(r.Right, width-1); column++ {
				if line := grid[row]; line[column] == "" {
					line[column] = text
				} else if column != r.Left || row != r.Top-top {
					break // these merges overlap, which a sheet cannot show
				}
			}
		}
	}
}
