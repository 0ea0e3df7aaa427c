package contract

import (
	"fmt"
	"slices"
	"strings"
)

// Description is a contract in words, for people and for --json.
type Description struct {
	Dataset       string             `json:"dataset"`
	Version       int                `json:"version"`
	EffectiveFrom string             `json:"effective_from"`
	EffectiveTo   string             `json:"effective_to,omitempty"`
	Title         string             `json:"title"`
	Department    string             `json:"department"`
	Class         string             `json:"class"`
	Item          string             `json:"item"`
	Edition       int                `json:"edition"`
	Basis         string             `json:"basis"`
	Range         Range              `json:"range"`
	Format        string             `json:"format"`
	Reading       string             `json:"reading,omitempty"` // what else there is to know of the file, in Chinese
	Delivery      string             `json:"delivery"`
	Key           []string           `json:"key"`
	Ignore        []string           `json:"ignore,omitempty"`     // columns that are known and not kept
	Deadline      string             `json:"deadline,omitempty"`   // in Chinese; empty when none applies
	Withdrawal    string             `json:"withdrawal,omitempty"` // in Chinese; empty when no row withdraws
	Rhythm        string             `json:"rhythm,omitempty"`     // how often it comes, in Chinese; empty when at no fixed times
	Fields        []FieldDescription `json:"fields,omitempty"`
}

// FieldDescription is a field in words, in Chinese but for the column and its
// type in the warehouse.
type FieldDescription struct {
	Name     string `json:"name"`  // as the department writes it
	Title    string `json:"title"` // the name where it has none
	Column   string `json:"column"`
	SQLType  string `json:"sql_type"`
	Unit     string `json:"unit,omitempty"` // in which it is stored
	Type     string `json:"type"`
	Required string `json:"required,omitempty"` // 是, or when
	Values   string `json:"values,omitempty"`   // codes and bounds
	Range    Range  `json:"range"`
	Mask     string `json:"mask,omitempty"`
}

// Label names a field to people: as it is written, and what that means unless
// the title says the name already.
func (f *FieldDescription) Label() string {
	if strings.HasPrefix(f.Title, f.Name) {
		return f.Title
	}
	return f.Name + " " + f.Title
}

// Term names the version and the days on which it holds, in Chinese.
func (d *Description) Term() string {
	term := fmt.Sprintf("%d，自 %s", d.Version, d.EffectiveFrom)
	if d.EffectiveTo != "" {
		term += " 至 " + d.EffectiveTo
	}
	return term
}

// Describe puts the contract into words.
func (c *Contract) Describe() Description {
	d := Description{
		Dataset: c.Dataset, Version: c.Version, EffectiveFrom: c.EffectiveFrom.String(), Title: c.Title,
		Department: c.Department, Class: c.Catalogue.Class, Item: c.Catalogue.Item, Edition: c.Catalogue.Edition,
		Basis: c.Basis, Range: c.Range, Format: c.Source.Format, Delivery: c.Source.Delivery, Key: slices.Clone(c.Key),
		Ignore: slices.Clone(c.Ignore), Rhythm: c.Expect.rhythm(), Reading: c.Source.reading(),
	}
	if c.Source.Table != nil {
		d.Format = tableFormat
	}
	if c.EffectiveTo != 0 {
		d.EffectiveTo = c.EffectiveTo.String()
	}
	d.Withdrawal = c.Source.Withdrawal.chinese()
	if c.Clock != nil {
		d.Deadline = c.Clock.chinese()
	}
	for i := range c.Fields {
		f := &c.Fields[i]
		d.Fields = append(d.Fields, FieldDescription{
			Name: f.Name, Title: f.Title, Column: f.As, SQLType: f.SQLType(), Type: f.chineseType(), Unit: f.storedUnit(),
			Required: f.Required.Chinese(), Values: f.chineseValues(), Range: f.Range, Mask: f.chineseMask(),
		})
	}
	return d
}

// Written is the format and what there is to know of it.
func (d *Description) Written() string {
	if d.Reading == "" {
		return d.Format
	}
	return d.Format + "（" + d.Reading + "）"
}

// reading says what a contract fixes about the form of a file, or "".
func (s *Source) reading() string {
	var parts []string
	if t := s.Table; t != nil {
		return fmt.Sprintf("前置库 %s 的表 %s.%s", t.Database, t.Schema, t.Name)
	}
	if s.Encoding != "auto" {
		parts = append(parts, s.Encoding+" 编码")
	}
	switch s.Delimiter {
	case "":
	case "\t":
		parts = append(parts, "以制表符分隔")
	default:
		parts = append(parts, "以 "+s.Delimiter+" 分隔")
	}
	if s.Format == "xml" {
		parts = append(parts, "记录为 /"+strings.Join(s.RecordPath, "/"))
	} else if len(s.RecordPath) > 0 {
		parts = append(parts, "记录在 "+strings.Join(s.RecordPath, "."))
	}
	if s.Format == "xlsx" {
		parts = append(parts, s.sheetReading()...)
	}
	if s.Member != "" {
		parts = append(parts, "压缩包内的 "+s.Member)
	}
	return strings.Join(parts, "，")
}

// sheetReading says where the table of a workbook is; what is left out of a
// contract is left out here.
func (s *Source) sheetReading() []string {
	var parts []string
	switch {
	case s.Sheet == FirstSheet:
	case strings.HasPrefix(s.Sheet, "/"):
		parts = append(parts, "名称符合 "+s.Sheet+" 的工作表")
	default:
		parts = append(parts, "工作表 "+s.Sheet)
	}
	last := s.HeaderRow + s.HeaderRows - 1
	switch {
	case s.HeaderRow == AutoHeader && s.HeaderRows > 1:
		parts = append(parts, fmt.Sprintf("列名占%d行，自动寻找", s.HeaderRows))
	case s.HeaderRow == AutoHeader:
		parts = append(parts, "列名所在行自动寻找")
	case s.HeaderRows > 1:
		parts = append(parts, fmt.Sprintf("列名在第%d至%d行，上下以 / 连接", s.HeaderRow, last))
	case last > 1:
		parts = append(parts, fmt.Sprintf("列名在第%d行", last))
	}
	return parts
}

// rhythm says how often something is expected, or "".
func (e Expect) rhythm() string {
	every := map[string]string{"daily": "每个工作日", "month": "每月", "quarter": "每季度", "half-year": "每半年", "year": "每年"}[e.Every]
	switch {
	case every == "":
		return ""
	case e.Within == 0:
		return every + "，当日报送"
	}
	return fmt.Sprintf("%s，期满后 %d 日内", every, e.Within)
}

// Chinese is the word of the national catalogue for the range.
func (r Range) Chinese() string {
	switch r {
	case Public:
		return "社会公开"
	case Government:
		return "政务共享"
	case Authorised:
		return "授权查询"
	}
	return string(r)
}

// ChineseDelivery is the word for a kind of delivery.
func ChineseDelivery(delivery string) string {
	switch delivery {
	case "delta":
		return "增量"
	case "snapshot":
		return "全量"
	}
	return delivery
}

func (w Withdrawal) chinese() string {
	if w.Field == "" {
		return ""
	}
	return w.Field + "为" + strings.Join(w.Values, "、") + "的行撤销该记录"
}

func (c *Clock) chinese() string {
	if c == nil {
		return ""
	}
	to := "接收日"
	if c.To != "" {
		to = c.To
	}
	return fmt.Sprintf("自%s至%s，%d个工作日", c.From, to, c.Within)
}

func (f *Field) chineseType() string {
	switch f.Type {
	case Text:
		return "文本"
	case USCC:
		return "统一社会信用代码"
	case Code:
		return "代码"
	case Date:
		return "日期"
	case Integer:
		return "整数"
	case Decimal:
		return fmt.Sprintf("小数（%d位，其中小数%d位）", f.Precision, f.Scale)
	case Money:
		return "金额（" + f.Unit + "）"
	case PersonID:
		return "身份证件号码"
	case RegistrationNo:
		return "工商注册号"
	case Division:
		return "行政区划代码"
	case Industry:
		return fmt.Sprintf("行业代码（GB/T 4754-%d）", f.Edition)
	}
	return string(f.Type)
}

// storedUnit is the unit of a stored value, whatever that of the file.
func (f *Field) storedUnit() string {
	if f.Type == Money {
		return "分 fen"
	}
	return ""
}

// Chinese says when a value must be there, or nothing.
func (r Requirement) Chinese() string {
	switch {
	case r.Always:
		return "是"
	case r.Field != "":
		return r.Field + "为" + strings.Join(r.In, "、") + "时"
	}
	return ""
}

// chineseMask tells how much of a value is left, of which rows, where the token
// of a number is, and whether numbers inside a text are looked for.
func (f *Field) chineseMask() string {
	switch {
	case f.FreeText:
		return "文中证件号码遮盖"
	case f.Mask == nil:
		return ""
	}
	mask := fmt.Sprintf("%s留前%d后%d位", f.MaskWhen.Chinese(), f.Mask.Left, f.Mask.Right)
	if f.Type == PersonID {
		mask += "，令牌在 " + f.As + TokenSuffix
	}
	if f.Vault {
		mask += "，原值密封保存（" + f.VaultBasis + "）"
	}
	return mask
}

// chineseValues tells the codes, as sent and, where it differs, as kept, and
// the bounds.
func (f *Field) chineseValues() string {
	var parts []string
	for _, code := range f.Codes {
		parts = append(parts, code.String())
	}
	if f.Several {
		parts = append(parts, "可多项，用顿号隔开")
	}
	for _, bound := range []struct {
		word  string
		value *int64
	}{{"不小于", f.Min}, {"不大于", f.Max}, {"疑似单位有误：大于", f.WarnAbove}} {
		if bound.value != nil {
			parts = append(parts, bound.word+f.scaled(bound.value))
		}
	}
	if f.MaxLength > 0 {
		parts = append(parts, fmt.Sprintf("最多%d字", f.MaxLength))
	}
	if f.NotAfter != "" {
		parts = append(parts, "不晚于接收日")
	}
	return strings.Join(parts, "；")
}

// String tells a code as it is sent and, where it differs, as it is kept.
func (v CodeValue) String() string {
	if v.Source == v.Value {
		return v.Source
	}
	return v.Source + "=" + v.Value
}

// scaled writes a bound in the unit of the field, or nothing for none.
func (f *Field) scaled(bound *int64) string {
	if bound == nil {
		return ""
	}
	text := string(FormatScaled(nil, *bound, f.Scale))
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}
