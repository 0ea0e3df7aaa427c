package explain

import (
	"fmt"
	"slices"

	"rongxin/internal/credit"
	"rongxin/warehouse/lookup"
)

// inForce is the one state in which a record counts.
const inForce = "in_force"

var sourceColumns = []string{"dataset", "department", "batch_id", "extract_name", "line"}

func (s *Source) places() []any {
	return []any{&s.Dataset, &s.Department, &s.BatchID, &s.ExtractName, &s.Line}
}

var sentColumns = []string{"record_id", "category", "kind", "detail", "document_no", "authority_name", "event_on", "ended_on", "fine_amount"}

// sent are the places of what the department sent, by sentColumns.
func (r *Record) sent() []any {
	return []any{&r.RecordID, &r.Category, &r.Kind, &r.Detail, &r.DocumentNo, &r.AuthorityName, &r.EventOn, &r.EndedOn, &r.FineAmount}
}

var judgedColumns = []string{"record_class", "record_group", "severity", "severity_rule", "publicity_rule", "repairable_on", "publicity_until",
	"state", "state_on", "case_no", "objection_case_no"}

// load fills rd.records and returns the subject's records of conduct.
func (rd *reader) load() (own []Record, err error) {
	list, err := collect(rd, rd.of("marts.subject_records", slices.Concat(sentColumns, judgedColumns, correctionColumns, sourceColumns)...),
		func(row lookup.Row, r *Record) error {
			var correction Correction
			judged := []any{&r.RecordClass, &r.RecordGroup, &r.Severity, &r.SeverityRule, &r.PublicityRule, &r.RepairableOn, &r.PublicityUntil,
				&r.State, &r.StateOn, &r.CaseNo, &r.ObjectionCaseNo}
			if err := row.Scan(slices.Concat(r.sent(), judged, correction.places(), r.Source.places())...); err != nil {
				return err
			}
			r.Correction = correction.orNone()
			return rd.words(r)
		})
	rd.records = make(map[string]Record, len(list))
	for _, r := range list {
		rd.records[r.RecordID] = r
		if r.State != "" {
			own = append(own, r)
		}
	}
	return own, err
}

// words adds what the rules say of a record. A reason must not be guessed.
func (rd *reader) words(r *Record) error {
	if r.State == "" {
		return nil
	}
	r.SeverityBasis, r.PublicityBasis = rd.rules.severities[r.SeverityRule], rd.rules.periods[r.PublicityRule]
	if r.StateTitle = rd.rules.states[r.State]; r.StateTitle == "" {
		return fmt.Errorf("record %s: record state %q is not known", r.RecordID, r.State)
	}
	return nil
}

// unattached are records that bear the subject's name under a code nobody has.
// They count for nobody, and a name alone attaches nothing; but who asks should
// learn of them.
func (rd *reader) unattached(name string) ([]Record, error) {
	return collect(rd, lookup.Question{Table: "marts.unattached_records", Columns: slices.Concat(sentColumns, []string{"stated_id"}, sourceColumns),
		Where: []lookup.Equal{{Column: "subject_name", Value: name}}}, func(row lookup.Row, r *Record) error {
		if err := row.Scan(slices.Concat(r.sent(), []any{&r.StatedID}, r.Source.places())...); err != nil {
			return err
		}
		r.State, r.StatedID = "unattached", credit.MaskIDs(r.StatedID)
		return rd.words(r)
	})
}

// cite returns the record that a result names. A record of conduct must be one
// that counts on the day.
func (rd *reader) cite(what, id string) (Record, error) {
	record, ok := rd.records[id]
	if !ok {
		return record, fmt.Errorf("%s names record %s, which is not among the records of the subject: %w", what, id, ErrEvidence)
	}
	if record.State != "" && record.State != inForce {
		return record, fmt.Errorf("%s names record %s, which does not count (%s): %w", what, id, record.State, ErrEvidence)
	}
	return record, nil
}

// source is where the named record stands, nil for no record.
func (rd *reader) source(what, id string) (*Source, error) {
	if id == "" {
		return nil, nil
	}
	record, err := rd.cite(what, id)
	if err != nil {
		return nil, err
	}
	return &record.Source, nil
}
