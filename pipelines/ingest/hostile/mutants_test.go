package hostile_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

// damagedCopies are good files of every format, each damaged in its own way:
// bytes changed, cut out, doubled or swapped. In a workbook that is done to one
// of its parts, which is then packed well, or to the archive itself.
func damagedCopies(n int) []hostile {
	formats := []struct {
		format string
		write  func(io.Writer) error
	}{
		{"csv", repeat(csvHead, csvRow, 20, "")}, {"json", text("[" + jsonRow + "," + jsonRow + "]")}, {"ndjson", text(jsonRow + "\n" + jsonRow)},
		{"xml", text(xmlHead + xmlRow + xmlRow + xmlTail)}, {"xlsx", pack(nil, 0)}, {"csv", zipped(member{"a.csv", text(csvHead + csvRow)})},
		{"csv", gzipped(text(csvHead + csvRow))},
	}
	names := []string{types, rels, main, mainRels, styles, sst, sheet, sheet, sheet}
	var list []hostile
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 2026))
		h := hostile{name: fmt.Sprintf("mutant %d", i), want: anything}
		if i%2 == 0 {
			part := names[r.IntN(len(names))]
			h.format, h.write = "xlsx", pack(parts{part: text(string(damage(r, packed(usual()[part]))))}, 0)
		} else {
			f := formats[i/2%len(formats)]
			h.format, h.write = f.format, text(string(damage(r, packed(f.write))))
		}
		list = append(list, h)
	}
	return list
}

// signs mean something in one format or another.
var signs = []string{"<", ">", "/>", "</c>", "<row>", "\"", "'", "&", "&#0;", ",", "\n", "\r", "{", "}", "[", "]", "\\", "\x00", "\xff", "\xe6", "PK\x03\x04", "9999999999", "-1", "<v>", "</v>"}

func damage(r *rand.Rand, b []byte) []byte {
	for range 1 + r.IntN(6) {
		if len(b) == 0 {
			return b
		}
		at := r.IntN(len(b))
		end := min(len(b), at+1+r.IntN(40))
		switch r.IntN(6) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b = slices.Delete(b, at, end)
		case 2:
			b = slices.Insert(b, at, b[at:end]...)
		case 3:
			b = slices.Insert(b, at, []byte(signs[r.IntN(len(signs))])...)
		case 4:
			to := r.IntN(len(b))
			b[at], b[to] = b[to], b[at]
		case 5:
			b = b[:max(1, len(b)-r.IntN(60))]
		}
	}
	return b
}
