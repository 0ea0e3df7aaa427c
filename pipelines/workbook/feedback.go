package workbook

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"rongxin/warehouse/engine"
)

var (
	// ErrNoBatches says that nothing of the department is in the run: its name
	// is wrong, or it never sent anything.
	ErrNoBatches = errors.New("no batch of this department is in the run")
	// ErrNoFindings says that there is nothing to mend. No file was written.
	ErrNoFindings = errors.New("nothing was found wrong with what this department sent")
)

// Feedback is what ExportFeedback wrote.
type Feedback struct {
	File     string // path
	Rejected int64  // findings by source: rows refused,
	Flagged  int64  // rows accepted with a flag,
	Checked  int64  // rows that do not agree with others
}

// Findings is the number of rows on 问题清单.
func (f Feedback) Findings() int64 { return f.Rejected + f.Flagged + f.Checked }

// ExportFeedback writes for one department what is to be mended in the data it
// sent, and nothing of any other department, to
// dir/<department>-数据质量反馈-<as-of day>.xlsx: 说明, 问题清单 with one row a
// finding, 纠错回传表 with one row a case to fill in and send back, and 统计. meanings explains the codes of landing; those of
// [CrossChecks] are known here. A code that neither explains is an error: a
// department cannot act on a bare code. It needs marts.findings_told,
// marts.unattached, marts.code_suggestions, marts.quality_summary, run.batches
// and run.parameters.
func ExportFeedback(ctx context.Context, db *engine.DB, department, dir string, meanings map[string]Meaning) (Feedback, error) {
	f, err := exportFeedback(ctx, db, department, dir, meanings)
	if err != nil {
		return Feedback{}, fmt.Errorf("feedback to %s: %w", department, err)
	}
	return f, nil
}

func exportFeedback(ctx context.Context, db *engine.DB, department, dir string, meanings map[string]Meaning) (Feedback, error) {
	h, err := readHead(ctx, db)
	if err != nil {
		return Feedback{}, err
	}
	datasets, err := readQuality(ctx, db, department)
	if err != nil {
		return Feedback{}, err
	}
	if len(datasets) == 0 {
		return Feedback{}, ErrNoBatches
	}
	b, err := newBook(department+"数据质量反馈", h.asOf)
	if err != nil {
		return Feedback{}, err
	}
	x := feedbackExport{db: db, department: department, head: h, datasets: datasets, meanings: meanings, known: CrossChecks()}
	err = x.fill(ctx, b)
	if err == nil && x.found.Findings() == 0 {
		err = ErrNoFindings
	}
	if err == nil {
		x.found.File = filepath.Join(dir, fileName(fmt.Sprintf("%s-数据质量反馈-%s.xlsx", department, h.asOf)))
		err = b.save(x.found.File)
	}
	return x.found, errors.Join(err, b.close())
}

// feedbackExport is one workbook of feedback in the making.
type feedbackExport struct {
	db         *engine.DB
	department string
	head       head
	datasets   []quality
	meanings   map[string]Meaning // of landing
	known      map[string]Meaning // of this package
	found      Feedback
}

func (x *feedbackExport) fill(ctx context.Context, b *book) error {
	note, err := b.page("说明")
	if err != nil {
		return err
	}
	list, err := b.table("问题清单", findingColumns(), 0)
	if err != nil {
		return err
	}
	for _, s := range sources() {
		for _, d := range x.datasets {
			n, err := x.findings(ctx, list, s, d)
			if err != nil {
				return fmt.Errorf("%s: %w", d.dataset, err)
			}
			*s.count(&x.found) += n
		}
	}
	if err := list.close(); err != nil {
		return err
	}
	if err := x.returns(ctx, b); err != nil {
		return err
	}
	if err := x.statistics(b); err != nil {
		return err
	}
	if err := x.note(note); err != nil {
		return err
	}
	return note.close()
}

// A source is where a finding comes from and so what happened to the row.
type source struct {
	code, title, meaning string
	count                func(*Feedback) *int64
}

// sources in the order in which a department should work on them.
func sources() []source {
	return []source{
		{"reject", "退回", "该行未被接收，更正后重新报送", func(f *Feedback) *int64 { return &f.Rejected }},
		{"flag", "提示", "该行已接收，但有疑点，请核实", func(f *Feedback) *int64 { return &f.Flagged }},
		{"check", "核对", "该行已接收，但与其他数据不一致，请核对", func(f *Feedback) *int64 { return &f.Checked }},
	}
}

// note writes 说明.
func (x *feedbackExport) note(pg *page) error {
	lines := [][2]string{
		{"接收单位", x.department},
		{"数据截止日", x.head.asOf.String()},
		{"运行编号", x.head.runID},
		{"内容", fmt.Sprintf("问题 %d 条：退回 %d，提示 %d，核对 %d。只含本单位报送的数据",
			x.found.Findings(), x.found.Rejected, x.found.Flagged, x.found.Checked)},
	}
	for _, s := range sources() {
		lines = append(lines, [2]string{s.title, s.meaning})
	}
	lines = append(lines,
		[2]string{"行号", "报送文件中的第几行，从第 1 行（含表头）数起；同一行可有多个问题"},
		[2]string{"建议值", "由校验规则、登记名称和旧号码推算，依据见旁列；须对照证照确认后使用，系统不会自动更正"},
		[2]string{"状态", "待处理；或已答复：何日、以何方式（赋新码、删除、保留原码、重报、重新核对）；或无需反馈：仅作提示，不计入整改反馈率"},
		[2]string{"个人信息", "身份证件号码已遮盖"},
		[2]string{"※ 标记", "单元格以 ※ 开头的，是为防止被表格软件当作公式执行而加，不是原文"},
		[2]string{"如何更正", "在源系统更正后，按原渠道重新报送；全量报送的数据集须重报全部数据，只报改正的行等于撤销其余记录；不要在问题清单内更正"},
		[2]string{"纠错回传表", "代码有误而无法重新报送的，在该表逐行填写操作标识（0 赋新码并填正确代码、1 删除、2 保留原码）、" +
			"佐证材料和填报人后发回；不处理的行留空。其余各列和行校验码不得改动，改动的行将被退回"},
	)
	for _, l := range lines {
		if err := pg.line(l[0], l[1]); err != nil {
			return fmt.Errorf("sheet 说明: %s: %w", l[0], err)
		}
	}
	return nil
}
