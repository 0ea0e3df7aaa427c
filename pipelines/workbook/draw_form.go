package workbook

import (
	"context"
	"errors"
	"fmt"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/warehouse/engine"
)

// drawSheet is the sheet of a draw that inspectors fill in: the source of
// inspection/returned_results, whose contract names the same columns.
const drawSheet = "抽查结果回传表"

// A DrawnObject is one object of a draw as its form gives it out.
type DrawnObject struct {
	Part       string // 对照抽取 or 分类抽取
	ID, Name   string
	Class      int
	Industry   string // section, - for none
	DivisionID string
}

func drawColumns() []column {
	columns := []column{{"抽取编号", 26}, {"检查部门", 24}, {"抽取方式", 10}, {"统一社会信用代码", 21}, {"企业名称", 36}, {"监管类别", 9}, {"行业门类", 9}, {"区划代码", 9}}
	for _, f := range answerFields() {
		columns = append(columns, f.column)
	}
	return append(columns, column{"行校验码", 19})
}

// WriteDrawForm writes the form of a draw for one department to file: who was
// drawn, locked and held by a row check, and the answers to fill in. The result
// codes are those of the run on db, which needs rules.inspection_results.
func WriteDrawForm(ctx context.Context, db *engine.DB, file, draw, department string, day credit.Date, objects []DrawnObject) error {
	results, err := readResults(ctx, db)
	if err != nil {
		return err
	}
	b, err := newBook(drawSheet+" "+draw, day)
	if err != nil {
		return err
	}
	err = b.drawForm(draw, department, objects, results)
	if err == nil {
		err = b.save(file)
	}
	return errors.Join(err, b.close())
}

func (b *book) drawForm(draw, department string, objects []DrawnObject, results []result) error {
	t, err := b.table(drawSheet, drawColumns(), 5)
	if err != nil {
		return err
	}
	for _, o := range objects {
		given := []string{draw, department, o.Part, o.ID, o.Name, fmt.Sprint(o.Class), o.Industry, o.DivisionID}
		var values []any
		for i := range given {
			given[i] = Neutral(given[i])
			values = append(values, given[i])
		}
		for range answerTitles() {
			values = append(values, blank{})
		}
		if err := t.row(append(values, contract.RowCheck(given...))...); err != nil {
			return err
		}
	}
	if err := t.protect(); err != nil {
		return err
	}
	if err := t.ask(results); err != nil {
		return err
	}
	if err := t.close(); err != nil {
		return err
	}
	return b.results(results)
}
