package workbook

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// screenSheet is the sheet of a comparison that departments fill in: the source
// of credit/screen_feedback, whose contract names the same columns.
const screenSheet = "比对反馈表"

// ScreenPrompt stands with every hit.
const ScreenPrompt = "命中仅作提示，由承办部门依法核实并决定，不得据此自动拒绝办理"

// A Screening is what became of a department's list of parties.
type Screening struct {
	No, Department, Purpose string
	Run, RuleSet            string
	AsOf                    credit.Date
	Parties, Refused        int64
	Hits                    []ScreenHit
	Rows                    []ScreenRefused
}

// A ScreenHit is one party on one list, in words.
type ScreenHit struct {
	No, Line, Business, ID, Name, Registered     string
	List, DocumentNo, Authority, From, To, Basis string
	Objection                                    string
	Measures                                     []string
}

// A ScreenRefused row was not compared.
type ScreenRefused struct {
	Line                    int64
	Field, Detail, Original string
}

func hitColumns() []column {
	return []column{{"命中编号", 28}, {"行号", 7}, {"业务", 20}, {"统一社会信用代码", 21}, {"报送名称", 30}, {"登记名称", 30}, {"名称核对", 12},
		{"名单", 30}, {"文书号", 26}, {"决定机关", 26}, {"列入日期", 12}, {"期限至", 12}, {"列入依据", 48}, {"异议标注", 22}, {"可考虑的措施", 60}, {"提示", 40}}
}

func (h ScreenHit) cells() []string {
	check := "一致"
	switch {
	case h.Name == "":
		check = "未报名称"
	case h.Registered == "":
		check = "登记数据无此代码"
	case h.Name != h.Registered:
		check = "不一致，请核对"
	}
	until, objection := h.To, ""
	if until == "" {
		until = "移出前"
	}
	if h.Objection != "" {
		objection = "异议处理中 " + h.Objection
	}
	return []string{h.No, h.Line, h.Business, h.ID, h.Name, h.Registered, check, h.List, h.DocumentNo, h.Authority, h.From, until, h.Basis,
		objection, strings.Join(h.Measures, "；"), ScreenPrompt}
}

// WriteScreening writes the workbook of a comparison: the hits, the sheet on
// which the department says what it did, the rows that were not compared, and
// what a hit is and is not.
func WriteScreening(file string, s Screening) error {
	b, err := newBook("严重失信主体名单比对 "+s.No, s.AsOf)
	if err != nil {
		return err
	}
	for _, write := range []func(*book) error{s.hits, s.form, s.refused, s.note} {
		if err == nil {
			err = write(b)
		}
	}
	if err == nil {
		err = b.save(file)
	}
	return errors.Join(err, b.close())
}

// WriteScreeningCSV writes the hits alone.
func WriteScreeningCSV(w io.Writer, s Screening) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	var titles []string
	for _, c := range hitColumns() {
		titles = append(titles, c.title)
	}
	err := out.Write(titles)
	for _, h := range s.Hits {
		cells := h.cells()
		for i := range cells {
			cells[i] = Guarded(cells[i])
		}
		err = errors.Join(err, out.Write(cells))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

func (s Screening) hits(b *book) error {
	t, err := b.table("比对提示", hitColumns(), 4)
	if err != nil {
		return err
	}
	for _, h := range s.Hits {
		var values []any
		for _, cell := range h.cells() {
			values = append(values, cell)
		}
		if err := t.row(values...); err != nil {
			return err
		}
	}
	return t.close()
}

func (s Screening) form(b *book) error {
	answers := []column{{"处理类型", 12}, {"措施编号", 10}, {"惩戒日期", 12}, {"事项名称", 24}, {"事项编码", 16}, {"结果", 30}, {"金额", 12}, {"依据", 30}, {"区划代码", 10}}
	columns := append([]column{{"命中编号", 28}, {"部门", 22}, {"统一社会信用代码", 21}, {"名称", 30}, {"名单", 30}, {"文书号", 26}}, answers...)
	t, err := b.table(screenSheet, append(columns, column{"行校验码", 19}), 3)
	if err != nil {
		return err
	}
	for _, h := range s.Hits {
		given := []string{h.No, s.Department, h.ID, h.Name, h.List, h.DocumentNo}
		var values []any
		for i := range given {
			given[i] = Neutral(given[i])
			values = append(values, given[i])
		}
		for range answers {
			values = append(values, blank{})
		}
		if err := t.row(append(values, contract.RowCheck(given...))...); err != nil {
			return err
		}
	}
	if err := t.protect(); err != nil {
		return err
	}
	if err := t.choices("处理类型", "已惩戒", "不予惩戒", "已移出名单"); err != nil {
		return err
	}
	if err := t.hint("措施编号", "填“比对提示”表中的措施编号，如 D-01；须在措施清单内"); err != nil {
		return err
	}
	return t.close()
}

func (s Screening) refused(b *book) error {
	t, err := b.table("未比对行", []column{{"行号", 8}, {"字段", 22}, {"原因", 70}, {"原文（证件号码已遮盖）", 60}}, 1)
	if err != nil {
		return err
	}
	for _, r := range s.Rows {
		if err := t.row(r.Line, r.Field, r.Detail, r.Original); err != nil {
			return err
		}
	}
	return t.close()
}

func (s Screening) note(b *book) error {
	pg, err := b.page("说明")
	if err != nil {
		return err
	}
	for _, l := range []struct {
		label string
		value any
	}{
		{"比对编号", s.No}, {"部门", s.Department}, {"用途", s.Purpose}, {"数据截止日", s.AsOf.String()}, {"运行编号", s.Run}, {"规则集", s.RuleSet},
		{"比对行数", s.Parties}, {"未比对行数", s.Refused}, {"命中数", int64(len(s.Hits))},
		{"命中的含义", "该代码在数据截止日在列于所示名单。只按统一社会信用代码比对；名称相同而代码不同的不是命中。"},
		{"不是什么", "命中仅作提示，不是行政决定，不得据此自动拒绝办理事项、减损权利或者增加义务。是否采取措施，由承办部门依照名单依据和措施依据决定。"},
		{"可考虑的措施", "只列全国失信惩戒措施基础清单内、且名单依据文件有规定的措施；清单之外不得采取。"},
		{"名称核对", "报送名称与登记名称不一致的，先核对代码是否填错。"},
		{"异议标注", "记录正在异议处理中，使用前先向名单认定部门核实。"},
		{"反馈", fmt.Sprintf("在“%s”填写处理类型；已惩戒的填措施编号、惩戒日期和依据。其余单元格已锁定，改动的行将被退回。", screenSheet)},
	} {
		if err := pg.line(l.label, l.value); err != nil {
			return err
		}
	}
	return pg.close()
}
