package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"rongxin/evaluators"
	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
)

// A generator makes random enterprises that stand where rules turn: days at the
// edges of look-backs, periods and rule versions, fines at their bounds, ties,
// documents with several cases, dead codes.
type generator struct {
	*rand.Rand
	set      *evaluators.RuleSet
	day      credit.Date
	days     []credit.Date // where rules turn
	edges    []int         // months before the day at which look-backs and periods end
	editions []reference.Edition
	kinds    []string // of penalties
	lists    [][2]string
	fines    []int64
	others   map[string]*otherTable // facts that only a scorecard knows
	members  []string
	words    map[string][]string // of records, by column, that scorecards look for
	serial   int
}

// otherTable is a table that a scorecard looks at and no model here makes: its
// columns, with the texts that the rule knows.
type otherTable struct {
	texts         map[string][]string
	numbers, days map[string]bool
}

// turning are days at which a run is made: ends of months, and of rules.
var turning = []credit.Date{
	credit.NewDate(2024, 2, 29), credit.NewDate(2026, 4, 1), credit.NewDate(2026, 8, 31), credit.NewDate(2027, 2, 28),
	credit.NewDate(2025, 2, 28), credit.NewDate(2025, 5, 31), credit.NewDate(2026, 3, 31), credit.NewDate(2026, 6, 30),
	credit.NewDate(2026, 11, 30), credit.NewDate(2026, 12, 31),
}

// periods are months in which records are published and results hold.
var periods = []int{0, 0, 1, 3, 6, 12, 12, 24, 36, 60}

func newGenerator(seed uint64, set *evaluators.RuleSet, day credit.Date) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(day))), set: set, day: day, edges: slices.Clone(periods)}
	g.readSeeds()
	g.readScorecards(nil)
	g.words = g.others[recordsTable].texts
	g.words["category"] = slices.DeleteFunc(g.words["category"], func(category string) bool {
		return slices.ContainsFunc(g.lists, func(list [2]string) bool { return list[0] == category }) // drawn by their datasets
	})
	g.readScorecards(reference.Derived)
	g.editions = []reference.Edition{
		{Dataset: "samr/penalties", From: credit.NewDate(2008, 1, 1), Listed: true},
		{Dataset: "ecology/penalties", From: credit.NewDate(2020, 1, 1), To: day.AddMonths(-12), Listed: true},
		{Dataset: "ecology/penalties", From: day.AddMonths(-12).AddDays(1), To: day.AddMonths(-6), Listed: false},
		{Dataset: "ecology/penalties", From: day.AddMonths(-6).AddDays(1), Listed: true},
		{Dataset: "medical_insurance/violations", From: day.AddMonths(-3), Listed: false},
	}
	return g
}

// readSeeds takes the days and the words at which rules turn from the rule
// tables. Which words a generator uses proves nothing, so it may.
func (g *generator) readSeeds() {
	for _, seed := range g.set.Seeds() {
		at := map[string]int{}
		for i, c := range seed.Columns {
			at[c.Name] = i
		}
		for _, row := range seed.Rows {
			text := func(column string) string { s, _ := row[at[column]].(string); return s }
			switch seed.Name {
			case "rules.penalty_severity":
				g.kinds = append(g.kinds, text("penalty_kind"))
				for _, column := range []string{"fine_from", "fine_up_to"} {
					if fen, ok := row[at[column]].(int64); ok {
						g.fines = append(g.fines, fen)
					}
				}
			case "rules.exemptions":
				g.kinds = append(g.kinds, text("penalty_kind"))
			case "rules.severe_lists":
				g.lists = append(g.lists, [2]string{text("list"), text("dataset")})
			}
			for column, i := range at {
				if day, ok := row[i].(interface{ Unix() int64 }); ok && (column == "effective_from" || column == "effective_to") {
					on := credit.Date(day.Unix() / 86400)
					g.days = append(g.days, on)
				}
			}
		}
	}
	g.kinds = append(slices.DeleteFunc(g.kinds, func(kind string) bool { return kind == "" }), "没收违法所得")
	slices.Sort(g.kinds)
	g.kinds = append(slices.Compact(g.kinds), "罚款", "罚款", "罚款", "罚款")
	slices.Sort(g.days)
	g.days = slices.Compact(g.days)
}

const recordsTable = "marts.records_in_force"

// readScorecards notes the tables that scorecards look at, but for those that
// models here make.
func (g *generator) readScorecards(made func(table string) bool) {
	g.others, g.members = map[string]*otherTable{}, nil
	for _, card := range g.set.Scorecards {
		if (made == nil || card.Population != "intermediate.subjects" && !made(card.Population)) && !slices.Contains(g.members, card.Population) {
			g.members = append(g.members, card.Population)
		}
		for _, c := range card.Characteristics {
			sourced, _ := g.set.Sourced(c)
			if t := g.leaf(sourced.Leaf, made); t != nil {
				t.measured(sourced)
			}
			for _, age := range c.Decay {
				g.edge(int(age.WithinMonths))
			}
		}
		for _, v := range card.Vetoes {
			g.leaf(v.Leaf, made)
		}
	}
}

// leaf is the table of a leaf, with its day and the words that it asks for.
func (g *generator) leaf(l evaluators.Leaf, made func(table string) bool) *otherTable {
	g.edge(int(l.WithinMonths))
	if made != nil && made(l.Fact) {
		return nil
	}
	t := g.others[l.Fact]
	if t == nil {
		t = &otherTable{texts: map[string][]string{}, numbers: map[string]bool{}, days: map[string]bool{}}
		g.others[l.Fact] = t
	}
	t.days[l.DayColumn()] = true
	for column, texts := range l.Where {
		t.know(column, texts...)
	}
	return t
}

// edge notes months before the day.
func (g *generator) edge(months int) {
	if !slices.Contains(g.edges, months) {
		g.edges = append(g.edges, months)
	}
}

// measured notes the columns that a characteristic measures.
func (t *otherTable) measured(c *evaluators.Characteristic) {
	for column, texts := range c.Of {
		t.know(column, texts...)
	}
	_, column := c.MeasureOf()
	switch {
	case c.Kind() == evaluators.KindGrades:
		t.know(column, slices.Sorted(maps.Keys(c.Grades))...)
	case c.Kind() == evaluators.KindEscalate:
		for _, step := range c.Escalate.Steps {
			t.know(c.Escalate.Column, step.Is)
		}
	case column != "":
		t.numbers[column] = true
	}
}

// know adds words of a column.
func (t *otherTable) know(column string, words ...string) {
	for _, word := range words {
		if !slices.Contains(t.texts[column], word) {
			t.texts[column] = append(t.texts[column], word)
		}
	}
}

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// near is a day at or beside one at which rules turn, or any day.
func (g *generator) near() credit.Date {
	switch {
	case g.chance(25):
		return g.day.AddDays(20 - g.IntN(1800))
	case g.chance(70):
		return g.day.AddMonths(-pick(g, g.edges)).AddDays(g.IntN(4) - 1)
	}
	return pick(g, g.days).AddDays(g.IntN(4) - 1)
}

// known is a day by which something was sent.
func (g *generator) soon() credit.Date {
	return g.day.AddDays(pick(g, []int{-400, -30, -2, -1, 0, 0, 1, 30}))
}

func (g *generator) id(kind string) string {
	g.serial++
	// Records of one enterprise do not come in the order of their days.
	return fmt.Sprintf("%s%c%07d", kind, 'a'+rune(g.IntN(26)), g.serial)
}

// enterprise draws one. weight is how many records it has about.
func (g *generator) enterprise(weight int) reference.Enterprise {
	e := reference.Enterprise{ID: g.id("S"), Registered: !g.chance(3), Register: g.id("reg-"),
		Status: pick(g, []string{"存续", "存续", "存续", "存续", "存续", "存续", "存续", "存续", "吊销", "注销", "迁出", "停业"})}
	// Two enterprises may have documents of one number.
	documents := []string{"", "文1-" + e.ID, "文2-" + e.ID, fmt.Sprint("文共", g.IntN(40))}
	favourite := "" // many have trouble of one kind
	if g.chance(40) {
		favourite = pick(g, categories)
	}
	for range g.IntN(2*weight + 1) {
		e.Records = append(e.Records, g.record(favourite, documents))
	}
	if g.chance(40) {
		disputed := pick(g, documents) // several cases are of one document more often than not
		for range 1 + g.IntN(5) {
			e.Cases = append(e.Cases, g.caseOf([]string{disputed, disputed, pick(g, documents)}))
		}
	}
	for range max(0, g.IntN(12)-8) {
		e.Changes = append(e.Changes, reference.Change{No: g.id("改"), Document: pick(g, documents), Decided: g.soon(),
			Kind: pick(g, []string{"撤销", "变更", "确认违法"})})
	}
	document := pick(g, documents)
	for range max(0, g.IntN(20)-16) {
		e.Majeure = append(e.Majeure, reference.Majeure{No: g.id("力"), Document: document, Recognised: g.soon(),
			Evidence: pick(g, []string{"", "证明", "公告"}), HasEvidence: g.chance(80)})
	}
	for i := range e.Majeure {
		if !e.Majeure[i].HasEvidence {
			e.Majeure[i].Evidence = ""
		}
	}
	for range max(0, g.IntN(9)-5) {
		e.Permits = append(e.Permits, reference.Permit{ID: g.id("许"), Decided: g.near(), From: min(g.near(), g.day.AddDays(2)), To: max(g.near(), g.day.AddDays(-2)),
			Certificate: pick(g, []string{"食品生产许可证", "食品经营许可证", "食品经营许可证（副本）", "药品经营许可证"}), Status: pick(g, []string{"有效", "有效", "有效", "无效"})})
	}
	g.results(&e)
	approved := g.soon()
	for range max(0, g.IntN(20)-17) {
		if g.chance(50) {
			approved = g.soon()
		}
		e.Manual = append(e.Manual, reference.Manual{ID: g.id("调"), Document: "批1", Approver: "某某", Class: int64(1 + g.IntN(4)),
			Approved: approved, Expires: pick(g, []credit.Date{g.soon(), g.day, g.day.AddDays(1)})})
	}
	g.rest(&e)
	return e
}

// caseOf draws an application or objection, as they come more often than not.
func (g *generator) caseOf(documents []string) reference.Case {
	c := reference.Case{No: g.id("案"), Document: pick(g, documents), Applied: g.soon(), Closed: pick(g, []credit.Date{0, g.soon(), g.soon()})}
	usual := pick(g, [][3]string{{"修复", "已通过", "停止公示"}, {"异议", "已完成", "撤销"}, {"异议", "已通过", "更正"}, {"异议", "待审核", ""}, {"异议", "待核实", ""}, {"修复", "已驳回", "维持"}})
	c.Kind, c.Status, c.Outcome = usual[0], usual[1], usual[2]
	if g.chance(25) {
		c.Kind = pick(g, []string{"修复", "异议"})
		c.Status = pick(g, []string{"待审核", "待核实", "已通过", "已完成", "已驳回"})
		c.Outcome = pick(g, []string{"停止公示", "撤销", "更正", "维持", ""})
	}
	return c
}

var categories = []string{"行政处罚", "行政处罚", "行政处罚", "行政处罚", "行政处罚", "经营异常名录", "未履行信用承诺", "监督检查问题", "医疗保障基金违法违规处理",
	"守信荣誉", "严重名单", "严重名单", "注销"}

func (g *generator) record(favourite string, documents []string) reference.Record {
	r := reference.Record{ID: g.id("R"), Document: pick(g, documents), Authority: "某局", Event: g.near(), Known: g.soon(), Dataset: "credit/others",
		Category: pick(g, categories)}
	switch {
	case favourite != "" && g.chance(60):
		r.Category = favourite
	case g.chance(25):
		r.Category = pick(g, g.words["category"])
	}
	if g.chance(10) {
		r.Kind = pick(g, g.kinds) // a word that means something of penalties alone
	}
	if g.chance(20) {
		r.Kind = pick(g, g.words["kind"])
	}
	switch r.Category {
	case "医疗保障基金违法违规处理":
		r.Dataset = "medical_insurance/violations"
	case "行政处罚":
		r.Dataset = pick(g, []string{"samr/penalties", "samr/penalties", "ecology/penalties"})
		r.Kind = pick(g, g.kinds)
		r.Field = pick(g, []string{"", "", "食品安全", "城市管理"})
		fine := pick(g, append([]int64{1, 2500000, 30000001}, g.fines...)) + int64(g.IntN(3)-1)
		if g.chance(85) {
			r.Fine = &fine
		}
	case "监督检查问题":
		r.Field = pick(g, []string{"", "食品安全"})
	case "经营异常名录", "守信荣誉":
		if g.chance(50) {
			r.Ended = g.near()
		}
	case "严重名单":
		list := pick(g, g.lists)
		r.Category, r.Dataset = list[0], list[1]
		if g.chance(40) {
			r.Ended = g.near()
		}
		if g.chance(40) {
			r.Stated = r.Event.AddMonths(pick(g, []int{12, 24, 36, 60})).AddDays(g.IntN(3) - 1)
		}
	}
	return r
}

// sent are the grades that the authority of a scheme may send: of a scorecard
// that takes its results, those it knows, because another stops the run.
func (g *generator) sent(s *evaluators.Scheme) []string {
	for _, card := range g.set.Scorecards {
		for _, c := range card.Characteristics {
			if c.Result == s.Name {
				return slices.Sorted(maps.Keys(c.Grades))
			}
		}
	}
	return slices.Sorted(maps.Keys(s.Levels))
}

// results draws what authorities and the nation evaluated.
func (g *generator) results(e *reference.Enterprise) {
	for _, s := range g.set.Schemes {
		if s.Imported == nil {
			// What an authority sends for a scheme that takes nothing is not looked at.
			e.Results = append(e.Results, reference.Result{ID: g.id("果"), Scheme: s.Name, Grade: pick(g, slices.Sorted(maps.Keys(s.Levels))), Year: 2026,
				Evaluated: g.day.AddDays(-30), ValidTo: g.day.AddDays(30)})
			continue
		}
		if !g.chance(18) {
			continue
		}
		grades := g.sent(s)
		for range 1 + g.IntN(3) {
			evaluated := g.day.AddMonths(-pick(g, []int{0, 6, 12, 12, 24})).AddDays(g.IntN(4) - 1)
			r := reference.Result{ID: g.id("果"), Scheme: s.Name, Grade: pick(g, grades), Year: int64(evaluated.Year() - g.IntN(2)), Evaluated: evaluated}
			if s.Name == "food" {
				r.Part = pick(g, []string{"食品生产", "食品销售"})
			}
			if s.Name == "water" && g.chance(20) {
				r.Grade = "未评级" // no grade of the scheme
			}
			if g.chance(30) {
				r.ValidTo = g.near()
			}
			e.Results = append(e.Results, r)
			if g.chance(15) { // a tie
				r.ID, r.Grade = g.id("果"), pick(g, grades)
				if r.Part != "" {
					r.Part = pick(g, []string{"食品生产", "食品销售"})
				}
				e.Results = append(e.Results, r)
			}
		}
	}
	for range g.IntN(4) {
		n := reference.National{ID: g.id("国"), Batch: pick(g, []string{"2025-1", "2025-2", "2026-1"}), Grade: pick(g, []string{"A", "B", "C", "C", "D"}),
			Evaluated: g.day.AddMonths(-pick(g, []int{0, 3, 12, 24})).AddDays(g.IntN(3) - 1)}
		e.National = append(e.National, n)
		if g.chance(20) {
			n.ID, n.Grade = g.id("国"), "B"
			e.National = append(e.National, n)
		}
	}
}

// rest draws the rows of tables that only a scorecard knows.
func (g *generator) rest(e *reference.Enterprise) {
	e.Other, e.Member = map[string][]reference.Fact{}, map[string]bool{}
	for _, population := range g.members {
		e.Member[population] = g.chance(50)
	}
	for _, name := range slices.Sorted(maps.Keys(g.others)) {
		t := g.others[name]
		words, day := 0, g.near()
		for _, texts := range t.texts {
			words += len(texts)
		}
		for range g.IntN(5 + words/2) {
			f := reference.Fact{ID: g.id("F"), Days: map[string]credit.Date{}, Texts: map[string]string{}, Numbers: map[string]*int64{}}
			for _, column := range slices.Sorted(maps.Keys(t.days)) {
				f.Days[column] = pick(g, []credit.Date{day, g.near(), g.near(), g.near()}) // several are of one day
				if g.chance(3) {
					f.Days[column] = 0
				}
			}
			for _, column := range slices.Sorted(maps.Keys(t.texts)) {
				f.Texts[column] = pick(g, append([]string{""}, t.texts[column]...))
			}
			for _, column := range slices.Sorted(maps.Keys(t.numbers)) {
				if value := int64(g.IntN(200)); g.chance(85) {
					f.Numbers[column] = &value
				}
			}
			e.Other[name] = append(e.Other[name], f)
		}
	}
}

// enterprises draws so many.
func (g *generator) enterprises(n, weight int) []reference.Enterprise {
	list := make([]reference.Enterprise, n)
	for i := range list {
		list[i] = g.enterprise(weight)
	}
	return list
}
