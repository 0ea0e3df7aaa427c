package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is restored proves itself, and is the warehouse of that night although the
// one it was taken of went on.
func TestBackupAndRestore(t *testing.T) {
	home, _ := landedCity(t, "50")
	mustRun(t, home, "run", "--as-of", asOf)
	was := published(t, home).ID
	backups, restored := filepath.Join(t.TempDir(), "backups"), filepath.Join(t.TempDir(), "restored")
	var first, second backupReport
	lastJSON(t, mustRun(t, home, "backup", "--to", backups, "--json"), &first)
	mustRun(t, home, "run", "--as-of", "2026-07-31")
	lastJSON(t, mustRun(t, home, "backup", "--to", backups, "--json"), &second)
	if first.Current != was || first.Shared != 0 || second.Current == was || second.Shared < first.Files-5 {
		t.Errorf("first %+v, second %+v: want the second to take over what did not change", first, second)
	}
	mustRun(t, home, "backup", "check", first.Path)
	if out := mustRun(t, home, "backup", "list", backups); strings.Count(out, "published run") != 2 {
		t.Errorf("%s, want two backups", out)
	}
	mustRun(t, restored, "restore", "--from", first.Path)
	if id := published(t, restored).ID; id != was {
		t.Errorf("restored: %s is published, want %s", id, was)
	}
	if err := os.Symlink(home+".keys", restored+".keys"); err != nil { // kept apart, brought back apart
		t.Fatal(err)
	}
	mustRun(t, restored, "verify", "CURRENT")
	mustRun(t, restored, "run", "--as-of", "2026-07-31")
	if id := published(t, restored).ID; id != second.Current {
		t.Errorf("judged again after the restoration: %s, want %s", id, second.Current)
	}

	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitBadConfig, "it is not empty", []string{"restore", "--from", first.Path}},
		{exitBadConfig, "would lie in the home", []string{"backup", "--to", filepath.Join(home, "backups")}},
		{exitBadConfig, "--to DIR is required", []string{"backup"}},
		{exitBadConfig, "--from BACKUP is required", []string{"restore"}},
		{exitNothing, "has no backup", []string{"backup", "list", t.TempDir()}},
	} {
		if code, _, errs := rongxin(t, home, c.args...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d %s, want %d %q", c.args, code, errs, c.code, c.want)
		}
	}
}
