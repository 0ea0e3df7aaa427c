package main

import (
	"embed"
	"fmt"
	"io/fs"
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
	other, err := replaced(files, [][3]string{
		{"overlay.yml", "fallback: none", "fallback: public_city"},
		{"overlay.yml", "{public: D, level: 1, use_level: 2,", "{public: C, level: 1, use_level: 3, basis: 测试}\n  - {public: D, level: 1, use_level: 2,"},
		{"publicity.yml", "effective_from: 2026-04-01, applies: earlier", "effective_from: 2023-05-01, applies: later"},
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
