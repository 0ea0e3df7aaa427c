package crash_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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
	dir     string
	program crash.Program
}

func newScene(t *testing.T) scene {
	t.Helper()
	s := scene{T: t, dir: t.TempDir()}
	s.must(os.WriteFile(filepath.Join(s.dir, "h.yml"), []byte(contract), 0o644))
	s.must(os.WriteFile(filepath.Join(s.dir, "h.csv"), []byte(extract), 0o644))
	s.program = crash.Program{Dir: s.dir, Root: s.dir, Env: append(os.Environ(), "RONGXIN_THREADS=2"),
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
	cmd := exec.Command(s.program.Args[0], s.program.Args[1:]...)
	cmd.Dir, cmd.Env = s.dir, s.program.Env
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
	end := s.undisturbed()
	want := s.landed()
	disk, said := crash.NewDisk(), false
	for _, c := range []crash.Call{{Name: "open", Path: "h.csv", New: true}, {Name: "open", Path: "h.yml", New: true}, {Name: "sync", Path: "."}} {
		s.must(disk.Do(c))
	}
	dice := rand.New(rand.NewPCG(7, 7))
	cuts, lost, broken := 0, 0, 0
	for i, c := range end.Calls {
		s.must(disk.Do(c))
		said = said || c.Path == "stdout"
		for range powerCuts/len(end.Calls) + 1 {
			cuts++
			left := disk.Cut(dice, float64(dice.IntN(5))/4)
			switch found, problem := survived(left, want, disk.Now()); {
			case problem != "":
				broken++
				t.Errorf("cut after %d, %s: %s", i, c, problem)
			case said && !found:
				lost++
				t.Errorf("cut after %d, %s: the batch that landed is gone", i, c)
			}
			if broken+lost > 5 {
				t.FailNow()
			}
		}
	}
	if !said {
		t.Error("the program never said that it was done")
	}
	t.Logf("figure power_cuts=%d calls=%d lost=%d broken=%d", cuts, len(end.Calls), lost, broken)
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

// A landing that is killed at a system call, any of those it makes on its files,
// loses nothing and leaves nothing half: the same command again ends as if
// nothing had happened.
func TestKilledLanding(t *testing.T) {
	s := newScene(t)
	s.undisturbed()
	want := s.landed()
	kills := 0
	for n := 1; ; n++ {
		s.clear()
		var at crash.Call
		end, err := s.program.Run(func(i int, c crash.Call) crash.Verdict {
			if i == n {
				at = c
			}
			return crash.Verdict{Kill: i == n}
		})
		s.must(err)
		if at.Name == "" {
			break
		}
		kills++
		s.recovers(want, end, fmt.Sprintf("killed at call %d, %s", n, at))
	}
	if kills < 50 {
		t.Errorf("killed at %d calls only", kills)
	}
	t.Logf("figure kill_points=%d lost=0 duplicated=0", kills)
}

// undisturbed runs the program and has it succeed.
func (s scene) undisturbed() crash.Ending {
	s.Helper()
	end, err := s.program.Run(func(int, crash.Call) crash.Verdict { return crash.Verdict{} })
	s.must(err)
	if end.ExitCode != 0 {
		s.Fatalf("exit %d: %s", end.ExitCode, end.Stderr)
	}
	return end
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
var faults = map[string][]syscall.Errno{
	"mkdir": {syscall.ENOSPC, syscall.EACCES}, "open": {syscall.EMFILE, syscall.EACCES}, "write": {syscall.ENOSPC, syscall.EIO},
	"sync": {syscall.EIO}, "rename": {syscall.ENOSPC, syscall.EIO}, "chmod": {syscall.EPERM}, "lock": {syscall.ENOLCK},
	"remove": {syscall.EIO}, "close": {syscall.EIO},
}

// An error of the system at any call is never taken for success, and never
// leaves anything half.
func TestFaultsDuringLanding(t *testing.T) {
	s := newScene(t)
	s.undisturbed()
	want := s.landed()
	injected, overcome := 0, 0
	for n := 1; ; n++ {
		var at crash.Call
		for k := 0; k == 0 || k < len(faults[at.Name]); k++ {
			s.clear()
			var errno syscall.Errno
			end, err := s.program.Run(func(i int, c crash.Call) (v crash.Verdict) {
				if i == n {
					at = c
					if k < len(faults[c.Name]) {
						errno = faults[c.Name][k]
					}
					v.Errno = errno
				}
				return v
			})
			s.must(err)
			if errno == 0 {
				break
			}
			injected++
			where := fmt.Sprintf("%v at call %d, %s", errno, n, at)
			if end.ExitCode == 0 {
				overcome++
				if s.whole() != 1 {
					t.Fatalf("%s: it said that all went well, and there is %v", where, s.landed())
				}
			}
			s.recovers(want, end, where)
		}
		if at.Name == "" {
			break
		}
	}
	if injected < 50 {
		t.Errorf("%d faults only", injected)
	}
	t.Logf("figure faults=%d overcome=%d false_successes=0", injected, overcome)
}
