package payload

import (
	"fmt"
	"strings"

	"rongxin/pipelines/contract"
)

// Description is a mapping in words, for a platform's engineer.
type Description struct {
	Table    string             `json:"table"`
	Title    string             `json:"title"`
	Version  int                `json:"version"`
	Term     string             `json:"term"`
	Basis    string             `json:"basis"`
	Trust    string             `json:"trust"`
	Note     string             `json:"note,omitempty"`
	Relation string             `json:"relation"`
	Key      string             `json:"key"`
	Range    string             `json:"range"`
	Skip     string             `json:"skip,omitempty"`
	Fields   []FieldDescription `json:"fields,omitempty"`
	Rules    []RuleDescription  `json:"rules,omitempty"`
}

// FieldDescription is a field in words.
type FieldDescription struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Type     string `json:"type"`
	Length   string `json:"length"`
	Required string `json:"required"`
	Values   string `json:"values"`
	From     string `json:"from"`
	Trust    string `json:"trust"`
	Note     string `json:"note"`
}

// RuleDescription is a rule in words.
type RuleDescription struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Basis string `json:"basis"`
	Trust string `json:"trust"`
}

// Describe puts the mapping in Chinese words.
func (m *Mapping) Describe() Description {
	d := Description{
		Table: m.Table, Title: m.Title, Version: m.Version, Basis: m.Basis, Trust: m.Trust.Chinese(), Note: m.Note,
		Term:     fmt.Sprintf("第 %d 版，自 %s 起", m.Version, m.EffectiveFrom),
		Relation: m.Source.Relation, Key: strings.Join(m.Source.Key, " / "), Range: m.Source.chineseRange(),
	}
	if m.EffectiveTo != 0 {
		d.Term += fmt.Sprintf("至 %s", m.EffectiveTo)
	}
	if s := m.Source.Skip; s != nil {
		d.Skip = s.Column + " 为 " + strings.Join(s.In, "、") + " 的行不在表内"
	}
	for i := range m.Fields {
		d.Fields = append(d.Fields, m.Fields[i].describe())
	}
	for _, r := range m.Rules {
		d.Rules = append(d.Rules, RuleDescription{r.ID, r.Title, r.Basis, r.Trust.Chinese()})
	}
	return d
}

func (s *Origin) chineseRange() string {
	var leaving []string
	for _, r := range s.Leaving {
		leaving = append(leaving, r.Chinese())
	}
	if s.Range != "" {
		return s.Range.Chinese()
	}
	return strings.Join(leaving, "、") + "（逐条，见 " + s.RangeColumn + "）；其他不出本系统"
}

func (f *Field) describe() FieldDescription {
	d := FieldDescription{
		Name: f.Name, Title: f.Title, Type: f.Type.chinese(), Required: f.Required.Chinese(),
		From: strings.Join(f.From, " "+f.Join+" "), Trust: f.Trust.Chinese(), Note: f.Note,
	}
	if f.Basis != "" {
		d.Note = strings.TrimPrefix(d.Note+"；"+f.Basis, "；")
	}
	switch {
	case f.Length > 0:
		d.Length = fmt.Sprintf("%d", f.Length)
	case f.MaxLength > 0:
		d.Length = fmt.Sprintf("≤%d", f.MaxLength)
	}
	if f.Type == Amount {
		d.Type = "金额（" + f.Unit + "，" + fmt.Sprint(f.Scale) + "位小数）"
	}
	var values []string
	if f.Value != "" {
		d.From, values = "常量", append(values, f.Value)
	}
	if f.Codes != nil {
		values = append(values, codesInWords(f.Codes))
	}
	if f.Pattern != nil {
		values = append(values, "`"+f.written()+"`")
	}
	if f.Mask != nil {
		values = append(values, fmt.Sprintf("遮盖，留前%d后%d字", f.Mask.Left, f.Mask.Right))
	}
	d.Values = strings.Join(values, "；")
	return d
}

// codesInWords lists what is sent, each with what stands for it with us, in the
// order of the file.
func codesInWords(codes []contract.CodeValue) string {
	var sent []string
	from := map[string][]string{}
	for _, c := range codes {
		if from[c.Value] == nil {
			sent = append(sent, c.Value)
		}
		from[c.Value] = append(from[c.Value], c.Source)
	}
	for i, value := range sent {
		if ours := strings.Join(from[value], "、"); ours != value {
			sent[i] = value + "=" + ours
		}
	}
	return strings.Join(sent, "；")
}

func (t Type) chinese() string {
	return map[Type]string{Text: "文本", Date: "日期", DateTime: "时间", Integer: "整数", Amount: "金额", Percent: "百分数"}[t]
}

// Chinese is the word for a degree of trust.
func (t Trust) Chinese() string {
	return map[Trust]string{Official: "原文", Published: "公开报道", Deployed: "在用系统", Memory: "待确认"}[t]
}
