package store_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"rongxin/warehouse/store"
)

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

func TestWriteReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "CURRENT")
	for _, text := range []string{"one", "two"} {
		if err := store.Write(path, 0o600, write(text)); err != nil {
			t.Fatal(err)
		}
	}
	failed := errors.New("half way")
	err := store.Write(path, 0o600, func(w io.Writer) error {
		io.WriteString(w, "thr")
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatalf("got %v, want the writer's error", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "two" {
		t.Fatalf("got %q, %v; want the last whole content", got, err)
	}
	left, _ := os.ReadDir(filepath.Dir(path))
	if len(left) != 1 {
		t.Errorf("%d names left in the directory, want 1", len(left))
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
}

func TestCommitOnce(t *testing.T) {
	final := filepath.Join(t.TempDir(), "samr", "penalties", "b1")
	first, err := store.Stage(final)
	if err != nil {
		t.Fatal(err)
	}
	second, err := store.Stage(final)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range []*store.Dir{first, second} {
		if err := os.WriteFile(d.Path("f"), []byte{byte('1' + i)}, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(final); err == nil {
		t.Fatal("visible before Commit")
	}
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := second.Commit(); !errors.Is(err, store.ErrExists) {
		t.Fatalf("got %v, want ErrExists", err)
	}
	if got, _ := os.ReadFile(filepath.Join(final, "f")); string(got) != "1" {
		t.Errorf("the second commit replaced the first: %q", got)
	}
}

func TestCheckFindsOneFlippedBit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("榕信"), 0o644); err != nil {
		t.Fatal(err)
	}
	want, err := store.Sum(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Check(path, want); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(path)
	data[2] ^= 1
	os.WriteFile(path, data, 0o644)
	if err := store.Check(path, want); !errors.Is(err, store.ErrDigest) {
		t.Errorf("got %v, want ErrDigest", err)
	}
}

func TestSweep(t *testing.T) {
	root := t.TempDir()
	living, err := store.Stage(filepath.Join(root, "living"))
	if err != nil {
		t.Fatal(err)
	}
	defer living.Discard()
	left := filepath.Join(root, store.Temporary("left-by-a-crash"))
	for _, dir := range []string{left, filepath.Join(root, "whole")} {
		if err := os.MkdirAll(filepath.Join(dir, "deep"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Sweep(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Error("what a crash left survived the sweep")
	}
	for _, dir := range []string{living.Path(""), filepath.Join(root, "whole")} {
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("the sweep took what is in use or finished: %v", err)
		}
	}
	if err := store.Sweep(filepath.Join(root, "nowhere")); err != nil {
		t.Errorf("nothing to sweep: %v", err)
	}
}

func TestCreateNeverReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "0001.key")
	if err := store.Create(path, 0o600, write("first")); err != nil {
		t.Fatal(err)
	}
	if err := store.Create(path, 0o600, write("second")); !errors.Is(err, store.ErrExists) {
		t.Errorf("%v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("%q %v", got, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d names left in the directory, want 1", len(left))
	}
}

func TestDraftIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "plan.json")
	for _, text := range []string{"a longer one", "short"} {
		if err := store.Draft(path, 0o600, write(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Fatalf("got %q, %v; want %q", got, err, text)
		}
	}
	failed := errors.New("half way")
	if err := store.Draft(path, 0o600, func(io.Writer) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("got %v, want the writer's error", err)
	}
	if err := store.Draft(filepath.Join(path, "below"), 0o600, write("")); err == nil {
		t.Error("a file below a file was written")
	}
}
