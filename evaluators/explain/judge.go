package explain

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/lookup"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

// JudgeModels are the models of a run by which a [Judge] judges, in their order:
// from the records that rules look at to the class.
func JudgeModels() []string {
	return []string{"scores.counted", "scores.vetoes", "scores.contributions", "scores.scorecard_results", "scores.public_results",
		"scores.scheme_results", "overlay.matrix_classes", "overlay.override_hits", "overlay.scheme_classes", "overlay.subject_classes"}
}

// A Judge evaluates one subject again by a run's own models and rules, as if
// some of its records were gone or a result were another. All these models are
// local to a subject, so that the few rows of one are enough, and each case is a
// subject of its own beside the others. It is for one goroutine at a time.
type Judge struct {
	db     *engine.DB
	source Lookup
	inputs map[string][]string // the columns of the tables that speak of subjects
	parts  []part
	// What the last models came to.
	classes, cards *sql.Stmt
}

// A part is one SELECT of a model. needs are the inputs without a row of which it
// gives none.
type part struct {
	model string
	stmt  *sql.Stmt
	needs []string
}

// A Case is what differs from what is stored.
type Case struct {
	Gone   map[string]bool // records, by record_id
	Grades map[string]Graded
	Public string // grade; empty: as it is
}

// Graded is another result of a scheme, and its level on the common scale.
type Graded struct {
	Grade string
	Level int64
}

// A Verdict is what follows in one case.
type Verdict struct {
	Class       *int64 // nil: out of the list
	MatrixClass int64
	Deciding    string
	Cards       map[string]CardVerdict
}

// CardVerdict is the outcome of one scorecard.
type CardVerdict struct {
	Score Points
	Grade string
}

// NewJudge prepares the models.
func NewJudge(ctx context.Context, cfg engine.Config, m run.Manifest, models []model.Model, source Lookup) (*Judge, error) {
	cfg.Threads = 1
	db, err := engine.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	j := &Judge{db: db, source: source, inputs: map[string][]string{}}
	err = j.make(ctx, m, models)
	if err == nil {
		err = j.prepare(ctx, m, models)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare what-if: %w", err), j.Close())
	}
	return j, nil
}

// make makes the tables of the models and of what they read.
func (j *Judge) make(ctx context.Context, m run.Manifest, models []model.Model) error {
	made := map[string]bool{}
	for _, each := range models {
		columns, err := columnsOf(m, each.Name)
		if err == nil {
			err = j.db.Load(ctx, each.Name, columns, nil)
		}
		if err != nil {
			return err
		}
		made[each.Name] = true
	}
	for _, each := range models {
		for _, in := range each.Inputs {
			if _, known := j.inputs[in]; known || made[in] {
				continue
			}
			if err := j.give(ctx, m, in); err != nil {
				return err
			}
		}
	}
	maps.DeleteFunc(j.inputs, func(table string, _ []string) bool { return model.IsShared(table) })
	return nil
}

// planning keeps the optimizer from concluding anything from the rows that it
// finds: plans are made once, before there are any, and serve every question.
const planning = "set disabled_optimizers = 'statistics_propagation,compressed_materialization'"

// prepare plans the statements. All tables stand by now: a table that is made
// later would have every statement planned again each time it runs.
func (j *Judge) prepare(ctx context.Context, m run.Manifest, models []model.Model) (err error) {
	if err := j.db.Exec(ctx, planning); err != nil {
		return err
	}
	for _, each := range models {
		columns, err := columnsOf(m, each.Name)
		if err != nil {
			return err
		}
		names := engine.Names(columns)
		for _, query := range selects(each.SQL) {
			p := part{model: each.Name, needs: needs(query, each.Inputs)}
			if p.stmt, err = j.db.Prepare(ctx, fmt.Sprintf("insert into %s (%s) select %s from (%s)", engine.Table(each.Name), names, names, query)); err != nil {
				return fmt.Errorf("%s: %w", each.Name, err)
			}
			j.parts = append(j.parts, p)
		}
	}
	if j.classes, err = j.db.Prepare(ctx, "select subject_id, supervision_class, matrix_class, deciding_scheme from overlay.subject_classes"); err != nil {
		return err
	}
	j.cards, err = j.db.Prepare(ctx, "select subject_id, scorecard, score_milli, grade from scores.scorecard_results")
	return err
}

// selects are the parts of a model that is a plain union of SELECTs, as compiled
// models are; of any other the whole.
func selects(query string) []string {
	if !strings.HasPrefix(query, "select") {
		return []string{query}
	}
	parts := strings.Split(query, "\nunion all\nselect")
	for i := range parts[1:] {
		parts[i+1] = "select" + parts[i+1]
	}
	return parts
}

// needs are those of the inputs that a SELECT joins to all others.
func needs(query string, inputs []string) (list []string) {
	for _, join := range []string{"left join", "full join", "union", "exists", "not in", "count("} {
		if strings.Contains(query, join) {
			return nil
		}
	}
	for _, in := range inputs {
		if !model.IsShared(in) && (strings.Contains(query, in+" as ") || strings.HasSuffix(query, "from "+in)) {
			list = append(list, in)
		}
	}
	return list
}

// give makes an input table; one that speaks of no subject is filled for good.
func (j *Judge) give(ctx context.Context, m run.Manifest, table string) error {
	columns, err := columnsOf(m, table)
	if err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	j.inputs[table] = names
	if err := j.db.Load(ctx, table, columns, nil); err != nil || !model.IsShared(table) {
		return err
	}
	rows, err := j.source.Rows(lookup.Question{Table: table, Columns: names})
	if err != nil {
		return err
	}
	return j.db.Append(table, values(rows))
}

func columnsOf(m run.Manifest, table string) ([]landing.Column, error) {
	entry, ok := m.Table(table)
	if !ok {
		return nil, fmt.Errorf("the run has no table %s", table)
	}
	return entry.Columns, nil
}

// Close ends the judge.
func (j *Judge) Close() error {
	var faults []error
	for _, p := range j.parts {
		faults = append(faults, p.stmt.Close())
	}
	for _, s := range []*sql.Stmt{j.classes, j.cards} {
		if s != nil {
			faults = append(faults, s.Close())
		}
	}
	return errors.Join(append(faults, j.db.Close())...)
}

// Judge gives the verdict of each case, in their order.
func (j *Judge) Judge(ctx context.Context, subject string, cases []Case) (verdicts []Verdict, err error) {
	if err := j.db.Exec(ctx, "begin"); err != nil {
		return nil, err
	}
	// Nothing of the question stays.
	defer func() { err = errors.Join(err, j.db.Exec(ctx, "rollback")) }()
	empty := map[string]bool{}
	for table, columns := range j.inputs {
		rows, err := j.source.Rows(of(subject, table, columns...))
		if err != nil {
			return nil, err
		}
		var all []lookup.Row
		for i, c := range cases {
			all = append(all, c.rows(table, columns, rows, caseID(i))...)
		}
		if empty[table] = len(all) == 0; empty[table] {
			continue
		}
		if err := j.db.Append(table, values(all)); err != nil {
			return nil, err
		}
	}
	for _, p := range j.parts {
		if slices.ContainsFunc(p.needs, func(in string) bool { return empty[in] }) {
			continue
		}
		if _, err := p.stmt.ExecContext(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", p.model, err)
		}
	}
	return j.verdicts(ctx, len(cases))
}

// caseID names a case as if it were a subject.
func caseID(n int) string { return fmt.Sprintf("case %06d", n) }

// rows are the subject's rows of one table in this case.
func (c Case) rows(table string, columns []string, rows []lookup.Row, subject string) (list []lookup.Row) {
	at := func(name string) int { return slices.Index(columns, name) }
	id, record := at("subject_id"), at("record_id")
	for _, row := range rows {
		if record >= 0 && row[record] != nil && c.Gone[row[record].(string)] {
			continue
		}
		row = slices.Clone(row)
		row[id] = subject
		switch table {
		case "marts.industry_results_in_force":
			if other, ok := c.Grades[row[at("scheme")].(string)]; ok {
				row[at("grade")], row[at("industry_level")] = other.Grade, other.Level
			}
		case "marts.public_results_in_force":
			if c.Public != "" {
				row[at("grade")] = c.Public
			}
		}
		list = append(list, row)
	}
	return list
}

func (j *Judge) verdicts(ctx context.Context, n int) ([]Verdict, error) {
	list := make([]Verdict, n)
	byID := map[string]*Verdict{}
	for i := range list {
		list[i].Cards = map[string]CardVerdict{}
		byID[caseID(i)] = &list[i]
	}
	read := func(what *sql.Stmt, scan func(rows *sql.Rows) error) error {
		rows, err := what.QueryContext(ctx)
		if err != nil {
			return err
		}
		for rows.Next() && err == nil {
			err = scan(rows)
		}
		return errors.Join(err, rows.Err(), rows.Close())
	}
	found := 0
	err := read(j.classes, func(rows *sql.Rows) error {
		var id string
		var v Verdict
		if err := rows.Scan(&id, &v.Class, &v.MatrixClass, &v.Deciding); err != nil {
			return err
		}
		v.Cards = byID[id].Cards
		*byID[id] = v
		found++
		return nil
	})
	if err == nil && found != n {
		err = fmt.Errorf("%d classes for %d cases", found, n)
	}
	return list, errors.Join(err, read(j.cards, func(rows *sql.Rows) error {
		var id, card string
		var v CardVerdict
		err := rows.Scan(&id, &card, &v.Score, &v.Grade)
		byID[id].Cards[card] = v
		return err
	}))
}

// values are rows as the engine takes them.
func values(rows []lookup.Row) [][]any {
	list := make([][]any, len(rows))
	for i, row := range rows {
		list[i] = make([]any, len(row))
		for k, v := range row {
			if day, ok := v.(credit.Date); ok {
				v = day.Time()
			}
			list[i][k] = v
		}
	}
	return list
}
