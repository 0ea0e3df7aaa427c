package dossier_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
)

var day = time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)

// after is a stamp of so many minutes after the plan.
func after(minutes int) dossier.Stamp {
	return dossier.NewStamp(day.Add(time.Duration(minutes)*time.Minute), "张三")
}

func unrecorded(dossier.Event) error { return nil }

var origin = dossier.Origin{Public: "2026-07-01-沪深300-3921.07"}

// random is a draw of a random list: strata, rules and exclusions of all kinds.
type random struct {
	listed []dossier.Listed
	rules  map[draw.Stratum]draw.Rule
	bounds draw.Bounds
}

func randomDraw(r *rand.Rand, most int) random {
	var d random
	d.rules = map[draw.Stratum]draw.Rule{}
	d.bounds = draw.Bounds{ControlBP: r.Int64N(4000), Least: r.Int64N(20), CapBP: 10000}
	if r.IntN(3) == 0 {
		d.bounds.CapBP = r.Int64N(10000)
	}
	names := []string{"示例厂", `引"号"店`, "逗,号行", " 空格社", "=1+1"}
	for i := range 1 + r.IntN(most) {
		s := draw.Stratum{Class: []int{1, 2, 4, 10}[r.IntN(4)], Industry: []string{"-", "C", "F"}[r.IntN(3)],
			Division: []string{"350102", "350182"}[r.IntN(2)], Line: []string{"IQ-1", "IQ-D"}[r.IntN(2)]}
		if _, ok := d.rules[s]; !ok {
			rule := draw.Rule{RatioBP: r.Int64N(5) * 2500 * r.Int64N(2), Least: r.Int64N(3)}
			if r.IntN(2) == 0 {
				rule = draw.Rule{RatioBP: 1 + r.Int64N(10000), Most: r.Int64N(6)}
			}
			d.rules[s] = rule
		}
		l := dossier.Listed{Candidate: draw.Candidate{SubjectID: fmt.Sprintf("91350102MA%06d", i*7+r.IntN(7)),
			SubjectName: names[r.IntN(len(names))], Stratum: s}}
		if r.IntN(8) == 0 {
			l.Code, l.Reason = "new", "成立未满一年"
		}
		d.listed = append(d.listed, l)
	}
	return d
}

func (d random) plan(t testing.TB, root string) (dossier.Plan, string) {
	t.Helper()
	plan, dir, err := dossier.Make(root, dossier.Scope{RunID: "run-1", AsOf: "2026-06-30", RuleSet: "rules", Department: "市市场监督管理局",
		Scheme: "overall", Range: "public"}, d.bounds, nil,
		func(yield func(dossier.Listed, error) bool) {
			for _, l := range d.listed {
				if !yield(l, nil) {
					return
				}
			}
		},
		func(s draw.Stratum) (draw.Rule, error) { return d.rules[s], nil }, after(0), unrecorded)
	if err != nil {
		t.Fatal(err)
	}
	return plan, dir
}

// revealed makes a dossier up to its drawn rows.
func (d random) revealed(t testing.TB, root string, origin dossier.Origin) (dir, commit string, drawn []draw.Drawn) {
	t.Helper()
	_, dir = d.plan(t, root)
	commit, err := dossier.Commit(dir, "沪深300指数2026年7月1日收盘", after(1), unrecorded)
	if err != nil {
		t.Fatal(err)
	}
	_, drawn, err = dossier.Reveal(dir, origin, after(2), unrecorded)
	if err != nil {
		t.Fatal(err)
	}
	return dir, commit, drawn
}

// A second program, written from docs/draw.md alone, draws the same
// rows from many random lists, keys and places included.
func TestSecondImplementation(t *testing.T) {
	const lists = 300
	r := rand.New(rand.NewPCG(1, 2))
	var dirs []string
	want := ""
	for i := range lists {
		from := origin
		if i%2 == 1 {
			from = dossier.Origin{Contributions: []draw.Contribution{
				{Name: "王甲", Text: fmt.Sprintf("骰子 3 5 1 6 \\n %d", i)}, {Name: "李乙", Text: fmt.Sprintf("骰子 2 6 6 1 %%s %d", i)}}}
		}
		dir, _, _ := randomDraw(r, 120).revealed(t, t.TempDir(), from)
		drawn, err := os.ReadFile(filepath.Join(dir, dossier.DrawnFile))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dossier.Verify(os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		dirs, want = append(dirs, dir), want+string(drawn)
	}
	cmd := exec.Command("python3", append([]string{"testdata/draw.py"}, dirs...)...)
	cmd.Stderr = os.Stderr
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("draw.py: %v", err)
	}
	if diff := cmp.Diff(fields(t, want), fields(t, string(got))); diff != "" {
		t.Errorf("the two programs differ (-Go +Python):\n%s", diff)
	}
	t.Logf("figure: %d random lists drawn by two programs, all equal, %d rows", lists, strings.Count(want, "\n")-lists)
}

// fields are the rows of a table, however it sets its quotes.
func fields(t *testing.T, text string) [][]string {
	t.Helper()
	list, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Whichever byte of a committed file or of the commitment changes, or is lost,
// no seed is taken.
func TestNoSeedAfterAnyByteChanged(t *testing.T) {
	d := random{rules: map[draw.Stratum]draw.Rule{}, bounds: draw.Bounds{CapBP: 10000}}
	for i := range 6 {
		s := draw.Stratum{Class: 1 + i%2, Industry: "C", Division: "350102", Line: "IQ-1"}
		d.rules[s] = draw.Rule{RatioBP: 5000}
		d.listed = append(d.listed, dossier.Listed{Candidate: draw.Candidate{SubjectID: fmt.Sprintf("91350102MA%06d", i), SubjectName: "示例", Stratum: s}})
	}
	d.listed[2].Code, d.listed[2].Reason = "new", "成立未满一年"
	_, dir := d.plan(t, t.TempDir())
	commit, err := dossier.Commit(dir, "沪深300指数2026年7月1日收盘", after(1), unrecorded)
	if err != nil {
		t.Fatal(err)
	}
	trials := 0
	for _, name := range []string{dossier.PlanFile, dossier.RosterFile, dossier.ExclusionsFile, dossier.QuotasFile, dossier.CommitFile} {
		path := filepath.Join(dir, name)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range file {
			for _, changed := range [][]byte{slices.Concat(file[:i], []byte{file[i] ^ 1}, file[i+1:]), slices.Concat(file[:i], file[i+1:])} {
				trials++
				if err := os.WriteFile(path, changed, 0o644); err != nil {
					t.Fatal(err)
				}
				// A commitment that still reads well is another one than was published.
				if _, digest, err := dossier.Digest(dir); err == nil && digest == commit {
					t.Fatalf("%s: byte %d changed unseen", name, i)
				} else if err == nil && name != dossier.CommitFile {
					t.Fatalf("%s: byte %d changed and the commitment stands", name, i)
				}
			}
		}
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := dossier.Reveal(dir, origin, after(2), unrecorded); err != nil {
		t.Fatal(err)
	}
	t.Logf("figure: %d of %d changed or lost bytes of committed files refused", trials, trials)
}
