package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// stateSum is the sum of the records' digests modulo 2^256, its most
// significant word first.
type stateSum [4]uint64

func parseState(text string) (s stateSum, err error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != 32 {
		return s, fmt.Errorf("state digest %q", text)
	}
	return wordsOf([32]byte(sum)), nil
}

func wordsOf(sum [32]byte) (s stateSum) {
	for i := range s {
		s[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return s
}

// recordSum is the part of one record.
func recordSum(key, payload string) stateSum {
	content := sha256.Sum256([]byte(payload))
	text := make([]byte, 0, len(key)+1+2*len(content))
	text = append(append(text, key...), '\n')
	return wordsOf(sha256.Sum256(hex.AppendEncode(text, content[:])))
}

func (s *stateSum) add(key, payload string) {
	s.plus(recordSum(key, payload))
}

// addText adds the number that the SHA-256 of text is.
func (s *stateSum) addText(text string) { s.plus(wordsOf(sha256.Sum256([]byte(text)))) }

func (s *stateSum) plus(record stateSum) {
	var carry uint64
	for i := 3; i >= 0; i-- {
		s[i], carry = bits.Add64(s[i], record[i], carry)
	}
}

func (s *stateSum) remove(key, payload string) {
	var borrow uint64
	record := recordSum(key, payload)
	for i := 3; i >= 0; i-- {
		s[i], borrow = bits.Sub64(s[i], record[i], borrow)
	}
}

func (s stateSum) String() string {
	return fmt.Sprintf("%016x%016x%016x%016x", s[0], s[1], s[2], s[3])
}
