package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rongxin/internal/credit"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/run"
)

// TestMain lets the test binary be the program: under the name rongxin for
// scripts, under its own for tests that start it as a process and kill it, and
// for landing, which starts itself for each extract.
func TestMain(m *testing.M) {
	if os.Getenv("RONGXIN_TEST_AS_PROGRAM") == "1" || len(os.Args) == 2 && os.Args[1] == judgeVerb {
		os.Unsetenv("RONGXIN_TEST_AS_PROGRAM")
		main()
		return
	}
	testscript.Main(m, map[string]func(){"rongxin": main, "rongxin-on": mainOn})
}

// mainOn is the program on another day: its first argument, at noon in China.
func mainOn() {
	day, err := credit.ParseDate(os.Args[1])
	if err != nil {
		panic(err)
	}
	os.Exit(runBy(context.Background(), func() time.Time { return ingest.Noon(day) }, os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
}

// rongxin runs one command line in this process and returns its exit code and
// output. It keeps to one thread where the line says no other: tests run side by
// side, and small tables gain nothing by a second.
func rongxin(t *testing.T, home string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(context.Background(), append([]string{"--home", home, "--threads", "1"}, args...), strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// mustRun runs a command line that has to succeed.
func mustRun(t *testing.T, home string, args ...string) string {
	t.Helper()
	code, out, errs := rongxin(t, home, args...)
	if code != exitDone {
		t.Fatalf("rongxin %s: exit %d\n%s", strings.Join(args, " "), code, errs)
	}
	return out
}

// lastJSON decodes the last line of stdout, where --json promises one object.
func lastJSON(t *testing.T, out string, v any) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), v); err != nil {
		t.Fatalf("last line of stdout is no JSON object: %v\n%s", err, lines[len(lines)-1])
	}
}

// landedCity makes a city and lands each delivery on its day.
func landedCity(t *testing.T, enterprises string, flags ...string) (home, city string) {
	t.Helper()
	dir := t.TempDir()
	home, city = filepath.Join(dir, "home"), filepath.Join(dir, "city")
	mustRun(t, home, append([]string{"city", "--enterprises", enterprises, "--out", city}, flags...)...)
	days, err := filepath.Glob(filepath.Join(city, "inbox", "*"))
	if err != nil || len(days) == 0 {
		t.Fatalf("no deliveries: %v", err)
	}
	for _, day := range days {
		mustRun(t, home, "land", "--inbox", day, "--received", filepath.Base(day), "--settle", "0s")
	}
	return home, city
}

func published(t *testing.T, home string) *run.Run {
	t.Helper()
	r, err := run.Open(home, "")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

const asOf = "2026-06-30"
