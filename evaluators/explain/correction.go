package explain

import "rongxin/internal/credit"

// Correction is how a record came to another code than was sent with it, or was
// left with one that fails a check.
type Correction struct {
	CorrectionNo string       `json:"correction_no"`
	SentID       string       `json:"sent_id"`
	Operation    string       `json:"operation"`
	Reason       string       `json:"reason"`
	Approver     string       `json:"approver"`
	DecidedOn    *credit.Date `json:"decided_on"`
}

// correctionColumns tell by which correction a row has its code.
var correctionColumns = []string{"correction_no", "sent_subject_id", "correction_operation", "correction_reason", "correction_approver", "correction_decided_on"}

// places are where correctionColumns are scanned to.
func (c *Correction) places() []any {
	return []any{&c.CorrectionNo, &c.SentID, &c.Operation, &c.Reason, &c.Approver, &c.DecidedOn}
}

// orNone is nil when nothing was corrected.
func (c *Correction) orNone() *Correction {
	if c.CorrectionNo == "" {
		return nil
	}
	return c
}

// correction says who let a record stand under another code than was sent.
func (p *page) correction(indent int, c *Correction) {
	if c == nil {
		return
	}
	approval := sentence(c.CorrectionNo, c.Reason, "审批人 "+c.Approver, date(c.DecidedOn))
	if c.Operation == "保留原码" {
		p.line(indent, "代码更正：报送代码 %s 经核实保留（%s）", c.SentID, approval)
		return
	}
	p.line(indent, "代码更正：报送代码为 %s，已更正为本主体代码（%s）", c.SentID, approval)
}
