package workbook

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/engine"
)

// returnsSheet is the sheet that departments fill in and send back: the source
// of credit/code_feedback, whose contract names the same columns.
const returnsSheet = "纠错回传表"

func returnColumns() []column {
	return []column{
		{"问题编号", 16}, {"报送单位", 24}, {"数据集", 26}, {"错误代码", 24}, {"主体名称", 36}, {"行数", 8}, {"建议代码", 24}, {"建议依据", 48},
		{"操作标识", 10}, {"正确代码", 24}, {"佐证材料", 40}, {"填报人", 14}, {"行校验码", 20},
	}
}

// A Return is one row of 纠错回传表: a case, and what is proposed for it, which
// is empty in a template.
type Return struct {
	CaseID, Department, Dataset, WrongCode, SubjectName string
	Rows                                                int64
	State                                               string // of the case: Waiting or Decided
	Suggested, Evidence                                 string

	Operation string // 0 another code, 1 delete, 2 keep
	RightCode string
	Proof     string
	Proposer  string
}

// States of a case that is not answered.
const (
	Waiting = "waiting"
	Decided = "decided" // a correction was approved; its replay or the registration of the right code is to come
)

// put writes the row. The check is of what stands in the cells, marks that keep
// a spreadsheet from running them included.
func (r Return) put(t *table) error {
	check := contract.RowCheck(Neutral(r.CaseID), Neutral(r.Department), Neutral(r.Dataset), Neutral(r.WrongCode), Neutral(r.SubjectName))
	return t.row(r.CaseID, r.Department, r.Dataset, r.WrongCode, r.SubjectName, r.Rows, r.Suggested, r.Evidence,
		r.Operation, r.RightCode, r.Proof, r.Proposer, check)
}

// bestSuggestions gives, for each case, the codes that nothing tells apart from
// the best one, three at most.
const bestSuggestions = `select case_id, string_agg(suggested_code, ' 或 ' order by suggestion_rank) as codes,
	min(case when suggestion_rank = 1 then evidence end) || case when count(*) > 1 then '；有多个同等可能，须人工核实' else '' end as evidence
	from marts.code_suggestions as suggestions
	where suggestion_rank <= 3
		and strength = (select min(strength) from marts.code_suggestions as best where best.case_id = suggestions.case_id)
	group by case_id`

// Cases reads the cases that nobody has decided and, if decided, those too whose
// rows are not attached yet, of one department or, with an empty name, of all. A code that was masked as somebody's id number is none: it
// has to be sent again.
func Cases(ctx context.Context, db *engine.DB, department string, decided bool) ([]Return, error) {
	rows, err := db.Query(ctx, `
		select cases.case_id, cases.department, cases.dataset, cases.sent_code, coalesce(min(cases.subject_name), ''), count(*), max(cases.state),
			coalesce(min(suggestions.codes), ''), coalesce(min(suggestions.evidence), '')
		from marts.unattached as cases
		left join (`+bestSuggestions+`) as suggestions on suggestions.case_id = cases.case_id
		where (cases.state = 'waiting' or ? and cases.state = 'decided') and position('*' in cases.sent_code) = 0 and (? = '' or cases.department = ?)
		group by cases.case_id, cases.department, cases.dataset, cases.sent_code
		order by cases.department, cases.dataset, cases.sent_code, cases.case_id`, decided, department, department)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Return
	for rows.Next() {
		var r Return
		err := rows.Scan(&r.CaseID, &r.Department, &r.Dataset, &r.WrongCode, &r.SubjectName, &r.Rows, &r.State, &r.Suggested, &r.Evidence)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// returns writes 纠错回传表 with the department's own cases.
func (x *feedbackExport) returns(ctx context.Context, b *book) error {
	cases, err := Cases(ctx, x.db, x.department, false)
	if err != nil {
		return err
	}
	return writeReturns(b, cases)
}

func writeReturns(b *book, list []Return) error {
	t, err := b.table(returnsSheet, returnColumns(), 5)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := r.put(t); err != nil {
			return err
		}
	}
	if err := t.choices("操作标识", "0", "1", "2"); err != nil {
		return err
	}
	return t.close()
}

// WriteReturns writes a workbook of 纠错回传表 alone, as a department sends it
// back, into dir, and returns its path.
func WriteReturns(dir string, day credit.Date, list []Return) (string, error) {
	b, err := newBook(returnsSheet, day)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, fileName(fmt.Sprintf("%s-%s.xlsx", returnsSheet, day)))
	err = writeReturns(b, list)
	if err == nil {
		err = b.save(file)
	}
	return file, errors.Join(err, b.close())
}
