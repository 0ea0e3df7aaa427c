package database

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rongxin/warehouse/store"
)

// spoolPath is where the rows of a dataset's next batch wait until they land.
// Batches received at one moment are ordered by this name.
func spoolPath(home, dataset string, batch int64) string {
	return filepath.Join(home, "spool", filepath.FromSlash(dataset), fmt.Sprintf("%s-%06d.ndjson", filepath.Base(dataset), batch))
}

// A spool is the file that rows are added to, page by page. How much of it
// counts is written in the operations store; what lies behind was being written
// when a process died.
type spool struct {
	file   *os.File
	buffer *bufio.Writer
	size   int64 // flushed to the disk
	fresh  int64 // added since
}

// errShort says that less is on the disk than was acknowledged.
var errShort = errors.New("the spool file is shorter than it was")

// openSpool opens the spool to go on behind size bytes.
func openSpool(path string, size int64) (*spool, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		err = errShort
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err == nil {
		err = store.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &spool{file: f, buffer: bufio.NewWriterSize(f, 1<<20), size: size}, nil
}

func (s *spool) add(line []byte) error {
	n, err := s.buffer.Write(line)
	s.fresh += int64(n)
	return err
}

// flush brings what was added to the disk.
func (s *spool) flush() error {
	if s.fresh == 0 {
		return nil
	}
	if err := s.buffer.Flush(); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.size += s.fresh
	s.fresh = 0
	return nil
}

func (s *spool) close() error { return s.file.Close() }

func removeSpool(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
