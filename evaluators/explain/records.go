package explain

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
)

// inForce is the one state in which a record counts.
const inForce = "in_force"

// recordQuery reads records of conduct with what the rules say of them; the
// condition is on records and states.
const recordQuery = `select records.record_id, records.category, coalesce(records.kind, ''), coalesce(records.detail, ''),
    coalesce(records.document_no, ''), coalesce(records.authority_name, ''), records.event_on, records.ended_on, records.fine_amount,
    coalesce(states.severity, ''), coalesce(states.severity_rule, ''), coalesce(severities.basis, ''),
    coalesce(states.publicity_rule, ''), coalesce(publicity.basis, ''), states.repairable_on, states.publicity_until,
    states.state, coalesce(words.title, ''), states.state_on, coalesce(states.case_no, ''), coalesce(states.objection_case_no, ''),
    coalesce(records.subject_id, ''), ` + correctionColumns + `,
    records.dataset, coalesce(batches.department, ''), records.batch_id, coalesce(batches.extract_name, ''), records.line
from intermediate.records as records
inner join intermediate.record_states as states on states.record_id = records.record_id
left join rules.record_states as words on words.state = states.state
left join rules.penalty_severity as severities on severities.rule_id = states.severity_rule
left join rules.publicity_periods as publicity on publicity.rule_id = states.publicity_rule
left join intermediate.corrections as corrections on corrections.correction_no = records.correction_no
left join run.batches as batches on batches.dataset = records.dataset and batches.batch_id = records.batch_id
where `

func scanRecord(rows *sql.Rows, r *Record) (err error) {
	var correction Correction
	places := []any{&r.RecordID, &r.Category, &r.Kind, &r.Detail, &r.DocumentNo, &r.AuthorityName, into(&r.EventOn), into(&r.EndedOn), &r.FineAmount,
		&r.Severity, &r.SeverityRule, &r.SeverityBasis, &r.PublicityRule, &r.PublicityBasis, into(&r.RepairableOn), into(&r.PublicityUntil),
		&r.State, &r.StateTitle, into(&r.StateOn), &r.CaseNo, &r.ObjectionCaseNo, &r.StatedID}
	if err = rows.Scan(slices.Concat(places, correction.places(), r.Source.places())...); err != nil {
		return err
	}
	r.Correction = correction.orNone()
	if r.State == "unattached" {
		r.StatedID = credit.MaskIDs(r.StatedID)
	} else {
		r.StatedID = ""
	}
	if r.StateTitle == "" { // a reason must not be guessed
		return fmt.Errorf("record %s: record state %q is not known", r.RecordID, r.State)
	}
	return nil
}

// originsQuery reads the rows of every origin that name the subject, $1.
func originsQuery() string {
	parts := make([]string, 0, len(origins()))
	for _, o := range origins() {
		category, dataset := o.source()
		parts = append(parts, fmt.Sprintf(`select record_id, %s as category, %s as kind, %s as document_no, %s as authority_name,
    cast(%s as date) as event_on, cast(%s as date) as ended_on, sent_subject_id, correction_no, %s as dataset, batch_id, line
from %s where subject_id = $1`,
			category, text(o.kind), text(o.documentNo), text(o.authority),
			null(o.eventOn), null(o.endedOn), dataset, o.table))
	}
	return `select records.record_id, records.category, records.kind, records.document_no, records.authority_name, records.event_on, records.ended_on,
    ` + correctionColumns + `,
    records.dataset, coalesce(batches.department, ''), records.batch_id, coalesce(batches.extract_name, ''), records.line
from (` + strings.Join(parts, "\nunion all\n") + `) as records
left join intermediate.corrections as corrections on corrections.correction_no = records.correction_no
left join run.batches as batches on batches.dataset = records.dataset and batches.batch_id = records.batch_id`
}

func text(expr string) string {
	if expr == "" {
		return "''"
	}
	return "coalesce(cast(" + expr + " as varchar), '')"
}

func null(expr string) string {
	if expr == "" {
		return "null"
	}
	return expr
}

func scanOrigin(rows *sql.Rows, r *Record) error {
	var correction Correction
	places := []any{&r.RecordID, &r.Category, &r.Kind, &r.DocumentNo, &r.AuthorityName, into(&r.EventOn), into(&r.EndedOn)}
	err := rows.Scan(slices.Concat(places, correction.places(), r.Source.places())...)
	r.Correction = correction.orNone()
	return err
}

func (s *Source) places() []any {
	return []any{&s.Dataset, &s.Department, &s.BatchID, &s.ExtractName, &s.Line}
}

// load fills rd.records and returns the subject's records of conduct.
func (rd *reader) load(ctx context.Context) ([]Record, error) {
	own, err := collect(ctx, rd.db, "records", recordQuery+"records.subject_id = $1 and states.subject_id = $1", scanRecord, rd.subject)
	if err != nil {
		return nil, err
	}
	cited, err := collect(ctx, rd.db, "cited rows", originsQuery(), scanOrigin, rd.subject)
	if err != nil {
		return nil, err
	}
	rd.records = make(map[string]Record, len(own)+len(cited))
	for _, list := range [][]Record{cited, own} {
		for _, r := range list {
			if other, ok := rd.records[r.RecordID]; ok {
				return nil, fmt.Errorf("record %s stands in %s and in %s: %w", r.RecordID, other.Source.Dataset, r.Source.Dataset, ErrEvidence)
			}
			rd.records[r.RecordID] = r
		}
	}
	return own, nil
}

// unattached are records that bear the subject's name under a code nobody has.
// They count for nobody, and a name alone attaches nothing; but who asks should
// learn of them.
func (rd *reader) unattached(ctx context.Context, name string) ([]Record, error) {
	return collect(ctx, rd.db, "unattached records", recordQuery+"states.state = 'unattached' and records.subject_name = ?", scanRecord, name)
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
