package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"rongxin/warehouse/store"
)

// local is a folder on a disk of this machine.
type local struct{ dir string }

// Local is the folder at dir. Files are readable by the group of the folder.
func Local(dir string) Folder { return local{dir} }

const fileMode = 0o640

func (l local) String() string { return l.dir }

func (l local) Close() error { return nil }

// root opens the folder; nothing outside of it is reached through what it returns.
func (l local) root(ctx context.Context) (*os.Root, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(l.dir)
	return root, known(err)
}

// known marks errors that a person must mend.
func known(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", ErrSetup, err)
	}
	return err
}

func (l local) List(ctx context.Context) (files []File, err error) {
	root, err := l.root(ctx)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		if !e.Type().IsRegular() || !isWhole(e.Name()) {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, File{e.Name(), info.Size(), info.ModTime()})
	}
	return files, known(err)
}

func (l local) View(ctx context.Context, name string, look func(File, io.ReaderAt) error) error {
	root, err := l.root(ctx)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := CheckName(name); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would wait for its writer
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", name, ErrIrregular)
	}
	return look(File{name, info.Size(), info.ModTime()}, f)
}

func (l local) Put(ctx context.Context, name string, content []byte) error {
	path, err := l.path(ctx, name)
	if err != nil {
		return err
	}
	return known(store.Write(path, fileMode, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	}))
}

// path is where a file is to stand. The folder must be there.
func (l local) path(ctx context.Context, name string) (string, error) {
	root, err := l.root(ctx)
	if err != nil {
		return "", err
	}
	defer root.Close()
	if err := CheckName(name); err != nil {
		return "", err
	}
	if within, _, is := strings.Cut(name, "/"); is {
		if info, err := root.Lstat(within); err == nil && !info.IsDir() { // a link could lead anywhere
			return "", fmt.Errorf("%w: %s is no folder", ErrSetup, filepath.Join(l.dir, within))
		}
	}
	return filepath.Join(l.dir, name), nil
}

func (l local) Move(ctx context.Context, from, to string) error {
	old, err := l.path(ctx, from)
	if err != nil {
		return err
	}
	path, err := l.path(ctx, to)
	if err != nil {
		return err
	}
	if err := store.MakeDirs(filepath.Dir(path)); err != nil {
		return known(err)
	}
	if err := os.Rename(old, path); err != nil {
		return known(err)
	}
	return errors.Join(store.SyncDir(filepath.Dir(path)), store.SyncDir(filepath.Dir(old)))
}

func (l local) Remove(ctx context.Context, name string) error {
	path, err := l.path(ctx, name)
	if err != nil {
		return err
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return known(err)
	}
	return store.SyncDir(filepath.Dir(path))
}

func (l local) Sweep(ctx context.Context, within string, _ time.Time) error {
	root, err := l.root(ctx)
	if err != nil {
		return err
	}
	return errors.Join(root.Close(), store.Sweep(filepath.Join(l.dir, within))) // a living process has a lock on what it writes
}
