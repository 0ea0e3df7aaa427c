package ops_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/warehouse/ops"
	"rongxin/warehouse/ops/opstest"
)

// childStore names the store that this binary, started again by a test, works
// on.
const childStore = "RONGXIN_TEST_OPS_STORE"

func TestMain(m *testing.M) {
	if place := os.Getenv(childStore); place != "" {
		work := map[string]func(place string, args []string) error{"append": appendMany, "lease": leaseAndEnd, "race": raceAsChild}[os.Args[1]]
		if err := work(place, os.Args[2:]); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// raw runs SQL behind the store's back.
func raw(t *testing.T, place string, statements ...string) {
	t.Helper()
	db := opstest.Raw(t, place)
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestOpenKeepsTheFilePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "榕信 #1?mode=ro%20.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := opstest.Open(t, path)
	if _, err := s.Append(t.Context(), ops.Entry{At: noon, Actor: "a", Action: "sql"}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("files %v, want the store with its log and shared memory; %v", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, want 0600", file, info.Mode())
		}
	}
}

func TestOpenRefusesAForeignSchema(t *testing.T) { opstest.Each(t, openRefusesAForeignSchema) }

func openRefusesAForeignSchema(t *testing.T, place string) {
	opstest.Open(t, place).Close()
	for _, c := range []struct{ damage, want string }{
		{"update migrations set digest = 'x' where number = 1", "0001_journal.sql: was applied with other content"},
		{"insert into migrations values (999, '0999_later.sql', '')", "newer than this program"},
	} {
		raw(t, place, c.damage)
		_, err := ops.Open(t.Context(), place)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}

func TestLockIsExclusiveAndReleased(t *testing.T) { opstest.Each(t, lockIsExclusiveAndReleased) }

func lockIsExclusiveAndReleased(t *testing.T, place string) {
	s, other := opstest.Open(t, place), opstest.Open(t, place)
	release, err := s.Lock("publish-a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Lock("publish-a"); !errors.Is(err, ops.ErrLocked) {
		t.Errorf("second lock: got %v, want ErrLocked", err)
	}
	if free, err := other.Lock("publish-b"); err != nil {
		t.Errorf("lock of another name: %v", err)
	} else {
		free()
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = other.Lock("publish-a")
	if err != nil {
		t.Fatalf("lock after release: %v", err)
	}
	release()
	for _, name := range []string{"", "..", "a/b", "/a"} {
		if _, err := s.Lock(name); err == nil {
			t.Errorf("lock %q was taken", name)
		}
	}
}

// A process that stands still in the middle of a change does not keep others
// waiting for ever.
func TestAChangeThatIsHeldUpSaysSo(t *testing.T) {
	t.Parallel()
	place := opstest.SQLite(t)
	s := opstest.Open(t, place)
	still, err := opstest.Raw(t, place).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer still.Close()
	if _, err := still.ExecContext(t.Context(), "begin immediate"); err != nil {
		t.Fatal(err)
	}
	_, err = s.Append(t.Context(), ops.Entry{At: noon, Actor: "a", Action: "sql"})
	if !errors.Is(err, ops.ErrUnavailable) || !strings.Contains(err.Error(), "end it if it stands still") {
		t.Errorf("got %v", err)
	}
	if _, err := still.ExecContext(t.Context(), "rollback"); err != nil {
		t.Fatal(err)
	}
	fill(t, s, 1)
}

const perProcess = 40

// child starts this binary again, to do a work on a store.
func child(t *testing.T, place string, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), childStore+"="+place)
	c.Stderr = os.Stderr
	return c
}

func appendMany(place string, args []string) error {
	ctx := context.Background()
	s, err := ops.Open(ctx, place)
	if err != nil {
		return err
	}
	defer s.Close()
	for range perProcess {
		if _, err := s.Append(ctx, ops.Entry{At: noon, Actor: args[0], Action: "sql"}); err != nil {
			return err
		}
	}
	return nil
}

func TestProcessesShareOneChain(t *testing.T) { opstest.Each(t, processesShareOneChain) }

// The store is made by whichever comes first.
func processesShareOneChain(t *testing.T, place string) {
	actors := []string{"one", "two", "three"}
	var children []*exec.Cmd
	for _, actor := range actors {
		c := child(t, place, "append", actor)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, c)
	}
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	s := opstest.Open(t, place)
	if err := s.VerifyJournal(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for record, err := range s.Entries(t.Context(), ops.EntryFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		count[record.Actor]++
	}
	for _, actor := range actors {
		if count[actor] != perProcess {
			t.Errorf("%s: %d entries, want %d", actor, count[actor], perProcess)
		}
	}
}
