//go:build linux && amd64

package drop_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/crash"
	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/warehouse/store"
)

// childDir is set when this binary was started again by a test, to be the
// sender: the directory of its folders.
const childDir = "RONGXIN_TEST_DROP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := sendAsChild(dir); err != nil {
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
}

// sendAsChild hands over two batches and takes in the answers that are there.
func sendAsChild(dir string) error {
	ctx := context.Background()
	keys, err := signing.Open(signing.Settings{})
	if err != nil {
		return err
	}
	d, err := drop.Open(drop.Settings{Out: filepath.Join(dir, "out"), Return: filepath.Join(dir, "return")}, receiver, keys,
		clock, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	for _, b := range []publish.Message{awkward, second} {
		if a := d.Send(ctx, b); a.Err != nil {
			return a.Err
		}
	}
	k := kept{Answers: map[string]bool{}}
	if text, err := os.ReadFile(filepath.Join(dir, "kept")); err == nil {
		if err := json.Unmarshal(text, &k); err != nil {
			return err
		}
	}
	for range 2 {
		notices, next, _, err := d.Collect(ctx, k.Cursor)
		if err != nil {
			return err
		}
		k.Cursor = next
		for _, n := range notices {
			k.Answers[n.ReceiptID] = true
		}
		err = store.Write(filepath.Join(dir, "kept"), 0o644, func(w io.Writer) error { return json.NewEncoder(w).Encode(k) })
		if err != nil {
			return err
		}
	}
	return errors.Join(d.Close(ctx), store.Sweep(dir))
}

var second = message(2, row("D", "k1", ""))

// killedFixture has folders with three answers, one of them no answer at all.
func killedFixture(t *testing.T) (fixture, string) {
	f := setUp(t, drop.Format{}, signing.Settings{})
	f.put("a.receipt.json", f.note(answers("receipt", awkward, members{"receipt_id": "R1", "accepted": 5, "rejected": []members{}})), 0)
	f.put("b.feedback.json", f.note(answers("feedback", awkward, members{"feedback_id": "F1", "serial": 1, "processed": 5, "rejected": []members{}})), 0)
	f.put("c.receipt.json", "<html>", 0)
	return f, filepath.Dir(f.out)
}

func child(dir string) crash.Program {
	return crash.Program{Args: []string{os.Args[0]}, Env: append(os.Environ(), childDir+"="+dir), Root: dir}
}

// A sender that is killed at any call, and then again at any call of the next
// try, leaves nothing half under a name of its own, and ends as one that was
// never disturbed.
func TestKilledAnywhereTwice(t *testing.T) {
	calm, calmDir := killedFixture(t)
	end, err := child(calmDir).Run(func(int, crash.Call) crash.Verdict { return crash.Verdict{} })
	calm.must(err)
	if end.ExitCode != 0 {
		t.Fatal(end.Stderr)
	}
	want := content(t, calmDir)
	calls := len(end.Calls)
	t.Logf("%d calls", calls)
	dice := rand.New(rand.NewPCG(1, 2))
	step := 2
	if testing.Short() {
		step = 19
	}
	for at := 1; at <= calls; at += step {
		f, dir := killedFixture(t)
		for _, at := range []int{at, 1 + dice.IntN(calls)} {
			end, err := child(dir).Run(func(n int, _ crash.Call) crash.Verdict { return crash.Verdict{Kill: n == at} })
			f.must(err)
			if end.ExitCode > 0 {
				t.Fatalf("killed at %d: %s", at, end.Stderr)
			}
			for _, b := range f.batches() { // reads every file that a manifest names, and its digest
				if len(b.rows) != 5 && len(b.rows) != 1 {
					t.Fatalf("killed at %d: a batch of %d rows", at, len(b.rows))
				}
			}
		}
		end, err := child(dir).Run(func(int, crash.Call) crash.Verdict { return crash.Verdict{} })
		f.must(err)
		if diff := cmp.Diff(want, content(t, dir)); diff != "" || end.ExitCode != 0 {
			t.Fatalf("killed at call %d and once more, then undisturbed: %s\n%s", at, end.Stderr, diff)
		}
	}
}

// A disk that is full, or fails, at any call leaves nothing half either, and the
// next try comes to the same end.
func TestFailedAnywhere(t *testing.T) {
	calm, calmDir := killedFixture(t)
	end, err := child(calmDir).Run(func(int, crash.Call) crash.Verdict { return crash.Verdict{} })
	calm.must(err)
	want := content(t, calmDir)
	calls := len(end.Calls)
	step := 2
	if testing.Short() {
		step = 29
	}
	for at := 1; at <= calls; at += step {
		f, dir := killedFixture(t)
		full := false
		_, err := child(dir).Run(func(n int, c crash.Call) crash.Verdict {
			full = full || n == at
			if full && (c.Name == "write" || c.Name == "sync" || c.Name == "rename" || c.New) {
				return crash.Verdict{Errno: syscall.ENOSPC}
			}
			return crash.Verdict{}
		})
		f.must(err)
		f.batches()
		end, err := child(dir).Run(func(int, crash.Call) crash.Verdict { return crash.Verdict{} })
		f.must(err)
		if diff := cmp.Diff(want, content(t, dir)); diff != "" || end.ExitCode != 0 {
			t.Fatalf("full from call %d on, then not: %s\n%s", at, end.Stderr, diff)
		}
	}
}

// After a power cut at any moment a manifest is there only with its data, and
// no answer is lost that the cursor has passed.
func TestPowerCutAnywhere(t *testing.T) {
	f, dir := killedFixture(t)
	end, err := child(dir).Run(func(int, crash.Call) crash.Verdict { return crash.Verdict{} })
	f.must(err)
	before := []crash.Call{{Name: "mkdir", Path: "out"}, {Name: "mkdir", Path: "return"}}
	for _, name := range []string{"a.receipt.json", "b.feedback.json", "c.receipt.json"} {
		path := "return/" + name
		before = append(before, crash.Call{Name: "open", Path: path, New: true}, crash.Call{Name: "write", Path: path, Size: 1}, crash.Call{Name: "sync", Path: path})
	}
	before = append(before, crash.Call{Name: "sync", Path: "return"}, crash.Call{Name: "sync", Path: "."})
	dice := rand.New(rand.NewPCG(3, 4))
	for at := range end.Calls {
		for range 20 {
			disk := crash.NewDisk()
			for _, c := range append(before, end.Calls[:at+1]...) {
				f.must(disk.Do(c))
			}
			files := disk.Cut(dice, dice.Float64())
			for path, c := range files {
				if strings.HasPrefix(filepath.Base(path), ".") {
					continue
				}
				if !c.Whole {
					t.Errorf("cut after %v: %s is there in part", end.Calls[at], path)
				}
				if stem, is := strings.CutSuffix(path, ".manifest.json"); is {
					if _, is := files[stem+".csv"]; !is {
						t.Errorf("cut after %v: %s is there without its data", end.Calls[at], path)
					}
				}
			}
			answers := 0
			for path := range files {
				if strings.HasSuffix(path, "receipt.json") || strings.HasSuffix(path, "feedback.json") {
					answers++
				}
			}
			if answers < 3 {
				t.Errorf("cut after %v: %d answers of 3 are left", end.Calls[at], answers)
			}
		}
	}
}
