package credit

import (
	"cmp"
	_ "embed"
	"slices"
	"sync"
)

//go:embed data/divisions.csv
var divisionTable string

//go:embed data/division_history.csv
var divisionHistory string

// DivisionLevel is the rank of a division.
type DivisionLevel string

// The levels. LevelCountry has one member, 100000, under which bodies are
// registered that no province registers.
const (
	LevelCountry  DivisionLevel = "country"
	LevelProvince DivisionLevel = "province"
	LevelCity     DivisionLevel = "city"
	LevelCounty   DivisionLevel = "county"
)

// Fuzhou is the division code of 福州市.
const Fuzhou = "350100"

// Division is an administrative division (GB/T 2260) down to the county. A
// credit code keeps the division of the day it was issued, so abolished
// divisions stay in the table and name the one that took their place.
type Division struct {
	Code, Name, Parent string
	Level              DivisionLevel
	ValidFrom          Date   // first day in force; zero: before 2015 or not known
	ValidTo            Date   // first day no longer in force; zero: in force, or the day is not known
	Successor          string // empty while in force
}

// Current reports whether the division still exists.
func (d Division) Current() bool { return d.Successor == "" }

// Divisions returns all divisions, abolished ones included, by ascending code.
func Divisions() []Division { return slices.Clone(divisions().all) }

// FindDivision returns the division with a six-digit code, existing or
// abolished.
func FindDivision(code string) (Division, bool) {
	d, ok := divisions().byCode[code]
	return d, ok
}

// CurrentDivision returns the code under which a division is found today: its
// own, or for an abolished one that of its successor (350112 for 350182). It
// returns "" for an unknown code.
func CurrentDivision(code string) string {
	d, ok := FindDivision(code)
	for ok && !d.Current() {
		d, ok = FindDivision(d.Successor)
	}
	if !ok {
		return ""
	}
	return d.Code
}

// FuzhouDivisions returns the 13 county-level divisions of Fuzhou, by code.
// 高新区 has no code of its own and is not among them.
func FuzhouDivisions() []Division {
	var in []Division
	for _, d := range divisions().all {
		if d.Parent == Fuzhou && d.Current() {
			in = append(in, d)
		}
	}
	return in
}

type divisionIndex struct {
	all    []Division
	byCode map[string]Division
}

var divisions = sync.OnceValue(func() divisionIndex {
	byCode := map[string]Division{}
	for _, row := range mustTable("divisions.csv", divisionTable, 3) {
		if _, again := byCode[row[0]]; again {
			continue // a city without counties stands a second time as its own county
		}
		byCode[row[0]] = Division{Code: row[0], Name: row[1], Level: DivisionLevel(row[2])}
	}
	for _, row := range mustTable("division_history.csv", divisionHistory, 7) {
		byCode[row[0]] = Division{
			Code: row[0], Name: row[1], Level: DivisionLevel(row[2]),
			ValidFrom: mustDay(row[3]), ValidTo: mustDay(row[4]), Successor: row[5],
		}
	}
	index := divisionIndex{byCode: byCode}
	for code, d := range byCode {
		d.Parent = parentDivision(byCode, d)
		byCode[code] = d
		index.all = append(index.all, d)
	}
	slices.SortFunc(index.all, func(a, b Division) int { return cmp.Compare(a.Code, b.Code) })
	return index
})

// parentDivision reads the parent off the code: two digits of province, two of
// city, two of county.
func parentDivision(byCode map[string]Division, d Division) string {
	city, province := d.Code[:4]+"00", d.Code[:2]+"0000"
	switch d.Level {
	case LevelCounty:
		if _, ok := byCode[city]; ok && city != d.Code {
			return city
		}
		return province
	case LevelCity:
		return province
	}
	return ""
}
