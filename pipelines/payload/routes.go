package payload

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"

	"rongxin/pipelines/contract"
	"rongxin/warehouse/engine"
)

// RoutesTable is the run's table of penalties that two routes tell differently.
const RoutesTable = "marts.route_differences"

// A Difference is one thing that double publicity (双公示) and 互联网+监管 tell
// differently of one penalty, or that one of them alone tells.
type Difference struct {
	Authority   string `json:"authority"`
	SubjectID   string `json:"subject_id"`
	SubjectName string `json:"subject_name"`
	DocumentNo  string `json:"document_no"`
	Kind        string `json:"difference"`
	Publicity   string `json:"publicity"`   // what 双公示 says; amounts in 万元
	Supervision string `json:"supervision"` // what 互联网+监管 says
	RecordID    string `json:"record_id"`
	ActionID    string `json:"action_record_id"`
}

// differenceWords are the kinds of differences in Chinese, and what to do.
var differenceWords = map[string][2]string{
	"amount_unit":      {"罚款金额相差一万倍", "核对单位：两处都应以万元填报"},
	"amount":           {"罚款金额不一致", "以处罚决定书为准，更正报错的一处"},
	"decided_on":       {"决定日期不一致", "以处罚决定书为准，更正报错的一处"},
	"document_no":      {"文书号写法不一致", "按决定书原文统一，六角括号 〔〕，不加“第”"},
	"authority":        {"处罚机关代码不一致", "核对作出决定的机关的统一社会信用代码"},
	"only_publicity":   {"只在双公示", "向互联网+监管补报，或说明不报的理由"},
	"only_supervision": {"只在互联网+监管", "七个工作日内公示，或说明不公示的理由"},
}

// Chinese is the kind of a difference in words, and what to do about it.
func (d Difference) Chinese() (title, mend string) {
	words := differenceWords[d.Kind]
	return words[0], words[1]
}

// ReadDifferences returns every difference of a run, by authority, kind, document
// and record. There are few: it holds all of them.
func ReadDifferences(ctx context.Context, db *engine.DB) ([]Difference, error) {
	rows, err := db.Query(ctx, `select authority_name, subject_id, coalesce(subject_name, ''), document_no, difference,
		publicity_value, supervision_value, coalesce(record_id, ''), coalesce(action_record_id, '') from `+RoutesTable)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Difference{}
	for rows.Next() {
		var d Difference
		var publicity, supervision sql.NullString
		if err := rows.Scan(&d.Authority, &d.SubjectID, &d.SubjectName, &d.DocumentNo, &d.Kind, &publicity, &supervision, &d.RecordID, &d.ActionID); err != nil {
			return nil, err
		}
		d.Publicity, d.Supervision = publicity.String, supervision.String
		if d.Kind == "amount" || d.Kind == "amount_unit" {
			d.Publicity, d.Supervision = inWan(d.Publicity), inWan(d.Supervision)
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Authority, b.Authority), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.DocumentNo, b.DocumentNo),
			cmp.Compare(a.RecordID, b.RecordID), cmp.Compare(a.ActionID, b.ActionID))
	})
	return list, rows.Err()
}

// inWan writes fen as 万元.
func inWan(fen string) string {
	n, err := strconv.ParseInt(fen, 10, 64)
	if err != nil {
		return fen // no amount
	}
	return string(contract.FormatScaled(nil, n, 6))
}
