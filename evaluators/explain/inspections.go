package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/lookup"
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

func (rd *reader) inspections() ([]Inspection, error) {
	list, err := collect(rd, rd.of("marts.inspection_history", "inspected_on", "department", "result_codes", "is_problem", "document_no", "draw_id",
		"is_control", "draw_class", "record_id", "dataset", "sent_by", "batch_id", "extract_name", "line"), func(r lookup.Row, i *Inspection) error {
		return r.Scan(slices.Concat([]any{&i.InspectedOn, &i.Department, &i.ResultCodes, &i.IsProblem, &i.DocumentNo, &i.DrawID,
			&i.IsControl, &i.DrawClass, &i.RecordID}, i.Source.places())...)
	})
	for i := range list {
		list[i].Result = rd.rules.result(list[i].ResultCodes)
	}
	slices.SortFunc(list, func(a, b Inspection) int {
		return cmp.Or(cmp.Compare(dayOf(b.InspectedOn), dayOf(a.InspectedOn)), strings.Compare(a.Department, b.Department), strings.Compare(a.RecordID, b.RecordID))
	})
	return list, err
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
