package screening

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
)

// A Question is who asks about which list of parties, of which run.
type Question struct {
	Run, AsOf           string // the published run, and its day
	Department, Purpose string
	SHA256              string // of the file
}

// Number names the question: the same list, asked for the same purpose of the
// same run, is one question however often it is put.
func (q Question) Number() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{q.Run, q.Department, q.Purpose, q.SHA256}, "\x00")))
	return "BD-" + strings.ReplaceAll(q.AsOf, "-", "") + "-" + hex.EncodeToString(sum[:4])
}

// A Hit is one party on one severe list.
type Hit struct {
	No             string    `json:"hit_no"`
	Line           int64     `json:"line"` // of the department's file
	SubjectID      string    `json:"subject_id"`
	SubjectName    string    `json:"subject_name"`    // as the department wrote it
	RegisteredName string    `json:"registered_name"` // empty where the list alone knows the code
	Business       string    `json:"business"`
	List           string    `json:"list"`
	DocumentNo     string    `json:"document_no"`
	Authority      string    `json:"authority"`
	ListedOn       string    `json:"listed_on"`
	Until          string    `json:"until"` // empty: until the authority removes it
	Basis          string    `json:"basis"`
	Objection      string    `json:"objection"` // number of a case that is pending
	Measures       []Measure `json:"measures"`  // that may be considered
}

// A Measure is one that the law of a list names.
type Measure struct {
	ID    string `json:"measure_id"`
	Title string `json:"title"`
	By    string `json:"applied_by"`
	Basis string `json:"basis"`
}

// A Refused row of the list could not be compared.
type Refused struct {
	Line     int64  `json:"line"`
	Field    string `json:"field"`
	Reason   string `json:"reason"`
	Detail   string `json:"detail"`
	Original string `json:"original"` // masked
}

// Tables are what [Match] reads of a run.
func Tables() []string {
	return []string{"marts.records_in_force", "intermediate.record_states", "intermediate.subjects",
		"rules.publicity_periods", "rules.severe_lists", "rules.measures"}
}

// Match compares the parties of a landed batch, in its directory, with the lists
// in force in the run on db. Hits are in the order of the list, its lines, and of
// the lists' names.
func Match(ctx context.Context, db *engine.DB, batch, number string) ([]Hit, error) {
	measures, err := measuresOf(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `
		select parties.line, parties.subject_id, coalesce(parties.subject_name, ''), coalesce(subjects.subject_name, ''), coalesce(parties.business, ''),
			listed.category, coalesce(listed.document_no, ''), coalesce(listed.authority_name, ''), cast(listed.event_on as varchar),
			coalesce(cast(listed.publicity_until as varchar), ''), coalesce(periods.basis, ''), coalesce(listed.objection_case_no, '')
		from read_parquet(`+engine.Quote(filepath.Join(batch, landing.RecordsName))+`) as parties
		inner join marts.records_in_force as listed on listed.subject_id = parties.subject_id
		inner join rules.severe_lists as lists on lists.record_group = listed.record_group and lists.list = listed.category
		inner join intermediate.record_states as states on states.record_id = listed.record_id
		left join rules.publicity_periods as periods on periods.rule_id = states.publicity_rule
		left join intermediate.subjects as subjects on subjects.subject_id = parties.subject_id
		order by parties.line, listed.category, listed.event_on, listed.record_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	hits := []Hit{}
	for rows.Next() {
		var h Hit
		err := rows.Scan(&h.Line, &h.SubjectID, &h.SubjectName, &h.RegisteredName, &h.Business, &h.List, &h.DocumentNo, &h.Authority,
			&h.ListedOn, &h.Until, &h.Basis, &h.Objection)
		if err != nil {
			return nil, err
		}
		h.No, h.Measures = fmt.Sprintf("%s-%04d", number, len(hits)+1), measures[h.List]
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

func measuresOf(ctx context.Context, db *engine.DB) (map[string][]Measure, error) {
	rows, err := db.Query(ctx, `select trigger_value, measure_id, title, applied_by, basis from rules.measures
		where trigger_kind = 'severe_list' order by trigger_value, measure_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	measures := map[string][]Measure{}
	for rows.Next() {
		var list string
		var m Measure
		if err := rows.Scan(&list, &m.ID, &m.Title, &m.By, &m.Basis); err != nil {
			return nil, err
		}
		measures[list] = append(measures[list], m)
	}
	return measures, rows.Err()
}

// NotCompared are the rows of a landed batch that its contract refused.
func NotCompared(ctx context.Context, db *engine.DB, batch string) ([]Refused, error) {
	rows, err := db.Query(ctx, `select line, coalesce(field, ''), reason, coalesce(detail, ''), coalesce(original, '')
		from read_parquet(`+engine.Quote(filepath.Join(batch, landing.RejectsName))+`) order by line, field, reason`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	refused := []Refused{}
	for rows.Next() {
		var r Refused
		if err := rows.Scan(&r.Line, &r.Field, &r.Reason, &r.Detail, &r.Original); err != nil {
			return nil, err
		}
		refused = append(refused, r)
	}
	return refused, rows.Err()
}
