// Package corrections is the desk where proposals for wrong codes are decided.
// It keeps nothing: proposals are landed as credit/code_feedback, decisions as
// credit/code_corrections, and models make of them what a run and a replay use.
// Here is what must hold before a decision is landed: it is about an open
// proposal, somebody else than the proposer takes it, and it leads nowhere
// another correction would lead on from.
package corrections

import (
	"context"
	"database/sql"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// The models that this package reads.
const (
	ProposalsTable = "intermediate.correction_proposals"
	InForceTable   = "intermediate.corrections"
)

// Operations, as the models tell them.
const (
	Assign = "赋新码"  // 0: another code is right
	Delete = "删除"   // 1: what stands under the code does not exist
	Keep   = "保留原码" // 2: the code is right although a check fails
)

// States of a proposal.
const (
	Open     = "open"
	Approved = "approved"
	Refused  = "refused"
)

// A Proposal is what somebody proposes for a case.
type Proposal struct {
	No          string       `json:"proposal_no"`
	CaseID      string       `json:"case_id"`
	Department  string       `json:"department"`
	Dataset     string       `json:"dataset"`
	WrongCode   string       `json:"wrong_code"`
	SubjectName string       `json:"subject_name"`
	Operation   string       `json:"operation"`
	RightCode   string       `json:"right_code"`
	Evidence    string       `json:"evidence"`
	Proposer    string       `json:"proposer"`
	State       string       `json:"state"`
	Approver    string       `json:"approver"`
	DecidedOn   *credit.Date `json:"decided_on"`
}

// Proposals reads every proposal, by department, case and number.
func Proposals(ctx context.Context, db *engine.DB) ([]Proposal, error) {
	rows, err := db.Query(ctx, `
		select proposal_no, case_id, department, applies_to, wrong_code, coalesce(subject_name, ''), operation,
			coalesce(right_code, ''), coalesce(evidence, ''), proposer, state, coalesce(approver, ''), decided_on
		from `+ProposalsTable+` order by department, case_id, proposal_no`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Proposal{}
	for rows.Next() {
		var p Proposal
		var on sql.Null[time.Time]
		err := rows.Scan(&p.No, &p.CaseID, &p.Department, &p.Dataset, &p.WrongCode, &p.SubjectName, &p.Operation,
			&p.RightCode, &p.Evidence, &p.Proposer, &p.State, &p.Approver, &on)
		if err != nil {
			return nil, err
		}
		if on.Valid {
			day := credit.DateOf(on.V)
			p.DecidedOn = &day
		}
		list = append(list, p)
	}
	return list, rows.Err()
}
