package run

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"rongxin/warehouse/store"
)

// A Standing is a finished run of a home, or one of a challenger.
type Standing struct {
	ID         string
	Run        *Run  // nil: Fault says why it cannot be opened
	Fault      error // of the manifest; files are for verify
	Challenger bool
	MadeAt     time.Time // when its manifest was written
	OwnBytes   int64     // what removing it would free: files that no other run shares
}

// List returns the runs of a home and those of challengers, each in the order of
// their names, which begin with the day they speak for.
func List(home string) (list []Standing, err error) {
	for _, dir := range []string{Dir(home), Challengers(home)} {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if !e.IsDir() || store.IsTemporary(e.Name()) {
				continue
			}
			s := Standing{ID: e.Name(), Challenger: dir != Dir(home)}
			s.Run, s.Fault = open(dir, s.ID)
			if s.MadeAt, s.OwnBytes, err = ownBytes(filepath.Join(dir, s.ID)); err != nil {
				return nil, err
			}
			list = append(list, s)
		}
	}
	return list, nil
}

// ownBytes adds up the files below dir that have no second name.
func ownBytes(dir string) (made time.Time, bytes int64, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if path == filepath.Join(dir, manifestName) {
			made = info.ModTime()
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Nlink == 1 {
			bytes += info.Size()
		}
		return nil
	})
	return made, bytes, err
}

// Unfinished names the runs in the making, or what a killed build left.
func Unfinished(home string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(Dir(home), store.Temporary("*")))
	for i := range found {
		found[i] = strings.TrimPrefix(filepath.Base(found[i]), store.Temporary(""))
	}
	return found, err
}
