package engine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/bits"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// hashFunction hashes one text and adds the quarters of the hash to the sums of
// the statement. It gives the first quarter back. In SQL alone the same takes
// four times the processor time, most of it for reading numbers from hex.
const hashFunction = "engine_hash_row"

// A hasher is the function, and the sums of the statement that runs now. The
// engine calls it from all its threads.
type hasher struct {
	mu   sync.Mutex
	rows int64
	sums [4]wide
}

// wide is an unsigned sum of 128 bits.
type wide struct{ hi, lo uint64 }

func (w *wide) add(hi, lo uint64) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, lo, 0)
	w.hi, _ = bits.Add64(w.hi, hi, carry)
}

func (h *hasher) register(conn *sql.Conn) error {
	return duckdb.RegisterScalarUDF(conn, hashFunction, h)
}

// Config implements duckdb.ScalarFunc.
func (h *hasher) Config() duckdb.ScalarFuncConfig {
	text, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		panic(err) // a type without parameters
	}
	number, err := duckdb.NewTypeInfo(duckdb.TYPE_BIGINT)
	if err != nil {
		panic(err)
	}
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{text}, ResultTypeInfo: number, Volatile: true}
}

// Executor implements duckdb.ScalarFunc.
func (h *hasher) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{ChunkContextExecutor: h.chunk}
}

func (h *hasher) chunk(_ context.Context, chunk *duckdb.ChunkIteratorState) error {
	var rows int64
	var sums [4]wide
	var text []byte
	for row, err := range chunk.Rows() {
		if err != nil {
			return err
		}
		s, ok := (*row.GetValuePtr(0)).(string)
		if !ok {
			return fmt.Errorf("%s: %T is no text", hashFunction, *row.GetValuePtr(0))
		}
		text = append(text[:0], s...)
		q := quarters(sha256.Sum256(text))
		for i := range q {
			sums[i].add(0, q[i])
		}
		rows++
		if err := row.SetResult(int64(q[0])); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rows += rows
	for i := range sums {
		h.sums[i].add(sums[i].hi, sums[i].lo)
	}
	return nil
}

// quarters are digits 1 to 15, 16 to 30, 31 to 45 and 46 to 60 of the hash in
// hexadecimal.
func quarters(hash [sha256.Size]byte) [4]uint64 {
	word := func(at int) uint64 { return binary.BigEndian.Uint64(hash[at:]) }
	const mask = 1<<60 - 1
	return [4]uint64{word(0) >> 4, word(7) & mask, word(15) >> 4, word(22) & mask}
}

// hashed runs a statement that hashes rows and takes the sums.
func (db *DB) hashed(statement func() error) (Sums, error) {
	h := db.hasher
	h.mu.Lock()
	h.rows, h.sums = 0, [4]wide{}
	h.mu.Unlock()
	if err := statement(); err != nil {
		return Sums{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Sums{Rows: h.rows}
	for i, w := range h.sums {
		var bytes [16]byte
		binary.BigEndian.PutUint64(bytes[:8], w.hi)
		binary.BigEndian.PutUint64(bytes[8:], w.lo)
		s.Quarters[i].SetBytes(bytes[:])
	}
	return s, nil
}
