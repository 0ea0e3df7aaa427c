// Package boundzip opens ZIP archives from outside with a bound on what their
// directory may take: archive/zip holds all of its entries in memory.
package boundzip

import (
	"archive/zip"
	"errors"
	"io"
)

// ErrDirectory says that the directory of an archive is beyond the bound.
var ErrDirectory = errors.New("the directory of the archive is too large")

// endSearch is where the end of the directory is looked for: the last 65 KB, and
// those of a 64-bit directory before it (APPNOTE 4.3.14).
const endSearch = 128 << 10

// Open reads the directory of an archive, at most so many bytes of it.
func Open(r io.ReaderAt, size int64, directory int) (*zip.Reader, error) {
	within := &boundedReader{r: r, left: directory + endSearch}
	archive, err := zip.NewReader(within, size)
	within.left = -1
	return archive, err
}

// A boundedReader reads no more than left bytes in all, unless that is negative.
type boundedReader struct {
	r    io.ReaderAt
	left int
}

func (b *boundedReader) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if len(p) > b.left {
			return 0, ErrDirectory
		}
		b.left -= len(p)
	}
	return b.r.ReadAt(p, off)
}
