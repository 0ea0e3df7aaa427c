package run

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"rongxin/warehouse/store"
)

// Remove takes runs away; those that share files with them keep theirs. While a
// run is being built there it returns ErrBusy and removes none.
func Remove(home string, list []Standing) error {
	for _, dir := range []string{Dir(home), Challengers(home)} {
		of := slices.DeleteFunc(slices.Clone(list), func(s Standing) bool { return s.Challenger != (dir != Dir(home)) })
		if len(of) == 0 {
			continue
		}
		if err := remove(dir, of); err != nil {
			return err
		}
	}
	return nil
}

func remove(dir string, list []Standing) error {
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	for _, s := range list {
		// Under a temporary name first: what is left of it after a kill is swept by
		// the next build, and nobody opens half a run.
		gone := filepath.Join(dir, store.Temporary(s.ID))
		if err := os.Rename(filepath.Join(dir, s.ID), gone); err != nil {
			return err
		}
		if err := os.RemoveAll(gone); err != nil {
			return fmt.Errorf("run %s: %w", s.ID, err)
		}
	}
	return store.SyncDir(dir)
}

// Hold keeps any run from being built in a home until it is released; ErrBusy
// when one is being built.
func Hold(home string) (release func() error, err error) {
	unlock, err := lock(Dir(home))
	if err != nil {
		return nil, err
	}
	return func() error { unlock(); return nil }, nil
}
