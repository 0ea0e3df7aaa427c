package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// BlockSize is how many bytes of a file one block digest speaks for; the last
// block is what is left. A question about one subject reads one or two blocks
// of a table, so it need not read the whole file to know that they are whole.
const BlockSize = 256 << 10

// keepBlocks is how many checked blocks an open file keeps in memory.
const keepBlocks = 4

// SumBlocks reads a file once and returns its digest and the SHA-256 of each of
// its blocks.
func SumBlocks(path string) (Digest, []string, error) {
	f, err := os.Open(path)
	if err != nil {
		return Digest{}, nil, err
	}
	defer f.Close()
	whole, block, size := sha256.New(), make([]byte, BlockSize), int64(0)
	blocks := []string{}
	for {
		n, err := io.ReadFull(f, block)
		if n > 0 {
			whole.Write(block[:n])
			blocks = append(blocks, blockSum(block[:n]))
			size += int64(n)
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return Digest{SHA256: hex.EncodeToString(whole.Sum(nil)), Bytes: size}, blocks, nil
		default:
			return Digest{}, nil, err
		}
	}
}

func blockSum(block []byte) string {
	sum := sha256.Sum256(block)
	return hex.EncodeToString(sum[:])
}

// Blocks is a file of which no byte is given out before its block was compared
// with the digest it was written under. It is for one goroutine at a time.
type Blocks struct {
	file   *os.File
	size   int64
	sums   []string
	blocks [keepBlocks]block // the newest in turn
	next   int
}

type block struct {
	bytes []byte // nil: none
	no    int64
}

// OpenBlocks opens a file that was written under these digests.
func OpenBlocks(path string, whole Digest, sums []string) (*Blocks, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && (info.Size() != whole.Bytes || int64(len(sums)) != (whole.Bytes+BlockSize-1)/BlockSize) {
		err = fmt.Errorf("%s: %w: expected %d bytes in %d blocks, found %d bytes", path, ErrDigest, whole.Bytes, len(sums), info.Size())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Blocks{file: f, size: whole.Bytes, sums: sums}, nil
}

// Size is the length of the file.
func (b *Blocks) Size() int64 { return b.size }

// Close closes the file.
func (b *Blocks) Close() error { return b.file.Close() }

// ReadAt implements [io.ReaderAt]. A block that differs is ErrDigest.
func (b *Blocks) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < b.size {
		checked, err := b.block(off / BlockSize)
		if err != nil {
			return n, err
		}
		copied := copy(p[n:], checked[off%BlockSize:])
		n, off = n+copied, off+int64(copied)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (b *Blocks) block(no int64) ([]byte, error) {
	for _, kept := range b.blocks {
		if kept.bytes != nil && kept.no == no {
			return kept.bytes, nil
		}
	}
	into := &b.blocks[b.next]
	data := into.bytes[:0]
	into.bytes = nil // until the new content is checked
	if data == nil {
		data = make([]byte, 0, BlockSize)
	}
	data = data[:min(BlockSize, b.size-no*BlockSize)]
	if _, err := b.file.ReadAt(data, no*BlockSize); err != nil {
		return nil, fmt.Errorf("%s: block %d: %w", b.file.Name(), no, err)
	}
	if got := blockSum(data); got != b.sums[no] {
		return nil, fmt.Errorf("%s: %w: block %d: expected SHA-256 %s, found %s", b.file.Name(), ErrDigest, no, b.sums[no], got)
	}
	into.bytes, into.no = data, no
	b.next = (b.next + 1) % keepBlocks
	return data, nil
}
