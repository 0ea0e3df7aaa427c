package run_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/run"
)

const mutants = 2000

// A damaged file of a batch stops the run: none is ever read as an answer.
// A flipped bit in a Parquet file is otherwise a different result half the time.
func TestDamagedBatchIsNeverAnAnswer(t *testing.T) {
	h := newHouse(t)
	b := h.land(fines, "b1", "2026-06-01T08:00:00+08:00", "'9A', 100", "'9B', 200", "'9C', 300")
	plan := h.plan(day, copied("marts.copy", "landing.court__fines", "record_id, amount", "record_id"))
	dir := landing.Dir(h.home, b.Dataset, b.ID)
	dice, silent := rand.New(rand.NewPCG(1, 2)), 0
	for n := range mutants {
		name := []string{landing.RecordsName, landing.RejectsName, landing.ManifestName}[n%3]
		file := filepath.Join(dir, name)
		whole, err := os.ReadFile(file)
		h.must(err)
		what, damaged := damage(dice, whole)
		h.must(os.WriteFile(file, damaged, 0o644))
		if err := answer(h, plan, name); err == nil {
			silent++
			t.Errorf("%s with %s is read as if it were whole", name, what)
		}
		h.must(os.WriteFile(file, whole, 0o644))
	}
	if got := h.rows(h.build(plan), "marts.copy", "amount"); len(got) != 3 {
		t.Errorf("the mended batch gives %v", got)
	}
	t.Logf("figure damaged_batches=%d silent=%d", mutants, silent)
}

// answer does what a run does with the landing area: list it, then build.
func answer(h house, plan run.Plan, name string) error {
	if name == landing.ManifestName {
		_, err := landing.List(h.home)
		return err
	}
	_, err := run.Build(ctx, h.config(), plan, model.List)
	return err
}

// damage changes a file as disks and copies do.
func damage(dice *rand.Rand, whole []byte) (what string, damaged []byte) {
	for {
		damaged = append([]byte{}, whole...)
		at := dice.IntN(len(damaged))
		switch dice.IntN(4) {
		case 0:
			what = "a flipped bit"
			damaged[at] ^= 1 << dice.IntN(8)
		case 1:
			what = "sixteen bytes of garbage"
			for i := at; i < min(at+16, len(damaged)); i++ {
				damaged[i] = byte(dice.Uint32())
			}
		case 2:
			what = "a sector of zeros"
			clear(damaged[at:min(at+512, len(damaged))])
		case 3:
			what = "an early end"
			damaged = damaged[:at]
		}
		if string(damaged) != string(whole) {
			return what, damaged
		}
	}
}
