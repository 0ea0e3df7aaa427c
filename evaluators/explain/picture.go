package explain

import (
	"cmp"
	"fmt"
	"slices"
)

// A picture shows how the class came about: the matrix of public grade and
// industry level with the subject's own cell, then the overrides, then the
// class. Text says the same for who cannot see it.
type picture struct {
	Text       string
	Columns    []cell
	Rows       []cell
	Cells      []cell
	Override   string
	OverrideBy []cell // what it means, in lines
	Class      string
}

// A cell is a place in the drawing; Class styles it.
type cell struct {
	X, Y, TextX, TextY int
	Text, Class        string
}

// Size of a cell of the matrix and where the matrix begins; where the meaning of
// an override is written, and how many signs a line has.
const (
	cellWidth, cellHeight            = 46, 30
	matrixX, matrixY                 = 92, 60
	overrideX, overrideY, lineHeight = 447, 142, 17
	lineLength                       = 11
)

// wrap cuts a text into lines of so many signs.
func wrap(text string, length int) (lines []string) {
	for signs := []rune(text); len(signs) > 0; {
		n := min(length, len(signs))
		lines = append(lines, string(signs[:n]))
		signs = signs[n:]
	}
	return lines
}

var pictureGrades = []string{"A", "B", "C", "D", string(notEvaluated)}

func pictureOf(e *Explanation) picture {
	p := picture{Class: className(e.Outcome), Override: "没有"}
	meaning := "类别不变"
	level, industry := int64(0), "无行业评价结果"
	if i := slices.IndexFunc(e.Schemes, func(s Scheme) bool { return s.Scheme == e.Outcome.DecidingScheme }); i >= 0 && e.Schemes[i].IndustryLevel != nil {
		level = *e.Schemes[i].IndustryLevel
		industry = fmt.Sprintf("%s %s（%d 级）", e.Schemes[i].Title, e.Schemes[i].Grade, level)
	}
	for i, name := range []string{"1级", "2级", "3级", "4级", "无"} {
		own := int64(i+1)%5 == level
		p.Columns = append(p.Columns, place(i, -1, name, mark(own, "own")))
		for k, grade := range pictureGrades {
			text, style := "", ""
			for _, m := range e.Matrix {
				if m.PublicGrade == grade && m.IndustryLevel == int64(i+1)%5 {
					text, style = fmt.Sprint(m.Class), fmt.Sprintf("c%d", m.Class)
				}
			}
			p.Cells = append(p.Cells, place(i, k, text, style+mark(own && grade == e.Public.Grade, " own")))
		}
	}
	for k, grade := range pictureGrades {
		p.Rows = append(p.Rows, place(-1, k, gradeName(grade), mark(grade == e.Public.Grade, "own")))
	}
	for _, o := range e.Outcome.Overrides {
		if o.Decides || o.Effect == "out" {
			p.Override, meaning = o.OverrideCode, o.Meaning
		}
	}
	for i, line := range wrap(meaning, lineLength) {
		p.OverrideBy = append(p.OverrideBy, cell{TextX: overrideX, TextY: overrideY + i*lineHeight, Text: line})
	}
	p.Text = fmt.Sprintf("公共信用等级%s，行业评价：%s；叠加矩阵得%s；特别规则：%s，%s；监管类别：%s",
		gradeName(e.Public.Grade), industry, either(e.Outcome.MatrixClassTitle, "—"), p.Override, meaning, p.Class)
	return p
}

func mark(is bool, style string) string {
	if is {
		return style
	}
	return ""
}

func place(column, row int, text, style string) cell {
	x, y := matrixX+column*cellWidth, matrixY+row*cellHeight
	return cell{x, y, x + cellWidth/2, y + cellHeight/2 + 5, text, style}
}

// MatrixCell is the class that the overlay crosses of a public grade and an
// industry level, 0 for no result.
type MatrixCell struct {
	PublicGrade   string `json:"public_grade"`
	IndustryLevel int64  `json:"industry_level"`
	Class         int64  `json:"supervision_class"`
}

func byGrade(a, b MatrixCell) int {
	return cmp.Or(cmp.Compare(slices.Index(pictureGrades, a.PublicGrade), slices.Index(pictureGrades, b.PublicGrade)), cmp.Compare(a.IndustryLevel, b.IndustryLevel))
}
