package secret

import (
	"bytes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"github.com/emmansun/gmsm/sm4"
	"github.com/klauspost/compress/zstd"

	"rongxin/warehouse/store"
)

// A sealed file is a header and chunks:
//
//	8 bytes   "rxsm4v2\n"
//	4 bytes   id of the key
//	16 bytes  salt
//	chunks    each of 65,536 bytes of the packed content, the last one of fewer or
//	          as many, encrypted by SM4-GCM and followed by its 16-byte tag
//
// The content is packed by Zstandard first: most of it is text, and the cipher
// takes longer than all else that is done with an extract. A file of version 1
// holds the content as it is, and opens too.
//
// The salt is HMAC-SM3 of the packed content's SHA-256 under a key derived for
// salts, so the same content packed alike is the same file under the same key,
// and nothing about it can be guessed from the salt. It is not the SHA-256 of the
// content itself: another version of the packer could make other bytes of that,
// and two contents would share key and nonces. The key of the file is derived from
// the salt, so no two contents share one. The nonce of a chunk is its number
// (11 bytes) and a byte that is 1 for the last chunk only, as in the STREAM
// construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-
// Encryption and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015): a chunk that
// is changed, moved, left out, repeated or cut off does not open. The header is
// authenticated with every chunk.
const (
	sealMagic  = "rxsm4v2\n"
	plainMagic = "rxsm4v1\n" // the content is not packed
	saltBytes  = 16
	headBytes  = len(sealMagic) + idBytes + saltBytes
	chunkBytes = 64 << 10
	tagBytes   = 16
)

// ErrSealed is wrapped by Unseal when a sealed file is not as it was written.
var ErrSealed = errors.New("the sealed file is damaged")

// chunks encrypts or decrypts the chunks of one file, in their order.
type chunks struct {
	aead  cipher.AEAD
	head  []byte
	count uint64
}

// filePurpose is what the keys of files of a version are derived for, so that no
// file of one version shares its key with one of another.
var filePurpose = map[string]string{plainMagic: "file", sealMagic: "packed file"}

func (k Key) chunks(head []byte) (*chunks, error) {
	purpose := filePurpose[string(head[:len(sealMagic)])]
	block, err := sm4.NewCipher(k.derive(purpose, head[headBytes-saltBytes:])[:sm4.BlockSize])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &chunks{aead: aead, head: head}, err
}

func (c *chunks) nonce(last bool) []byte {
	var nonce [12]byte
	binary.BigEndian.PutUint64(nonce[3:11], c.count)
	if last {
		nonce[11] = 1
	}
	c.count++
	return nonce[:]
}

// SealFile writes the file at plain, whose digest is known, sealed to target,
// owner-only and flushed to the disk, and returns the digest of what it wrote.
// Meanwhile the packed content lies beside target. It uses a few megabytes of
// memory. When plain is not what the digest says it fails, and target must not
// be kept.
func (k Key) SealFile(plain, target string, digest store.Digest) (store.Digest, error) {
	sealed, err := k.sealFile(plain, target, digest)
	if err != nil {
		return store.Digest{}, fmt.Errorf("seal %s: %w", plain, err)
	}
	return sealed, nil
}

func (k Key) sealFile(plain, target string, digest store.Digest) (_ store.Digest, err error) {
	packed := target + ".packed"
	defer func() {
		if left := os.Remove(packed); !errors.Is(left, fs.ErrNotExist) {
			err = errors.Join(err, left)
		}
	}()
	content, err := pack(plain, packed, digest)
	if err != nil {
		return store.Digest{}, err
	}
	in, err := os.Open(packed)
	if err != nil {
		return store.Digest{}, err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return store.Digest{}, err
	}
	sum := sha256.New()
	n, err := k.seal(io.MultiWriter(out, sum), in, content)
	if err == nil {
		err = out.Sync()
	}
	return store.Digest{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: n}, errors.Join(err, out.Close())
}

func (k Key) seal(out io.Writer, in io.Reader, digest store.Digest) (int64, error) {
	content, err := hex.DecodeString(digest.SHA256)
	if err != nil || len(content) != sha256.Size {
		return 0, fmt.Errorf("%q is no SHA-256", digest.SHA256)
	}
	head := append([]byte(sealMagic), k.id()...)
	head = append(head, k.derive("salt", content)[:saltBytes]...)
	if _, err := out.Write(head); err != nil {
		return 0, err
	}
	c, err := k.chunks(head)
	if err != nil {
		return 0, err
	}
	sum, read, written := sha256.New(), int64(0), int64(headBytes)
	plain, sealed := make([]byte, chunkBytes), make([]byte, 0, chunkBytes+tagBytes)
	for last := false; !last; {
		want := min(digest.Bytes-read, chunkBytes)
		n, err := io.ReadFull(in, plain[:want])
		if err != nil {
			return 0, fmt.Errorf("%w: it ends after %d of %d bytes: %w", store.ErrDigest, read+int64(n), digest.Bytes, err)
		}
		read += want
		last = read == digest.Bytes
		sum.Write(plain[:want])
		sealed = c.aead.Seal(sealed[:0], c.nonce(last), plain[:want], head)
		if _, err := out.Write(sealed); err != nil {
			return 0, err
		}
		written += int64(len(sealed))
	}
	// Other content under this salt would break the cipher.
	if !bytes.Equal(sum.Sum(nil), content) {
		return 0, fmt.Errorf("%w: it changed after it was received", store.ErrDigest)
	}
	return written, nil
}

// packWindow is how far back a repeated text is found.
const packWindow = 1 << 20

// pack writes the file at plain, whose digest is known, packed to target, and
// returns the digest of what it wrote.
func pack(plain, target string, digest store.Digest) (packed store.Digest, err error) {
	in, err := os.Open(plain)
	if err != nil {
		return packed, err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return packed, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	written := &counter{w: out, sum: sha256.New()}
	packer, err := zstd.NewWriter(written, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(packWindow),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true))
	if err != nil {
		return packed, err
	}
	sum := sha256.New()
	n, err := io.CopyBuffer(packer, io.TeeReader(in, sum), make([]byte, chunkBytes))
	if err = errors.Join(err, packer.Close()); err != nil {
		return packed, err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != digest.SHA256 || n != digest.Bytes {
		return packed, fmt.Errorf("%w: it changed after it was received", store.ErrDigest)
	}
	return store.Digest{SHA256: hex.EncodeToString(written.sum.Sum(nil)), Bytes: written.n}, nil
}

// A counter counts and digests what goes through it.
type counter struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.sum.Write(b[:n])
	c.n += int64(n)
	return n, err
}

// Unseal reads the content of a sealed file with the key it names. What it
// returns before an error is authentic but may be only the beginning: a caller
// must read to io.EOF. Damage is ErrSealed, a key that is not there ErrKey.
func (r *Ring) Unseal(sealed io.Reader) (io.Reader, error) {
	head := make([]byte, headBytes)
	_, err := io.ReadFull(sealed, head)
	magic := string(head[:len(sealMagic)])
	if err != nil || filePurpose[magic] == "" {
		return nil, fmt.Errorf("%w: its head is not that of one", ErrSealed)
	}
	k, err := r.Find(hex.EncodeToString(head[len(sealMagic) : len(sealMagic)+idBytes]))
	if err != nil {
		return nil, err
	}
	c, err := k.chunks(head)
	if err != nil {
		return nil, err
	}
	// One byte more than a chunk tells whether another one follows.
	u := &unsealer{chunks: c, in: sealed, buf: make([]byte, 0, chunkBytes+tagBytes+1)}
	if magic == plainMagic {
		return u, nil
	}
	packed, err := zstd.NewReader(u, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(packWindow))
	return &unpacker{packed, u}, err
}

// An unpacker reads what was packed and sealed.
type unpacker struct {
	packed *zstd.Decoder
	sealed *unsealer
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.packed.Read(p)
	switch {
	case err == nil || err == io.EOF && u.sealed.err == io.EOF:
	case u.sealed.err != nil && u.sealed.err != io.EOF:
		err = u.sealed.err
	default:
		err = fmt.Errorf("%w: %w", ErrSealed, err)
	}
	return n, err
}

type unsealer struct {
	*chunks
	in    io.Reader
	buf   []byte // sealed bytes that were read
	plain []byte // not yet given out
	space []byte
	err   error
}

func (u *unsealer) Read(p []byte) (int, error) {
	for len(u.plain) == 0 && u.err == nil {
		u.next()
	}
	if len(u.plain) == 0 {
		return 0, u.err
	}
	n := copy(p, u.plain)
	u.plain = u.plain[n:]
	return n, nil
}

// next opens one chunk; after the last it sets err to io.EOF.
func (u *unsealer) next() {
	n, err := io.ReadFull(u.in, u.buf[len(u.buf):cap(u.buf)])
	u.buf = u.buf[:len(u.buf)+n]
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		u.err = err
		return
	}
	size := min(len(u.buf), chunkBytes+tagBytes)
	plain, err := u.aead.Open(u.space[:0], u.nonce(last), u.buf[:size], u.head)
	if err != nil {
		u.err = fmt.Errorf("%w: at chunk %d", ErrSealed, u.count)
		return
	}
	u.space, u.plain = plain, plain
	u.buf = append(u.buf[:0], u.buf[size:]...)
	if last {
		u.err = io.EOF
	}
}
