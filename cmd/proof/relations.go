package main

import (
	"slices"

	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
)

// A relation says what a change of an enterprise may do to its results, whatever
// they are. It needs no second evaluation, so it holds of rules nobody has
// written down twice. Each is tried on an enterprise and its changed twin, both
// judged in one go.
type relation struct {
	name string
	// change makes the twin; false where it does not apply to the enterprise.
	change func(g *generator, e *reference.Enterprise) bool
	holds  holds
}

// holds is what must be so of twin and original.
type holds int

const (
	same      holds = iota // every row of every result is the same
	onlyMark               // but for the mark of a pending objection
	notBetter              // no score, grade or class is better
	noScore                // no score is worse: what was added is to its credit
)

// relations are tried in this order. The last letter of a twin's code says which
// relation it is of.
var relations = []relation{
	{"a copy under another code is judged alike", func(*generator, *reference.Enterprise) bool { return true }, same},
	{"a record dated after the day is as if absent", absent(func(g *generator, r *reference.Record) { r.Event = g.day.AddDays(1 + g.IntN(400)) }), same},
	{"a repaired record is as if absent", settled("修复", "停止公示"), same},
	{"a record withdrawn by an objection is as if absent", settled("异议", "撤销"), same},
	{"a record to be corrected is as if absent until the correction came", func(g *generator, e *reference.Enterprise) bool {
		r := g.adverse(e)
		r.Known = g.day.AddDays(-10)
		e.Records = append(e.Records, r)
		e.Cases = append(e.Cases, reference.Case{No: g.id("案"), Kind: "异议", Status: "已完成", Outcome: "更正", Document: r.Document, Applied: g.day.AddDays(-20), Closed: g.day.AddDays(-g.IntN(9))})
		return true
	}, same},
	{"a decision revoked is as if absent", func(g *generator, e *reference.Enterprise) bool {
		r := g.adverse(e)
		e.Records = append(e.Records, r)
		e.Changes = append(e.Changes, reference.Change{No: g.id("改"), Kind: "撤销", Document: r.Document, Decided: g.day.AddDays(-g.IntN(30))})
		return true
	}, same},
	{"a record due to force majeure with a document is as if absent", majeure("公告"), same},
	{"a decision not to punish is as if absent", absent(func(g *generator, r *reference.Record) {
		*r = reference.Record{ID: r.ID, Document: r.Document, Known: r.Known, Event: r.Event, Dataset: "samr/penalties", Category: "行政处罚", Kind: pick(g, []string{"轻微不罚", "首违不罚", "无过错不罚"})}
	}), same},
	{"a record of an item that was not in the catalogue on its day is as if absent", absent(func(g *generator, r *reference.Record) {
		r.Category, r.Dataset, r.Kind, r.Event = "行政处罚", "ecology/penalties", "罚款", g.day.AddMonths(-6).AddDays(-g.IntN(100))
	}), same},
	{"an entry of a list from before its legal basis is as if absent", absent(func(g *generator, r *reference.Record) {
		list := pick(g, g.lists)
		r.Category, r.Dataset, r.Event = list[0], list[1], credit.NewDate(2007, 1, 1).AddDays(g.IntN(300))
	}), same},
	{"a record whose publicity ends on the day is as if absent", func(g *generator, e *reference.Enterprise) bool {
		r := g.adverse(e)
		r.Category, r.Dataset, r.Event = "监督检查问题", "samr/inspections", g.day.AddMonths(-12).AddDays(-g.IntN(2)*g.IntN(300))
		e.Records = append(e.Records, r)
		return true
	}, same},
	{"a record that ended by the day is as if absent", absent(func(g *generator, r *reference.Record) {
		r.Category, r.Dataset, r.Ended = "经营异常名录", "samr/abnormal_operations", g.day.AddDays(-g.IntN(2)*g.IntN(300))
	}), same},
	{"an older national result is as if absent", func(g *generator, e *reference.Enterprise) bool {
		oldest, known := g.day, false
		for _, n := range e.National {
			oldest, known = min(oldest, n.Evaluated), known || n.Evaluated <= g.day
		}
		e.National = append(e.National, reference.National{ID: g.id("国"), Batch: "2020-1", Grade: "D", Evaluated: oldest.AddDays(-1 - g.IntN(900))})
		return known
	}, same},
	{"a national result dated after the day is as if absent", func(g *generator, e *reference.Enterprise) bool {
		e.National = append(e.National, reference.National{ID: g.id("国"), Batch: "2099-1", Grade: "D", Evaluated: g.day.AddDays(1 + g.IntN(90))})
		return true
	}, same},
	{"an older result of a scheme is as if absent", older(-1), same},
	{"a result of a scheme dated after the day is as if absent", older(+1), same},
	{"a manual adjustment is as if absent from the day it expires", func(g *generator, e *reference.Enterprise) bool {
		e.Manual = append(e.Manual, reference.Manual{ID: g.id("调"), Class: 4, Approved: g.day.AddDays(-90), Expires: g.day.AddDays(-g.IntN(2) * g.IntN(60))})
		return true
	}, same},
	{"a manual adjustment is as if absent before its day", func(g *generator, e *reference.Enterprise) bool {
		e.Manual = append(e.Manual, reference.Manual{ID: g.id("调"), Class: 4, Approved: g.day.AddDays(1 + g.IntN(60)), Expires: g.day.AddDays(400)})
		return true
	}, same},
	{"a permit that lapsed is as if absent", func(g *generator, e *reference.Enterprise) bool {
		e.Permits = append(e.Permits, reference.Permit{ID: g.id("许"), Certificate: "食品生产许可证", Status: "有效", Decided: g.day.AddDays(-900), From: g.day.AddDays(-900), To: g.day.AddDays(-1 - g.IntN(90))})
		return true
	}, same},
	{"a record repaired twice is as if absent", func(g *generator, e *reference.Enterprise) bool {
		settled("修复", "停止公示")(g, e)
		again := e.Cases[len(e.Cases)-1]
		again.No, again.Closed = g.id("案"), g.day.AddDays(-g.IntN(50))
		e.Cases = append(e.Cases, again)
		return true
	}, same},
	{"force majeure without a document changes nothing", func(g *generator, e *reference.Enterprise) bool {
		if len(e.Records) == 0 {
			return false
		}
		e.Majeure = append(e.Majeure, reference.Majeure{No: g.id("力"), Document: e.Records[0].Document, Recognised: g.day.AddDays(-5), HasEvidence: g.chance(50)})
		return true
	}, same},
	{"a pending objection marks, and takes no point", func(g *generator, e *reference.Enterprise) bool {
		for _, r := range e.Records {
			if r.Document != "" {
				e.Cases = append(e.Cases, reference.Case{No: g.id("案"), Kind: "异议", Status: "待核实", Document: r.Document, Applied: g.day.AddDays(-g.IntN(20))})
				return true
			}
		}
		return false
	}, onlyMark},
	{"an adverse record more betters nothing", func(g *generator, e *reference.Enterprise) bool {
		e.Records = append(e.Records, g.adverse(e))
		return true
	}, notBetter},
	{"an honour more worsens no score", func(g *generator, e *reference.Enterprise) bool {
		e.Records = append(e.Records, reference.Record{ID: g.id("R"), Dataset: "credit/honours", Category: "守信荣誉", Event: g.day.AddDays(-g.IntN(900)), Known: g.day})
		return true
	}, noScore},
	{"a worse national grade betters no class", func(g *generator, e *reference.Enterprise) bool {
		changed := false
		for i, n := range e.National {
			if n.Grade < "D" {
				e.National[i].Grade, changed = string(n.Grade[0]+1), true
			}
		}
		return changed
	}, notBetter},
	{"a worse result of every scheme betters no class", func(g *generator, e *reference.Enterprise) bool {
		changed := false
		for i, r := range e.Results {
			for _, s := range g.set.Schemes {
				if s.Name != r.Scheme || s.Levels[r.Grade] == 0 {
					continue
				}
				for _, grade := range g.sent(s) {
					if s.Levels[grade] == s.Levels[r.Grade]+1 {
						e.Results[i].Grade, changed = grade, true
					}
				}
			}
		}
		return changed
	}, notBetter},
	{"an adjustment to the strictest class betters no class", func(g *generator, e *reference.Enterprise) bool {
		e.Manual = []reference.Manual{{ID: g.id("调"), Class: 4, Approved: g.day.AddDays(-1), Expires: g.day.AddDays(1)}}
		return true
	}, notBetter},
}

// adverse draws a record to the enterprise's debit under a document of its own.
func (g *generator) adverse(e *reference.Enterprise) reference.Record {
	for {
		r := g.record("", []string{"文9-" + g.id("S")})
		if r.Category != "守信荣誉" && r.Category != "注销" {
			r.Event = min(r.Event, g.day)
			return r
		}
	}
}

// absent adds a record that was changed so that it does not count.
func absent(change func(g *generator, r *reference.Record)) func(*generator, *reference.Enterprise) bool {
	return func(g *generator, e *reference.Enterprise) bool {
		r := g.adverse(e)
		change(g, &r)
		e.Records = append(e.Records, r)
		return true
	}
}

// settled adds a record and the case that was settled for its subject.
func settled(kind, outcome string) func(*generator, *reference.Enterprise) bool {
	return func(g *generator, e *reference.Enterprise) bool {
		r := g.adverse(e)
		e.Records = append(e.Records, r)
		e.Cases = append(e.Cases, reference.Case{No: g.id("案"), Kind: kind, Status: pick(g, []string{"已通过", "已完成"}), Outcome: outcome, Document: r.Document,
			Applied: g.day.AddDays(-40), Closed: g.day.AddDays(-g.IntN(2) * g.IntN(30))})
		return true
	}
}

func majeure(evidence string) func(*generator, *reference.Enterprise) bool {
	return func(g *generator, e *reference.Enterprise) bool {
		r := g.adverse(e)
		e.Records = append(e.Records, r)
		e.Majeure = append(e.Majeure, reference.Majeure{No: g.id("力"), Document: r.Document, Evidence: evidence, HasEvidence: true, Recognised: g.day.AddDays(-g.IntN(30))})
		return true
	}
}

// older adds a result of a scheme that is before all of its part, or after the day.
func older(direction int) func(*generator, *reference.Enterprise) bool {
	return func(g *generator, e *reference.Enterprise) bool {
		for _, r := range e.Results {
			if r.Evaluated > g.day || direction < 0 && r.Year < 2000 {
				continue
			}
			added := r
			added.ID = g.id("果")
			if added.Evaluated, added.Year = r.Evaluated.AddDays(-1000), 1999; direction > 0 {
				added.Evaluated, added.Year = g.day.AddDays(1+g.IntN(50)), 2099
			}
			e.Results = append(e.Results, added)
			return true
		}
		return false
	}
}

// twin copies an enterprise under another code; all that has a name of its own
// gets another, but document numbers stay: what is said of one is not said of the other.
func twin(e reference.Enterprise, suffix string) reference.Enterprise {
	t := e
	t.ID, t.Register = e.ID+suffix, e.Register+suffix
	t.Records = renamed(e.Records, func(r *reference.Record) { r.ID += suffix })
	t.Cases = renamed(e.Cases, func(c *reference.Case) { c.No += suffix })
	t.Changes = renamed(e.Changes, func(c *reference.Change) { c.No += suffix })
	t.Majeure = renamed(e.Majeure, func(m *reference.Majeure) { m.No += suffix })
	t.Permits = renamed(e.Permits, func(p *reference.Permit) { p.ID += suffix })
	t.Results = renamed(e.Results, func(r *reference.Result) { r.ID += suffix })
	t.National = renamed(e.National, func(n *reference.National) { n.ID += suffix })
	t.Manual = renamed(e.Manual, func(m *reference.Manual) { m.ID += suffix })
	t.Other = map[string][]reference.Fact{}
	for name, facts := range e.Other {
		t.Other[name] = renamed(facts, func(f *reference.Fact) { f.ID += suffix })
	}
	return t
}

func renamed[T any](list []T, rename func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		rename(&list[i])
	}
	return list
}

func suffixOf(i int) string { return "~" + string(rune('a'+i)) }
