package landing_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"rongxin/warehouse/landing"
)

// A batch.json in which any one byte is another, is missing or stands too many
// is an error; so is one that ends early, wherever it ends.
func TestEveryChangedByteOfABatchIsFound(t *testing.T) {
	home := t.TempDir()
	b := batch("samr/penalties", "b1", "处罚.csv", time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
	land(t, home, b)
	dir := landing.Dir(home, b.Dataset, b.ID)
	file := filepath.Join(dir, landing.ManifestName)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mutants, silent := 0, 0
	try := func(what string, at int, data []byte) {
		mutants++
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := landing.Read(dir); err == nil {
			silent++
			t.Errorf("%s byte %d is not found", what, at)
		}
	}
	for i := range whole {
		for bit := range 8 {
			flipped := append([]byte{}, whole...)
			flipped[i] ^= 1 << bit
			try("a flipped bit in", i, flipped)
		}
		try("an end before", i, whole[:i])
		try("a missing", i, append(append([]byte{}, whole[:i]...), whole[i+1:]...))
		try("a blank before", i, append(append(append([]byte{}, whole[:i]...), ' '), whole[i:]...))
	}
	if err := os.WriteFile(file, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := landing.Read(dir); err != nil || got.ID != b.ID {
		t.Errorf("the untouched file reads as %v, %v", got.ID, err)
	}
	t.Logf("figure batch_json_mutants=%d silent=%d", mutants, silent)
}
