package run_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rongxin/warehouse/store"
)

// A run gives back the models it used, and no other text under their names.
func TestModelsOfARun(t *testing.T) {
	h := newHouse(t)
	first, second := sql("marts.a", "select 1 as n", "n"), sql("marts.b", "select n + 1 as n from marts.a", "n")
	second.Inputs = []string{"marts.a"}
	r := h.build(h.plan(day, first, second))
	models, err := r.Models("marts.b", "marts.a")
	h.must(err)
	if len(models) != 2 || models[0].Hash() != second.Hash() || models[1].Hash() != first.Hash() {
		t.Errorf("got %+v", models)
	}
	if _, err := r.Models("marts.a", "marts.c"); err == nil || !strings.Contains(err.Error(), "has no model marts.c") {
		t.Errorf("a model that there is not: %v", err)
	}
	h.must(os.WriteFile(filepath.Join(r.SourceDir(), "models", "marts.a.sql"), []byte("select 2 as n"), 0o644))
	if _, err := r.Models("marts.a"); !errors.Is(err, store.ErrDigest) || !strings.Contains(err.Error(), "marts.a") {
		t.Errorf("another text: %v", err)
	}
}
