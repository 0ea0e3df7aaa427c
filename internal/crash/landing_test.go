package crash_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
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
  - {name: 统一社会信用代码, as: subject_id, type: uscc}
  - {name: 名称, as: subject_name, type: text, required: true}
`

const extract = "文书号,统一社会信用代码,名称\n荣1,91350100MA8T00016W,榕城甲公司\n荣2\n荣3,91350102MA8T00024L,榕城丙公司\n"

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
	file    string // below dir, as it is sent
	program crash.Program
}

// eachScene runs a test on both ways for a file to land: named on the command
// line, and dropped into an inbox.
func eachScene(t *testing.T, test func(scene)) {
	for name, w := range map[string]struct {
		file string
		args []string
	}{
		"file":  {"h.csv", []string{"land", "samr/honours", "h.csv"}},
		"inbox": {"inbox/samr/honours/h.csv", []string{"land", "--inbox", "inbox", "--settle", "0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{T: t, dir: t.TempDir(), file: w.file}
			s.write("catalog/samr/honours.yml", contract)
			s.program = crash.Program{Dir: s.dir, Root: s.dir, Env: append(os.Environ(), "RONGXIN_CATALOG=catalog"),
				Args: append([]string{binary, "--home", "home", "--json"}, append(w.args, "--received", "2026-06-30")...)}
			s.clear()
			test(s)
		})
	}
}

func (s scene) write(file, text string) {
	s.Helper()
	path := filepath.Join(s.dir, file)
	s.must(os.MkdirAll(filepath.Dir(path), 0o755))
	s.must(os.WriteFile(path, []byte(text), 0o644))
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

// clear removes what landing made, and sends the file anew.
func (s scene) clear() {
	s.Helper()
	for _, made := range []string{"home", "home.keys", "inbox"} {
		s.must(os.RemoveAll(filepath.Join(s.dir, made)))
	}
	s.write(s.file, extract)
}

// landed is every file of the landing area by path, with its digest.
func (s scene) landed() map[string]string { return s.files("home/landing") }

// files are the files below a folder, with their digests. What was never
// finished is one of them.
func (s scene) files(below string) map[string]string {
	s.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(filepath.Join(s.dir, below), func(path string, e fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(path, s.dir+"/")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case e.IsDir() && store.IsTemporary(e.Name()):
			files[rel] = "unfinished"
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		sum, err := store.Sum(path)
		files[rel] = sum.SHA256
		return err
	})
	s.must(err)
	return files
}

// inbox is the names of the files in the inbox, which may be none.
func (s scene) inbox() []string { return slices.Sorted(maps.Keys(s.files("inbox"))) }

// disk is what lies in the scene, all of it flushed.
func (s scene) disk() *crash.Disk {
	s.Helper()
	d := crash.NewDisk()
	err := filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(strings.TrimPrefix(path, s.dir), "/")
		if err != nil || rel == "" {
			return err
		}
		made := crash.Call{Name: "open", Path: rel, New: true}
		if e.IsDir() {
			made = crash.Call{Name: "mkdir", Path: rel}
		}
		return errors.Join(d.Do(made), d.Do(crash.Call{Name: "sync", Path: filepath.Dir(rel)}))
	})
	s.must(err)
	return d
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
// takes, leaves a batch whole or not there; once the program has said that a
// batch landed, it is there; and until then the file that was sent is.
func TestPowerCutsDuringLanding(t *testing.T) {
	eachScene(t, func(s scene) {
		disk := s.disk()
		end := s.undisturbed()
		want, said := s.landed(), false
		dice := rand.New(rand.NewPCG(7, 7))
		cuts, lost, broken := 0, 0, 0
		for i, c := range end.Calls {
			s.must(disk.Do(c))
			said = said || c.Path == "stdout"
			for range powerCuts/len(end.Calls) + 1 {
				cuts++
				left := disk.Cut(dice, float64(dice.IntN(5))/4)
				found, problem := survived(left, want, disk.Now())
				_, waits := left[s.file]
				switch {
				case problem != "":
					broken++
					s.Errorf("cut after %d, %s: %s", i, c, problem)
				case said && !found:
					lost++
					s.Errorf("cut after %d, %s: the batch that landed is gone", i, c)
				case !found && !waits:
					lost++
					s.Errorf("cut after %d, %s: no batch, and the file that was sent is gone", i, c)
				}
				if broken+lost > 5 {
					s.FailNow()
				}
			}
		}
		if !said {
			s.Error("the program never said that it was done")
		}
		s.Logf("figure power_cuts=%d calls=%d lost=%d broken=%d", cuts, len(end.Calls), lost, broken)
	})
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
	eachScene(t, func(s scene) {
		s.undisturbed()
		want, wantInbox := s.landed(), s.inbox()
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
			s.recovers(want, wantInbox, end, fmt.Sprintf("killed at call %d, %s", n, at))
		}
		if kills < 50 {
			s.Errorf("killed at %d calls only", kills)
		}
		s.Logf("figure kill_points=%d lost=0 duplicated=0", kills)
	})
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
func (s scene) recovers(want map[string]string, wantInbox []string, end crash.Ending, where string) {
	s.Helper()
	batches := s.whole()
	if strings.Contains(end.Stdout, `"refused":0`) && batches != 1 {
		s.Fatalf("%s: it said that the batch landed, and it is not there", where)
	}
	s.run(0, 99)
	if got := s.landed(); !equal(got, want) {
		s.Fatalf("%s: landed again, there is\n%v\nnot\n%v", where, got, want)
	}
	if got := s.inbox(); !slices.Equal(got, wantInbox) {
		s.Fatalf("%s: landed again, the inbox holds %v, not %v; before, it said %s%s", where, got, wantInbox, end.Stdout, end.Stderr)
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

// An error of the system at any call is never taken for success, nor for a fault
// of the file, and never leaves anything half.
func TestFaultsDuringLanding(t *testing.T) {
	eachScene(t, func(s scene) {
		calls := len(s.undisturbed().Calls)
		want, wantInbox := s.landed(), s.inbox()
		injected, overcome := 0, 0
		for n := 1; n <= calls; n++ {
			var at crash.Call
			for k := 0; k == 0 || k < len(faults[at.Name]); k++ {
				s.clear()
				var errno syscall.Errno
				end, err := s.program.Run(func(i int, c crash.Call) crash.Verdict {
					if i == n && k < len(faults[c.Name]) {
						at, errno = c, faults[c.Name][k]
					}
					if i != n {
						return crash.Verdict{}
					}
					return crash.Verdict{Errno: errno}
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
						s.Fatalf("%s: it said that all went well, and there is %v", where, s.landed())
					}
				}
				s.recovers(want, wantInbox, end, where)
			}
		}
		if injected < 50 {
			s.Errorf("%d faults only", injected)
		}
		s.Logf("figure faults=%d overcome=%d false_successes=0", injected, overcome)
	})
}
