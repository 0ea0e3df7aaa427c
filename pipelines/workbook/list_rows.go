package workbook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"rongxin/warehouse/engine"
)

// listOrder is total within a department and division: scheme and subject are
// the rest of the table's grain. Rows that left have no class.
const listOrder = "supervision_class desc nulls last, scheme, subject_id"

// pageRows is how many rows are read at a time. While they are written another
// list has the engine.
const pageRows = 10_000

// listQuery gives rows as listed scans them, in the order of the file. Days come
// as text.
const listQuery = `select
	coalesce(supervision_class, 0), coalesce(previous_class, 0), change, coalesce(is_marked, false), coalesce(is_conflict, false),
	publication_range, period, department, scheme, scheme_title, subject_id_type,
	subject_id, subject_name, division_code, coalesce(division_name, division_code),
	coalesce(industry_code, ''), concat_ws(' ', industry_code, industry_name),
	coalesce(class_title, ''), coalesce(class_codes, ''), coalesce(plan, ''), coalesce(quota_id, ''),
	coalesce(check_ratio_bp, 0), coalesce(max_checks, 0), coalesce(frequency, ''),
	coalesce(public_grade, ''), coalesce(cast(public_evaluated_on as varchar), ''), coalesce(public_batch, ''),
	coalesce(industry_scheme_title, ''), coalesce(industry_grade, ''), coalesce(cast(industry_evaluated_on as varchar), ''),
	coalesce(risk_class, ''), coalesce(cast(risk_classified_on as varchar), ''),
	coalesce(reason_1, ''), coalesce(reason_2, ''), coalesce(reason_3, ''), coalesce(reason_4, ''),
	evidence_count, row_hash
from read_parquet(%s, file_row_number = true)
where file_row_number >= %d and file_row_number < %d
order by file_row_number`

// listed is one row of a list as it is read. A class of 0 is none.
type listed struct {
	class, previous                           int64
	change                                    string
	isMarked, isConflict                      bool
	publicationRange                          string
	period, department, scheme, schemeTitle   string
	idType, id, name                          string
	divisionCode, division                    string
	industryCode, industry                    string
	classTitle, codes, plan, quota            string
	ratio, maxChecks                          int64
	frequency                                 string
	publicGrade, publicOn, publicBatch        string
	industryScheme, industryGrade, industryOn string
	risk, riskOn                              string
	reasons                                   [4]string
	evidence                                  int64
	hash                                      string

	// by resolve
	changeText, rangeText, previousTitle string
	ratioText, publicText, industryText  string
	check                                string
}

func (l *listed) fields() []any {
	return []any{
		&l.class, &l.previous, &l.change, &l.isMarked, &l.isConflict,
		&l.publicationRange, &l.period, &l.department, &l.scheme, &l.schemeTitle, &l.idType,
		&l.id, &l.name, &l.divisionCode, &l.division, &l.industryCode, &l.industry,
		&l.classTitle, &l.codes, &l.plan, &l.quota, &l.ratio, &l.maxChecks, &l.frequency,
		&l.publicGrade, &l.publicOn, &l.publicBatch, &l.industryScheme, &l.industryGrade, &l.industryOn,
		&l.risk, &l.riskOn, &l.reasons[0], &l.reasons[1], &l.reasons[2], &l.reasons[3], &l.evidence, &l.hash,
	}
}

// left tells a subject that is on the list no more.
func (l *listed) left() bool { return l.change == "left" }

// tally is what 说明 says about the rows of a list.
type tally struct {
	classes map[int64]int64
	quotas  map[quotaKey]int64
	changes map[string]int64
	ranges  map[string]bool // publication ranges, as in the table
	schemes map[string]bool // titles
	periods map[string]bool
	digest  string
}

// quotaKey names a line of an inspection plan.
type quotaKey struct{ plan, id string }

// sinks are where the rows of a list go.
type sinks struct {
	classes map[int64]*form
	changes *form
	csv     *csvFile
}

// rows reads the rows of a list once and puts each on the sheet of its class
// and, when it changed, on that of changes, and all into the CSV file. With no
// run before there is no change: everything would be new.
func (x *listExport) rows(ctx context.Context, parquet string, to sinks) (*tally, error) {
	titles := map[int64]string{0: ""}
	for _, t := range x.tiers {
		titles[t.class] = t.title
	}
	found := &tally{map[int64]int64{}, map[quotaKey]int64{}, map[string]int64{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, ""}
	var checks []string
	page := make([]listed, 0, pageRows)
	for from, more := 0, true; more; from += pageRows {
		var err error
		if page, err = x.page(ctx, parquet, from, page[:0]); err != nil {
			return nil, err
		}
		for i := range page {
			l := &page[i]
			if err := l.resolve(x, titles); err != nil {
				return nil, err
			}
			if err := x.put(l, to); err != nil {
				return nil, err
			}
			found.count(l)
			checks = append(checks, l.check)
		}
		more = len(page) == pageRows
	}
	found.digest = listDigest(checks)
	return found, nil
}

// page appends pageRows rows, or as many as are left.
func (x *listExport) page(ctx context.Context, parquet string, from int, page []listed) ([]listed, error) {
	rows, err := x.db.Query(ctx, fmt.Sprintf(listQuery, engine.Quote(parquet), from, from+pageRows))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var l listed
	fields := l.fields()
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		page = append(page, l)
	}
	return page, rows.Err()
}

func (x *listExport) put(l *listed, to sinks) error {
	if !l.left() {
		sheet, ok := to.classes[l.class]
		if !ok {
			return fmt.Errorf("subject %s: supervision class %d is not in rules.tiers", l.id, l.class)
		}
		if err := sheet.put(l); err != nil {
			return err
		}
	}
	if x.head.previous != "" && l.change != "same" {
		if err := to.changes.put(l); err != nil {
			return err
		}
	}
	return to.csv.put(l)
}

func (t *tally) count(l *listed) {
	if !l.left() {
		t.classes[l.class]++
		t.quotas[quotaKey{l.plan, l.quota}]++
	}
	t.changes[l.change]++
	t.ranges[l.publicationRange] = true
	t.schemes[l.schemeTitle] = true
	t.periods[l.period] = true
}

// listDigest is SHA-256 over the row checks in ascending order, each followed
// by a line feed. It sorts them in place.
func listDigest(checks []string) string {
	slices.Sort(checks)
	h := sha256.New()
	for _, each := range checks {
		h.Write([]byte(each))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}
