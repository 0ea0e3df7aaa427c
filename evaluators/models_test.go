package evaluators_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rongxin/evaluators"
	"rongxin/warehouse/model"
	"rongxin/warehouse/modeltest"
)

// Each model of judgement holds on small written inputs: the compiled ones
// under the rules that ship, the written ones under whatever rules they are given.
func TestModels(t *testing.T) {
	modeltest.Run(t, "testdata", modelsOf(t, ruleSet(t, os.DirFS("rules"))))
}

// The same rules, but for the city's scorecard standing in where the nation
// has no grade.
func TestModelsWithFallback(t *testing.T) {
	files := changedRules(t, "overlay.yml", "fallback: none", "fallback: public_city")
	modeltest.Run(t, filepath.Join("testdata", "fallback"), modelsOf(t, ruleSet(t, files)))
}

// Every model has a test of its own.
func TestEveryModelIsTested(t *testing.T) {
	tested := map[string]bool{}
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tested[strings.TrimSuffix(filepath.Base(file), ".txtar")] = true
	}
	for _, m := range modelsOf(t, ruleSet(t, os.DirFS("rules"))) {
		_, table, _ := strings.Cut(m.Name, ".")
		if !tested[table] {
			t.Errorf("no testdata/%s.txtar for %s", table, m.Name)
		}
	}
}

func modelsOf(t *testing.T, set *evaluators.RuleSet) []model.Model {
	t.Helper()
	models, err := set.Models()
	if err != nil {
		t.Fatal(err)
	}
	return models
}

// changedRules are the rules that ship with one text of one file replaced.
func changedRules(t *testing.T, file, old, replacement string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("rules"), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join("rules", name))
		if name == file {
			if !strings.Contains(string(data), old) {
				t.Fatalf("%s does not hold %q", file, old)
			}
			data = []byte(strings.Replace(string(data), old, replacement, 1))
		}
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// named picks a model.
func named(t *testing.T, models []model.Model, name string) model.Model {
	t.Helper()
	at := slices.IndexFunc(models, func(m model.Model) bool { return m.Name == name })
	if at < 0 {
		t.Fatalf("no model %s", name)
	}
	return models[at]
}
