package ruletest

import (
	"cmp"
	"slices"
)

// A Report is what the cases came to.
type Report struct {
	Cases      int         `json:"cases"`
	Failures   []Failure   `json:"failures"`
	Attributes []Attribute `json:"attributes"`
}

// A Failure is one case that does not hold.
type Failure struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Case string `json:"case"`
	Diff []Diff `json:"diff"`
}

// A Diff is one thing that a case wants and does not get.
type Diff struct {
	What string `json:"what"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

// An Attribute is one thing that a rule says: a band, a cap, a veto, a cell.
type Attribute struct {
	File    string `json:"file"` // of the rule
	Name    string `json:"name"` // such as penalties_serious cap
	Reached bool   `json:"reached"`
}

// Reached counts the attributes that some case reaches.
func (r *Report) Reached() int {
	n := 0
	for _, a := range r.Attributes {
		if a.Reached {
			n++
		}
	}
	return n
}

// Unreached are the attributes that no case reaches.
func (r *Report) Unreached() []Attribute {
	list := []Attribute{}
	for _, a := range r.Attributes {
		if !a.Reached {
			list = append(list, a)
		}
	}
	return list
}

// cover gathers attributes by file and name; declared first, reached by cases.
type cover struct {
	order []Attribute
	at    map[[2]string]int
}

func (c *cover) declare(file, name string) {
	key := [2]string{file, name}
	if c.at == nil {
		c.at = map[[2]string]int{}
	}
	if _, ok := c.at[key]; !ok {
		c.at[key] = len(c.order)
		c.order = append(c.order, Attribute{File: file, Name: name})
	}
}

// reach notes that a case reached an attribute; what was not declared is none.
func (c *cover) reach(file, name string) {
	if i, ok := c.at[[2]string{file, name}]; ok {
		c.order[i].Reached = true
	}
}

func (c *cover) attributes() []Attribute {
	slices.SortStableFunc(c.order, func(a, b Attribute) int { return cmp.Compare(a.File, b.File) })
	return append([]Attribute{}, c.order...)
}
