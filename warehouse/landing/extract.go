package landing

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"

	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// SealedSuffix ends the names of sealed files.
const SealedSuffix = ".sm4"

// OpenExtract opens the extract of a batch, of a replay that of its parent, as
// the department sent it. The file is compared with its digest first. A sealed one needs its key: without it the
// error is secret.ErrKey, and the records stay readable all the same. The
// caller reads to io.EOF and closes.
func OpenExtract(home string, b Batch, keys *secret.Ring) (io.ReadCloser, error) {
	path := filepath.Join(Dir(home, b.Dataset, cmp.Or(b.Parent, b.ID)), b.Extract.File)
	if b.Extract.Sealed == nil {
		if err := store.Check(path, b.Extract.Digest); err != nil {
			return nil, err
		}
		return os.Open(path)
	}
	return openSealed(path, *b.Extract.Sealed, keys)
}

func openSealed(path string, digest store.Digest, keys *secret.Ring) (io.ReadCloser, error) {
	if err := store.Check(path, digest); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	plain, err := keys.Unseal(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	return sealedFile{plain, file}, nil
}

type sealedFile struct {
	io.Reader
	io.Closer
}

// KeysUsed returns the ids of the keys that the batches in home were written
// with.
func KeysUsed(home string) ([]string, error) {
	batches, err := List(home)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, b := range batches {
		if b.KeyID != "" && !slices.Contains(ids, b.KeyID) {
			ids = append(ids, b.KeyID)
		}
	}
	return ids, nil
}
