package explain

import (
	"context"
	"database/sql"
	"fmt"

	"rongxin/internal/credit"
)

// An Inspection is one visit, whatever it found. Those of a draw or list say
// from which class.
type Inspection struct {
	InspectedOn *credit.Date `json:"inspected_on"`
	Department  string       `json:"department"`
	ResultCodes string       `json:"result_codes"`
	Result      string       `json:"result"`
	IsProblem   bool         `json:"is_problem"` // then it is a record too
	DocumentNo  string       `json:"document_no"`
	DrawID      string       `json:"draw_id"`
	IsControl   bool         `json:"is_control"`
	DrawClass   *int64       `json:"draw_class"`
	RecordID    string       `json:"record_id"`
	Source      Source       `json:"source"`
}

const inspectionQuery = `select history.inspected_on, history.department, history.result_codes,
    (select string_agg(meaning, '；' order by length(result_code), result_code) from rules.inspection_results
        where position(';' || result_code || ';' in ';' || history.result_codes || ';') > 0),
    history.is_problem, coalesce(history.document_no, ''), coalesce(history.draw_id, ''), history.is_control, history.draw_class,
    history.record_id, history.dataset, coalesce(batches.department, ''), coalesce(records.batch_id, ''), coalesce(batches.extract_name, ''),
    coalesce(records.line, 0)
from marts.inspection_history as history
left join (
    select 'samr/inspections' as dataset, record_id, batch_id, line from staging.samr__inspections
    union all
    select dataset, record_id, batch_id, line from intermediate.inspection_results
) as records on records.dataset = history.dataset and records.record_id = history.record_id
left join run.batches as batches on batches.dataset = history.dataset and batches.batch_id = records.batch_id
where history.subject_id = $1
order by history.inspected_on desc, history.department, history.record_id`

func (rd reader) inspections(ctx context.Context) ([]Inspection, error) {
	return collect(ctx, rd.db, "inspections", inspectionQuery, func(rows *sql.Rows, i *Inspection) error {
		return rows.Scan(into(&i.InspectedOn), &i.Department, &i.ResultCodes, &i.Result, &i.IsProblem, &i.DocumentNo, &i.DrawID, &i.IsControl,
			&i.DrawClass, &i.RecordID, &i.Source.Dataset, &i.Source.Department, &i.Source.BatchID, &i.Source.ExtractName, &i.Source.Line)
	}, rd.subject)
}

func (p *page) inspections(list []Inspection) {
	if len(list) == 0 {
		return
	}
	p.section("检查情况")
	for i, n := range list {
		p.line(1, "%d. %s %s：%s", i+1, date(n.InspectedOn), n.Department, n.Result)
		p.field(2, "文书", n.DocumentNo)
		if n.DrawID != "" {
			part := "分类抽取"
			if n.IsControl {
				part = "对照抽取"
			}
			class := ""
			if n.DrawClass != nil {
				class = fmt.Sprintf("，当时为 %d 类", *n.DrawClass)
			}
			p.field(2, "随机抽查", n.DrawID+"（"+part+class+"）")
		}
		p.field(2, "来源", n.Source.String())
	}
}
