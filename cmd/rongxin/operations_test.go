package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shellBlock is a block of commands, with the remark before one that is tried by hand.
var shellBlock = regexp.MustCompile("(?ms)^(<!-- by hand: [^\n]+ -->\n)?```sh\n(.*?)^```$")

// A new operator who does what the page says, line by line in an empty folder,
// comes to a published and delivered run, a backup, and the same run restored.
func TestOperationsPageIsTrue(t *testing.T) {
	program, err := exec.LookPath("rongxin") // this test binary under that name
	if err != nil {
		t.Fatal(err)
	}
	// What doctor finds depends on the day the test is run: the last known year of holidays ends.
	shim := `#!/bin/sh
[ "$1" = doctor ] || exec ` + program + ` "$@"
said=$(` + program + ` "$@")
code=$?
echo "$said"
echo "$said" | grep '^fail' | grep -qv '^fail *calendar' && exit 65
[ $code = 65 ] || exit $code
`
	bin, site := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "rongxin"), []byte(shim), 0o755); err != nil {
		t.Fatal(err)
	}
	script, run := "set -eu -o pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n", 0
	for _, block := range shellBlock.FindAllStringSubmatch(pages(t)["docs/operations.md"], -1) {
		if block[1] == "" {
			script += block[2]
			run++
		}
	}
	if run < 7 {
		t.Errorf("only %d blocks are run", run)
	}
	cmd := exec.Command("bash", "-v", "-c", script)
	cmd.Dir = site
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "RONGXIN_") && !strings.HasPrefix(v, "PATH=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+bin+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out[max(0, len(out)-20000):])
	}
}

// The Chinese page has the same commands; its comments are in Chinese.
func TestOperationsPagesAgree(t *testing.T) {
	comment := regexp.MustCompile(`(?m) *(^|\s)#.*$`)
	commands := func(name string) (list []string) {
		for _, block := range shellBlock.FindAllStringSubmatch(pages(t)[name], -1) {
			list = append(list, comment.ReplaceAllString(block[2], ""))
		}
		return list
	}
	english := commands("docs/operations.md")
	if diff := cmp.Diff(english, commands("docs/operations.zh-CN.md")); diff != "" || len(english) < 7 {
		t.Errorf("%d blocks: %s", len(english), diff)
	}
}

// Each alert that the English page describes, whose places the tests of deploy/ hold
// against the rules, has its line on the Chinese page.
func TestOperationsPagesDescribeTheSameAlerts(t *testing.T) {
	names := func(page, pattern string) (list []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(pages(t)[page], -1) {
			list = append(list, m[1])
		}
		return list
	}
	english := names("docs/operations.md", `(?m)^### (Rongxin\w+)$`)
	if diff := cmp.Diff(english, names("docs/operations.zh-CN.md", "(?m)^\\| `(Rongxin\\w+)` \\|")); diff != "" || len(english) == 0 {
		t.Errorf("%d alerts: %s", len(english), diff)
	}
}
