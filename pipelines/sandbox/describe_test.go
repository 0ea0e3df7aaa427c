package sandbox_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/sandbox"
)

func TestThePageOfTablesIsTrue(t *testing.T) {
	want, err := sandbox.Describe()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/platform-tables.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/platform-tables.md is old: go run ./cmd/rongxin sandbox --describe > docs/platform-tables.md\n%s", diff)
	}
}

// Codes that only whoever runs the sandbox meets are not in the interface's table.
var ownCodes = []string{"FAULTS", "PATH"}

func TestEachCodeIsInTheTable(t *testing.T) {
	page, err := sandbox.Describe()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	call := regexp.MustCompile(`(?:refuse\([^"]*|bad\(|faultf\(|unauthorised\(|priorOf, )"([A-Z_]+)"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
			if !slices.Contains(ownCodes, m[1]) && !strings.Contains(page, "| `"+m[1]+"` |") {
				t.Errorf("%s: %s is not in codes.yml", file, m[1])
			}
		}
	}
	_, table, _ := strings.Cut(page, "## 错误代码")
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` ").FindAllStringSubmatch(table, -1) {
		if !used[m[1]] {
			t.Errorf("codes.yml: %s is never said", m[1])
		}
	}
}
