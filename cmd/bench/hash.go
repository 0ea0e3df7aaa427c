package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"strconv"
)

// hashLanded hashes what landing hashes: the extract, and output of the size of
// the records. It says the processor time of that alone.
func hashLanded(ctx context.Context, j job) (string, error) {
	if _, err := (trial{wide, "utf8.csv", "utf-8", 2, false}).land(ctx, j); err != nil {
		return "", err
	}
	before := cpuSeconds()
	err := filepath.WalkDir(j.out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return digest(path)
	})
	return strconv.FormatFloat(cpuSeconds()-before, 'g', 6, 64), err
}

func hashShare(r results) []figure {
	digests := said("hash")(r)[0].value
	return []figure{{"", 100 * digests / median(each(r["land-utf8"], func(s sample) float64 { return s.cpu }))}}
}
