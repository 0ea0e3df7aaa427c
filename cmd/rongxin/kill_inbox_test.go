package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/landing"
)

// An inbox whose landing is killed again and again ends as one that was never
// disturbed: each file landed once, and away with its receipt.
func TestKilledInbox(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("RONGXIN_KEYS", filepath.Join(t.TempDir(), "keys")) // of both homes, so that their tokens are alike
	mustRun(t, filepath.Join(dir, "none"), "city", "--enterprises", "300", "--out", filepath.Join(dir, "city"))
	inbox, calm := filepath.Join(dir, "city", "inbox"), filepath.Join(dir, "calm")
	copyTree(t, inbox, calm)
	files := filesBelow(t, inbox)
	home, undisturbed := filepath.Join(dir, "home"), filepath.Join(dir, "undisturbed")
	mustRun(t, undisturbed, "land", "--inbox", calm, "--settle", "0s")

	kills := 0
	for after := 20 * time.Millisecond; ; after = after * 5 / 4 {
		cmd := exec.Command(os.Args[0], "--home", home, "land", "--inbox", inbox, "--settle", "0s")
		cmd.Env = append(os.Environ(), "RONGXIN_TEST_AS_PROGRAM=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if exit := new(exec.ExitError); err == nil || errors.As(err, &exit) && exit.ExitCode() >= 0 {
			break // it ended by itself
		}
		kills++
	}
	if kills < 3 {
		t.Errorf("killed %d times only", kills)
	}
	var moved, receipts []string
	for _, name := range filesBelow(t, filepath.Join(inbox, "done")) {
		if name, isReceipt := strings.CutSuffix(name, ".receipt.json"); isReceipt {
			receipts = append(receipts, name)
		} else {
			moved = append(moved, name)
		}
	}
	if diff := cmp.Diff(files, moved); diff != "" {
		t.Errorf("moved: %s", diff)
	}
	if diff := cmp.Diff(files, receipts); diff != "" {
		t.Errorf("receipts: %s", diff)
	}
	if diff := cmp.Diff(landedRecords(t, undisturbed), landedRecords(t, home)); diff != "" {
		t.Error(diff)
	}
	t.Logf("killed %d times", kills)
}

func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && e.Name() != ".lock" {
			rel, _ := filepath.Rel(dir, path)
			list = append(list, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// landedRecords are the digests of all batches.
func landedRecords(t *testing.T, home string) map[string]string {
	t.Helper()
	batches, err := landing.List(home)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, b := range batches {
		m[b.Dataset+" "+b.ID] = b.Records.SHA256 + b.Rejects.SHA256
	}
	return m
}
