package secret

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"rongxin/warehouse/store"
)

// A Ring is a directory of keys, 0001.key, 0002.key and so on, each 64 hex
// digits. The newest makes new tokens and seals new files; the older ones stay,
// to open what they sealed. The directory and its files belong to their owner
// alone, which is looked at on every use.
type Ring struct{ dir string }

// NewRing returns the ring in dir, which need not exist yet.
func NewRing(dir string) *Ring { return &Ring{dir} }

// Dir is the directory of the keys.
func (r *Ring) Dir() string { return r.dir }

// Keys returns every key, oldest first; none when there is no directory.
func (r *Ring) Keys() ([]Key, error) {
	info, err := os.Stat(r.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is not a directory", ErrKey, r.dir)
	}
	if err := ownerOnly(r.dir, info, 0o700); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(r.dir, "[0-9][0-9][0-9][0-9].key"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	keys := make([]Key, len(files))
	for i, file := range files {
		if keys[i], err = readKey(file); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func readKey(path string) (Key, error) {
	text, err := ReadFile(path, 1024)
	if err != nil {
		return Key{}, err
	}
	root, err := hex.AppendDecode(nil, text)
	if err != nil || len(root) != rootBytes {
		return Key{}, fmt.Errorf("%w: %s is damaged: want %d hex digits; restore it from its backup", ErrKey, path, 2*rootBytes)
	}
	return Key{root}, nil
}

// Current returns the newest key, and makes the first one where there is none.
// used are the ids of keys that the warehouse was written with: while one of
// them is missing the ring is not the right one, and no key is given or made.
func (r *Ring) Current(used ...string) (Key, error) {
	keys, err := r.Keys()
	if err != nil {
		return Key{}, err
	}
	for _, id := range used {
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.ID() == id }) {
			return Key{}, r.missing(id)
		}
	}
	if len(keys) == 0 {
		key, err := r.add(1)
		if !errors.Is(err, store.ErrExists) {
			return key, err
		}
		if keys, err = r.Keys(); err != nil { // another process was first
			return Key{}, err
		}
	}
	return keys[len(keys)-1], nil
}

// Find returns the key of that id.
func (r *Ring) Find(id string) (Key, error) {
	keys, err := r.Keys()
	if err != nil {
		return Key{}, err
	}
	for _, k := range keys {
		if k.ID() == id {
			return k, nil
		}
	}
	return Key{}, r.missing(id)
}

func (r *Ring) missing(id string) error {
	return fmt.Errorf("%w %s is not in %s; restore the keys of this warehouse from their backup, or name their directory in the setting keys",
		ErrKey, id, r.dir)
}

// New adds a key, which is the current one from then on.
func (r *Ring) New() (Key, error) {
	for {
		keys, err := r.Keys()
		if err != nil {
			return Key{}, err
		}
		key, err := r.add(len(keys) + 1)
		if !errors.Is(err, store.ErrExists) {
			return key, err
		}
	}
}

func (r *Ring) add(number int) (Key, error) {
	key, err := newKey()
	if err != nil {
		return Key{}, err
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return Key{}, err
	}
	path := filepath.Join(r.dir, fmt.Sprintf("%04d.key", number))
	err = store.Create(path, 0o600, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%x\n", key.root)
		return err
	})
	if err != nil {
		return Key{}, err
	}
	return key, store.SyncDir(filepath.Dir(r.dir))
}
