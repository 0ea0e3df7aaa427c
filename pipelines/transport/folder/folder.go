// Package folder is an agreed folder that two parties exchange files through, on
// a local or mounted disk or on an SFTP server. A file appears in it whole or not
// at all. The folder itself is never made: one that is not there is a disk that
// is not mounted.
package folder

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"
)

// A Folder may be used by several goroutines. Names are of one part, or of two
// where the first is a folder within, which is made when a file is put or moved
// there.
type Folder interface {
	// List returns the regular files directly in the folder that are whole, ascending
	// by name.
	List(ctx context.Context) ([]File, error)
	// View opens a regular file for the time of the call. One that is not there is
	// fs.ErrNotExist.
	View(ctx context.Context, name string, look func(f File, content io.ReaderAt) error) error
	// Put makes or replaces a file, and returns when it is on the disk under its name,
	// as far as the server lets that be known.
	Put(ctx context.Context, name string, content []byte) error
	// Move renames a file and replaces one that has the new name.
	Move(ctx context.Context, from, to string) error
	// Remove removes a file that may be gone already.
	Remove(ctx context.Context, name string) error
	// Sweep removes what a Put that was killed left behind before that time, in the
	// folder itself where within is empty, or in one within.
	Sweep(ctx context.Context, within string, before time.Time) error
	// Close lets go of connections; the next call makes them anew.
	Close() error
	// String tells a person where it is.
	String() string
}

// File is one file as it stands.
type File struct {
	Name     string
	Size     int64
	Modified time.Time
}

// What a caller decides on; any other error may pass by itself.
var (
	ErrSetup      = errors.New("the folder is not set up right")      // a person must act
	ErrConnection = errors.New("the connection broke")                // it may have been done
	ErrIrregular  = errors.New("it is not a regular file")            // it is never opened
	ErrTooLarge   = errors.New("it is larger than what may be there") // of Read
)

// Read returns what is in a file of at most limit bytes.
func Read(ctx context.Context, f Folder, name string, limit int64) (content []byte, err error) {
	err = f.View(ctx, name, func(file File, r io.ReaderAt) error {
		if file.Size > limit {
			return fmt.Errorf("%s: %d bytes: %w", name, file.Size, ErrTooLarge)
		}
		content = make([]byte, file.Size)
		n, err := io.ReadFull(io.NewSectionReader(r, 0, file.Size), content)
		content = content[:n]
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) { // it was cut meanwhile
			err = nil
		}
		return err
	})
	return content, err
}

// Try looks whether files can be put into a folder, moved there and removed. It
// does so under a name that nobody reads.
func Try(ctx context.Context, f Folder) error {
	const probe = "rongxin-check.tmp"
	_, err := f.List(ctx)
	for _, step := range []func() error{
		func() error { return f.Put(ctx, probe, nil) },
		func() error { return f.Move(ctx, probe, "aside/"+probe) },
		func() error { return f.Remove(ctx, "aside/"+probe) },
	} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	return nil
}

const tempPrefix = ".tmp-"

// temporary is a name that no other Put uses.
func temporary(name string) string { return tempPrefix + rand.Text()[:8] + "-" + path.Base(name) }

// isWhole tells names of whole files from those of files that are being written.
func isWhole(name string) bool {
	return !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".tmp") && !strings.HasSuffix(name, ".part")
}

var part = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`)

// CheckName refuses a name that may not stand in a folder; so every one is within
// it.
func CheckName(name string) error {
	dir, base, two := strings.Cut(name, "/")
	if !part.MatchString(dir) || two && !part.MatchString(base) {
		return fmt.Errorf("%.200q: a name has letters, digits, full stops, hyphens and underscores", name)
	}
	return nil
}
