//go:build linux && amd64

package courier_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rongxin/internal/crash"
	"rongxin/warehouse/store"
)

// childDir is set when this binary was started again by a test, to be the
// sender: the courier's folder.
const childDir = "RONGXIN_TEST_COURIER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := roundAsChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// kept is what a publisher keeps in one transaction.
type kept struct {
	Cursor  string
	Answers map[string]bool
	Sent    map[string]bool
}

func load(dir string) (kept, error) {
	k := kept{Answers: map[string]bool{}, Sent: map[string]bool{}}
	text, err := os.ReadFile(filepath.Join(dir, "kept"))
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	return k, errors.Join(err, json.Unmarshal(text, &k))
}

func (k kept) save(dir string) error {
	return store.Write(filepath.Join(dir, "kept"), 0o644, func(w io.Writer) error { return json.NewEncoder(w).Encode(k) })
}

// roundAsChild takes in what was brought back, hands over batches 4 and 5 unless
// it kept that it had, and seals them.
func roundAsChild(dir string) error {
	ctx := context.Background()
	c, err := open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	k, err := load(dir)
	if err != nil {
		return err
	}
	for range 2 {
		notices, next, _, err := c.Collect(ctx, k.Cursor)
		if err != nil {
			return err
		}
		k.Cursor = next
		for _, n := range notices {
			k.Answers[n.ReceiptID] = true
		}
		if err := k.save(dir); err != nil {
			return err
		}
	}
	for _, b := range []int{4, 5} {
		m := message(b)
		if k.Sent[m.Number] {
			continue
		}
		if a := c.Send(ctx, m); a.Err != nil {
			return a.Err
		}
		k.Sent[m.Number] = true
		if err := k.save(dir); err != nil {
			return err
		}
	}
	return errors.Join(c.Close(ctx), store.Sweep(dir))
}

// killed has three packages, two of which were carried and answered.
func killed(t *testing.T) *fixture {
	f := setUp(t)
	cursor := ""
	for i := 1; i <= 3; i++ {
		f.round(&cursor, message(i))
	}
	f.take(f.pkg(1))
	f.take(f.pkg(2))
	f.answer(f.in(), f.order, map[string]string{"return/measures.state.json": "{}"})
	f.must(os.WriteFile(filepath.Join(f.in(), "garbage.zip"), []byte("PK"), 0o644))
	return f
}

func child(dir string) crash.Program {
	return crash.Program{Args: []string{os.Args[0]}, Env: append(os.Environ(), childDir+"="+dir), Root: dir}
}

// ended looks whether a courier came to the right end, and each package of the
// chain is taken by the platform.
func (f *fixture) ended(how string) {
	f.t.Helper()
	k, err := load(f.dir)
	f.must(err)
	if len(k.Answers) != 2 || len(k.Sent) != 2 {
		f.t.Errorf("%s: kept %+v", how, k)
	}
	number := 3
	for ; ; number++ {
		if _, err := os.Stat(f.pkg(number)); err != nil {
			break
		}
		if refused := f.take(f.pkg(number)); refused != "" {
			f.t.Errorf("%s: package %d: %s", how, number, refused)
		}
	}
	for i := 1; i <= 5; i++ {
		if _, came := f.batches[stem(message(i))]; !came {
			f.t.Errorf("%s: batch %d has not come; %d packages", how, i, number)
		}
	}
	if len(f.order) != 5 {
		f.t.Errorf("%s: %d batches came, want each once", how, len(f.order))
	}
	for _, dir := range []string{"out", "spool", "sealed"} {
		for name := range below(f.t, filepath.Join(f.dir, dir)) {
			if dir == "spool" || strings.HasPrefix(name, ".") {
				f.t.Errorf("%s: %s/%s is left behind", how, dir, name)
			}
		}
	}
	if _, err := os.Stat(f.pkg(1)); err == nil {
		f.t.Errorf("%s: package 1 is still to be carried", how)
	}
}

var undisturbed = func(int, crash.Call) crash.Verdict { return crash.Verdict{} }

// A courier that is killed at any call, and once more, seals each batch in one
// package of one chain, and takes each answer in.
func TestKilledAnywhereTwice(t *testing.T) {
	calm := killed(t)
	end, err := child(calm.dir).Run(undisturbed)
	calm.must(err)
	if end.ExitCode != 0 {
		t.Fatal(end.Stderr)
	}
	calm.ended("undisturbed")
	calls := len(end.Calls)
	t.Logf("%d calls", calls)
	dice := rand.New(rand.NewPCG(5, 6))
	step := 5
	if testing.Short() {
		step = 47
	}
	for at := 1; at <= calls; at += step {
		f := killed(t)
		for _, at := range []int{at, 1 + dice.IntN(calls)} {
			end, err := child(f.dir).Run(func(n int, _ crash.Call) crash.Verdict { return crash.Verdict{Kill: n == at} })
			f.must(err)
			if end.ExitCode > 0 {
				t.Fatalf("killed at %d: %s", at, end.Stderr)
			}
		}
		end, err := child(f.dir).Run(undisturbed)
		f.must(err)
		if end.ExitCode != 0 {
			t.Fatalf("killed at %d and once more, then undisturbed: %s", at, end.Stderr)
		}
		f.ended(fmt.Sprintf("killed at %d and once more", at))
	}
}

// The same of a disk that is full from any call on, until it is not.
func TestFullAnywhere(t *testing.T) {
	calm := killed(t)
	end, err := child(calm.dir).Run(undisturbed)
	calm.must(err)
	calls := len(end.Calls)
	step := 9
	if testing.Short() {
		step = 97
	}
	for at := 1; at <= calls; at += step {
		f := killed(t)
		full := false
		_, err := child(f.dir).Run(func(n int, c crash.Call) crash.Verdict {
			full = full || n == at
			if full && (c.Name == "write" || c.Name == "sync" || c.Name == "rename" || c.Name == "link" || c.New) {
				return crash.Verdict{Errno: syscall.ENOSPC}
			}
			return crash.Verdict{}
		})
		f.must(err)
		end, err := child(f.dir).Run(undisturbed)
		f.must(err)
		if end.ExitCode != 0 {
			t.Fatalf("full from %d on, then not: %s", at, end.Stderr)
		}
		f.ended(fmt.Sprintf("full from %d on", at))
	}
}
