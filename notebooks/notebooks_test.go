// Package notebooks_test executes the notebooks on a published run of a small city.
package notebooks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// output runs a program from the project's root, with further variables.
func output(env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func must(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	if out, err := output(env, name, args...); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out[max(0, len(out)-30000):])
	}
}

// Each notebook runs to its end, its own assertions hold, it warns of nothing, not
// even of a sign without a shape, and its page is whole in itself.
func TestNotebooks(t *testing.T) {
	dir := t.TempDir()
	binary, pages := filepath.Join(dir, "rongxin"), filepath.Join(dir, "pages")
	env := []string{"RONGXIN=" + binary, "RONGXIN_HOME=" + filepath.Join(dir, "warehouse"), "RONGXIN_LOG_LEVEL=error"}
	must(t, env, "go", "build", "-o", binary, "./cmd/rongxin")
	must(t, env, binary, "city", "--enterprises", "1000", "--seed", "1", "--as-of", "2026-06-30", "--out", filepath.Join(dir, "city"))
	must(t, env, binary, "land", "--inbox", filepath.Join(dir, "city", "inbox"))
	must(t, env, binary, "run", "--as-of", "2026-06-30")
	must(t, env, "scripts/notebooks.sh", pages)
	must(t, env, binary, "connect", "--out", filepath.Join(dir, "credit.duckdb"))
	must(t, env, "scripts/python.sh", "notebooks/requirements.lock", "python", "-c", `import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as db:
    views = db.execute("select schema_name || '.' || view_name from duckdb_views() where not internal").fetchall()
    assert len(views) > 150, views
    for view, in views:
        db.execute(f"select count(*) from {view}").fetchone()
    assert db.execute("select as_of::varchar from rongxin").fetchone() == ("2026-06-30",)
    assert db.execute("select count(*) from lists.supervision").fetchone() > (0,)`, filepath.Join(dir, "credit.duckdb"))

	sources, err := filepath.Glob("[0-9]*.py")
	if err != nil || len(sources) < 5 {
		t.Fatalf("%d notebooks, %v", len(sources), err)
	}
	fetches := regexp.MustCompile(`<script[^>]+src=|<link[^>]+href=|<img[^>]+src="http|import\(|@import`)
	for _, source := range sources {
		page, err := os.ReadFile(filepath.Join(pages, strings.TrimSuffix(source, ".py")+".html"))
		if err != nil {
			t.Fatal(err)
		}
		if pictures := strings.Count(string(page), `class="jp-RenderedImage`); pictures < 2 {
			t.Errorf("%s: %d pictures", source, pictures)
		}
		if found := fetches.Find(page); found != nil {
			t.Errorf("the page of %s fetches: %s", source, found)
		}
	}
}

// What the test above relies on: a false assertion, a warning and a sign that the
// font lacks are told, each beside the notebook that has it.
func TestFaultsAreTold(t *testing.T) {
	dir := t.TempDir()
	args := []string{filepath.Join(dir, "pages")}
	for name, cell := range map[string]string{
		"false.py":   "assert 1 == 2, '两张表不一致'",
		"warns.py":   "import warnings; warnings.warn('小心')",
		"missing.py": "from published import plt\nplt.title('\\U000F0000')\nplt.show()",
	} {
		source := filepath.Join(dir, name)
		if err := os.WriteFile(source, []byte("# %%\n"+cell+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, source)
	}
	out, err := output([]string{"RONGXIN_HOME=" + dir}, "scripts/notebooks.sh", args...)
	if err == nil {
		t.Error("no fault is told by the exit code")
	}
	for _, want := range []string{`false.py: AssertionError: 两张表不一致`, `warns.py: .*UserWarning: 小心`, `missing.py: .*Glyph 983040`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s is not told:\n%s", want, out)
		}
	}
}

// What came out of a notebook may name enterprises: it never stands in the repository.
func TestNoOutputIsCommitted(t *testing.T) {
	kept, err := output(nil, "git", "ls-files", "*.ipynb", "notebooks/*.html", "notebooks/*.png")
	if err != nil || kept != "" {
		t.Errorf("%v: %s", err, kept)
	}
}
