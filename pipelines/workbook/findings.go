package workbook

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

func findingColumns() []column {
	return []column{
		{"处理", 8}, {"状态", 24}, {"数据集", 30}, {"文件", 36}, {"行号", 10}, {"字段", 22},
		{"问题", 36}, {"原值或详情", 44}, {"建议值", 24}, {"建议依据", 40}, {"请这样处理", 48}, {"问题代码", 24}, {"该行原文", 60},
	}
}

// findings writes the findings of one source in one dataset and counts them.
func (x *feedbackExport) findings(ctx context.Context, list *table, s source, d quality) (int64, error) {
	rows, err := x.db.Query(ctx, fmt.Sprintf(`
		select batches.extract_name, findings.line, findings.field, findings.finding, findings.wants_answer, coalesce(findings.detail, ''),
			coalesce(findings.original, ''), coalesce(cast(findings.answered_on as varchar), ''), coalesce(findings.answered_by, ''),
			coalesce(suggestions.codes, ''), coalesce(suggestions.evidence, '')
		from marts.findings_told as findings
		inner join run.batches as batches
			on batches.dataset = findings.dataset and batches.batch_id = findings.batch_id
		left join marts.unattached as cases
			on cases.dataset = findings.dataset and cases.batch_id = findings.batch_id and cases.line = findings.line
			and (cases.why = findings.finding or findings.finding = 'CODE_UNREGISTERED')
		left join (%s) as suggestions on suggestions.case_id = cases.case_id
		where findings.source = %s and findings.dataset = %s and findings.department = %s
		order by batches.batch_no, findings.batch_id, findings.line, findings.field, findings.finding, findings.detail`,
		bestSuggestions, engine.Quote(s.code), engine.Quote(d.dataset), engine.Quote(x.department)))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	count := int64(0)
	for rows.Next() {
		var file, field, code, detail, original, answeredOn, answeredBy, suggested, evidence string
		var line int64
		var wantsAnswer bool
		err := rows.Scan(&file, &line, &field, &code, &wantsAnswer, &detail, &original, &answeredOn, &answeredBy, &suggested, &evidence)
		if err != nil {
			return 0, err
		}
		meaning, err := x.meaning(code)
		if err != nil {
			return 0, fmt.Errorf("%s line %d: %w", file, line, err)
		}
		state := "待处理"
		switch {
		case !wantsAnswer:
			state = "无需反馈"
		case answeredOn != "":
			state = "已答复 " + answeredOn + " " + answeredBy
		}
		if suggested == "" {
			suggested = strings.Join(suggestions(code, detail), " 或 ")
		}
		err = list.row(s.title, state, d.title, file, line, fieldTitle(field), meaning.Title, credit.MaskIDs(detail),
			suggested, evidence, meaning.Advice, code, credit.MaskIDs(original))
		if err != nil {
			return 0, err
		}
		count++
	}
	return count, rows.Err()
}

// fieldTitle names a field to the department. Landing knows what the department
// calls it; the checks after landing see the columns that all records share.
func fieldTitle(field string) string {
	switch field {
	case "subject_id":
		return "统一社会信用代码"
	case "subject_name":
		return "主体名称"
	case "subject_kind":
		return "主体类型"
	case "document_no":
		return "文书号"
	}
	return field
}

func (x *feedbackExport) meaning(code string) (Meaning, error) {
	if m, ok := x.meanings[code]; ok {
		return m, nil
	}
	if m, ok := x.known[code]; ok {
		return m, nil
	}
	return Meaning{}, fmt.Errorf("finding %s has no meaning in Chinese", code)
}

// codeLength is that of a unified social credit code, GB 32100.
const codeLength = 18

// suggestions returns what a wrong code may have been, likeliest first. Its
// detail either names the code or, since a code may be somebody's id number,
// only what landing suggested in its place: there every valid code is one.
func suggestions(code, detail string) []string {
	var list []string
	switch code {
	case "CODE_INVALID", "CODE_SUSPECT", "CODE_UNREGISTERED", "KIND_MISMATCH":
	default:
		return nil
	}
	for _, word := range strings.FieldsFunc(detail, isBetweenCodes) {
		if utf8.RuneCountInString(word) != codeLength {
			continue
		}
		check := credit.CheckCode(word)
		switch {
		case check.Status != credit.CodeValid:
			list = append(list, check.Suggestions...)
		case code == "CODE_INVALID" || code == "CODE_SUSPECT":
			list = append(list, check.Code)
		}
	}
	return list
}

// isBetweenCodes tells what cannot be part of a code in any width.
func isBetweenCodes(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
		return false
	case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
		return false
	}
	return true
}
