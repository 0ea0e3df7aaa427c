package payload

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WritePage writes the tables of the mappings as Markdown, for a platform's
// engineer. The same mappings give the same bytes.
func WritePage(out io.Writer, mappings []*Mapping) error {
	w := bufio.NewWriter(out)
	fmt.Fprint(w, `# 送达数据表 · Payloads

<!-- Made by: rongxin mappings page > docs/payloads.md -->

本页由映射文件生成，不手工修改。映射的写法见 [mappings.md](mappings.md)，送达的过程见 [delivery.md](delivery.md)。

This page is made from the mappings and never edited. [mappings.md](mappings.md) explains their keys.

每条记录是一个 JSON 对象，含表中全部字段；除整数外均为文本，无值为空文本。每行另带 cd_operation、cd_batch、cd_id、cd_time、cd_source，
其中 cd_id 是记录在表内的主键。

Every record is one JSON object with all fields of its table; all are text but integers, and no value is the empty text.

可信度 Trust：原文 official = 读过标准或文件原文；公开报道 published = 读过公开报道；在用系统 deployed = 在用系统如此；
待确认 memory = 一般知识或本市口径，须与平台确认，属配置。

| 表 Table | | 版本 Version | 字段 Fields | 可信度 Trust |
|---|---|---|---|---|
`)
	for _, m := range mappings {
		d := m.Describe()
		fmt.Fprintf(w, "| [`%s`](#%s) | %s | %d | %d | %s |\n", d.Table, d.Table, d.Title, d.Version, len(d.Fields), d.Trust)
	}
	for _, m := range mappings {
		writeTable(w, m.Describe())
	}
	return w.Flush()
}

func writeTable(w io.Writer, d Description) {
	fmt.Fprintf(w, "\n<a id=\"%s\"></a>\n\n## %s · %s\n\n", d.Table, d.Title, d.Table)
	for _, row := range [][2]string{
		{"依据 Basis", d.Basis + "（" + d.Trust + "）"}, {"版本 Version", d.Term}, {"来源 Relation", "`" + d.Relation + "`"},
		{"主键 Key (cd_id)", "`" + d.Key + "`"}, {"公开范围 Range", d.Range}, {"不含 Without", d.Skip}, {"说明 Note", d.Note},
	} {
		if row[1] != "" {
			fmt.Fprintf(w, "- %s：%s\n", row[0], row[1])
		}
	}
	fmt.Fprint(w, "\n| 字段 Field | 名称 Title | 类型 Type | 长度 Length | 必填 Required | 取值 Values | 来源列 From | 可信度 Trust | 说明 Note |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, f := range d.Fields {
		writeRow(w, "`"+f.Name+"`", f.Title, f.Type, f.Length, f.Required, f.Values, f.From, f.Trust, f.Note)
	}
	if len(d.Rules) == 0 {
		return
	}
	fmt.Fprint(w, "\n| 规则 Rule | | 依据 Basis | 可信度 Trust |\n|---|---|---|---|\n")
	for _, r := range d.Rules {
		writeRow(w, r.ID, r.Title, r.Basis, r.Trust)
	}
}

func writeRow(w io.Writer, cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}
