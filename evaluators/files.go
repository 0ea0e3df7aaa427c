package evaluators

import (
	"io/fs"
	"slices"

	"rongxin/internal/credit"
)

// A File is one version of one rule.
type File struct {
	Path       string // below the folder of rules, such as scorecards/food.yml
	Kind, Name string // scorecard food; kind rule for those there is one of
	Header     Header
	Rule       any // *Scorecard, *Scheme, *InspectionPlan, or one that only this package knows
	Text       []byte
	Lines      []Line // all that it says, in its order
	EventDated bool   // a record is judged by the version of its own day
}

// Files are all rule files, in the order of their paths.
func (l *Library) Files() []File {
	files := make([]File, len(l.rules))
	for i, r := range l.rules {
		files[i] = File{Path: r.path, Kind: r.kind, Name: r.name, Header: *r.rule.head(), Rule: r.rule, Text: r.source.Text, Lines: r.lines, EventDated: r.rule.eventDated()}
	}
	return files
}

// Versions are the files of one rule, the earliest first.
func (l *Library) Versions(name string) []File {
	var files []File
	for _, f := range l.Files() {
		if f.Name == name {
			files = append(files, f)
		}
	}
	slices.SortStableFunc(files, func(a, b File) int { return int(a.Header.EffectiveFrom - b.Header.EffectiveFrom) })
	return files
}

// BuiltinFiles are the rules that ship with the program, with their cases.
func BuiltinFiles() fs.FS {
	sub, err := fs.Sub(ruleFiles, "rules")
	if err != nil {
		panic(err) // "rules" is a valid path
	}
	return sub
}

// InForce tells whether the version holds on a day.
func (f File) InForce(day credit.Date) bool { return f.Header.inForce(day) }
