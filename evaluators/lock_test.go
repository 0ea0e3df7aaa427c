package evaluators_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"rongxin/evaluators"
	"rongxin/internal/credit"
)

// What is in force, or was, stays as it was locked; what is not yet in force may
// change; the day that closes a file is no change.
func TestLock(t *testing.T) {
	lock := func(files fstest.MapFS) fstest.MapFS {
		library, err := evaluators.Load(files)
		if err != nil {
			t.Fatal(err)
		}
		files[evaluators.LockFile] = &fstest.MapFile{Data: library.Lock()}
		return files
	}
	edit := func(file, old, replacement string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			text := string(files[file].Data)
			if strings.Count(text, old) != 1 {
				t.Fatalf("%s does not hold %q once", file, old)
			}
			files[file] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, replacement, 1))}
		}
	}
	tests := []struct {
		name string
		day  credit.Date
		do   func(fstest.MapFS)
		want string // "" for no fault
	}{
		{"as it was locked", day, func(fstest.MapFS) {}, ""},
		{"closed", day, edit("schemes/price.yml", "effective_from: 2015-01-01\n", "effective_from: 2015-01-01\neffective_to: 2030-12-31\n"), ""},
		{"changed", day, edit("severity.yml", "fine_from: 300000", "fine_from: 300001"),
			"severity.yml:1:1: has been in force since 2008-01-01 and was changed: put it back, and write version 2 in a new file"},
		{"changed after it was closed", day, edit("tiers.yml", "15%", "16%"), "tiers.yml:1:1: has been in force since 2021-01-01 and was changed"},
		{"changed before it is in force", credit.NewDate(2025, 12, 31), edit("tiers_2026.yml", "title: 监管类别", "title: 监管分类"), ""},
		{"a comment changed", day, edit("tiers.yml", "# check_ratio is", "# check_ratio was"), "tiers.yml:1:1: has been in force"},
		{"gone", day, func(files fstest.MapFS) { delete(files, "schemes/price.yml") }, "rules.lock:"},
		{"not locked", day, func(files fstest.MapFS) {
			text := string(files[evaluators.LockFile].Data)
			at := strings.Index(text, "  schemes/price.yml")
			files[evaluators.LockFile] = &fstest.MapFile{Data: []byte(text[:at-64] + text[at+len("  schemes/price.yml\n"):])}
		}, "schemes/price.yml:1:1: is in force from 2015-01-01 and not in rules.lock: run rongxin rules lock"},
		{"a lock that is none", day, func(files fstest.MapFS) {
			files[evaluators.LockFile].Data = append(files[evaluators.LockFile].Data, "abc  x.yml\n"...)
		}, "1: wants a digest, two blanks and a path"},
		{"no lock", day, func(files fstest.MapFS) { delete(files, evaluators.LockFile) }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := lock(changedRules(t, "tiers.yml", "rule: tiers", "rule: tiers").(fstest.MapFS))
			tt.do(files)
			library, err := evaluators.Load(files)
			if err != nil {
				t.Fatal(err)
			}
			err = library.Frozen(files, tt.day)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
