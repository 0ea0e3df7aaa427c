package store_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"rongxin/warehouse/store"
)

// blockFile is a file of the given size and the digests of it.
func blockFile(t *testing.T, size int) (path string, data []byte, whole store.Digest, sums []string) {
	t.Helper()
	path, data = filepath.Join(t.TempDir(), "f"), make([]byte, size)
	dice := rand.NewChaCha8([32]byte{1})
	dice.Read(data)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	whole, sums, err := store.SumBlocks(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := store.Sum(path); err != nil || plain != whole {
		t.Fatalf("the digest of the file is %v, by blocks %v, %v", plain, whole, err)
	}
	return path, data, whole, sums
}

func TestBlocksGiveTheFile(t *testing.T) {
	for _, size := range []int{0, 1, store.BlockSize - 1, store.BlockSize, store.BlockSize + 1, 6*store.BlockSize + 17} {
		path, data, whole, sums := blockFile(t, size)
		b, err := store.OpenBlocks(path, whole, sums)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		got, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %d read, the same: %v, %v", size, len(got), bytes.Equal(got, data), err)
		}
		dice := rand.New(rand.NewPCG(3, 4))
		for range 200 {
			from := dice.IntN(size + 1)
			part := make([]byte, dice.IntN(2*store.BlockSize))
			n, err := b.ReadAt(part, int64(from))
			if !bytes.Equal(part[:n], data[from:from+n]) || (n < len(part)) != errors.Is(err, io.EOF) {
				t.Fatalf("%d bytes: read %d of %d at %d, %v", size, n, len(part), from, err)
			}
		}
	}
}

// A flipped bit is found by every read that touches its block, and by no other.
func TestBlocksFindOneFlippedBit(t *testing.T) {
	path, data, whole, sums := blockFile(t, 5*store.BlockSize+100)
	for no := range sums {
		at := min(no*store.BlockSize+no*31, len(data)-1)
		flipped := bytes.Clone(data)
		flipped[at] ^= 4
		if err := os.WriteFile(path, flipped, 0o644); err != nil {
			t.Fatal(err)
		}
		b, err := store.OpenBlocks(path, whole, sums)
		if err != nil {
			t.Fatal(err)
		}
		for other := range sums {
			_, err := b.ReadAt(make([]byte, 1), int64(other*store.BlockSize))
			if errors.Is(err, store.ErrDigest) != (other == no) {
				t.Errorf("a bit flipped in block %d: reading block %d gives %v", no, other, err)
			}
		}
		b.Close()
	}
}

func TestBlocksOfAnotherLength(t *testing.T) {
	path, data, whole, sums := blockFile(t, 2*store.BlockSize)
	for _, size := range []int{len(data) - 1, store.BlockSize} {
		if err := os.Truncate(path, int64(size)); err != nil {
			t.Fatal(err)
		}
		if _, err := store.OpenBlocks(path, whole, sums); !errors.Is(err, store.ErrDigest) {
			t.Errorf("%d of %d bytes left: %v", size, len(data), err)
		}
	}
	os.WriteFile(path, data, 0o644)
	if _, err := store.OpenBlocks(path, whole, sums[:1]); !errors.Is(err, store.ErrDigest) {
		t.Errorf("one block digest too few: %v", err)
	}
}
