package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

// A file that decides which other files are read, and what they count for, is
// sealed: a changed byte in it must be an error and never another answer. Its
// last member is the SHA-256 of the whole file, taken while the digest itself
// stands as zeros.
const (
	sealMember = `"seal": "`
	sealTail   = "\"\n}\n"
)

var noSeal = string(bytes.Repeat([]byte{'0'}, hex.EncodedLen(sha256.Size)))

// errSeal is what a file is refused for that is not as it was written.
var errSeal = fmt.Errorf("the file is not the one that was written: its seal: %w", ErrDigest)

// Seal encodes a struct as the text of a sealed file.
func Seal(v any) ([]byte, error) {
	var file bytes.Buffer
	enc := json.NewEncoder(&file)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	open, ok := bytes.CutSuffix(file.Bytes(), []byte("\n}\n"))
	if !ok {
		return nil, fmt.Errorf("seal: a %T is no struct with members", v)
	}
	at := len(open) + len(",\n  "+sealMember)
	data := append(open, ",\n  "+sealMember+noSeal+sealTail...)
	sum := sha256.Sum256(data)
	hex.Encode(data[at:], sum[:])
	return data, nil
}

// ReadSealed decodes a sealed file into v. One with a changed byte is an error.
func ReadSealed(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := checkSeal(data); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// checkSeal compares a file with the digest at its end.
func checkSeal(data []byte) error {
	at := len(data) - len(sealTail) - len(noSeal)
	if at < len(sealMember) || !bytes.HasSuffix(data, []byte(sealTail)) || !bytes.HasSuffix(data[:at], []byte(sealMember)) {
		return errSeal
	}
	open := bytes.Clone(data)
	copy(open[at:], noSeal)
	sum := sha256.Sum256(open)
	if hex.EncodeToString(sum[:]) != string(data[at:at+len(noSeal)]) {
		return errSeal
	}
	return nil
}
