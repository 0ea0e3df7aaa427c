package city

import (
	"fmt"

	"rongxin/internal/credit"
)

// document is a decision of an authority. Its number follows from the order of
// the decisions of a series and year, so it is known only when the city is
// written (see registry.number).
type document struct {
	style  docStyle
	series string
	on     credit.Date
	no     string
}

type docStyle int

const (
	bracketed  docStyle = iota // 榕鼓市监罚〔2025〕123号
	execution                  // （2025）闽0102执123号
	commitCode                 // 20 digits: division, day, serial of six
)

// registry hands out document numbers; its memory grows with series and years,
// and with the days of commitments, not with enterprises.
type registry struct{ last map[string]int }

func newRegistry() *registry { return &registry{last: map[string]int{}} }

func (r *registry) number(doc *document) {
	y, m, day := doc.on.YMD()
	key := fmt.Sprintf("%s%d", doc.series, y)
	if doc.style == commitCode {
		key = fmt.Sprintf("%s%04d%02d%02d", doc.series, y, m, day)
	}
	r.last[key]++
	n := r.last[key]
	switch doc.style {
	case bracketed:
		doc.no = fmt.Sprintf("%s〔%d〕%d号", doc.series, y, n)
	case execution:
		doc.no = fmt.Sprintf("（%d）%s%d号", y, doc.series, n)
	case commitCode:
		doc.no = fmt.Sprintf("%s%06d", key, n)
	}
}

// numberAll numbers every document of an enterprise, in a fixed order.
func (r *registry) numberAll(e *enterprise) {
	for _, p := range e.penalties {
		r.number(&p.document)
	}
	for _, a := range e.abnormal {
		r.number(&a.document)
	}
	if e.fraud != nil {
		r.number(&e.fraud.document)
	}
	if e.arrears != nil {
		r.number(&e.arrears.document)
	}
	if e.debt != nil {
		r.number(&e.debt.document)
	}
	for _, p := range e.permits {
		r.number(&p.document)
	}
	for _, i := range e.inspections {
		r.number(&i.document)
	}
	for _, h := range e.honours {
		r.number(&h.document)
	}
	for _, c := range e.commitments {
		r.number(&c.document)
	}
	for _, c := range e.cases {
		r.number(&c.document)
	}
	for _, x := range e.exempt {
		r.number(&x.document)
	}
	if e.override != nil {
		r.number(&e.override.document)
	}
}
