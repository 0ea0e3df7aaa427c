package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

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
				for _, grade := range slices.Sorted(maps.Keys(s.Levels)) {
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

// relate tries every relation on so many enterprises, some hundreds a query. Not
// every relation applies to everybody.
func (o options) relate(ctx context.Context, books []rulebook) error {
	cases := make([]int, len(relations))
	structures := map[string]int64{}
	size := min(o.cases/len(books), originals)
	var lock sync.Mutex
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(o.workers)
	for n := range (o.cases + size - 1) / size {
		work.Go(func() error {
			book, day := books[n%len(books)], turning[n/len(books)%len(turning)]
			applied, counted, err := relateOnce(ctx, book, day, o.seed+uint64(n), size)
			if err != nil {
				return fmt.Errorf("rules %s on %s, seed %d: %w", book.name, day, o.seed+uint64(n), err)
			}
			lock.Lock()
			defer lock.Unlock()
			for i := range applied {
				cases[i] += applied[i]
			}
			for name, n := range counted {
				structures[name] += n
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	for i, r := range relations {
		fmt.Fprintf(o.out, "%7d cases  %s\n", cases[i], r.name)
		if cases[i] < o.cases/50 {
			return fmt.Errorf("%s: tried on %d of %d enterprises", r.name, cases[i], o.cases)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(structures)) {
		fmt.Fprintf(o.out, "%7d cases  %s\n", structures[name], name)
	}
	o.figure("relations", len(relations)+len(structures))
	o.figure("relation_violations", 0)
	return nil
}

const originals = 300 // enterprises of a query, each with a twin of every relation

// relateOnce judges enterprises and their twins in one go, and returns how often
// each relation and structure was tried.
func relateOnce(ctx context.Context, book rulebook, day credit.Date, seed uint64, size int) (applied []int, counted map[string]int64, err error) {
	set, rules, err := book.on(day)
	if err != nil {
		return nil, nil, err
	}
	w, err := newWorld(ctx, set)
	if err != nil {
		return nil, nil, err
	}
	defer w.close()
	g := newGenerator(seed, set, day)
	list := g.enterprises(size, weight)
	applied = make([]int, len(relations))
	for i, r := range relations {
		for _, e := range list[:size] {
			t := twin(e, suffixOf(i))
			if e.Registered && r.change(g, &t) {
				list = append(list, t)
				applied[i]++
			}
		}
	}
	if err := w.remake(ctx, g, list); err != nil {
		return nil, nil, err
	}
	if err := w.gradeOrder(ctx, rules); err != nil {
		return nil, nil, err
	}
	for i, r := range relations {
		if err := w.related(ctx, r, suffixOf(i), rules); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	if counted, err = w.structured(ctx); err != nil {
		return nil, nil, err
	}
	alone := slices.DeleteFunc(slices.Clone(list), func(e reference.Enterprise) bool { return strings.Contains(e.ID, "~") })
	for _, name := range unmoved {
		counted[name] = int64(len(alone))
	}
	return applied, counted, w.unmoved(ctx, g, alone)
}

// related looks for a twin that is not as the relation says.
func (w *world) related(ctx context.Context, r relation, suffix string, rules *reference.Rules) error {
	switch r.holds {
	case notBetter:
		return cmp.Or(w.none(ctx, better("+", suffix, directed(rules))), w.none(ctx, `select b.subject_id, b.supervision_class, t.supervision_class
			from overlay.subject_classes as b inner join overlay.subject_classes as t on t.subject_id = b.subject_id || '`+suffix+`'
			where not b.is_out and not coalesce(t.is_out or t.supervision_class >= b.supervision_class, false)`))
	case noScore:
		return w.none(ctx, better("-", suffix, directed(rules)))
	}
	for _, m := range w.models {
		if strings.HasPrefix(m.Name, "intermediate.") || r.holds == onlyMark && !strings.HasPrefix(m.Name, "scores.") && m.Name != "overlay.matrix_classes" {
			continue
		}
		if err := w.none(ctx, fmt.Sprintf(`select coalesce(b.subject_id, t.subject_id), b.lines, t.lines
			from (select subject_id, lines from (%[1]s) where position('~' in subject_id) = 0
				and subject_id || '%[3]s' in (select subject_id from intermediate.subjects)) as b
			full join (%[2]s) as t on t.subject_id = b.subject_id
			where b.lines is distinct from t.lines`, lines(m.Name, m.Name), untwinned(m.Name, suffix), suffix)); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	if r.holds == onlyMark {
		return w.none(ctx, `select b.subject_id, b.supervision_class, t.supervision_class
			from overlay.subject_classes as b inner join overlay.subject_classes as t on t.subject_id = b.subject_id || '`+suffix+`'
			where b.supervision_class is distinct from t.supervision_class or b.is_marked and not t.is_marked`)
	}
	return nil
}

// untwinned are the lines of twins under the names of their originals.
func untwinned(name, suffix string) string {
	return fmt.Sprintf("select replace(subject_id, '%[1]s', '') as subject_id, replace(lines, '%[1]s', '') as lines from (%[2]s) where subject_id like '%%%[1]s'",
		suffix, lines(name, name))
}

// directed are the scorecards on which every adverse record costs: those without
// a measure that another record can dilute.
func directed(rules *reference.Rules) (names []string) {
	for _, s := range rules.Scorecards {
		if !slices.ContainsFunc(s.Characteristics, func(c reference.Characteristic) bool {
			return c.Measure != "" || c.Result != "" || c.Grades != nil || c.Present != ""
		}) {
			names = append(names, "'"+s.Name+"'")
		}
	}
	return names
}

// better looks for twins that are better (+) or worse (-) on a directed scorecard.
func better(sign, suffix string, cards []string) string {
	return fmt.Sprintf(`select b.subject_id, b.scorecard || ' ' || b.score_milli || ' ' || b.grade, t.score_milli || ' ' || t.grade
		from scores.scorecard_results as b
		inner join scores.scorecard_results as t on t.scorecard = b.scorecard and t.subject_id = b.subject_id || '%[1]s'
		inner join proof.grades as bg on bg.scorecard = b.scorecard and bg.grade = b.grade
		inner join proof.grades as tg on tg.scorecard = t.scorecard and tg.grade = t.grade
		where b.scorecard in (%[2]s) and (bg.direction * (t.score_milli - b.score_milli) * %[3]s1 > 0 or (bg.badness - tg.badness) * %[3]s1 > 0)`,
		suffix, strings.Join(cards, ", "), sign)
}

// gradeOrder loads how bad each grade is, and which way a score betters.
func (w *world) gradeOrder(ctx context.Context, rules *reference.Rules) error {
	t := table{columns: "scorecard, grade, badness BIGINT, direction BIGINT"}
	for _, s := range rules.Scorecards {
		direction := int64(1)
		if s.Better == "lower" {
			direction = -1
		}
		for _, grade := range s.Grades {
			t.rows = append(t.rows, []any{s.Name, grade.Grade, int64(s.Badness(grade.Grade)), direction})
		}
	}
	return t.load(ctx, w.db, "proof.grades")
}

// none runs a query of three columns that must find nothing.
func (w *world) none(ctx context.Context, query string) error {
	rows, err := w.db.Query(ctx, query+" order by 1 limit 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var subject, was, is any
	if err := rows.Scan(&subject, &was, &is); err != nil {
		return err
	}
	return fmt.Errorf("%v\nwas:\n%v\nis:\n%v", subject, was, is)
}

// unmoved are the relations of whole populations.
var unmoved = []string{"who else is judged, the order of rows and the number of threads change nothing"}

// unmoved judges the originals alone, by another number of threads and in
// another order of all rows: nobody's rows may differ.
func (w *world) unmoved(ctx context.Context, g *generator, alone []reference.Enterprise) error {
	before := func(name string) string { return "before." + strings.ReplaceAll(name, ".", "__") }
	for _, m := range w.models {
		if err := w.make(ctx, before(m.Name), "select * from ("+lines(m.Name, m.Name)+") where position('~' in subject_id) = 0"); err != nil {
			return err
		}
	}
	if err := w.db.Exec(ctx, "set threads = 2"); err != nil {
		return err
	}
	g.Shuffle(len(alone), func(i, j int) { alone[i], alone[j] = alone[j], alone[i] })
	if err := w.remake(ctx, g, alone); err != nil {
		return err
	}
	for _, m := range w.models {
		if err := w.none(ctx, fmt.Sprintf("select b.subject_id, b.lines, t.lines from %s as b full join (%s) as t on t.subject_id = b.subject_id where b.lines is distinct from t.lines",
			before(m.Name), lines(m.Name, m.Name))); err != nil {
			return fmt.Errorf("%s: %s: %w", unmoved[0], m.Name, err)
		}
	}
	return nil
}

// remake loads enterprises and makes every table.
func (w *world) remake(ctx context.Context, g *generator, list []reference.Enterprise) error {
	if err := w.load(ctx, g, list); err != nil {
		return err
	}
	for _, m := range w.models {
		if err := w.make(ctx, m.Name, m.SQL); err != nil {
			return err
		}
	}
	return nil
}

// structures hold of every result whatever it is: a query that finds who breaks
// them, and one that counts whom they were tried on.
var structures = map[string][2]string{
	"contributions add up to the score": {`select r.subject_id, r.score_milli, c.points from scores.scorecard_results as r
		full join (select subject_id, scorecard, sum(points_milli) as points from scores.contributions group by all) as c
			on c.subject_id = r.subject_id and c.scorecard = r.scorecard where r.score_milli is distinct from c.points`,
		"select count(*) from scores.scorecard_results"},
	"every enterprise that is registered has one class, or is out of the list": {`select s.subject_id, c.classes, c.outs from intermediate.subjects as s
		full join (select subject_id, count(*) as rows, count(supervision_class) as classes, count(case when is_out then 1 end) as outs from overlay.subject_classes group by all) as c
			on c.subject_id = s.subject_id where s.subject_id is null or coalesce(c.rows, 0) <> 1 or c.classes + c.outs <> 1`,
		"select count(*) from intermediate.subjects"},
	"every record has one state, and counts only in force": {`select r.record_id, min(s.state), count(f.record_id) from intermediate.records as r
		left join intermediate.record_states as s on s.record_id = r.record_id left join marts.records_in_force as f on f.record_id = r.record_id
		group by r.record_id having count(s.record_id) <> 1 or (min(s.state) = 'in_force') <> (count(f.record_id) = 1)`,
		"select count(*) from intermediate.records"},
	"the class is the strictest of the schemes": {`select c.subject_id, c.supervision_class, s.class from overlay.subject_classes as c
		inner join (select subject_id, max(supervision_class) as class from overlay.scheme_classes group by all) as s on s.subject_id = c.subject_id
		where c.supervision_class is distinct from s.class`,
		"select count(*) from overlay.subject_classes"},
	"no point without a record that counts": {`select c.subject_id, c.reason_code, c.record_id from scores.contributions as c
		where c.scorecard in ('public_city', 'food') and c.record_id <> '' and c.record_id not in (select record_id from marts.records_in_force union select record_id from marts.food_permits)`,
		"select count(*) from scores.contributions"},
}

func (w *world) structured(ctx context.Context) (counted map[string]int64, err error) {
	counted = map[string]int64{}
	for name, queries := range structures {
		if err := w.none(ctx, queries[0]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var n int64
		if err := w.db.QueryRow(ctx, queries[1]).Scan(&n); err != nil {
			return nil, err
		}
		counted[name] = n
	}
	return counted, nil
}
