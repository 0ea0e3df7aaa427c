package xlsx

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
)

// A Range of merged cells: rows from 1, columns from 0, both ends included.
type Range struct{ Top, Bottom, Left, Right int }

// merged reads a whole sheet for what stands behind its rows.
func (b *Book) merged(name string) ([]Range, error) {
	p, err := b.open(name)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	s := newScanner(p)
	empty, err := s.toData()
	if err == nil && !empty {
		err = unexpected(s.skipPast("sheetData>"))
	}
	var ranges []Range
	for err == nil {
		var t token
		if t, err = s.next(); err != nil || !t.starts("mergeCell") {
			continue
		}
		r, ok := parseRange([]byte(t.attr("ref")))
		if !ok {
			return nil, damaged("it merges cells that are none")
		}
		if ranges = append(ranges, r); len(ranges) > maxMerges {
			return nil, limitError("it merges cells in more than %d places", maxMerges)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	slices.SortFunc(ranges, func(a, b Range) int { return cmp.Or(a.Top-b.Top, a.Left-b.Left) })
	return ranges, nil
}

// parseRange reads A1:B2.
func parseRange(ref []byte) (r Range, ok bool) {
	first, last, _ := bytes.Cut(ref, []byte{':'})
	if last == nil {
		last = first
	}
	left, top := columnOf(first)
	right, bottom := columnOf(last)
	r = Range{Top: index(top), Bottom: index(bottom), Left: int(left), Right: int(right)}
	return r, r.Top > 0 && r.Top <= r.Bottom && r.Bottom <= maxRows &&
		r.Left >= 0 && r.Left <= r.Right && r.Right < maxColumns
}
