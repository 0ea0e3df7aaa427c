package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/secret"
	"rongxin/warehouse/store"
)

// copyBytes is how much of a file is copied, hashed and looked at in one step,
// so small that it stays in a processor's cache meanwhile.
const (
	copyBytes   = 256 << 10
	copyBuffers = 4
)

// receive copies the file at source to target, owner-only, and returns the
// digest of what it wrote and what the bytes look like as text. From here on
// only the copy is read, so a sender who writes to the file meanwhile cannot
// split its content from its digest.
func receive(ctx context.Context, source, target string) (store.Digest, *textProbe, error) {
	in, err := os.Open(source)
	if err != nil {
		return store.Digest{}, nil, err
	}
	defer in.Close()
	before, err := in.Stat()
	if err != nil {
		return store.Digest{}, nil, err
	}
	// One byte more than there was tells that it grows; one that grows faster than
	// it is read must not be followed for ever.
	digest, probe, err := take(ctx, io.LimitReader(in, before.Size()+1), target)
	if err != nil {
		return digest, probe, err
	}
	after, err := in.Stat()
	if err == nil && (digest.Bytes != before.Size() || !isSame(before, after)) {
		err = fmt.Errorf("%s: %w", source, ErrChanging)
	}
	return digest, probe, err
}

// ErrChanging says that a file was written to while it was read. It is not
// landed; another try later finds it whole.
var ErrChanging = errors.New("is still being written")

// isSame reports whether a file is the one seen before and was not written to.
func isSame(before, after fs.FileInfo) bool {
	return os.SameFile(before, after) && before.Size() == after.Size() && before.ModTime().Equal(after.ModTime())
}

// take is receive for what is open already.
func take(ctx context.Context, in io.Reader, target string) (store.Digest, *textProbe, error) {
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return store.Digest{}, nil, err
	}
	// Hashing takes as long as all the rest, so it goes on beside it.
	hash, probe, size := sha256.New(), &textProbe{}, int64(0)
	full, empty := make(chan []byte, copyBuffers), make(chan []byte, copyBuffers)
	for range copyBuffers {
		empty <- make([]byte, copyBytes)
	}
	var hashing sync.WaitGroup
	hashing.Go(func() {
		for piece := range full {
			hash.Write(piece)
			empty <- piece[:copyBytes]
		}
	})
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		var n int
		piece := <-empty
		n, err = io.ReadFull(in, piece)
		size += int64(n)
		if _, werr := out.Write(piece[:n]); werr != nil {
			err = werr
		}
		probe.add(piece[:n])
		full <- piece[:n]
	}
	close(full)
	hashing.Wait()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return store.Digest{}, nil, err
	}
	probe.finish()
	return store.Digest{SHA256: hex.EncodeToString(hash.Sum(nil)), Bytes: size}, probe, nil
}

// keep makes an extract durable: sealed beside itself when there is a key for
// it, as it came otherwise.
func keep(staged *store.Dir, x landing.Extract, key secret.Key) (landing.Extract, error) {
	if key.IsZero() {
		return x, flush(staged.Path(x.File))
	}
	sealed, err := key.SealFile(staged.Path(x.File), staged.Path(x.File+landing.SealedSuffix), x.Digest)
	x.File, x.Sealed = x.File+landing.SealedSuffix, &sealed
	return x, err
}

// flush makes the content of a file durable.
func flush(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
