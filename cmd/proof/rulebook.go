package main

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"testing/fstest"

	"rongxin/evaluators"
	"rongxin/evaluators/reference"
	"rongxin/internal/credit"
)

//go:embed rules
var extraRules embed.FS

// A rulebook is one set of rules under which the proof is held: those of the
// city and scorecards of every kind, some with a choice that the city's rules
// could have made otherwise.
type rulebook struct {
	name  string
	files fstest.MapFS
}

// rulebooks reads the rule files of a folder.
func rulebooks(dir string) ([]rulebook, error) {
	files := fstest.MapFS{}
	for _, tree := range []fs.FS{os.DirFS(dir), extraRules} {
		err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || path.Ext(name) != ".yml" || strings.HasSuffix(name, ".test.yml") {
				return err
			}
			data, err := fs.ReadFile(tree, name)
			files[name] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	copies := maps.Clone(files)
	copies["severity_2.yml"] = files["severity.yml"]
	other, err := replaced(copies, [][3]string{
		{"overlay.yml", "fallback: none", "fallback: public_city"},
		{"overlay.yml", "B:    [2, 2, 3, 4, 2]", "B:    [2, 2, 3, 4, 3]"},
		{"overlay.yml", "{public: D, level: 1, use_level: 2,", "{public: C, level: 1, use_level: 3, basis: 测试}\n  - {public: D, level: 1, use_level: 2,"},
		{"publicity.yml", "transitions:\n", "transitions:\n" +
			"  - {id: TR-15, effective_from: 2015-01-01, applies: later, basis: 测试}\n" +
			"  - {id: TR-58, effective_from: 2023-05-01, applies: later, basis: 测试}\n" +
			"  - {id: TR-27, effective_from: 2027-01-01, applies: later, basis: 测试}\n"},
		{"publicity.yml", "class: 守信荣誉, min_months: 0, max_months: 36, effective_from: 2008-01-01,", "class: 守信荣誉, min_months: 0, max_months: 36, effective_from: 2008-01-01, effective_to: 2024-06-30,"},
		{"severity.yml", "version: 1\neffective_from: 2008-01-01\n", "version: 1\neffective_from: 2008-01-01\neffective_to: 2025-05-31\n"},
		{"severity_2.yml", "version: 1\neffective_from: 2008-01-01\n", "version: 2\neffective_from: 2025-06-01\n"},
		{"severity_2.yml", "SEV-99", "SEV-0"},
		{"severity_2.yml", "fine_from: 300000", "fine_from: 100000"},
		{"schemes/ecology.yml", "status: active}]", "status: active}, {from: 2024-01-01, status: suspended}]"},
		{"schemes/tax.yml", "status: active}]", "status: active}, {from: 2025-06-01, status: withdrawn}]"},
	})
	return []rulebook{{"as they are", files}, {"chosen otherwise", other}}, err
}

// replaced are the files with texts replaced, each of which must be there once.
func replaced(files fstest.MapFS, changes [][3]string) (fstest.MapFS, error) {
	changed := fstest.MapFS{}
	for name, f := range files {
		changed[name] = &fstest.MapFile{Data: f.Data}
	}
	for _, c := range changes {
		f, ok := changed[c[0]]
		if !ok || strings.Count(string(f.Data), c[1]) != 1 {
			return nil, fmt.Errorf("%s: %q does not stand there once", c[0], c[1])
		}
		f.Data = []byte(strings.Replace(string(f.Data), c[1], c[2], 1))
	}
	return changed, nil
}

// on are the rules of a day, as the product reads them and as the reference does.
func (b rulebook) on(day credit.Date) (*evaluators.RuleSet, *reference.Rules, error) {
	library, err := evaluators.Load(b.files)
	if err != nil {
		return nil, nil, err
	}
	set, err := library.On(day)
	if err != nil {
		return nil, nil, err
	}
	rules, err := reference.Read(day, b.files)
	return set, rules, err
}
