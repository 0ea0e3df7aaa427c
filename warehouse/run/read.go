package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

// Attach shows the run's tables on an engine as views named schema.table,
// after checking the digest of each file. No names means all tables.
func (r *Run) Attach(ctx context.Context, db *engine.DB, names ...string) error {
	if len(names) == 0 {
		for _, t := range r.Manifest.Tables {
			names = append(names, t.Name)
		}
	}
	for _, name := range names {
		entry, ok := r.Manifest.Table(name)
		if !ok {
			return fmt.Errorf("run %s has no table %s", r.ID, name)
		}
		file := TablePath(r.Dir, name)
		if err := store.Check(file, entry.File); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
		if err := db.View(ctx, name, parquet(file)); err != nil {
			return err
		}
	}
	return nil
}

// CheckFiles compares every file of the run with the manifest and reports all
// that differ.
func (r *Run) CheckFiles() error {
	var faults []error
	for _, t := range r.Manifest.Tables {
		faults = append(faults, store.Check(TablePath(r.Dir, t.Name), t.File))
	}
	for _, f := range r.Manifest.Files {
		faults = append(faults, store.Check(filepath.Join(r.Dir, filepath.FromSlash(f.Path)), f.Digest))
	}
	return errors.Join(faults...)
}

// A Mismatch is one way in which a repeated run differs from the first.
type Mismatch struct {
	Kind   string `json:"kind"` // file, batch, model, rule, table
	Name   string `json:"name"`
	Want   string `json:"want"`
	Got    string `json:"got"`
	Detail string `json:"detail,omitempty"`
}

// Compare holds a repetition against the manifest of the first run: the same
// models, the same rules, the same content of every table.
func Compare(first, again *Manifest) []Mismatch {
	var list []Mismatch
	add := func(kind, name, want, got string) {
		if want != got {
			list = append(list, Mismatch{Kind: kind, Name: name, Want: want, Got: got})
		}
	}
	models := map[string]string{}
	for _, m := range again.Models {
		models[m.Name] = m.SHA256
	}
	for _, m := range first.Models {
		add("model", m.File, m.SHA256, models[m.Name])
	}
	rules := map[string]string{}
	for _, s := range again.Sources {
		rules[s.File] = s.SHA256
	}
	for _, s := range first.Sources {
		add("rule", s.File, s.SHA256, rules[s.File])
	}
	for _, t := range first.Tables {
		other, ok := again.Table(t.Name)
		if !ok {
			add("table", t.Name, t.Content, "")
			continue
		}
		add("table", t.Name, t.Content, other.Content)
	}
	for _, t := range again.Tables {
		if _, ok := first.Table(t.Name); !ok {
			add("table", t.Name, "", t.Content)
		}
	}
	return list
}

// BatchesOf picks the landed batches that a run read, in its order. A batch
// that is gone, or whose records changed, is an error that names it.
func (r *Run) BatchesOf(landed []landing.Batch) ([]landing.Batch, error) {
	byID := map[string]landing.Batch{}
	for _, b := range landed {
		byID[b.Dataset+"/"+b.ID] = b
	}
	var list []landing.Batch
	var faults []error
	for _, ref := range r.Manifest.Batches {
		b, ok := byID[ref.Dataset+"/"+ref.ID]
		switch {
		case !ok:
			faults = append(faults, fmt.Errorf("%s batch %s: no longer in the landing area", ref.Dataset, ref.ID))
		case b.Records != ref.Records || !b.ReceivedAt.Equal(ref.ReceivedAt):
			faults = append(faults, fmt.Errorf("%s batch %s: not the batch the run read", ref.Dataset, ref.ID))
		default:
			list = append(list, b)
		}
	}
	return list, errors.Join(faults...)
}
