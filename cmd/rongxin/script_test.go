package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// TestScripts runs testdata/script/*.txtar: each tells in a few command lines
// what a verb promises to the person or scheduler who calls it. The commands
// that scripts have besides those of testscript are in commands_test.go.
func TestScripts(t *testing.T) {
	// One published city for all scripts that need one; each gets a copy.
	city, _ := landedCity(t, "200")
	mustRun(t, city, "run", "--as-of", asOf)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			rules, err := filepath.Abs("../../evaluators/rules")
			e.Setenv("RULES", rules)
			e.Setenv("KINDS", filepath.Join(filepath.Dir(rules), "ruletest", "testdata", "kinds"))
			e.Setenv("RONGXIN_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("RONGXIN_KEYS", city+".keys")
			e.Setenv("RONGXIN_ACTOR", "tester")
			e.Setenv("RONGXIN_THREADS", "1") // as many scripts run at once as there are processors
			return err
		},
		Cmds: scriptCommands(city),
	})
}

// Every verb says what it is, shows an example that is itself, and exits 0.
func TestHelp(t *testing.T) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
		line := strings.Fields(cmd.CommandPath() + " --help")[1:]
		t.Run(strings.Join(line, " "), func(t *testing.T) {
			code, out, errs := rongxin(t, t.TempDir(), line...)
			if code != exitDone || errs != "" {
				t.Fatalf("exit %d: %s", code, errs)
			}
			long, _, _ := strings.Cut(cmd.Long+cmd.Short, "\n")
			if long == "" || !strings.Contains(out, long) || !strings.Contains(out, "Usage:\n  "+cmd.CommandPath()) {
				t.Errorf("does not say what it is:\n%s", out)
			}
			if cmd.HasSubCommands() {
				return // its verbs have the examples
			}
			isExample := func(line string) bool {
				return slices.ContainsFunc(commandLines(line), func(args []string) bool {
					found, _, err := cmd.Root().Find(args)
					return err == nil && found == cmd
				})
			}
			if _, examples, _ := strings.Cut(out, "Examples:\n"); !slices.ContainsFunc(strings.Split(examples, "\n"), isExample) {
				t.Errorf("has no example of itself:\n%s", out)
			}
		})
	}
	walk(new(app).root())
}
