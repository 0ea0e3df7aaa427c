package payload

import (
	"database/sql"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// Code is why a record is held back, in the words of receivers.
type Code string

// The reasons. Rule is a rule between fields, whose id stands beside it.
const (
	Required Code = "REQUIRED"
	Length   Code = "LENGTH"
	CodeList Code = "CODE_LIST"
	Format   Code = "FORMAT"
	Personal Code = "PERSONAL"
	RuleFail Code = "RULE"
)

// Fault is one thing that keeps a record back: the receiver's field, or the
// field a rule looks at. It never holds the value.
type Fault struct {
	Field  string `json:"field"`
	Code   Code   `json:"code"`
	Rule   string `json:"rule,omitempty"` // its id
	Reason string `json:"reason"`         // in Chinese
}

// inWords are faults in one line, for who keeps the record.
func inWords(faults []Fault) string {
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = string(f.Code) + " " + f.Field + " " + f.Reason
	}
	return strings.Join(words, "; ")
}

// isLike reports whether text has the form of a layout: a digit where that has a
// 0, and else the same bytes.
func isLike(layout, text string) bool {
	if len(text) != len(layout) {
		return false
	}
	for i := range len(text) {
		if isDigit := '0' <= text[i] && text[i] <= '9'; layout[i] == '0' && !isDigit || layout[i] != '0' && text[i] != layout[i] {
			return false
		}
	}
	return true
}

const dateForm, timeForm = "0000-00-00", " 00:00:00"

// value is what a record sends in the field, given our columns' values as text;
// "" for none. A value that the field cannot take comes with its fault.
func (f *Field) value(columns []sql.NullString) (string, *Fault) {
	if len(f.From) == 0 {
		return f.Value, nil
	}
	var text string
	if len(columns) == 1 {
		text = columns[0].String
	} else {
		text = f.joined(columns)
	}
	if text == "" {
		return "", nil
	}
	if f.Codes != nil {
		at := slices.IndexFunc(f.Codes, func(c contract.CodeValue) bool { return c.Source == text })
		if at < 0 {
			return "", f.fault(CodeList, "“"+credit.MaskPersonal(text)+"”不在取值表内")
		}
		return f.Codes[at].Value, nil
	}
	switch f.Type {
	case Date:
		if !isLike(dateForm, text) {
			return "", f.fault(Format, "不是日期")
		}
	case DateTime:
		if !isLike(dateForm, text) && !isLike(dateForm+timeForm, text) {
			return "", f.fault(Format, "不是时间")
		}
		if len(text) == len(dateForm) {
			text += timeForm
		}
	case Integer:
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return "", f.fault(Format, "不是整数")
		}
	case Amount, Percent:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", f.fault(Format, "来源列不是整数（金额以分、比例以万分之一计）")
		}
		if f.Type == Amount {
			return string(contract.FormatScaled(nil, n, f.Scale)), nil
		}
		return percent(n), nil
	case Text:
		return f.text(text)
	}
	return text, nil
}

// text is a text with its mask, within its length and pattern, and without a
// person's number in clear.
func (f *Field) text(text string) (string, *Fault) {
	if f.Mask != nil {
		text = credit.Mask(text, f.Mask.Left, f.Mask.Right)
	}
	// A longer number that a pattern describes may hold what looks like a person's.
	if credit.MaskIDs(text) != text && (f.Pattern == nil || len(text) <= 18) {
		return "", f.fault(Personal, "含未遮盖的公民身份号码")
	}
	n := utf8.RuneCountInString(text)
	switch {
	case f.Length > 0 && n != f.Length:
		return "", f.fault(Length, "长 "+strconv.Itoa(n)+" 字，应为 "+strconv.Itoa(f.Length)+" 字")
	case f.MaxLength > 0 && n > f.MaxLength:
		return "", f.fault(Length, "长 "+strconv.Itoa(n)+" 字，至多 "+strconv.Itoa(f.MaxLength)+" 字")
	case f.Pattern != nil && !f.Pattern.MatchString(text):
		return "", f.fault(Format, "不符合格式 "+f.written())
	}
	return text, nil
}

// joined leaves out what there is not.
func (f *Field) joined(columns []sql.NullString) string {
	var b strings.Builder
	for _, c := range columns {
		if c.String == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(f.Join)
		}
		b.WriteString(c.String)
	}
	return b.String()
}

func (f *Field) fault(code Code, reason string) *Fault {
	return &Fault{Field: f.Name, Code: code, Reason: f.Title + "：" + reason}
}

// written is the pattern as the mapping has it.
func (f *Field) written() string { return unanchored(f.Pattern) }

func unanchored(p *regexp.Regexp) string {
	if p == nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(p.String(), "^(?:"), ")$")
}

// percent writes hundredths of a percent as a share, such as 12.5%.
func percent(hundredths int64) string {
	text := string(contract.FormatScaled(nil, hundredths, 2))
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "%"
}
