package explain

import (
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// date writes a day, and 日期不详 where there is none.
func date(d *credit.Date) string {
	if d == nil {
		return "日期不详"
	}
	return d.String()
}

// percent writes hundredths of a percent: 1250 as 12.5%.
func percent(bp int64) string { return decimal(uint64(max(bp, 0)), 2) + "%" }

// yuan writes fen as 元.
func yuan(fen int64) string { return decimal(uint64(max(fen, 0)), 2) + " 元" }

// short keeps enough of a digest for a person to tell it from others.
func short(digest string) string {
	const keep = 12
	if len(digest) <= keep {
		return digest
	}
	return digest[:keep] + "…"
}

// either is s, or instead when s is empty.
func either(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// in puts s into brackets behind what it belongs to, nothing when s is empty.
func in(s string) string {
	if s == "" {
		return ""
	}
	return "（" + s + "）"
}

// sentence joins what there is with commas.
func sentence(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "，")
}

func codeStatus(status string) string {
	switch status {
	case "valid":
		return "校验通过"
	case "suspect":
		return "校验位不符，按原码保留，请核对"
	}
	return status
}

func schemeStatus(status string) string {
	switch status {
	case "active":
		return ""
	case "suspended":
		return "该评价已暂停，不参与叠加"
	case "withdrawn":
		return "该评价已停用，不参与叠加"
	}
	return status
}

func level(l *int64) string {
	switch {
	case l == nil:
		return ""
	case *l == 0:
		return "不分级"
	}
	return fmt.Sprintf("第%d级，1级最好4级最差", *l)
}

// change says how the class moved since the published list before.
func (o Outcome) change() string {
	was := "，上期为" + o.PreviousTitle
	switch o.Change {
	case "new":
		return "首次列入名单"
	case "up":
		return "比上期趋严" + was
	case "down":
		return "比上期趋宽" + was
	case "same":
		return "与上期相同" + was
	case "left":
		return "已退出名单" + was
	case "":
		return "未曾列入名单"
	}
	return o.Change
}

// String names department, dataset, batch, file and line.
func (s Source) String() string {
	return fmt.Sprintf("%s %s，批次 %s，文件 %s，第 %d 行",
		either(s.Department, "部门不详"), s.Dataset, short(s.BatchID), either(s.ExtractName, "不详"), s.Line)
}

// String names a record in one line: what, number, who, when.
func (r Record) String() string {
	event, end := "", ""
	if r.EventOn != nil {
		event = r.EventOn.String()
	}
	if r.EndedOn != nil {
		end = "至 " + r.EndedOn.String()
	}
	return sentence(r.Category+in(r.Kind), r.DocumentNo, r.AuthorityName, event, end)
}

// numeral counts sections in Chinese, from 0 for 一 up to 十九.
func numeral(n int) string {
	numerals := []rune("一二三四五六七八九十")
	if n < len(numerals) {
		return string(numerals[n])
	}
	return "十" + string(numerals[n-len(numerals)])
}

const notEvaluated = credit.NotEvaluated

// gradeWord is a grade as people call it: not evaluated is no grade.
func gradeWord(grade string) string {
	if grade == string(notEvaluated) {
		return notEvaluated.Name()
	}
	return grade
}
