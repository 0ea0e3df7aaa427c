package note

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"rongxin/pipelines/signing"
)

// MaxBytes is the size of the largest note.
const MaxBytes = 16 << 20

// Format is the version of the notes of this package.
const Format = 1

// Head is what every note has.
type Head struct {
	Kind     string `json:"kind"`
	Format   int    `json:"format"`
	Receiver string `json:"receiver"`
}

// Check refuses a note of another kind or for another receiver.
func (h Head) Check(kind, receiver string) error {
	switch {
	case h.Kind != kind:
		return fmt.Errorf("kind is %.40q, want %q", h.Kind, kind)
	case h.Format != Format:
		return fmt.Errorf("format is %d, want %d", h.Format, Format)
	case h.Receiver != receiver:
		return fmt.Errorf("receiver is %.100q, want %q: %w", h.Receiver, receiver, ErrReceiver)
	}
	return nil
}

// What a caller decides on.
var (
	ErrHalf     = errors.New("the end is missing")
	ErrReceiver = errors.New("it is for someone else")
)

// CheckKeys refuses keys with which our notes could be signed and those of the
// receiver not checked.
func CheckKeys(keys signing.Provider) error {
	if keys.Methods().Signature != "" && errors.Is(keys.Verify(nil, nil), signing.ErrNotAgreed) {
		return errors.New("signing: verify_key_file: is missing: notes of the receiver are signed too")
	}
	return nil
}

// Encode writes a note with the codes that were agreed.
func Encode(v any, keys signing.Provider) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	codes, err := codesOf(bytes.TrimSuffix(text.Bytes(), []byte("\n")), keys)
	if err != nil {
		return nil, err
	}
	if len(codes) > 0 {
		if err := encoder.Encode(codes); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

func codesOf(line []byte, keys signing.Provider) (map[string]string, error) {
	codes, methods := map[string]string{}, keys.Methods()
	for method, code := range map[string]func([]byte) ([]byte, error){methods.MAC: keys.MAC, methods.Signature: keys.Sign} {
		if method == "" {
			continue
		}
		value, err := code(line)
		if err != nil {
			return nil, err
		}
		codes[method] = base64.StdEncoding.EncodeToString(value)
	}
	return codes, nil
}

// A Note is one that was read.
type Note struct {
	Line  []byte // the first line, without its end
	codes []byte // the second
}

// Decode reads a note into v without a look at its codes. One that stops short
// is [ErrHalf].
func Decode(text []byte, v any) (Note, error) {
	if len(text) > MaxBytes {
		return Note{}, fmt.Errorf("it is larger than %d MB", MaxBytes>>20)
	}
	line, rest, ended := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if err := members(line); err != nil {
		if !ended && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
			err = fmt.Errorf("%w: %w", ErrHalf, err)
		}
		return Note{}, err
	}
	if err := json.Unmarshal(line, v); err != nil {
		return Note{}, err
	}
	return Note{bytes.Clone(line), rest}, nil
}

// members refuses what is no JSON object, and an object with a name twice or in
// capitals: the library would take either for a value of that name.
func members(line []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return errors.Join(errors.New("the first line is no JSON object"), err)
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if seen[name] || name != strings.ToLower(name) {
			return fmt.Errorf("member %.40q: want each name once, in lower case", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return fmt.Errorf("member %.40q: %w", name, err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("something follows the object in the first line")
	}
	return nil
}

// Verify checks the codes that were agreed. A missing second line is [ErrHalf].
func (n Note) Verify(keys signing.Provider) error {
	methods := keys.Methods()
	if methods.MAC == "" && methods.Signature == "" {
		return nil
	}
	line, _, ended := bytes.Cut(n.codes, []byte("\n"))
	var codes map[string][]byte // encoding/json reads Base64 into bytes
	if err := json.Unmarshal(line, &codes); err != nil {
		if !ended {
			return fmt.Errorf("codes: %w", ErrHalf)
		}
		return fmt.Errorf("codes: %w", err)
	}
	if methods.MAC != "" {
		mac, err := keys.MAC(n.Line)
		if err != nil {
			return err
		}
		if !hmac.Equal(mac, codes[methods.MAC]) {
			return fmt.Errorf("%s: %w", methods.MAC, signing.ErrSignature)
		}
	}
	if methods.Signature != "" {
		if err := keys.Verify(n.Line, codes[methods.Signature]); err != nil {
			return fmt.Errorf("%s: %w", methods.Signature, err)
		}
	}
	return nil
}
