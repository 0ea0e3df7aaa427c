package ingest

import (
	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

// Kinds of correction, the 操作标识 of a 纠错回传表.
const (
	CodeAssigned = "赋新码"  // 0: the code is wrong, another is right
	CodeDeleted  = "删除"   // 1: what stands under the code does not exist
	CodeKept     = "保留原码" // 2: the code is right although a check fails
)

// A Correction is an approved correction of a subject's code, as
// intermediate.corrections tells it.
type Correction struct {
	CorrectionNo string
	Operation    string // CodeAssigned, CodeDeleted or CodeKept
	WrongCode    string // in normal form
	NameKey      string // of the name it is for, see credit.NameKey; empty: any
	RightCode    string // of CodeAssigned
	Rank         int64  // of two for one row the higher holds
}

// Again says that an extract is judged once more: only the given lines, and
// with corrections of the subject's code. What is refused again is not written;
// the batch that refused it keeps it.
type Again struct {
	Lines       []int64
	Corrections []Correction // of the dataset
}

// secondLook is Again prepared for look-ups.
type secondLook struct {
	lines       map[int64]bool
	corrections map[string][]Correction // by wrong code
}

func (a *Again) prepare() *secondLook {
	if a == nil {
		return nil
	}
	s := &secondLook{lines: make(map[int64]bool, len(a.Lines)), corrections: byCode(a.Corrections)}
	for _, line := range a.Lines {
		s.lines[line] = true
	}
	return s
}

func byCode(corrections []Correction) map[string][]Correction {
	m := map[string][]Correction{}
	for _, c := range corrections {
		m[c.WrongCode] = append(m[c.WrongCode], c)
	}
	return m
}

// choose returns the correction that holds for a code and a name, if any.
func choose(corrections []Correction, name string) (chosen Correction, found bool) {
	key := ""
	for _, c := range corrections {
		if c.NameKey != "" && key == "" {
			key = credit.NameKey(name)
		}
		if (c.NameKey == "" || c.NameKey == key) && (!found || c.Rank > chosen.Rank) {
			chosen, found = c, true
		}
	}
	return chosen, found
}

// codeCorrected is the status of a code that would be refused, was it not for a
// correction.
const codeCorrected credit.CodeStatus = "corrected"

// corrected accepts a subject's code of which a correction speaks. The record
// keeps the code that was sent: staging puts the right one in its place, by the
// same correction or by a newer one.
func (j *judge) corrected(f *fieldPlan, v []byte, r *row) bool {
	code := credit.NormalizeCode(string(v))
	c, found := choose(j.again.corrections[code], j.sent(r, contract.ColumnSubjectName))
	status := codeCorrected
	switch {
	case !found:
		return false
	case c.Operation == CodeAssigned && j.exceptions.Classify(c.RightCode) != credit.CodeInvalid:
	case c.Operation == CodeKept:
		status = credit.CodeValid
	default:
		return false
	}
	j.flags |= flagCorrected
	j.values[f.column] = textCell(j.arena.copyOf([]byte(code)))
	j.values[f.column+1] = j.statuses[status]
	return true
}
