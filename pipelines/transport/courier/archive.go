package courier

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"

	"rongxin/internal/boundzip"
	"rongxin/pipelines/transport/folder"
	"rongxin/pipelines/transport/note"
)

const maxDirectory = 8 << 20 // of an archive, bytes

// open reads the directory and the note of a package, and compares them.
func (c *Courier) open(f folder.File, r io.ReaderAt) (*zip.Reader, packageNote, error) {
	archive, err := boundzip.Open(io.NewSectionReader(r, 0, f.Size), f.Size, maxDirectory)
	if err != nil {
		return nil, packageNote{}, err
	}
	if len(archive.File) == 0 || len(archive.File) > maxMembers+1 || archive.File[0].Name != noteName {
		return nil, packageNote{}, fmt.Errorf("its first member is not %s, or it has more than %d others", noteName, maxMembers)
	}
	text, err := readMember(archive.File[0], note.MaxBytes)
	if err != nil {
		return nil, packageNote{}, err
	}
	var any json.RawMessage
	read, err := note.Decode(text, &any)
	if err == nil {
		err = read.Verify(c.Keys)
	}
	var n packageNote
	if err == nil {
		n, err = readNote(returnedKind, c.Receiver, c.Source, text)
	}
	if err == nil {
		err = sameMembers(archive.File[1:], n.Files, f.Size)
	}
	if err != nil {
		return nil, n, fmt.Errorf("%s: %w", noteName, err)
	}
	return archive, n, nil
}

// sameMembers compares the directory with the note, within the bounds on what
// an archive unpacks to.
func sameMembers(files []*zip.File, members []member, packed int64) error {
	if len(files) != len(members) {
		return fmt.Errorf("ALTERED: it tells of %d members, there are %d", len(members), len(files))
	}
	sum := int64(0)
	for i, f := range files {
		m := members[i]
		switch {
		case f.Name != m.Name || f.UncompressedSize64 != uint64(m.Bytes):
			return fmt.Errorf("ALTERED: member %d is %.100q of %d bytes, want %s of %d", i+1, f.Name, f.UncompressedSize64, m.Name, m.Bytes)
		case f.Flags&1 != 0 || !f.Mode().IsRegular() || f.Method != zip.Store && f.Method != zip.Deflate: // APPNOTE 4.4.4
			return fmt.Errorf("member %s is no plain file that is stored or deflated", m.Name)
		}
		sum += m.Bytes
	}
	if sum > ratioFloor && sum/maxRatio > packed {
		return fmt.Errorf("it unpacks to more than %d times its size", maxRatio)
	}
	return nil
}

// readMember reads a member of at most limit bytes, whatever its header says.
func readMember(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, alteredError{f.Name, err}
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, readError(f.Name, err)
	}
	if int64(len(content)) > limit {
		return nil, alteredError{f.Name, fmt.Errorf("more than %d bytes", limit)}
	}
	return content, nil
}

// alteredError is a member that is not as the note tells.
type alteredError struct {
	name string
	err  error
}

func (e alteredError) Error() string { return "ALTERED: " + e.name + ": " + e.err.Error() }
func (e alteredError) Unwrap() error { return e.err }

// readError tells an archive that is damaged from a disk that cannot be read.
func readError(name string, err error) error {
	if ofMachine(err) {
		return err
	}
	return alteredError{name, err}
}

// ofMachine tells an error of reading from one of what was read.
func ofMachine(err error) bool {
	machine := syscall.Errno(0)
	return errors.As(err, &machine)
}

// copyMember writes a member to w and checks it by the way.
func copyMember(ctx context.Context, f *zip.File, m member, w io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := f.Open()
	if err != nil {
		return alteredError{f.Name, err}
	}
	defer r.Close()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, hash), io.LimitReader(r, m.Bytes+1))
	if err != nil {
		return readError(f.Name, err)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); n != m.Bytes || got != m.SHA256 {
		return alteredError{f.Name, fmt.Errorf("SHA-256 %s, want %s", got, m.SHA256)}
	}
	return nil
}
