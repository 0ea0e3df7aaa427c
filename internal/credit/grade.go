package credit

import (
	"fmt"
	"strings"
)

// PublicGrade is the result of 公共信用综合评价, which the national platform
// computes and hands down. It is imported, never computed here; A to D follow
// 国办发〔2026〕8号 and GB/T 45255-2025.
type PublicGrade string

// The grades from best to worst. NotEvaluated says that no result exists, for
// example for a new enterprise. It is a value of its own and no grade: it
// must never be read as the worst, nor as the best.
const (
	GradeA       PublicGrade = "A" // 优
	GradeB       PublicGrade = "B" // 良
	GradeC       PublicGrade = "C" // 中
	GradeD       PublicGrade = "D" // 差
	NotEvaluated PublicGrade = "not_evaluated"
)

// ParsePublicGrade reads A to D in either width and case, 优 良 中 差, and for
// no result 未评价 or not_evaluated. Anything else, an empty text too, is an
// error: an unknown grade must not slip in as some default.
func ParsePublicGrade(s string) (PublicGrade, error) {
	switch strings.ToUpper(halfWidth(strings.TrimSpace(s))) {
	case "A", "优":
		return GradeA, nil
	case "B", "良":
		return GradeB, nil
	case "C", "中":
		return GradeC, nil
	case "D", "差":
		return GradeD, nil
	case "未评价", "NOT_EVALUATED":
		return NotEvaluated, nil
	}
	return "", fmt.Errorf("public grade %.20q: want A, B, C, D, 优, 良, 中, 差 or 未评价", s)
}

// Name returns the Chinese word for the grade, or the text itself when it is
// not one of the five.
func (g PublicGrade) Name() string {
	switch g {
	case GradeA:
		return "优"
	case GradeB:
		return "良"
	case GradeC:
		return "中"
	case GradeD:
		return "差"
	case NotEvaluated:
		return "未评价"
	}
	return string(g)
}

// Level returns 1 for A to 4 for D and Unranked for everything else.
func (g PublicGrade) Level() Level {
	switch g {
	case GradeA:
		return 1
	case GradeB:
		return 2
	case GradeC:
		return 3
	case GradeD:
		return 4
	}
	return Unranked
}

// Level is the common ordinal scale 1 (best) to 4 (worst) onto which each
// industry scheme maps its own grades, because the letters of two schemes do
// not mean the same: A is the lowest risk in food and C the worst in labour.
type Level int

// Unranked is the level of a grade without rank, or of no evaluation.
const Unranked Level = 0

// Valid reports whether l is one of 1 to 4. Unranked is not.
func (l Level) Valid() bool { return l >= 1 && l <= 4 }

// SupervisionClass is the outcome of the overlay, 1 (lightest supervision) to
// 4 (strictest). It says how closely to look, and is neither the public grade
// nor the 企业信用风险分类 of market supervision.
type SupervisionClass int

// The four classes. Their names speak of supervision and not of risk (风险),
// a word that belongs to the risk classification of 国市监信发〔2022〕6号, a
// different axis that must not be renamed into this one.
const (
	ClassEased    SupervisionClass = 1
	ClassOrdinary SupervisionClass = 2
	ClassFocused  SupervisionClass = 3
	ClassStrict   SupervisionClass = 4
)

// Valid reports whether c is one of the four classes.
func (c SupervisionClass) Valid() bool { return c >= ClassEased && c <= ClassStrict }

// String returns the Chinese name that lists print.
func (c SupervisionClass) String() string {
	switch c {
	case ClassEased:
		return "一类（简化监管）"
	case ClassOrdinary:
		return "二类（常规监管）"
	case ClassFocused:
		return "三类（重点监管）"
	case ClassStrict:
		return "四类（严格监管）"
	}
	return fmt.Sprintf("未分类（%d）", int(c))
}
