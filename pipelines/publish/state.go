package publish

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/bits"
)

// State stands for a set of records by their number and an order-independent
// digest, as the package comment defines it. The zero State is the empty set.
type State struct {
	Count int
	sum   [4]uint64 // 256 bits, most significant word first
}

// Add puts a record into the set. contentDigest is in lower-case hex.
func (s *State) Add(key, contentDigest string) {
	hash := sha256.Sum256([]byte(key + "\n" + contentDigest))
	var carry uint64
	for i := 3; i >= 0; i-- {
		s.sum[i], carry = bits.Add64(s.sum[i], binary.BigEndian.Uint64(hash[8*i:]), carry)
	}
	s.Count++
}

// Digest returns the state digest as 64 lower-case hex digits.
func (s State) Digest() string {
	var sum []byte
	for _, word := range s.sum {
		sum = binary.BigEndian.AppendUint64(sum, word)
	}
	return hex.EncodeToString(sum)
}

// MarshalJSON writes {"count": …, "state_digest": …}.
func (s State) MarshalJSON() ([]byte, error) { return json.Marshal(s.holdings()) }

func (s State) holdings() Holdings { return Holdings{Count: s.Count, Digest: s.Digest()} }
