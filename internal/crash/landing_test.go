package crash_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rongxin/internal/crash"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

const contract = `
dataset: samr/honours
version: 1
effective_from: 2021-01-01
title: 荣誉
department: 市市场监督管理局
catalogue: {class: 诚实守信相关荣誉信息, item: RYXX, edition: 2024}
basis: 公共信用信息目录
range: public
source: {format: csv, encoding: utf-8, delivery: delta}
key: [文书号]
fields:
  - {name: 文书号, as: document_no, type: text, required: true}
  - {name: 名称, as: subject_name, type: text, required: true}
`

const extract = "文书号,名称\n荣1,榕城甲公司\n荣2\n荣3,榕城丙公司\n"

var ctx = context.Background()

// binary is the program, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "crash-binary-*")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "rongxin")
	build := exec.Command("go", "build", "-o", binary, "rongxin/cmd/rongxin")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		panic(fmt.Errorf("go build: %w", err))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// A scene is a folder in which one file is landed.
type scene struct {
	*testing.T
	dir string
	crash.Program
}

func newScene(t *testing.T) scene {
	t.Helper()
	s := scene{T: t, dir: t.TempDir()}
	s.must(os.WriteFile(filepath.Join(s.dir, "h.yml"), []byte(contract), 0o644))
	s.must(os.WriteFile(filepath.Join(s.dir, "h.csv"), []byte(extract), 0o644))
	s.Program = crash.Program{Dir: s.dir, Env: append(os.Environ(), "RONGXIN_THREADS=2"),
		Args: []string{binary, "--home", "home", "land", "samr/honours", "h.csv", "--contract", "h.yml", "--received", "2026-06-30", "--json"}}
	return s
}

func (s scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// run runs the program as it is and wants one of the exit codes.
func (s scene) run(codes ...int) {
	s.Helper()
	cmd := exec.Command(s.Args[0], s.Args[1:]...)
	cmd.Dir, cmd.Env = s.dir, s.Env
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(codes, code) {
		s.Fatalf("exit %d, %v: %s", code, err, out)
	}
}

// clear removes what landing made.
func (s scene) clear() {
	s.Helper()
	s.must(os.RemoveAll(filepath.Join(s.dir, "home")))
}

// landed is every file of the landing area by path, with its digest.
func (s scene) landed() map[string]string {
	s.Helper()
	files := map[string]string{}
	root := filepath.Join(s.dir, "home", "landing")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || e.IsDir() {
			if err == nil && store.IsTemporary(e.Name()) {
				files[path] = "unfinished"
				return fs.SkipDir
			}
			return err
		}
		sum, err := store.Sum(path)
		files[strings.TrimPrefix(path, s.dir+"/")] = sum.SHA256
		return err
	})
	s.must(err)
	return files
}

// whole checks that every batch that is there is there whole.
func (s scene) whole() (batches int) {
	s.Helper()
	home := filepath.Join(s.dir, "home")
	list, err := landing.List(home)
	s.must(err)
	for _, b := range list {
		dir := landing.Dir(home, b.Dataset, b.ID)
		s.must(store.Check(filepath.Join(dir, landing.RecordsName), b.Records))
		s.must(store.Check(filepath.Join(dir, landing.RejectsName), b.Rejects))
		s.must(store.Check(filepath.Join(dir, b.Extract.File), b.Extract.Digest))
	}
	return len(list)
}

const powerCuts = 100_000

// A power cut at any moment of a landing, whatever of the unflushed work it
// takes, leaves a batch whole or not there; and once the program has said that
// a batch landed, it is there.
func TestPowerCutsDuringLanding(t *testing.T) {
	s := newScene(t)
	ops, end, err := s.Trace(ctx, s.dir)
	s.must(err)
	if end.ExitCode != 0 {
		t.Fatalf("exit %d: %s", end.ExitCode, end.Stderr)
	}
	want := s.landed()
	disk, said := crash.NewDisk(), false
	for _, o := range []crash.Op{{Kind: "create", Path: "h.csv"}, {Kind: "create", Path: "h.yml"}, {Kind: "sync", Path: "."}} {
		s.must(disk.Do(o))
	}
	dice := rand.New(rand.NewPCG(7, 7))
	cuts, lost, broken := 0, 0, 0
	for i, o := range ops {
		s.must(disk.Do(o))
		said = said || o.Kind == "say"
		for range powerCuts/len(ops) + 1 {
			cuts++
			left := disk.Cut(dice, float64(dice.IntN(5))/4)
			switch found, problem := survived(left, want, disk.Now()); {
			case problem != "":
				broken++
				t.Errorf("cut after %d, %s: %s", i, o, problem)
			case said && !found:
				lost++
				t.Errorf("cut after %d, %s: the batch that landed is gone", i, o)
			}
			if broken+lost > 5 {
				t.FailNow()
			}
		}
	}
	if !said {
		t.Error("the program never said that it was done")
	}
	t.Logf("figure power_cuts=%d operations=%d lost=%d broken=%d", cuts, len(ops), lost, broken)
}

// survived looks for the batch in what a power cut left. A batch counts once
// its directory has its final name.
func survived(left map[string]crash.Content, want map[string]string, now map[string]crash.Content) (found bool, problem string) {
	for p := range left {
		if _, final := want[p]; final {
			found = true
		}
	}
	if !found {
		return false, ""
	}
	for p := range want {
		switch content, there := left[p]; {
		case !there:
			return true, p + " is missing"
		case !content.Whole || content.Bytes != now[p].Bytes:
			return true, p + " is there in part"
		}
	}
	return true, ""
}

// killed system calls, each from its first to its last time in any thread.
var killed = []string{"mkdirat", "openat", "write", "fsync", "renameat", "unlinkat", "fchmod", "fchmodat", "flock", "close"}

// A landing that is killed at a system call, any of them, loses nothing and
// leaves nothing half: the same command again ends as if nothing had happened.
func TestKilledLanding(t *testing.T) {
	s := newScene(t)
	s.run(0)
	want := s.landed()
	points := 0
	for _, call := range killed {
		for n := 1; ; n++ {
			s.clear()
			end, err := s.Kill(ctx, call, n)
			s.must(err)
			if !end.Killed {
				break
			}
			points++
			s.recovers(want, end, fmt.Sprintf("%s %d: %s", call, n, end.Last()))
		}
	}
	if points < 100 {
		t.Errorf("killed at %d points only", points)
	}
	t.Logf("figure kill_points=%d lost=0 duplicated=0", points)
}

// recovers checks what a disturbed landing left, and that the next one ends
// as an undisturbed one does.
func (s scene) recovers(want map[string]string, end crash.Ending, where string) {
	s.Helper()
	batches := s.whole()
	if strings.Contains(end.Stdout, `"refused":0`) && batches != 1 {
		s.Fatalf("%s: it said that the batch landed, and it is not there", where)
	}
	s.run(0, 99)
	if got := s.landed(); !equal(got, want) {
		s.Fatalf("%s: landed again, there is\n%v\nnot\n%v", where, got, want)
	}
}

func equal(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// Faults of the disk and of the system, at the calls that can have them.
var faults = map[string][]string{
	"mkdirat": {"ENOSPC", "EACCES"}, "openat": {"EMFILE", "EACCES"}, "write": {"ENOSPC", "EIO"},
	"fsync": {"EIO"}, "renameat": {"ENOSPC", "EIO"}, "fchmodat": {"EPERM"}, "flock": {"ENOLCK"},
}

// An error of the system at any call is never taken for success, and never
// leaves anything half.
func TestFaultsDuringLanding(t *testing.T) {
	s := newScene(t)
	s.run(0)
	want := s.landed()
	injected, survivedFaults := 0, 0
	for call, errnos := range faults {
		for _, errno := range errnos {
			for n := 1; ; n++ {
				s.clear()
				end, err := s.Fail(ctx, call, errno, n)
				s.must(err)
				if !end.Injected() {
					break
				}
				injected++
				where := fmt.Sprintf("%s %s %d", call, errno, n)
				if end.ExitCode == 0 {
					survivedFaults++
					if got := s.landed(); !equal(got, want) {
						t.Fatalf("%s: it said that all went well, and there is %v", where, got)
					}
				}
				s.recovers(want, end, where)
			}
		}
	}
	if injected < 100 {
		t.Errorf("%d faults only", injected)
	}
	t.Logf("figure faults=%d overcome=%d false_successes=0", injected, survivedFaults)
}
