package sandbox

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// fileName is a name that a file in an agreed folder may have: one of its own, no
// temporary one, and none that leads elsewhere.
var fileName = regexp.MustCompile(`^[0-9A-Za-z_-][0-9A-Za-z._-]{0,199}$`)

func isWhole(name string) bool {
	return fileName.MatchString(name) && !strings.HasSuffix(name, ".tmp") && !strings.HasSuffix(name, ".part")
}

// endings lists the whole files of a folder with that end, in order of names.
func endings(dir, end string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Type().IsRegular() && isWhole(e.Name()) && strings.HasSuffix(e.Name(), end) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, err
}

// readBounded reads a file of at most limit bytes.
func readBounded(dir, name string, limit int64) ([]byte, error) {
	if !isWhole(name) {
		return nil, refuse(0, "NAME", "文件名 %q 不合约定", name)
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = refuse(0, "TOO_LARGE", "%s 超过 %d 字节", name, limit)
	}
	return text, err
}

// place writes a file under a temporary name, flushes it and gives it its own.
func place(dir, name string, write func(io.Writer) error) (err error) {
	temporary := filepath.Join(dir, "."+name+".tmp")
	f, err := os.Create(temporary)
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temporary, filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return syncDir(dir)
}

func placeBytes(dir, name string, text []byte) error {
	return place(dir, name, func(w io.Writer) error { _, err := w.Write(text); return err })
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
