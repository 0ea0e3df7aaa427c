package compare

import (
	"context"
	"fmt"
	"iter"
)

// A Cell counts the subjects that stood in one class and stand in another.
type Cell struct {
	From  int64 `json:"from"` // 1 to 4, Out or Absent
	To    int64 `json:"to"`
	Count int64 `json:"subjects"`
}

// Matrix counts every subject of either run by its two classes.
func (c *Comparison) Matrix(ctx context.Context) ([]Cell, error) {
	cells := []Cell{}
	err := c.each(ctx, `select class_before, class_after, count(*) from pairs group by all order by all`, func(scan scanner) error {
		var cell Cell
		err := scan(&cell.From, &cell.To, &cell.Count)
		cells = append(cells, cell)
		return err
	})
	return cells, err
}

// A CauseCount is how many moved by a main cause.
type CauseCount struct {
	Kind   string `json:"cause"`
	Change string `json:"change"`
	Count  int64  `json:"subjects"`
}

// MainCauses counts the moved subjects by their main cause, the most frequent first.
func (c *Comparison) MainCauses(ctx context.Context) ([]CauseCount, error) {
	list := []CauseCount{}
	err := c.each(ctx, `select cause, change, count(*) as subjects from causes where position = 1
		group by cause, change order by subjects desc, cause, change`, func(scan scanner) error {
		var n CauseCount
		err := scan(&n.Kind, &n.Change, &n.Count)
		list = append(list, n)
		return err
	})
	return list, err
}

// A Move is a subject in two classes, and why.
type Move struct {
	SubjectID   string  `json:"subject_id"`
	SubjectName string  `json:"subject_name"`
	Division    string  `json:"division"`
	Section     string  `json:"industry_section"`
	Industry    string  `json:"industry"`
	From        int64   `json:"from"`
	To          int64   `json:"to"`
	Causes      []Cause `json:"causes"` // the main one first
}

// A Cause is one reason of a move; the package comment lists the kinds.
type Cause struct {
	Kind       string `json:"cause"`
	Change     string `json:"change"`
	Via        string `json:"via,omitempty"` // scheme, scorecard/characteristic, or what the override says
	Was        string `json:"was,omitempty"`
	Stands     string `json:"stands,omitempty"`
	RecordID   string `json:"record_id,omitempty"`
	DocumentNo string `json:"document_no,omitempty"`
	Rule       string `json:"rule,omitempty"`
	RuleTitle  string `json:"rule_title,omitempty"`
	Text       string `json:"text"` // for officials
}

// Moved yields who moved, by how far and then by subject; limit 0 means all.
func (c *Comparison) Moved(ctx context.Context, limit int) iter.Seq2[Move, error] {
	bound := ""
	if limit > 0 {
		bound = fmt.Sprintf("limit %d", limit)
	}
	query := `
		select m.subject_id, m.subject_name, coalesce(d.division_name, m.division_code), coalesce(i.section_code, ''),
			coalesce(i.industry_name, ''), m.class_before, m.class_after,
			c.cause, c.change, coalesce(c.via, ''), coalesce(c.was, ''), coalesce(c.stands, ''), coalesce(c.record_id, ''),
			coalesce(c.document_no, ''), coalesce(c.rule, ''), coalesce(nullif(rules.title, ''), c.rule, ''), coalesce(words.title, '')
		from (select * from moved order by abs(class_before - class_after) desc, subject_id ` + bound + `) as m
		inner join causes as c on c.subject_id = m.subject_id
		left join after.ref.divisions as d on d.division_code = m.division_code
		left join after.ref.industries as i on i.industry_code = m.industry_code
		left join words on words.via = c.via
		left join given.rules as rules on rules.rule = c.rule
		order by abs(m.class_before - m.class_after) desc, m.subject_id, c.position`
	return func(yield func(Move, error) bool) {
		rows, err := c.db.Query(ctx, query)
		if err != nil {
			yield(Move{}, err)
			return
		}
		defer rows.Close()
		var last Move
		for rows.Next() {
			var m Move
			var cause Cause
			var title string
			if err := rows.Scan(&m.SubjectID, &m.SubjectName, &m.Division, &m.Section, &m.Industry, &m.From, &m.To,
				&cause.Kind, &cause.Change, &cause.Via, &cause.Was, &cause.Stands, &cause.RecordID, &cause.DocumentNo, &cause.Rule, &cause.RuleTitle, &title); err != nil {
				yield(Move{}, err)
				return
			}
			cause.Text = cause.text(title)
			if m.SubjectID != last.SubjectID {
				if last.SubjectID != "" && !yield(last, nil) {
					return
				}
				last = m
			}
			last.Causes = append(last.Causes, cause)
		}
		if err := rows.Err(); err != nil {
			yield(Move{}, err)
			return
		}
		if last.SubjectID != "" {
			yield(last, nil)
		}
	}
}

type scanner = func(...any) error

func (c *Comparison) each(ctx context.Context, query string, read func(scan scanner) error) error {
	rows, err := c.db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
