package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const repository = "../.."

// pages reads every page of the repository, by its path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "*/*.md", "*/*/*.md", "*/*/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name, err := filepath.Rel(repository, file)
			if err != nil {
				t.Fatal(err)
			}
			if made := []string{"demo", "build", "bin", "rongxin-home"}; slices.Contains(made, strings.Split(name, "/")[0]) {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(text)
		}
	}
	return texts
}

// Every command line that a page or a verb's help shows names verbs and flags
// that exist; one in a block can be run as it stands.
func TestCommandLinesExist(t *testing.T) {
	seen := 0
	for name, text := range pages(t) {
		blocks, spans := codeOf(text)
		for _, block := range blocks {
			for _, line := range commandLines(block) {
				seen++
				if err := accepts(line, true); err != nil {
					t.Errorf("%s: rongxin %s: %v", name, strings.Join(line, " "), err)
				}
			}
		}
		for _, span := range spans {
			for _, line := range commandLines(span) {
				seen++
				if err := accepts(line, false); err != nil {
					t.Errorf("%s: `%s`: %v", name, span, err)
				}
			}
		}
	}
	for _, cmd := range verbs() {
		for _, line := range commandLines(cmd.Example) {
			seen++
			if err := accepts(line, true); err != nil {
				t.Errorf("%s --help: rongxin %s: %v", cmd.CommandPath(), strings.Join(line, " "), err)
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d command lines were found", seen)
	}
}

func TestSettingsDocumented(t *testing.T) {
	page := pages(t)["docs/configuration.md"]
	var cfg Config
	for name := range cfg.settings() {
		if row := "| `" + name + "` | `RONGXIN_" + strings.ToUpper(name) + "` |"; !strings.Contains(page, row) {
			t.Errorf("docs/configuration.md has no row %s", row)
		}
	}
	new(app).root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(page, "`--"+f.Name+"`") && !strings.Contains(page, "`--"+f.Name+" ") {
			t.Errorf("docs/configuration.md does not name --%s", f.Name)
		}
	})
}

func TestVerbsNamedInREADME(t *testing.T) {
	texts := pages(t)
	for _, readme := range []string{"README.md", "README.zh-CN.md"} {
		for _, verb := range new(app).root().Commands() {
			if verb.Hidden {
				continue
			}
			if named := regexp.MustCompile("`(rongxin )?" + verb.Name() + "[ `]"); !named.MatchString(texts[readme]) {
				t.Errorf("%s does not name `%s`", readme, verb.Name())
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksResolve(t *testing.T) {
	for name, text := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(repository, path.Dir(name), target)); err != nil {
				t.Errorf("%s: link to %s: %v", name, m[1], err)
			}
		}
	}
}

// verbs are the commands that do something.
func verbs() []*cobra.Command {
	var list []*cobra.Command
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Runnable() {
			list = append(list, cmd)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(new(app).root())
	return list
}

// accepts asks the command tree whether it would take a command line. A whole
// one has all that its verb demands; a mention needs only names that exist.
func accepts(line []string, whole bool) error {
	cmd, rest, err := new(app).root().Find(line)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if help, _ := cmd.Flags().GetBool("help"); help || !whole {
		return nil
	}
	if !cmd.Runnable() {
		return fmt.Errorf("%s is no verb", cmd.CommandPath())
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return err
	}
	return cmd.ValidateRequiredFlags()
}

var (
	fence = regexp.MustCompile("(?ms)^ *```[^\n]*\n(.*?)^ *```")
	span  = regexp.MustCompile("`([^`\n]+)`")
)

// codeOf returns a page's blocks of code and its spans of code elsewhere.
func codeOf(text string) (blocks, spans []string) {
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, m[1])
	}
	for _, m := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		spans = append(spans, m[1])
	}
	return blocks, spans
}

// commandLines returns the arguments of every call of this program in a piece
// of shell. `rongxin VERB` stands for any verb and is passed over.
func commandLines(shell string) [][]string {
	var lines [][]string
	for _, words := range splitShell(shell) {
		for len(words) > 0 && (words[0] == "$" || strings.Contains(words[0], "=")) {
			words = words[1:]
		}
		if len(words) < 2 || words[1] == "VERB" {
			continue
		}
		if dir, name := path.Split(words[0]); name == "rongxin" && (dir == "" || path.Base(dir) == "bin") {
			lines = append(lines, words[1:])
		}
	}
	return lines
}

// splitShell cuts a piece of shell into commands of words, as far as pages use
// the shell: quotes, comments, continued lines, pipes, lists and redirections.
func splitShell(shell string) [][]string {
	var commands [][]string
	var words []string
	var word strings.Builder
	quote, inWord := rune(0), false
	endWord := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	endCommand := func() {
		endWord()
		for i, w := range words { // what follows a redirection is a file
			if w == ">" || w == "<" {
				words = words[:i]
				break
			}
		}
		if len(words) > 0 {
			commands = append(commands, words)
		}
		words = nil
	}
	comment := false
	for _, r := range strings.ReplaceAll(shell, "\\\n", " ") {
		switch {
		case comment:
			if comment = r != '\n'; !comment {
				endCommand()
			}
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r == '#' && !inWord:
			comment = true
		case r == '\n' || r == '|' || r == ';' || r == '&':
			endCommand()
		case r == ' ' || r == '\t':
			endWord()
		case r == '>' || r == '<':
			endWord()
			words = append(words, string(r))
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	endCommand()
	return commands
}
