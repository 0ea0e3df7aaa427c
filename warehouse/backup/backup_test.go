package backup_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/warehouse/backup"
	"rongxin/warehouse/store"
)

var noon = time.Date(2026, 7, 1, 4, 0, 0, 0, time.UTC)

// home is a small home, with what a backup leaves out.
func home(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "home")
	for path, text := range map[string]string{
		"CURRENT": "r2\n", "landing/a/b/records.parquet": "records", "runs/r1/manifest.json": "one", "runs/r2/manifest.json": "two",
		"ops.db": "live", "ops.db-wal": "log", "ops.db.open.lock": "", "runs/.lock": "", "runs/.tmp-r3/progress.json": "half", "spill/x": "x", "metrics/run.prom": "x",
	} {
		put(t, filepath.Join(dir, path), text)
	}
	return dir
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, home, dir string, at time.Time) backup.Manifest {
	t.Helper()
	held := false
	source := &backup.Source{Home: home, At: at, CopyOps: func(_ context.Context, path string) error {
		if !held {
			t.Error("the store was copied while runs may change")
		}
		return os.WriteFile(path, []byte("a copy"), 0o600)
	}}
	m, err := backup.Take(t.Context(), source, dir, func() (func() error, error) {
		held, source.Current = true, "r2"
		return func() error { held = false; return nil }, nil
	})
	if err != nil || held {
		t.Fatalf("held %v: %v", held, err)
	}
	return m
}

func paths(m backup.Manifest) string {
	var list []string
	for _, f := range m.Files {
		list = append(list, f.Path)
	}
	return strings.Join(list, " ")
}

func nothing(int64, int64) {}

func TestWhatIsRestoredIsWhatWasBackedUp(t *testing.T) {
	from, dir := home(t), filepath.Join(t.TempDir(), "backups")
	first := take(t, from, dir, noon)
	const want = "CURRENT landing/a/b/records.parquet ops.db runs/r1/manifest.json runs/r2/manifest.json"
	if got := paths(first); got != want || first.Current != "r2" || first.Shared != 0 {
		t.Fatalf("%+v\nholds %s\nwant  %s", first, got, want)
	}

	// The next night: one run more, one gone.
	put(t, filepath.Join(from, "runs/r3/manifest.json"), "three")
	if err := os.RemoveAll(filepath.Join(from, "runs/r1")); err != nil {
		t.Fatal(err)
	}
	second := take(t, from, dir, noon.AddDate(0, 0, 1))
	if second.Shared != 3 || len(second.Files) != 5 {
		t.Errorf("%s, %d of them shared, want 5 and 3", paths(second), second.Shared)
	}
	list, err := backup.List(dir)
	if err != nil || len(list) != 2 || list[1].Name != second.Name {
		t.Errorf("%v %v, want both in order", list, err)
	}

	// The first is whole although r1 is gone from the home.
	to := filepath.Join(t.TempDir(), "new", "home")
	if _, err := backup.Restore(t.Context(), filepath.Join(dir, first.Name), to, nothing); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"CURRENT": "r2\n", "runs/r1/manifest.json": "one", "ops.db": "a copy"} {
		if got, err := os.ReadFile(filepath.Join(to, path)); err != nil || string(got) != want {
			t.Errorf("%s: %q %v, want %q", path, got, err, want)
		}
	}
	if info, err := os.Stat(filepath.Join(to, "ops.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("ops.db: %v %v, want mode 0600", info.Mode(), err)
	}
}

// Any altered byte of a backup is found, and then no home comes to be.
func TestAnAlteredBackupIsNotRestored(t *testing.T) {
	from, dir := home(t), t.TempDir()
	m := take(t, from, dir, noon)
	path := filepath.Join(dir, m.Name)
	files := []string{"backup.json"}
	for _, f := range m.Files {
		files = append(files, filepath.Join("home", f.Path))
	}
	tried := 0
	for _, file := range files {
		good, err := os.ReadFile(filepath.Join(path, file))
		if err != nil {
			t.Fatal(err)
		}
		for i := range good {
			bad := append([]byte(nil), good...)
			bad[i] ^= 1
			if err := os.WriteFile(filepath.Join(path, file), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(t.TempDir(), "home")
			_, checked := backup.Check(t.Context(), path, nothing)
			_, restored := backup.Restore(t.Context(), path, to, nothing)
			if _, err := os.Stat(to); checked == nil || restored == nil || !errors.Is(err, os.ErrNotExist) {
				t.Fatalf("%s, byte %d altered: check %v, restore %v, home %v", file, i, checked, restored, err)
			}
			tried++
		}
		if err := os.WriteFile(filepath.Join(path, file), good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("figure altered_bytes=%d", tried)
	if _, err := backup.Check(t.Context(), path, nothing); err != nil {
		t.Error(err)
	}
}

func TestPlacesThatDoNotDo(t *testing.T) {
	from := home(t)
	source := &backup.Source{Home: from, At: noon}
	prepare := func() (func() error, error) { return nil, errors.New("was asked to hold runs") }
	if _, err := backup.Take(t.Context(), source, filepath.Join(from, "backups"), prepare); !errors.Is(err, backup.ErrPlace) {
		t.Errorf("inside the home: %v, want ErrPlace", err)
	}
	dir := t.TempDir()
	m := take(t, from, dir, noon)
	if _, err := backup.Restore(t.Context(), filepath.Join(dir, m.Name), from, nothing); !errors.Is(err, backup.ErrPlace) {
		t.Errorf("over a home: %v, want ErrPlace", err)
	}
	if _, err := backup.Take(t.Context(), source, dir, prepare); err == nil || errors.Is(err, backup.ErrPlace) {
		t.Errorf("%v, want what prepare said", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, store.Temporary("*")))
	if err != nil || len(left) > 0 {
		t.Error(fmt.Sprint("left behind: ", left, err))
	}
}
