package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/run"
)

const nextDay = "2026-07-01"

// A run that is killed, wherever it is, leaves the published run as it was and
// readable; the next call goes on from there and ends with the digests of a run
// that was never disturbed.
func TestKilledRun(t *testing.T) {
	home, _ := landedCity(t, "300")
	mustRun(t, home, "run", "--as-of", asOf)
	before := published(t, home)

	undisturbed := filepath.Join(t.TempDir(), "home")
	copyTree(t, home, undisturbed)
	mustRun(t, undisturbed, "run", "--as-of", nextDay)

	kills := 0
	for published(t, home).ID == before.ID {
		// Each attempt gets a few steps further than it found the run, and is
		// killed a little later each time, so within steps as well as between.
		killed := killAfter(t, home, 1+kills%9, time.Duration(kills%7)*3*time.Millisecond)
		if !killed {
			break
		}
		kills++
		if now := published(t, home); now.ID != before.ID {
			break // killed after the swap: the new run is published, and whole
		}
		if list := before.CheckFiles(); list != nil {
			t.Fatalf("kill %d: %v", kills, list)
		}
		if out := mustRun(t, home, "sql", "--format", "csv", "select count(*) > 0 as has_rows from lists.supervision"); !strings.Contains(out, "true") {
			t.Fatalf("kill %d: the published run has no list: %s", kills, out)
		}
		if kills > 400 {
			t.Fatal("the run never gets on")
		}
	}
	if kills < 20 {
		t.Errorf("killed at %d points, want at least 20", kills)
	}
	mustRun(t, home, "run", "--as-of", nextDay)
	got, want := published(t, home), published(t, undisturbed)
	if diff := cmp.Diff(contents(want), contents(got)); diff != "" {
		t.Errorf("digests differ from those of the undisturbed run:\n%s", diff)
	}
	if list := got.CheckFiles(); list != nil {
		t.Error(list)
	}
	if left, _ := filepath.Glob(filepath.Join(home, "runs", ".tmp-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	t.Logf("killed at %d points", kills)
}

// killAfter starts the run as a process and kills it some time after it has
// logged so many new steps. It reports false when the process ended by itself.
func killAfter(t *testing.T, home string, steps int, delay time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "--home", home, "--log-level", "debug", "run", "--as-of", nextDay)
	cmd.Env = append(os.Environ(), "RONGXIN_TEST_AS_PROGRAM=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		// A table that stands already is told of but not built: only work counts.
		for _, step := range []string{`"table built"`, `"writing lists"`, `"writing the manifest"`, "msg=flushing", `"run finished"`} {
			if strings.Contains(lines.Text(), step) {
				steps--
			}
		}
		if steps <= 0 && !killed {
			time.Sleep(delay)
			killed = cmd.Process.Kill() == nil
		}
	}
	err = cmd.Wait()
	return killed && err != nil
}

func contents(r *run.Run) map[string]string {
	m := map[string]string{}
	for _, t := range r.Manifest.Tables {
		m[t.Name] = t.Content
	}
	return m
}
