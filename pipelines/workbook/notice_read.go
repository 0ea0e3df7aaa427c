package workbook

import (
	"context"
	"errors"
	"fmt"

	"rongxin/warehouse/engine"
)

// ErrNoDepartment says that neither the catalogue nor a batch names the
// department.
var ErrNoDepartment = errors.New("no such department in the catalogue or the run")

// NoticeTables are what [ReadNotice] reads of a run.
func NoticeTables() []string {
	return []string{"run.parameters", "run.batches", "ref.catalogue", "ref.divisions",
		"rules.quality_definition", "rules.quality_findings", "rules.quality_exceptions", "rules.quality_live_statuses",
		"rules.quality_measures", "marts.quality_monthly", "marts.quality_problems", "marts.code_quality",
		"marts.coverage", "marts.late_records"}
}

// ReadNotice reads the figures of a period from a run, for all departments or
// for one; the places are those among all. Months are those of receipt, and
// deliveries those whose deadline lies in the period. The register's stock is
// that of the run's day.
func ReadNotice(ctx context.Context, db *engine.DB, period Period, department string) (*Notice, error) {
	h, err := readHead(ctx, db)
	if err != nil {
		return nil, err
	}
	n := &Notice{RunID: h.runID, AsOf: h.asOf.String(), RuleSet: h.ruleSet, Period: period, departments: map[string]*Standing{}}
	r := noticeReader{ctx: ctx, db: db, n: n}
	for _, read := range []func() error{r.definition, r.measures, r.names, r.datasets, r.deliveries, r.register, r.late, r.problems} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	if department != "" && n.departments[department] == nil {
		return nil, fmt.Errorf("%s: %w", department, ErrNoDepartment)
	}
	n.rank()
	if department != "" {
		n.only(department)
	}
	for _, d := range n.Datasets {
		n.Total.add(d)
	}
	return n, n.sign()
}

func (t *DatasetQuality) add(d DatasetQuality) {
	t.Read, t.Accepted, t.Rejected, t.Mended = t.Read+d.Read, t.Accepted+d.Accepted, t.Rejected+d.Rejected, t.Mended+d.Mended
	t.WrongCodes, t.DuplicateCodes, t.CodeFaults = t.WrongCodes+d.WrongCodes, t.DuplicateCodes+d.DuplicateCodes, t.CodeFaults+d.CodeFaults
	t.Unattached, t.Clocked, t.Late = t.Unattached+d.Unattached, t.Clocked+d.Clocked, t.Late+d.Late
}

// noticeReader fills a notice, a table at a time.
type noticeReader struct {
	ctx context.Context
	db  *engine.DB
	n   *Notice
}

// each runs a query and scans every row into the targets before calling keep.
func (r noticeReader) each(query string, keep func(), targets ...any) error {
	rows, err := r.db.Query(r.ctx, query)
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("notice: %w", err)
		}
		keep()
	}
	return rows.Err()
}

// within is the condition that a month lies in the period.
func (r noticeReader) within(month string) string {
	where := "true"
	if from := r.n.Period.From; from != "" {
		where += fmt.Sprintf(" and %s >= %s", month, engine.Quote(from))
	}
	if to := r.n.Period.To; to != "" {
		where += fmt.Sprintf(" and %s <= %s", month, engine.Quote(to))
	}
	return where
}

func (r noticeReader) standing(department string) *Standing {
	s := r.n.departments[department]
	if s == nil {
		s = &Standing{Department: department, Figures: map[string]Figure{}}
		r.n.departments[department] = s
	}
	return s
}

func (r noticeReader) add(department, measure string, numerator, denominator int64) {
	f := r.standing(department).Figures
	f[measure] = Figure{Numerator: f[measure].Numerator + numerator, Denominator: f[measure].Denominator + denominator}
}

func (r noticeReader) definition() error {
	d := &r.n.Definition
	err := r.each(`select title, version, cast(effective_from as varchar), cast(coverage_from as varchar), owner, basis, trust
		from rules.quality_definition`, func() {}, &d.Title, &d.Version, &d.EffectiveFrom, &d.CoverageFrom, &d.Owner, &d.Basis, &d.Trust)
	if err != nil {
		return err
	}
	var f DefinedFinding
	err = r.each("select finding, measure, meaning, basis from rules.quality_findings order by measure desc, finding",
		func() { d.Counted = append(d.Counted, f) }, &f.Finding, &f.Measure, &f.Meaning, &f.Basis)
	if err != nil {
		return err
	}
	var exception [2]string
	err = r.each("select exception, min(meaning) from rules.quality_exceptions group by exception order by exception",
		func() { d.Exceptions = append(d.Exceptions, exception) }, &exception[0], &exception[1])
	if err != nil {
		return err
	}
	var status string
	return r.each("select registration_status from rules.quality_live_statuses order by 1",
		func() { d.Statuses = append(d.Statuses, status) }, &status)
}

func (r noticeReader) measures() error {
	var m Measure
	return r.each(`select measure, title, coalesce(numerator, ''), coalesce(denominator, ''), better, coalesce(goal, ''), goal_ppm, basis
		from rules.quality_measures order by position`,
		func() { r.n.Measures = append(r.n.Measures, m); m.GoalPPM = nil },
		&m.Name, &m.Title, &m.Numerator, &m.Denominator, &m.Better, &m.Goal, &m.GoalPPM, &m.Basis)
}

// names makes a standing of every department that has to send something, and
// notes the datasets of which nothing ever came.
func (r noticeReader) names() error {
	r.n.Missing = []string{}
	var dataset, department string
	var came bool
	return r.each(`select catalogue.dataset, catalogue.department, max(batches.batch_id) is not null
		from ref.catalogue as catalogue left join run.batches as batches on batches.dataset = catalogue.dataset
		group by catalogue.dataset, catalogue.department order by catalogue.dataset`,
		func() {
			r.standing(department)
			if !came {
				r.n.Missing = append(r.n.Missing, dataset)
			}
		}, &dataset, &department, &came)
}

func (r noticeReader) datasets() error {
	n := r.n
	n.Datasets, n.Timeliness, n.Unattached = []DatasetQuality{}, []DatasetShare{}, []DatasetShare{}
	var d DatasetQuality
	var attachable, publication, publicationLate, told, answered int64
	return r.each(`select m.dataset, m.department, min(b.title),
			cast(sum(rows_read) as bigint), cast(sum(rows_accepted) as bigint), cast(sum(rows_rejected) as bigint),
			cast(sum(wrong_code_rows) as bigint), cast(sum(duplicate_code_rows) as bigint), cast(sum(code_fault_rows) as bigint),
			cast(sum(unattached_rows) as bigint), cast(sum(clocked_rows) as bigint), cast(sum(late_rows) as bigint),
			cast(sum(attachable_rows) as bigint), cast(sum(publication_rows) as bigint), cast(sum(publication_late_rows) as bigint),
			cast(sum(mended_rows) as bigint), cast(sum(findings_told) as bigint), cast(sum(findings_answered) as bigint)
		from marts.quality_monthly as m
		left join (select dataset, min(title) as title from run.batches group by dataset) as b on b.dataset = m.dataset
		where `+r.within("m.month")+` group by m.dataset, m.department order by m.dataset, m.department`,
		func() {
			n.Datasets = append(n.Datasets, d)
			s := r.standing(d.Department)
			s.WrongCode, s.DuplicateCode = s.WrongCode+d.WrongCodes, s.DuplicateCode+d.DuplicateCodes
			r.add(d.Department, "code_faults", d.CodeFaults, d.Read)
			r.add(d.Department, "rejects", d.Rejected, d.Read)
			r.add(d.Department, "timeliness", publication-publicationLate, publication)
			r.add(d.Department, "unattached", d.Unattached, attachable)
			r.add(d.Department, "answered", answered, told)
			share := DatasetShare{Department: d.Department, Dataset: d.Dataset, Title: d.Title}
			if publication > 0 {
				share.Figure = Figure{Numerator: publication - publicationLate, Denominator: publication}
				n.Timeliness = append(n.Timeliness, share)
			}
			if attachable > 0 {
				share.Figure = Figure{Numerator: d.Unattached, Denominator: attachable}
				n.Unattached = append(n.Unattached, share)
			}
		}, &d.Dataset, &d.Department, &d.Title, &d.Read, &d.Accepted, &d.Rejected, &d.WrongCodes, &d.DuplicateCodes, &d.CodeFaults,
		&d.Unattached, &d.Clocked, &d.Late, &attachable, &publication, &publicationLate,
		&d.Mended, &told, &answered)
}

func (r noticeReader) deliveries() error {
	r.n.Coverage = []Delivery{}
	var d Delivery
	return r.each(`select department, dataset, title, period, cast(due_on as varchar), coalesce(cast(first_received_on as varchar), ''), state
		from marts.coverage where `+r.within("substr(cast(due_on as varchar), 1, 7)")+`
		order by department, dataset, due_on, period`,
		func() {
			r.n.Coverage = append(r.n.Coverage, d)
			switch d.State {
			case "received", "empty":
				r.add(d.Department, "coverage", 1, 1)
			case "late":
				r.add(d.Department, "coverage", 1, 1)
				r.standing(d.Department).LateDelivered++
			case "missing":
				r.add(d.Department, "coverage", 0, 1)
			}
		}, &d.Department, &d.Dataset, &d.Title, &d.Period, &d.DueOn, &d.ReceivedOn, &d.State)
}

// unknownDivision stands for rows and codes whose division nobody knows.
const unknownDivision = "000000"

func (r noticeReader) register() error {
	r.n.Divisions = []DivisionCodes{}
	var d DivisionCodes
	return r.each(`select coalesce(c.division_code, m.division_code), coalesce(v.division_name, '未知区划'),
			coalesce(live_codes, 0), coalesce(wrong_codes, 0), coalesce(duplicate_codes, 0), coalesce(faulty_codes, 0), coalesce(refused_codes, 0),
			coalesce(code_fault_rows, 0), coalesce(rows_read, 0)
		from marts.code_quality as c
		full join (select division_code, cast(sum(code_fault_rows) as bigint) as code_fault_rows, cast(sum(rows_read) as bigint) as rows_read
			from marts.quality_monthly where `+r.within("month")+` group by division_code) as m on m.division_code = c.division_code
		left join ref.divisions as v on v.division_code = coalesce(c.division_code, m.division_code)
		order by coalesce(c.division_code, m.division_code) = '`+unknownDivision+`', 1`,
		func() { r.n.Divisions = append(r.n.Divisions, d) },
		&d.Code, &d.Name, &d.Live, &d.Wrong, &d.Duplicate, &d.Faulty, &d.Refused, &d.FaultRows, &d.RowsRead)
}

func (r noticeReader) late() error {
	r.n.Late = []LateRecord{}
	var l LateRecord
	return r.each(`select department, dataset, coalesce(document_no, ''), cast(decided_on as varchar), coalesce(cast(deadline_on as varchar), ''),
			cast(reported_on as varchar), cast(working_days as bigint), batch_id, extract_name, line
		from marts.late_records where `+r.within("month")+`
		order by department, dataset, working_days desc, document_no, record_id`,
		func() { r.n.Late = append(r.n.Late, l) },
		&l.Department, &l.Dataset, &l.DocumentNo, &l.DecidedOn, &l.DeadlineOn, &l.ReportedOn, &l.WorkingDays, &l.BatchID, &l.File, &l.Line)
}

func (r noticeReader) problems() error {
	r.n.Problems = []Problem{}
	var p Problem
	return r.each(`select department, dataset, source, finding, cast(sum(rows_) as bigint), cast(sum(findings) as bigint)
		from marts.quality_problems where `+r.within("month")+`
		group by department, dataset, source, finding order by department, dataset, 5 desc, source, finding`,
		func() { r.n.Problems = append(r.n.Problems, p) },
		&p.Department, &p.Dataset, &p.Source, &p.Finding, &p.Rows, &p.Findings)
}
