package secret

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ReadFile reads a small file that holds a secret agreed with somebody else, such
// as a key or a data source name, without surrounding white space. Only its owner
// may read it, and it has at most limit bytes. Errors wrap ErrKey and never hold
// the content.
func ReadFile(path string, limit int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is not a file", ErrKey, path)
	}
	if err := ownerOnly(path, info, 0o600); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if len(text) > limit {
		return nil, fmt.Errorf("%w: %s is longer than %d bytes", ErrKey, path, limit)
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return nil, fmt.Errorf("%w: %s is empty", ErrKey, path)
	}
	return text, nil
}

func ownerOnly(path string, info fs.FileInfo, want fs.FileMode) error {
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%w: %s has mode %04o and is open to others; chmod %03o %s, and make a new key if somebody may have read it",
			ErrKey, path, mode, want, path)
	}
	return nil
}
