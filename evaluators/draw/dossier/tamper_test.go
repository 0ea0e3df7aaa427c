package dossier_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
	"rongxin/warehouse/store"
)

// In each of 1,000 draws one row of one table is altered, added or dropped:
// verify finds it and names the file, and of drawn.csv the row. A half of them
// are published before; the others are refused when they are to be.
func TestEveryAlteredRowIsFound(t *testing.T) {
	const trials = 1000
	r := rand.New(rand.NewPCG(3, 4))
	found, exact, kinds := 0, 0, map[string]int{}
	for i := range trials {
		d := randomDraw(r, 25)
		d.bounds.ControlBP = 5000
		dir, _, drawn := d.revealed(t, t.TempDir(), origin)
		if d.exact(t, drawn) {
			exact++
		}
		name := []string{dossier.RosterFile, dossier.ExclusionsFile, dossier.QuotasFile, dossier.DrawnFile}[r.IntN(4)]
		published := i%2 == 1
		if published {
			if _, err := dossier.Publish(dir, after(3), unrecorded); err != nil {
				t.Fatal(err)
			}
		}
		kind, row := alterRow(t, r, filepath.Join(dir, name))
		kinds[kind]++
		if !published {
			if _, err := dossier.Publish(dir, after(3), unrecorded); err == nil {
				t.Fatalf("trial %d: %s row %d %s and published", i, name, row, kind)
			}
		}
		_, err := dossier.Verify(os.DirFS(dir))
		want := name + ": "
		if errors.Is(err, dossier.ErrAltered) && strings.HasPrefix(err.Error(), want) {
			found++
		} else {
			t.Errorf("trial %d: %s row %d %s: Verify = %v", i, name, row, kind, err)
		}
		if at := fmt.Sprintf("row %d: ", row); name == dossier.DrawnFile && !strings.Contains(err.Error(), at) && !strings.Contains(err.Error(), fmt.Sprintf("line %d", row+1)) {
			t.Errorf("trial %d: %s row %d %s: Verify names another row: %v", i, name, row, kind, err)
		}
	}
	t.Logf("figure: verify finds %d of %d altered, added or dropped rows (%v); quotas exact in %d of %d draws", found, trials, kinds, exact, trials)
	if exact != trials {
		t.Errorf("quotas exact in %d of %d", exact, trials)
	}
}

// alterRow changes a table by one row and says which, from 1.
func alterRow(t *testing.T, r *rand.Rand, path string) (kind string, row int) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(file), "\n"), "\n")
	kind = []string{"altered", "added", "dropped"}[r.IntN(3)]
	if len(lines) == 1 {
		kind = "added"
	}
	switch kind {
	case "altered":
		row = 1 + r.IntN(len(lines)-1)
		fields := strings.Split(lines[row], ",")
		at := r.IntN(len(fields))
		fields[at] += "9"
		lines[row] = strings.Join(fields, ",")
	case "added":
		row = 1 + r.IntN(len(lines))
		another := strings.Repeat(",", strings.Count(lines[0], ","))
		if len(lines) > 1 {
			another = strings.Replace(lines[1+r.IntN(len(lines)-1)], "91350102MA", "91350102MB", 1)
		}
		lines = slices.Insert(lines, row, another)
	case "dropped":
		row = 1 + r.IntN(len(lines)-1)
		lines = slices.Delete(lines, row, row+1)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return kind, row
}

// exact counts what was drawn against ⌈n × ratio⌉ and the bounds, computed here
// without the package.
func (d random) exact(t *testing.T, drawn []draw.Drawn) bool {
	t.Helper()
	n, got, control := map[draw.Stratum]int64{}, map[draw.Stratum]int64{}, map[draw.Stratum]int64{}
	for _, l := range d.listed {
		if l.Code == "" {
			n[l.Stratum]++
		}
	}
	for _, row := range drawn {
		if row.Part == draw.ControlPart {
			control[row.Stratum]++
		} else {
			got[row.Stratum]++
		}
	}
	sum := int64(0)
	for s, n := range n {
		rule := d.rules[s]
		want := int64(0)
		for want*10000 < n*rule.RatioBP || rule.RatioBP > 0 && want < rule.Least {
			want++
		}
		if rule.Most > 0 {
			want = min(want, rule.Most)
		}
		want = min(want, n)
		sum += want
		left := n - control[s]
		if d.bounds.CapBP < 10000 {
			if got[s] > n*rule.RatioBP { // nobody where the ratio is 0; the sum is held to the cap below
				t.Errorf("%v: %d drawn with a ratio of 0", s, got[s])
				return false
			}
		} else if d.bounds.Least == 0 && got[s] != min(want, left) || got[s] < min(want, left) {
			t.Errorf("%v: %d drawn of %d, %d in control, wants %d", s, got[s], n, control[s], want)
			return false
		}
	}
	// More than the strata's own quotas only up to the least number of the plan, and
	// never more than its cap.
	total, all := int64(0), int64(0)
	for s := range n {
		total, all = total+got[s], all+n[s]
	}
	if int64(len(drawn))*10000 > all*d.bounds.CapBP {
		t.Errorf("%d of %d drawn, above the cap of %d", len(drawn), all, d.bounds.CapBP)
		return false
	}
	if total > max(sum, d.bounds.Least) {
		t.Errorf("%d drawn, the quotas are %d and the plan's least %d", total, sum, d.bounds.Least)
		return false
	}
	return true
}

// Files that are added, dropped or spelled otherwise are found.
func TestEveryFileIsFound(t *testing.T) {
	make := func(t *testing.T) string {
		dir, _, _ := randomDraw(rand.New(rand.NewPCG(5, 6)), 30).revealed(t, t.TempDir(), origin)
		if _, err := dossier.Publish(dir, after(3), unrecorded); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	names := []string{dossier.PlanFile, dossier.RosterFile, dossier.ExclusionsFile, dossier.QuotasFile, dossier.CommitFile,
		dossier.SeedFile, dossier.DrawnFile, dossier.ReadmeFile, dossier.ManifestFile}
	for _, name := range names {
		dir := make(t)
		path := filepath.Join(dir, name)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(file, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := dossier.Verify(os.DirFS(dir)); !errors.Is(err, dossier.ErrAltered) {
			t.Errorf("%s with one more line: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		_, err = dossier.Verify(os.DirFS(dir))
		if name == dossier.ManifestFile {
			name = dossier.ReadmeFile // which is there without its step
		}
		if !errors.Is(err, dossier.ErrAltered) || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s removed: %v", name, err)
		}
	}
	for _, more := range []string{"more.csv", ".hidden", store.Temporary("1")} {
		dir := make(t)
		if err := os.WriteFile(filepath.Join(dir, more), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := dossier.Verify(os.DirFS(dir)); err == nil || !strings.HasPrefix(err.Error(), more+": ") {
			t.Errorf("a file more: %v", err)
		}
	}
}

// A reveal that was cut off is finished with its own seed, and with no other.
func TestRevealIsFinishedWithItsOwnSeed(t *testing.T) {
	dir, _, drawn := randomDraw(rand.New(rand.NewPCG(7, 8)), 60).revealed(t, t.TempDir(), origin)
	if err := os.Remove(filepath.Join(dir, dossier.DrawnFile)); err != nil {
		t.Fatal(err)
	}
	other := origin
	other.Public += "1"
	if _, _, err := dossier.Reveal(dir, other, after(9), unrecorded); !errors.Is(err, dossier.ErrRefused) {
		t.Errorf("another seed: %v", err)
	}
	if _, again, err := dossier.Reveal(dir, origin, after(9), unrecorded); err != nil || !slices.Equal(again, drawn) {
		t.Errorf("the same seed: %v", err)
	}
	if _, _, err := dossier.Reveal(dir, origin, after(9), unrecorded); !errors.Is(err, dossier.ErrRefused) {
		t.Errorf("once more: %v", err)
	}
	if _, err := dossier.Verify(os.DirFS(dir)); err != nil {
		t.Error(err)
	}
}

// Nothing is written when the audit chain does not take the step, and no step
// comes before the one before it.
func TestUnrecordedStepsAreNotTaken(t *testing.T) {
	broken := errors.New("no journal")
	refuse := func(dossier.Event) error { return broken }
	_, dir := randomDraw(rand.New(rand.NewPCG(9, 9)), 60).plan(t, t.TempDir())
	if _, err := dossier.Commit(dir, "沪深300指数2026年7月1日收盘", after(1), refuse); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := dossier.Commit(dir, "沪深300指数2026年7月1日收盘", after(1), unrecorded); err != nil {
		t.Fatal(err)
	}
	if _, _, err := dossier.Reveal(dir, origin, after(2), refuse); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, _, err := dossier.Reveal(dir, origin, after(0), unrecorded); err == nil {
		t.Error("revealed before the commitment")
	}
	if _, _, err := dossier.Reveal(dir, origin, after(2), unrecorded); err != nil {
		t.Fatal(err)
	}
	if _, err := dossier.Publish(dir, after(3), refuse); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := dossier.Publish(dir, after(3), unrecorded); err != nil {
		t.Error(err)
	}
}
