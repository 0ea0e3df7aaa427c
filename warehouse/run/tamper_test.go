package run_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"rongxin/warehouse/run"
)

// tampered is whether a run, opened and looked at, is found to be another.
func tampered(h house, r *run.Run, anchor string) bool {
	opened, err := run.Open(h.home, r.ID)
	if err != nil || len(opened.CheckFiles()) > 0 {
		return true
	}
	digest, err := opened.ManifestDigest()
	current, openErr := run.Open(h.home, "")
	return err != nil || digest != anchor || openErr != nil || current.ID != r.ID
}

// Any byte of any file of a run, its manifest and CURRENT that is another, is
// missing or stands too many is found; so is a file or folder too many or too
// few.
func TestEveryChangedByteOfARunIsFound(t *testing.T) {
	h := newHouse(t)
	r, _ := h.evidenced()
	anchor, err := r.ManifestDigest()
	h.must(err)
	files := []string{filepath.Join(h.home, "CURRENT")}
	h.must(filepath.WalkDir(r.Dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	dice, trials, silent := rand.New(rand.NewPCG(5, 6)), 0, 0
	found := func(what, file string) {
		trials++
		if !tampered(h, r, anchor) {
			silent++
			t.Errorf("%s: %s is not found", file, what)
		}
	}
	for _, file := range files {
		whole, err := os.ReadFile(file)
		h.must(err)
		write := func(what string, data []byte) {
			h.must(os.WriteFile(file, data, 0o644))
			found(what, file)
		}
		for range 80 {
			flipped := append([]byte{}, whole...)
			flipped[dice.IntN(len(flipped))] ^= byte(1 + dice.IntN(255))
			write("another byte", flipped)
		}
		for range 10 {
			write("an early end", whole[:dice.IntN(len(whole))])
			at := dice.IntN(len(whole))
			write("a missing byte", append(append([]byte{}, whole[:at]...), whole[at+1:]...))
			write("a byte too many", append(append(append([]byte{}, whole[:at]...), whole[at]), whole[at:]...))
		}
		write("a blank at the end", append(append([]byte{}, whole...), '\n'))
		h.must(os.Remove(file))
		found("a missing file", file)
		h.must(os.Mkdir(file, 0o755))
		found("a folder in its place", file)
		h.must(os.Remove(file))
		other := filepath.Join(h.home, "moved")
		h.must(os.WriteFile(other, whole, 0o644))
		if filepath.Base(file) != "CURRENT" && filepath.Base(file) != "manifest.json" {
			h.must(os.Symlink(other, file))
			found("a link in its place", file)
			h.must(os.Remove(file))
		}
		h.must(os.WriteFile(file, whole, 0o644))
		if file == files[0] {
			continue
		}
		beside := filepath.Join(filepath.Dir(file), "beside")
		h.must(os.WriteFile(beside, nil, 0o644))
		found("a file too many", beside)
		h.must(os.Remove(beside))
		h.must(os.Mkdir(beside, 0o755))
		found("a folder too many", beside)
		h.must(os.Remove(beside))
	}
	if tampered(h, r, anchor) {
		t.Errorf("mended, the run is still another: %v", r.CheckFiles())
	}
	if trials < 1000 {
		t.Errorf("only %d trials", trials)
	}
	t.Logf("figure tampered_runs=%d files=%d silent=%d", trials, len(files), silent)
}
