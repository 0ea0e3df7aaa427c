package workbook

import (
	"context"
	"fmt"

	"rongxin/warehouse/engine"
)

// resultsSheet explains the codes that 检查结果 takes.
const resultsSheet = "结果代码"

// A form is a sheet of a list.
type form struct {
	*table
	fields  []listField
	values  []any
	answers bool // some of its columns are to be filled in
}

func (b *book) form(name string, fields []listField) (*form, error) {
	f := &form{fields: fields, values: make([]any, len(fields))}
	var columns []column
	for _, field := range fields {
		columns = append(columns, field.column)
		f.answers = f.answers || field.value == nil
	}
	var err error
	f.table, err = b.table(name, columns, 2)
	return f, err
}

func (f *form) put(l *listed) error {
	for i, field := range f.fields {
		f.values[i] = blank{}
		if field.value != nil {
			f.values[i] = field.value(l)
		}
	}
	return f.row(f.values...)
}

// end protects the sheet and closes it. What it asks for may be chosen or is
// explained where there are rows to fill in.
func (f *form) end(results []result) error {
	if err := f.protect(); err != nil {
		return err
	}
	if f.answers && f.rows > 1 {
		if err := f.ask(results); err != nil {
			return fmt.Errorf("sheet %s: %w", f.stream.Sheet, err)
		}
	}
	return f.close()
}

// ask says how each answer is given, beside its cells.
func (t *table) ask(results []result) error {
	for _, hint := range [][2]string{
		{"发现问题", "逐条写明；没有问题的留空"},
		{"整改情况", "已改正的写明日期和方式；没有的留空"},
		{"文书编号", "检查记录、责令改正通知书等的文号，多个用英文分号 ; 连接"},
		{"检查人员代码", "检查人员名录中的代码，不少于两人，用英文分号 ; 连接"},
	} {
		if err := t.hint(hint[0], hint[1]); err != nil {
			return err
		}
	}
	if err := t.exactly("检查日期", len("2026-07-01"), "写作 2026-07-01；未检查的行全部留空"); err != nil {
		return err
	}
	return t.offer("检查结果", fmt.Sprintf("%s!$A$2:$A$%d", resultsSheet, len(results)+1),
		"选一个代码；有多个的用英文分号 ; 连接，如 A;B。含义见“结果代码”表")
}

// A result is what an inspection can come to.
type result struct {
	code, meaning string
	problem       bool
}

func readResults(ctx context.Context, db *engine.DB) ([]result, error) {
	rows, err := db.Query(ctx, "select result_code, meaning, is_problem from rules.inspection_results order by length(result_code), result_code")
	if err != nil {
		return nil, fmt.Errorf("rules.inspection_results: %w", err)
	}
	defer rows.Close()
	var list []result
	for rows.Next() {
		var r result
		if err := rows.Scan(&r.code, &r.meaning, &r.problem); err != nil {
			return nil, fmt.Errorf("rules.inspection_results: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

func (b *book) results(list []result) error {
	t, err := b.table(resultsSheet, []column{{"代码", 8}, {"含义", 50}, {"属于问题", 12}}, 0)
	if err != nil {
		return err
	}
	for _, r := range list {
		problem := "否"
		if r.problem {
			problem = "是"
		}
		if err := t.row(r.code, r.meaning, problem); err != nil {
			return err
		}
	}
	if err := t.protect(); err != nil {
		return err
	}
	return t.close()
}
