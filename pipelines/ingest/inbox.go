package ingest

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Delivery is what became of one file of an inbox.
type Delivery struct {
	Path    string // of the file
	Dataset string // by its folders
	Result  Result
	Err     error // nil, a *Refusal, or something worth a retry
}

// LandInbox lands every file below dir/<department>/<dataset>/, department by
// department, dataset by dataset and in the order of names, so that a
// department can number what it sends. Names that begin with a dot or end in
// .part or .tmp are being written and left alone. A file that is refused does
// not keep the others from landing; a cancelled context does.
//
// each, when set, hears of every file as soon as it is done, so that a caller
// can move it away. The error is of the inbox itself, never of a file.
func (l *Lander) LandInbox(ctx context.Context, dir string, receivedAt time.Time, each func(Delivery)) ([]Delivery, error) {
	files, err := inboxFiles(dir)
	if err != nil {
		return nil, err
	}
	var deliveries []Delivery
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return deliveries, err
		}
		f.Result, f.Err = l.Land(ctx, Request{Dataset: f.Dataset, File: f.Path, ReceivedAt: receivedAt})
		deliveries = append(deliveries, f)
		if each != nil {
			each(f)
		}
	}
	return deliveries, nil
}

func inboxFiles(dir string) ([]Delivery, error) {
	var files []Delivery
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) && path != dir {
				return nil // taken away while we looked
			}
			return err
		}
		if path == dir {
			return nil
		}
		if isUnfinished(e.Name()) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || e.IsDir() {
			return err
		}
		parts := strings.Split(filepath.ToSlash(rel), "/")
		if len(parts) < 3 || !e.Type().IsRegular() {
			return nil
		}
		files = append(files, Delivery{Path: path, Dataset: parts[0] + "/" + parts[1]})
		return nil
	})
	slices.SortFunc(files, func(a, b Delivery) int {
		if c := strings.Compare(a.Dataset, b.Dataset); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	return files, err
}

func isUnfinished(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".tmp")
}
