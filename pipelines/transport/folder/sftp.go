package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"
)

// remote is a folder on an SFTP server.
type remote struct {
	server *Server
	dir    string
}

// Folder is the folder at dir on the server.
func (s *Server) Folder(dir string) Folder { return remote{s, dir} }

func (r remote) String() string {
	return "sftp://" + r.server.cfg.User + "@" + r.server.cfg.Address + "/" + strings.TrimPrefix(r.dir, "/")
}

func (r remote) Close() error { return r.server.Close() }

// do makes one step on the server. Each step has the time that is set, however
// many a call takes. A session in which a step broke is not used again.
func (r remote) do(ctx context.Context, step func(c *sftp.Client) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	live, err := r.server.connect(ctx)
	if err != nil {
		return err
	}
	stop := afterQuiet(ctx, r.server.cfg.Timeout, func() { r.server.forget(live) })
	err = step(live.sftp)
	if cause := stop(); cause != nil {
		return errors.Join(cause, err)
	}
	return r.said(live, err)
}

// said sorts the errors of a step: what the server answered, and what broke.
func (r remote) said(live *session, err error) error {
	var status *sftp.StatusError
	switch {
	case err == nil, errors.Is(err, ErrIrregular), errors.Is(err, ErrTooLarge), errors.Is(err, ErrSetup):
		return err
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %s: %w", ErrSetup, r, err)
	case errors.Is(err, fs.ErrNotExist):
		return err
	case errors.As(err, &status):
		return fmt.Errorf("%s: the server says %w; is its disk full?", r, err)
	}
	r.server.forget(live)
	return broke(err)
}

func (r remote) at(name string) (string, error) { return path.Join(r.dir, name), CheckName(name) }

func (r remote) List(ctx context.Context) (files []File, err error) {
	err = r.do(ctx, func(c *sftp.Client) error {
		entries, err := c.ReadDirContext(ctx, r.dir)
		for _, e := range entries {
			if e.Mode().IsRegular() && isWhole(e.Name()) {
				files = append(files, File{e.Name(), e.Size(), e.ModTime()})
			}
		}
		return err
	})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, r.missing(err)
}

// missing tells a folder that is not there from a file.
func (r remote) missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s: %w", ErrSetup, r, err)
	}
	return err
}

func (r remote) View(ctx context.Context, name string, look func(File, io.ReaderAt) error) error {
	at, err := r.at(name)
	if err != nil {
		return err
	}
	var f *sftp.File
	var file File
	err = r.do(ctx, func(c *sftp.Client) error {
		info, err := c.Lstat(at)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s: %w", name, ErrIrregular)
		}
		file = File{name, info.Size(), info.ModTime()}
		f, err = c.Open(at)
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(look(file, steps{ctx, r, f}), r.do(ctx, func(*sftp.Client) error { return f.Close() }))
}

// steps reads a file on the server, each piece in the time of a step.
type steps struct {
	ctx context.Context
	r   remote
	f   *sftp.File
}

func (s steps) ReadAt(p []byte, off int64) (n int, err error) {
	stepErr := s.r.do(s.ctx, func(*sftp.Client) error {
		n, err = s.f.ReadAt(p, off)
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	})
	if stepErr != nil {
		return n, stepErr
	}
	return n, err
}

// writeStep is how much is written in the time of one step.
const writeStep = 1 << 20

func (r remote) Put(ctx context.Context, name string, content []byte) error {
	at, err := r.at(name)
	if err != nil {
		return err
	}
	temp := path.Join(path.Dir(at), temporary(name))
	var f *sftp.File
	err = r.do(ctx, func(c *sftp.Client) error {
		if err := makeWithin(c, name, at); err != nil {
			return err
		}
		f, err = c.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
		return err
	})
	if err != nil {
		return r.missing(err)
	}
	for left := content; len(left) > 0 && err == nil; {
		piece := left[:min(len(left), writeStep)]
		left = left[len(piece):]
		err = r.do(ctx, func(*sftp.Client) error { _, err := f.Write(piece); return err })
	}
	if err != nil {
		return errors.Join(err, r.discard(ctx, f, temp))
	}
	err = r.do(ctx, func(c *sftp.Client) error {
		if err := f.Chmod(fileMode); err != nil {
			return err
		}
		if _, has := c.HasExtension(fsync); has {
			if err := f.Sync(); err != nil {
				return err
			}
		}
		if err := f.Close(); err != nil {
			return err
		}
		return c.PosixRename(temp, at)
	})
	if err != nil {
		return errors.Join(err, r.discard(ctx, f, temp))
	}
	return nil
}

// discard takes an unfinished file away while the session that wrote it lasts;
// otherwise Sweep does.
func (r remote) discard(ctx context.Context, f *sftp.File, temp string) error {
	r.server.mu.Lock()
	connected := r.server.live != nil
	r.server.mu.Unlock()
	if !connected {
		return nil
	}
	return r.do(ctx, func(c *sftp.Client) error {
		f.Close() // it may be closed already
		return gone(c.Remove(temp))
	})
}

// gone takes a file that is not there as removed.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (r remote) Move(ctx context.Context, from, to string) error {
	old, err := r.at(from)
	if err != nil {
		return err
	}
	at, err := r.at(to)
	if err != nil {
		return err
	}
	return r.do(ctx, func(c *sftp.Client) error {
		if err := makeWithin(c, to, at); err != nil {
			return err
		}
		return c.PosixRename(old, at)
	})
}

// makeWithin makes the folder within that a name of two parts asks for.
func makeWithin(c *sftp.Client, name, at string) error {
	if !strings.Contains(name, "/") {
		return nil
	}
	_, err := c.Stat(path.Dir(at))
	if errors.Is(err, fs.ErrNotExist) {
		return c.Mkdir(path.Dir(at))
	}
	return err
}

func (r remote) Remove(ctx context.Context, name string) error {
	at, err := r.at(name)
	if err != nil {
		return err
	}
	return r.do(ctx, func(c *sftp.Client) error { return gone(c.Remove(at)) })
}

func (r remote) Sweep(ctx context.Context, within string, before time.Time) error {
	dir := path.Join(r.dir, within)
	err := r.do(ctx, func(c *sftp.Client) error {
		entries, err := c.ReadDirContext(ctx, dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), tempPrefix) && e.ModTime().Before(before) {
				err = errors.Join(err, gone(c.Remove(path.Join(dir, e.Name()))))
			}
		}
		return err
	})
	if within != "" {
		return gone(err)
	}
	return r.missing(err)
}
