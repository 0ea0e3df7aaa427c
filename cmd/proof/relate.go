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
			applied, counted, err := relateOnce(ctx, book, day, o.seed+uint64(n), size, relations)
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
func relateOnce(ctx context.Context, book rulebook, day credit.Date, seed uint64, size int, relations []relation) (applied []int, counted map[string]int64, err error) {
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
	if err := w.write(ctx, written); err != nil {
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
			from (select subject_id, lines from %[1]s where position('~' in subject_id) = 0
				and subject_id || '%[2]s' in (select subject_id from intermediate.subjects)) as b
			full join (select replace(subject_id, '%[2]s', '') as subject_id, replace(lines, '%[2]s', '') as lines
				from %[1]s where subject_id like '%%%[2]s') as t on t.subject_id = b.subject_id
			where b.lines is distinct from t.lines`, written(m.Name), suffix)); err != nil {
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

// written is the table of the lines of a table, one row a subject.
func written(name string) string { return "written." + strings.ReplaceAll(name, ".", "__") }

// again is the same of a second evaluation.
func again(name string) string { return "again." + strings.ReplaceAll(name, ".", "__") }

// write makes the tables of lines.
func (w *world) write(ctx context.Context, table func(name string) string) error {
	for _, m := range w.models {
		if err := w.make(ctx, table(m.Name), lines(m.Name, m.Name)); err != nil {
			return err
		}
	}
	return nil
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
	if err := w.db.Exec(ctx, "set threads = 2"); err != nil {
		return err
	}
	g.Shuffle(len(alone), func(i, j int) { alone[i], alone[j] = alone[j], alone[i] })
	if err := w.remake(ctx, g, alone); err != nil {
		return err
	}
	if err := w.write(ctx, again); err != nil {
		return err
	}
	for _, m := range w.models {
		if err := w.none(ctx, fmt.Sprintf(`select coalesce(b.subject_id, t.subject_id), b.lines, t.lines
			from (select * from %s where position('~' in subject_id) = 0) as b
			full join %s as t on t.subject_id = b.subject_id where b.lines is distinct from t.lines`, written(m.Name), again(m.Name))); err != nil {
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
