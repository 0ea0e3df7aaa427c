package workbook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
)

// listOrder is total within a department and division: scheme and subject are
// the rest of the table's grain. Rows that left have no class.
const listOrder = "supervision_class desc nulls last, scheme, subject_id"

// listColumns are what an inspector needs, in the order of reading: who, what
// to do, why, and what changed.
func listColumns() []column {
	return []column{
		{"统一社会信用代码", 21}, {"企业名称", 36}, {"区划", 10}, {"行业", 26},
		{"监管类别", 18}, {"抽查比例", 9}, {"抽查频次", 24},
		{"公共信用等级", 10}, {"公共评价日期", 12}, {"行业评价", 20}, {"行业等级", 10}, {"行业评价日期", 12},
		{"理由一", 44}, {"理由二", 36}, {"理由三", 36}, {"理由四", 36}, {"记录数", 8},
		{"上期类别", 18}, {"变动", 8}, {"备注标记", 18}, {"行校验码", 16},
	}
}

// listQuery gives one row as listed scans it. Days come as text.
const listQuery = `select
	coalesce(supervision_class, 0), coalesce(previous_class, 0), change, coalesce(is_marked, false), coalesce(is_conflict, false),
	publication_range, scheme_title,
	subject_id, subject_name, coalesce(division_name, division_code),
	concat_ws(' ', industry_code, industry_name),
	coalesce(class_title, ''), coalesce(check_ratio_bp, 0), coalesce(frequency, ''),
	coalesce(public_grade, ''), coalesce(cast(public_evaluated_on as varchar), ''),
	coalesce(industry_grade, ''), coalesce(cast(industry_evaluated_on as varchar), ''),
	coalesce(reason_1, ''), coalesce(reason_2, ''), coalesce(reason_3, ''), coalesce(reason_4, ''),
	evidence_count, row_hash
from read_parquet(%s) order by %s`

// listed is one row of a list as it is read. A class of 0 is none.
type listed struct {
	class, previous              int64
	change                       string
	isMarked, isConflict         bool
	publicationRange, scheme     string
	id, name, division, industry string
	classTitle                   string
	ratio                        int64
	frequency                    string
	publicGrade, publicOn        string
	industryGrade, industryOn    string
	reasons                      [4]string
	evidence                     int64
	hash                         string
}

func (l *listed) fields() []any {
	return []any{
		&l.class, &l.previous, &l.change, &l.isMarked, &l.isConflict, &l.publicationRange, &l.scheme,
		&l.id, &l.name, &l.division, &l.industry, &l.classTitle, &l.ratio, &l.frequency,
		&l.publicGrade, &l.publicOn, &l.industryGrade, &l.industryOn,
		&l.reasons[0], &l.reasons[1], &l.reasons[2], &l.reasons[3], &l.evidence, &l.hash,
	}
}

// left tells a subject that is on the list no more.
func (l *listed) left() bool { return l.change == "left" }

// cells are the values of listColumns.
func (l *listed) cells(titles map[int64]string) ([]any, error) {
	change, err := changeName(l.change)
	if err != nil {
		return nil, fmt.Errorf("subject %s: %w", l.id, err)
	}
	ratio, public, industry := "", "", ""
	if !l.left() {
		ratio, industry = percent(l.ratio), l.industryGrade
		grade, err := credit.ParsePublicGrade(l.publicGrade)
		if err != nil {
			return nil, fmt.Errorf("subject %s: %w", l.id, err)
		}
		public = string(grade)
		if grade == credit.NotEvaluated {
			public = grade.Name()
		}
		if industry == "" {
			industry = credit.NotEvaluated.Name()
		}
	}
	return []any{
		l.id, l.name, l.division, l.industry, l.classTitle, ratio, l.frequency,
		public, l.publicOn, l.scheme, industry, l.industryOn,
		l.reasons[0], l.reasons[1], l.reasons[2], l.reasons[3], l.evidence,
		titles[l.previous], change, l.marks(), l.hash,
	}, nil
}

// marks tells what a person must look at before acting on the row.
func (l *listed) marks() string {
	var marks []string
	if l.isMarked {
		marks = append(marks, "异议中")
	}
	if l.isConflict {
		marks = append(marks, "数据冲突")
	}
	return strings.Join(marks, "、")
}

func changeName(code string) (string, error) {
	switch code {
	case "new":
		return "新增", nil
	case "up":
		return "从严", nil
	case "down":
		return "放宽", nil
	case "same":
		return "不变", nil
	case "left":
		return "移出", nil
	}
	return "", fmt.Errorf("change %q is not known", code)
}

// tally is what 说明 says about the rows of a list.
type tally struct {
	classes map[int64]int64
	changes map[string]int64
	ranges  map[string]bool // publication ranges, as in the table
	schemes map[string]bool // titles
	digest  string
}

// rows reads the rows of a list once and puts each on the sheet of its class
// and, when it changed, on that of changes. With no run before there is no
// change: everything would be new.
func (x *listExport) rows(ctx context.Context, parquet string, sheets map[int64]*table, changes *table) (*tally, error) {
	titles := map[int64]string{0: ""}
	for _, t := range x.tiers {
		titles[t.class] = t.title
	}
	rows, err := x.db.Query(ctx, fmt.Sprintf(listQuery, engine.Quote(parquet), listOrder))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := &tally{map[int64]int64{}, map[string]int64{}, map[string]bool{}, map[string]bool{}, ""}
	var hashes []string
	var l listed
	fields := l.fields()
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		cells, err := l.cells(titles)
		if err != nil {
			return nil, err
		}
		if !l.left() {
			sheet, ok := sheets[l.class]
			if !ok {
				return nil, fmt.Errorf("subject %s: supervision class %d is not in rules.tiers", l.id, l.class)
			}
			if err := sheet.row(cells...); err != nil {
				return nil, err
			}
		}
		if x.head.previous != "" && l.change != "same" {
			if err := changes.row(cells...); err != nil {
				return nil, err
			}
		}
		found.count(&l)
		hashes = append(hashes, l.hash)
	}
	found.digest = listDigest(hashes)
	return found, rows.Err()
}

func (t *tally) count(l *listed) {
	if !l.left() {
		t.classes[l.class]++
	}
	t.changes[l.change]++
	t.ranges[l.publicationRange] = true
	t.schemes[l.scheme] = true
}

// listDigest is SHA-256 over the row checks in ascending order, each followed
// by a line feed. It sorts them in place.
func listDigest(hashes []string) string {
	slices.Sort(hashes)
	h := sha256.New()
	for _, each := range hashes {
		h.Write([]byte(each))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}
