package publish

import (
	"encoding/json"
	"fmt"
)

// SupervisionTable is the table of supervision results.
const SupervisionTable = "supervision_results"

// Supervision is the supervision result of one subject under one scheme: the
// content of a row. All members are text but the class; what is unknown or was
// not evaluated is the empty text. This is the one place that names the
// members; the receiver's side of it is its validation.
type Supervision struct {
	SubjectID         string   `json:"subject_id"`          // 统一社会信用代码, 18 characters
	SubjectName       string   `json:"subject_name"`        // at most 200 characters
	DivisionCode      string   `json:"division_code"`       // GB/T 2260, 6 digits
	PublicGrade       string   `json:"public_grade"`        // national comprehensive evaluation
	PublicEvaluatedOn string   `json:"public_evaluated_on"` // YYYY-MM-DD
	Scheme            string   `json:"scheme"`              // the industry scheme
	IndustryGrade     string   `json:"industry_grade"`      // in the scheme's own words
	SupervisionClass  *int     `json:"supervision_class"`   // 1 low … 4 strict; null: not evaluated
	CheckRatio        string   `json:"check_ratio"`
	CheckFrequency    string   `json:"check_frequency"`
	Reasons           []string `json:"reasons"`
	RuleSet           string   `json:"rule_set"`
	PublicationRange  string   `json:"publication_range"`
}

// Record returns the result under its key, subject_id/scheme.
func (s Supervision) Record() (Record, error) {
	if s.Reasons == nil {
		s.Reasons = []string{}
	}
	key := s.SubjectID + "/" + s.Scheme
	payload, err := json.Marshal(s)
	if err != nil {
		return Record{}, fmt.Errorf("record %s: %w", key, err)
	}
	return Record{Table: SupervisionTable, Key: key, Subject: s.SubjectID, Payload: payload}, nil
}
