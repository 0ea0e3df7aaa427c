package contract

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteDictionary writes the data dictionary of the catalogue as Markdown: the
// classes of the national catalogue in their order, in each the datasets by
// name, of each every field. The same catalogue gives the same bytes.
func WriteDictionary(out io.Writer, catalog *Catalog) error {
	byClass := map[string][]Description{}
	for _, c := range catalog.All() {
		byClass[c.Catalogue.Class] = append(byClass[c.Catalogue.Class], c.Describe())
	}
	w := bufio.NewWriter(out)
	writePreface(w)
	for i, class := range Classes() {
		fmt.Fprintf(w, "| %d | [%s](#class-%d) | %s | %d |\n", i+1, class.Name, i+1, class.English, len(byClass[class.Name]))
	}
	for i, class := range Classes() {
		if len(byClass[class.Name]) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n<a id=\"class-%d\"></a>\n\n## %d. %s · %s\n", i+1, i+1, class.Name, class.English)
		for _, d := range byClass[class.Name] {
			writeDataset(w, &d, catalog.Versions(d.Dataset)[1:])
		}
	}
	return w.Flush()
}

func writePreface(w io.Writer) {
	fmt.Fprint(w, `# 数据字典 · Data dictionary

<!-- Made by: rongxin contracts dictionary > docs/data-dictionary.md -->

本页由数据契约生成，不手工修改。契约的写法见 [contracts.md](contracts.md)。

This page is made from the contracts and never edited. [contracts.md](contracts.md) explains the terms.

每条记录另有系统列 · Every record also has the columns of landing:

| 列名 Column | 存储 Stored as | 含义 Meaning |
|---|---|---|
`)
	for _, row := range systemColumns() {
		fmt.Fprintf(w, "| `%s` | %s | %s |\n", row[0], row[1], row[2])
	}
	fmt.Fprint(w, "\n| | 目录类别 Class | | 数据集 Datasets |\n|---|---|---|---|\n")
}

// systemColumns are what every record has besides its fields: name, type, meaning.
func systemColumns() [][3]string {
	return [][3]string{
		{ColumnRecordID, "VARCHAR", "记录标识，重报不变 · stable across re-sends"},
		{ColumnMatchID, "VARCHAR", "不含主体代码的记录标识，代码更正前后不变 · record_id without the subject's code"},
		{ColumnBatchID, "VARCHAR", "批次 · the landed extract"},
		{ColumnLine, "BIGINT", "文件行号；工作表为行号，JSON 数组和 XML 为记录序号 · line of the file; row of a sheet; number of the record in a JSON array or XML"},
		{ColumnFlags, "VARCHAR", "疑点，以分号分隔 · doubts, joined by ;"},
		{ColumnClockDays, "INTEGER", "时限所用工作日，有时限的数据集才有 · working days used, where there is a deadline"},
		{ColumnIsWithdrawal, "BOOLEAN", "是否为撤销记录，可撤销的数据集才有 · whether the row takes the record back, where rows can"},
		{"…" + StatusSuffix, "VARCHAR", "统一社会信用代码的校验结果：valid 或 suspect · result of the checks of a code"},
		{"…" + TokenSuffix, "VARCHAR", "证件号码的令牌，同一人在各数据集中相同 · token of a person's number, the same in every dataset"},
	}
}

// SystemColumn says what a column is that no field of a contract makes, or "".
func SystemColumn(name string) string {
	for _, c := range systemColumns() {
		if c[0] == name || strings.HasPrefix(c[0], "…") && strings.HasSuffix(name, strings.TrimPrefix(c[0], "…")) {
			return c[2]
		}
	}
	return ""
}

func writeDataset(w io.Writer, d *Description, earlier []*Contract) {
	fmt.Fprintf(w, "\n### %s · %s\n\n", d.Title, d.Dataset)
	rows := [][2]string{
		{"报送部门 Department", d.Department},
		{"目录事项 Item", fmt.Sprintf("%s（%d年版）", d.Item, d.Edition)},
		{"依据 Basis", d.Basis},
		{"公开范围 Range", d.Range.Chinese() + " " + string(d.Range)},
		{"报送方式 Delivery", fmt.Sprintf("%s %s，%s", ChineseDelivery(d.Delivery), d.Delivery, d.Written())},
		{"主键 Key", strings.Join(d.Key, "、")},
		{"频次 Rhythm", d.Rhythm},
		{"时限 Deadline", d.Deadline},
		{"撤销 Withdrawal", d.Withdrawal},
		{"版本 Version", d.Term()},
	}
	for _, c := range earlier {
		old := c.Describe()
		rows = append(rows, [2]string{"旧版 Earlier version", old.Term() + differing(&old, d)})
	}
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(w, "- %s：%s\n", row[0], row[1])
		}
	}
	fmt.Fprint(w, "\n| 字段 Field | 列名 Column | 类型 Type | 存储 Stored as | 必填 Required | 取值 Values | 公开 Range | 脱敏 Mask |\n"+
		"|---|---|---|---|---|---|---|---|\n")
	for _, f := range d.Fields {
		cells := []string{f.Label(), "`" + f.Column + "`", f.Type, f.SQLType, f.Required, f.Values, f.Range.Chinese(), f.Mask}
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(cell, "|", `\|`)
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
}

// differing lists the fields that only the earlier version has.
func differing(old, new *Description) string {
	var names []string
	for _, f := range old.Fields {
		if !slices.ContainsFunc(new.Fields, func(g FieldDescription) bool { return g.Name == f.Name }) {
			names = append(names, f.Name+" `"+f.Column+"`")
		}
	}
	if names == nil {
		return ""
	}
	return "；另有 with " + strings.Join(names, "、")
}
