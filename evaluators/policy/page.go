package policy

import (
	_ "embed"
	"html/template"
	"io"

	"rongxin/evaluators/compare"
)

// A Page is the report on one change, for the meeting that decides.
type Page struct {
	AsOf, Now, Proposed string // the day, and both rule sets
	Content             string // digest of the proposal
	Limits              string
	Impact              Impact
	Moves               []compare.Move // the first of those who move, the farthest first
	Reason, Effective   string         // of a proposal; empty for a plan alone
}

//go:embed page.html
var pageText string

// WritePage writes the report as one HTML file in Chinese, to be printed, which
// loads nothing from anywhere.
func WritePage(w io.Writer, page Page) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"class": compare.Class, "kind": compare.Kind, "change": compare.Change, "percent": Percent, "index": Index,
		"classes": classes, "count": count,
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, page)
}

// classes are the rows and columns of a matrix, those that are used.
func classes(cells []compare.Cell) []int64 {
	used := map[int64]bool{}
	for _, c := range cells {
		used[c.From], used[c.To] = true, true
	}
	var list []int64
	for _, class := range []int64{1, 2, 3, 4, compare.Out, compare.Absent} {
		if used[class] {
			list = append(list, class)
		}
	}
	return list
}

func count(cells []compare.Cell, from, to int64) int64 {
	for _, c := range cells {
		if c.From == from && c.To == to {
			return c.Count
		}
	}
	return 0
}

// A Part is the groups of one division of the population.
type Part struct {
	Title  string
	Groups []compare.Group
}

// Parts are the groups by division, industry and size.
func (p Page) Parts() []Part {
	return []Part{{"区划", p.Impact.Divisions}, {"行业门类", p.Impact.Industries}, {"规模", p.Impact.Sizes}}
}

// Rest is how many move besides those that are named.
func (p Page) Rest() int64 { return p.Impact.Moved - int64(len(p.Moves)) }
