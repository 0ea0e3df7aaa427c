package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

// elsewhere runs a command line as a process of its own, in another environment.
func elsewhere(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), "RONGXIN_TEST_AS_PROGRAM=1", "RONGXIN_LOG_LEVEL=error"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// One city landed and judged three times. In another time zone and language, at
// another place and by four threads instead of one the run is the same: its id,
// every table, check and list. Landed dataset by dataset instead of day by day,
// with rows that came in one extract sent in two, all that is scored, overlaid
// and listed is the same, but for where each row stands. Rows that a whole
// extract decides on, such as those of a snapshot, come whole.
func TestSameDigests(t *testing.T) {
	home, _ := landedCity(t, "40", "--threads", "1")
	mustRun(t, home, "run", "--as-of", asOf, "--threads", "1")
	want := published(t, home)
	batches, err := landing.List(home)
	noError(t, err)
	again := filepath.Join(t.TempDir(), "city")
	mustRun(t, home, "city", "--enterprises", "40", "--out", again) // landing took the extracts out of the first
	days, err := filepath.Glob(filepath.Join(again, "inbox", "*"))
	noError(t, err)

	t.Run("elsewhere", func(t *testing.T) {
		env := []string{"TZ=America/New_York", "LANG=C", "LC_ALL=C"}
		other := filepath.Join(t.TempDir(), "另一处 home")
		inbox := filepath.Join(t.TempDir(), "inbox")
		copyTree(t, filepath.Join(again, "inbox"), inbox)
		for _, day := range days {
			elsewhere(t, env, "--home", other, "--keys", home+".keys", "--threads", "4", "land", "--inbox", filepath.Join(inbox, filepath.Base(day)), "--received", filepath.Base(day), "--settle", "0s")
		}
		elsewhere(t, env, "--home", other, "--threads", "4", "run", "--as-of", asOf)
		got := published(t, other)
		for _, m := range run.Compare(&want.Manifest, &got.Manifest) {
			t.Errorf("differs: %s", m)
		}
	})

	t.Run("split", func(t *testing.T) {
		env := []string{"TZ=Asia/Shanghai", "LANG=zh_CN.UTF-8", "LC_ALL=zh_CN.UTF-8"}
		other, split := filepath.Join(t.TempDir(), "home"), 0
		for _, b := range batches {
			day := credit.DateOf(b.ReceivedAt).String()
			file := filepath.Join(again, "inbox", day, b.Dataset, b.Extract.Name)
			parts := []string{file}
			if b.Delivery == landing.Delta && b.Extract.Format == "csv" && b.Rows.Read > 1 {
				parts = halves(t, file)
				split++
			}
			mustRun(t, other, append([]string{"--keys", home + ".keys", "land", b.Dataset, "--received", day, "--settle", "0s", "--override", "分次报送"}, parts...)...)
		}
		if split < 10 {
			t.Errorf("only %d extracts were split", split)
		}
		elsewhere(t, env, "--home", other, "run", "--as-of", asOf)
		whole, parts := contentsBut(t, want), contentsBut(t, published(t, other))
		if len(whole) < 15 {
			t.Errorf("only %d tables are compared", len(whole))
		}
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Error(diff)
		}
	})
}

// halves writes the rows of a CSV file into two, each with its head.
func halves(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	noError(t, err)
	head, rows, _ := bytes.Cut(data, []byte("\n"))
	lines := bytes.SplitAfter(rows, []byte("\n"))
	middle := max(1, len(lines)/2)
	var parts []string
	for i, half := range [][][]byte{lines[:middle], lines[middle:]} {
		part := filepath.Join(t.TempDir(), []string{"甲_", "乙_"}[i]+filepath.Base(file))
		noError(t, os.WriteFile(part, slices.Concat(head, []byte("\n"), bytes.Join(half, nil)), 0o644))
		parts = append(parts, part)
	}
	return parts
}

// contentsBut are the digests of what is scored, overlaid and listed, without
// the columns that say where a row stands and which run it is of.
func contentsBut(t *testing.T, r *run.Run) map[string]string {
	t.Helper()
	db, contents := attach(t, r), map[string]string{}
	for _, table := range r.Manifest.Tables {
		schema, _, _ := strings.Cut(table.Name, ".")
		if !slices.Contains([]string{"scores", "overlay", "lists"}, schema) {
			continue
		}
		var columns []string
		for _, c := range table.Columns {
			if !slices.Contains([]string{"batch_id", "batch_no", "line", "extract_name", "run_id"}, c.Name) {
				columns = append(columns, engine.Ident(c.Name))
			}
		}
		rows, digest, err := db.Digest(t.Context(), "select "+strings.Join(columns, ", ")+" from "+table.Name)
		noError(t, err)
		if rows > 0 {
			contents[table.Name] = digest
		}
	}
	return contents
}
