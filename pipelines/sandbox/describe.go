package sandbox

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed codes.yml
var codesFile []byte

// errorCode is a line of the table of codes.
type errorCode struct {
	Code  string `yaml:"code"`
	Where string `yaml:"where"`
	Zh    string `yaml:"zh"`
	En    string `yaml:"en"`
}

// Describe is the page of the tables and codes, docs/platform-tables.md, made
// from what the platform checks by.
func Describe() (string, error) {
	tables, err := readTables(statements)
	if err != nil {
		return "", err
	}
	var codes []errorCode
	decoder := yaml.NewDecoder(bytes.NewReader(codesFile))
	decoder.KnownFields(true)
	if err := decoder.Decode(&codes); err != nil {
		return "", fmt.Errorf("codes.yml: %w", err)
	}
	var b strings.Builder
	b.WriteString(`# 平台数据表与错误代码

平台按本页校验收到的记录。接口见 [platform.md](platform.md)。本页由程序生成，不手工修改：

` + "```sh\nrongxin sandbox --describe\n```\n")
	for _, name := range tableNames(tables) {
		tables[name].describe(&b)
	}
	b.WriteString("\n## 错误代码 Codes\n\n| 代码 | 对象 | 含义 | meaning |\n|---|---|---|---|\n")
	words := map[string]string{"record": "记录", "batch": "批次", "question": "查询", "package": "数据包"}
	for _, c := range codes {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Code, words[c.Where], c.Zh, c.En)
	}
	return b.String(), nil
}

func (t *table) describe(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s `%s`\n\n依据：%s。`cd_id` 为 `%s`；主体代码字段为 `%s`。\n\n", t.Title, t.Name, t.Basis, strings.Join(t.Key, "/"), t.Subject)
	b.WriteString("| 字段 | 含义 | 类型 | 长度 | 必填 | 取值 |\n|---|---|---|---|---|---|\n")
	for i := range t.Fields {
		f := &t.Fields[i]
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", f.Name, f.Title, typeWords[f.Type], f.lengthWords(), f.requiredWords(), f.valueWords())
	}
	for i, r := range t.Rules {
		if i == 0 {
			b.WriteString("\n")
		}
		names := r.fields()
		words := map[bool]string{r.Later != "": "应晚于", r.Begins != "": "应以其开头：", len(r.Paired) == 2: "项数应相同于"}[true]
		fmt.Fprintf(b, "- `%s` %s `%s`\n", names[0], words, names[1])
	}
}

var typeWords = map[fieldType]string{text: "文本", code: "编码", date: "日期", instant: "时间", integer: "整数", amount: "金额", percent: "百分比", texts: "文本"}

func (f *field) lengthWords() string {
	switch {
	case f.Length > 0:
		return fmt.Sprint(f.Length)
	case f.Max > 0:
		return fmt.Sprintf("≤ %d", f.Max)
	}
	return ""
}

func (f *field) requiredWords() string {
	switch {
	case f.Required:
		return "是"
	case f.When != nil:
		return fmt.Sprintf("`%s` 为 %s 时", f.When.Field, strings.Join(f.When.In, "、"))
	}
	return ""
}

func (f *field) valueWords() string {
	var words []string
	if f.Means == "" && len(f.In) > 0 {
		words = append(words, strings.Join(f.In, "、"))
	}
	if f.Means != "" {
		words = append(words, f.Means)
	}
	if f.Least > 0 {
		words = append(words, fmt.Sprintf("至少 %d 项，以分号分隔", f.Least))
	}
	if f.Places > 0 {
		words = append(words, fmt.Sprintf("小数至多 %d 位", f.Places))
	}
	return strings.Join(words, "；")
}
