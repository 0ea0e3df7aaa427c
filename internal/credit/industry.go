package credit

import (
	_ "embed"
	"slices"
	"strconv"
	"sync"
)

//go:embed data/gbt4754-2011.csv
var industryTable2011 string

//go:embed data/gbt4754-2017.csv
var industryTable2017 string

// Editions of GB/T 4754 at hand. More than two hundred four-digit codes mean
// something else in the other edition (0511 is 农业机械服务 in 2011 and
// 种子种苗培育活动 in 2017), so a code without its edition says nothing.
const (
	Industry2011 = 2011
	Industry2017 = 2017
)

// Industry is an entry of 国民经济行业分类: level 1 a section (门类, a letter),
// 2 a division (大类), 3 a group (中类), 4 a class (小类). Parent is the code of
// the entry above, empty for a section.
type Industry struct {
	Code, Name string
	Level      int
	Parent     string
}

// FindIndustry returns the entry of an edition, 2011 or 2017, with a code such
// as C, 33, 331 or 3311.
func FindIndustry(edition int, code string) (Industry, bool) {
	entry, ok := industries(edition).byCode[code]
	return entry, ok
}

// Industries returns all entries of an edition in the order of the standard,
// and nil for an unknown edition.
func Industries(edition int) []Industry { return slices.Clone(industries(edition).all) }

// IndustrySection returns the section letter above a code of an edition.
func IndustrySection(edition int, code string) (string, bool) {
	entry, ok := FindIndustry(edition, code)
	for ok && entry.Parent != "" {
		entry, ok = FindIndustry(edition, entry.Parent)
	}
	return entry.Code, ok
}

type industryIndex struct {
	all    []Industry
	byCode map[string]Industry
}

func industries(edition int) industryIndex {
	switch edition {
	case Industry2011:
		return industries2011()
	case Industry2017:
		return industries2017()
	}
	return industryIndex{}
}

var industries2011 = sync.OnceValue(func() industryIndex {
	return indexIndustries("gbt4754-2011.csv", industryTable2011)
})

var industries2017 = sync.OnceValue(func() industryIndex {
	return indexIndustries("gbt4754-2017.csv", industryTable2017)
})

func indexIndustries(name, text string) industryIndex {
	index := industryIndex{byCode: map[string]Industry{}}
	for _, row := range mustTable(name, text, 4) {
		level, err := strconv.Atoi(row[2])
		if err != nil {
			panic("embedded table " + name + ": " + err.Error())
		}
		entry := Industry{Code: row[0], Name: row[1], Level: level, Parent: row[3]}
		index.all = append(index.all, entry)
		index.byCode[entry.Code] = entry
	}
	return index
}
