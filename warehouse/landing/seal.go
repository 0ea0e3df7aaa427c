package landing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// batch.json decides which files are read and what they count for, so a changed
// byte in it must be an error and never another answer. Its last member is the
// SHA-256 of the whole file, taken while the digest itself stands as zeros.
const (
	sealMember = `"seal": "`
	sealTail   = "\"\n}\n"
)

var noSeal = string(bytes.Repeat([]byte{'0'}, hex.EncodedLen(sha256.Size)))

// errSeal is what a batch.json is refused for that is not as it was written.
var errSeal = errors.New("the file is not the one that was written: its seal does not match")

// seal fills in the digest of a file that ends with an open seal.
func seal(data []byte) error {
	at, err := sealAt(data)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	hex.Encode(data[at:], sum[:])
	return nil
}

// checkSeal compares a file with the digest at its end.
func checkSeal(data []byte) error {
	at, err := sealAt(data)
	if err != nil {
		return err
	}
	open := bytes.Clone(data)
	copy(open[at:], noSeal)
	sum := sha256.Sum256(open)
	if hex.EncodeToString(sum[:]) != string(data[at:at+len(noSeal)]) {
		return errSeal
	}
	return nil
}

// sealAt returns where the digest begins.
func sealAt(data []byte) (int, error) {
	at := len(data) - len(sealTail) - len(noSeal)
	if at < len(sealMember) || !bytes.HasSuffix(data, []byte(sealTail)) || !bytes.HasSuffix(data[:at], []byte(sealMember)) {
		return 0, errSeal
	}
	return at, nil
}
