package draw

import (
	"strconv"
	"strings"
)

// separator stands between the values of one field.
const separator = "、"

// An Assigned is one inspector of one object, as a row.
type Assigned struct {
	SubjectID, SubjectName string
	Member
}

// A Short is one shortage of one object, as a row.
type Short struct {
	SubjectID, SubjectName, Division string
	Shortage
}

// An Item is what is looked at.
type Item struct {
	ID, Name, Kind, Department, Basis, Qualification string
}

var roleNames = map[string]string{InspectorRole: "检查", SpareRole: "替补"}

// The tables of an assignment.
var (
	InspectorTable = Table[Inspector]{
		[]string{"执法证号", "执法区域", "检查资格"},
		func(i Inspector) []string {
			return []string{i.ID, i.Division, strings.Join(i.Qualifications, separator)}
		},
		func(f fields) Inspector { return Inspector{f.text[0], f.text[1], Values(f.text[2])} },
	}

	ConflictTable = Table[Conflict]{
		[]string{"执法证号", "统一社会信用代码", "回避代码", "回避原因"},
		func(c Conflict) []string { return []string{c.InspectorID, c.SubjectID, c.Code, c.Reason} },
		func(f fields) Conflict { return Conflict{f.text[0], f.text[1], f.text[2], f.text[3]} },
	}

	ItemTable = Table[Item]{
		[]string{"事项编号", "事项名称", "事项类别", "检查部门", "检查依据", "所需资格"},
		func(i Item) []string {
			return []string{i.ID, i.Name, i.Kind, i.Department, i.Basis, i.Qualification}
		},
		func(f fields) Item { return Item{f.text[0], f.text[1], f.text[2], f.text[3], f.text[4], f.text[5]} },
	}

	AssignmentTable = Table[Assigned]{
		[]string{"统一社会信用代码", "企业名称", "角色", "次序", "执法证号", "排序值"},
		func(a Assigned) []string {
			return []string{a.SubjectID, a.SubjectName, roleNames[a.Role], strconv.Itoa(a.Place), a.InspectorID, a.Key}
		},
		func(f fields) Assigned {
			return Assigned{f.text[0], f.text[1], Member{f.role(2), int(f.number(3)), f.text[4], f.text[5]}}
		},
	}

	ShortageTable = Table[Short]{
		[]string{"统一社会信用代码", "企业名称", "区划代码", "缺少", "应派", "可派", "原因"},
		func(s Short) []string {
			return []string{s.SubjectID, s.SubjectName, s.Division, roleNames[s.Role], strconv.Itoa(s.Wanted), strconv.Itoa(s.Found), s.Reason}
		},
		func(f fields) Short {
			return Short{f.text[0], f.text[1], f.text[2], Shortage{f.role(3), int(f.number(4)), int(f.number(5)), f.text[6]}}
		},
	}
)

// Values splits a field of several values.
func Values(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, separator)
}

func (f fields) role(i int) string { return f.oneOf(i, roleNames) }
