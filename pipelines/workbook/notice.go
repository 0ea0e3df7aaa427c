package workbook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// A Period is the months, both included, that a notice is about; empty is
// unbounded. Written 2026-04.
type Period struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

func (p Period) String() string {
	switch {
	case p.From == "" && p.To == "":
		return "全部"
	case p.From == "":
		return p.To + " 及以前"
	case p.To == "" || p.From == p.To:
		return p.From + map[bool]string{true: " 起"}[p.To == ""]
	}
	return p.From + " 至 " + p.To
}

// A Notice is the facts of the quarterly notice (通报) on data quality, as a run
// holds them. Every figure is two integers; [Figure.Text] writes the share.
type Notice struct {
	RunID      string `json:"run_id"`
	AsOf       string `json:"as_of"`
	RuleSet    string `json:"rule_set"`
	Period     Period `json:"period"`
	Department string `json:"department,omitempty"` // the only one told; empty for all

	Definition  Definition       `json:"definition"`
	Measures    []Measure        `json:"measures"`
	Standings   []Standing       `json:"departments"` // by rank
	Divisions   []DivisionCodes  `json:"divisions"`
	Timeliness  []DatasetShare   `json:"timeliness"`
	Late        []LateRecord     `json:"late_records"`
	Coverage    []Delivery       `json:"coverage"`
	Problems    []Problem        `json:"problems"`
	Unattached  []DatasetShare   `json:"unattached"`
	Datasets    []DatasetQuality `json:"datasets"`
	Total       DatasetQuality   `json:"total"`
	Missing     []string         `json:"datasets_without_a_batch"`
	Digest      string           `json:"digest"` // SHA-256 of all the above as JSON
	departments map[string]*Standing
}

// A Definition is the dated rule that the figures follow.
type Definition struct {
	Title         string           `json:"title"`
	Version       int64            `json:"version"`
	EffectiveFrom string           `json:"effective_from"`
	CoverageFrom  string           `json:"coverage_from"`
	Owner         string           `json:"owner"`
	Basis         string           `json:"basis"`
	Trust         string           `json:"trust"`
	Counted       []DefinedFinding `json:"counted"`
	Exceptions    [][2]string      `json:"exceptions"` // name and meaning
	Statuses      []string         `json:"live_statuses"`
}

// A DefinedFinding counts in a measure.
type DefinedFinding struct {
	Finding string `json:"finding"`
	Measure string `json:"measure"`
	Meaning string `json:"meaning"`
	Basis   string `json:"basis"`
}

// A Measure is a figure of a department, in the order in which it ranks.
type Measure struct {
	Name        string `json:"measure"`
	Title       string `json:"title"`
	Numerator   string `json:"numerator,omitempty"`
	Denominator string `json:"denominator,omitempty"`
	Better      string `json:"better"` // more or less
	Goal        string `json:"goal,omitempty"`
	GoalPPM     *int64 `json:"goal_ppm,omitempty"`
	Basis       string `json:"basis"`
}

// A Figure is a share of integers. Of nothing there is no share.
type Figure struct {
	Numerator   int64 `json:"numerator"`
	Denominator int64 `json:"denominator"`
	Met         *bool `json:"goal_met,omitempty"` // absent without a goal or a share
}

// A Standing is a department's figures and its place. Rank 0 stands for none:
// nothing came of it and nothing was due.
type Standing struct {
	Rank          int               `json:"rank"`
	Department    string            `json:"department"`
	Figures       map[string]Figure `json:"figures"` // by measure
	GoalsMissed   int64             `json:"goals_missed"`
	WrongCode     int64             `json:"wrong_code_rows"`
	DuplicateCode int64             `json:"duplicate_code_rows"`
	LateDelivered int64             `json:"periods_late"`
}

// DivisionCodes is 重错码 in one division: of the register's stock, and of the
// rows of all extracts.
type DivisionCodes struct {
	Code      string `json:"division_code"`
	Name      string `json:"division_name"`
	Live      int64  `json:"live_codes"`
	Wrong     int64  `json:"wrong_codes"`
	Duplicate int64  `json:"duplicate_codes"`
	Faulty    int64  `json:"faulty_codes"`
	Refused   int64  `json:"refused_codes"`
	FaultRows int64  `json:"code_fault_rows"`
	RowsRead  int64  `json:"rows_read"`
}

// Register is the share of faulty codes in the stock.
func (d DivisionCodes) Register() Figure {
	return Figure{Numerator: d.Faulty + d.Refused, Denominator: d.Live + d.Refused}
}

// Rows is the share of rows with a faulty code.
func (d DivisionCodes) Rows() Figure { return Figure{Numerator: d.FaultRows, Denominator: d.RowsRead} }

// A DatasetShare is one figure of one dataset.
type DatasetShare struct {
	Department string `json:"department"`
	Dataset    string `json:"dataset"`
	Title      string `json:"title"`
	Figure
}

// A LateRecord is a 双公示 record that came after its deadline.
type LateRecord struct {
	Department  string `json:"department"`
	Dataset     string `json:"dataset"`
	DocumentNo  string `json:"document_no"`
	DecidedOn   string `json:"decided_on"`
	DeadlineOn  string `json:"deadline_on"`
	ReportedOn  string `json:"reported_on"`
	WorkingDays int64  `json:"working_days"`
	BatchID     string `json:"batch_id"`
	File        string `json:"file"`
	Line        int64  `json:"line"`
}

// A Delivery is what was expected of a dataset for a period, and what came.
type Delivery struct {
	Department string `json:"department"`
	Dataset    string `json:"dataset"`
	Title      string `json:"title"`
	Period     string `json:"period"`
	DueOn      string `json:"due_on"`
	ReceivedOn string `json:"received_on,omitempty"`
	State      string `json:"state"` // received, late, empty, missing, not_due
}

// A Problem counts the findings of one kind in one dataset.
type Problem struct {
	Department string `json:"department"`
	Dataset    string `json:"dataset"`
	Source     string `json:"source"` // reject, flag, check
	Finding    string `json:"finding"`
	Rows       int64  `json:"rows"`
	Findings   int64  `json:"findings"`
}

// DatasetQuality is one dataset's rows, or the sum of all.
type DatasetQuality struct {
	Dataset        string `json:"dataset"`
	Department     string `json:"department"`
	Title          string `json:"title"`
	Read           int64  `json:"rows_read"`
	Accepted       int64  `json:"rows_accepted"`
	Rejected       int64  `json:"rows_rejected"`
	Mended         int64  `json:"mended_rows"` // of the rejected, by a replay
	WrongCodes     int64  `json:"wrong_code_rows"`
	DuplicateCodes int64  `json:"duplicate_code_rows"`
	CodeFaults     int64  `json:"code_fault_rows"`
	Unattached     int64  `json:"unattached_rows"`
	Clocked        int64  `json:"clocked_rows"`
	Late           int64  `json:"late_rows"`
}

// sign sets the digest of the notice: of its JSON line with an empty digest.
func (n *Notice) sign() error {
	n.Digest = ""
	sum := sha256.New()
	enc := json.NewEncoder(sum)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(n); err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	n.Digest = hex.EncodeToString(sum.Sum(nil))
	return nil
}
