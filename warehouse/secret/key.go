// Package secret is the one place where the warehouse meets cryptography: keys
// that lie outside the warehouse, tokens that stand for a person's number
// (HMAC-SM3), and sealed files (SM4-GCM).
//
// It is software, not a certified product. An HSM or a signing server takes its
// place behind Ring and Key (GB/T 39786-2021, table A.1; ADR 0010).
package secret

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"log/slog"

	"github.com/emmansun/gmsm/sm3"
)

// ErrKey is wrapped by every error of a key that is missing, damaged or open to
// others: nothing is wrong with the data, and a person must act.
var ErrKey = errors.New("key")

const (
	rootBytes = 32
	idBytes   = 4
)

// A Key is a secret of the city. Tokens and sealed files are made with keys
// derived from it, never with the key itself. However it is printed or logged,
// only its id appears.
type Key struct{ root []byte }

func newKey() (Key, error) {
	root := make([]byte, rootBytes)
	_, err := rand.Read(root)
	return Key{root}, err
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return len(k.root) == 0 }

// ID names the key in public: the first 8 hex digits of its SM3.
func (k Key) ID() string { return hex.EncodeToString(k.id()) }

func (k Key) id() []byte {
	sum := sm3.Sum(k.root)
	return sum[:idBytes]
}

// derive makes a key for one purpose: HMAC-SM3 of the purpose, a zero byte and
// the context.
func (k Key) derive(purpose string, context []byte) []byte {
	mac := hmac.New(sm3.New, k.root)
	mac.Write(append([]byte(purpose), 0))
	mac.Write(context)
	return mac.Sum(nil)
}

// Format prints the id, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "key %s", k.ID()) }

// LogValue logs the id.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.ID()) }

// MarshalText refuses: a key is never part of a document.
func (k Key) MarshalText() ([]byte, error) { return nil, errors.New("a key is not written out") }

// TokenKey returns the key of the tokens.
func (k Key) TokenKey() TokenKey { return TokenKey{k.derive("token", nil)} }

// A TokenKey makes tokens and nothing else. As text (in the JSON of a job, on
// its way to a child process) it is the secret in hex; printed or logged it is
// not shown.
type TokenKey struct{ secret []byte }

// IsZero reports whether there is no key.
func (k TokenKey) IsZero() bool { return len(k.secret) == 0 }

// Format prints no secret, whatever the verb.
func (k TokenKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "token key") }

// LogValue logs no secret.
func (k TokenKey) LogValue() slog.Value { return slog.StringValue("token key") }

// MarshalText gives the secret away.
func (k TokenKey) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, k.secret), nil
}

// UnmarshalText reads what MarshalText wrote.
func (k *TokenKey) UnmarshalText(text []byte) error {
	secret, err := hex.AppendDecode(nil, bytes.TrimSpace(text))
	if err != nil || len(secret) != sm3.Size && len(secret) != 0 {
		return fmt.Errorf("%w: not a token key", ErrKey) // never with the text
	}
	k.secret = secret
	return nil
}

// TokenLength is the length of a token: an HMAC-SM3 in hex.
const TokenLength = 2 * sm3.Size

// A Tokenizer makes tokens. It belongs to one goroutine.
type Tokenizer struct {
	mac hash.Hash
	sum [sm3.Size]byte
}

// Tokenizer returns a maker of tokens.
func (k TokenKey) Tokenizer() *Tokenizer { return &Tokenizer{mac: hmac.New(sm3.New, k.secret)} }

// Append appends the token of a number: HMAC-SM3 in hex of the kind, a zero
// byte and the number, which must be in its one normal form.
func (t *Tokenizer) Append(b []byte, kind, number string) []byte {
	t.mac.Reset()
	t.mac.Write([]byte(kind))
	t.mac.Write([]byte{0})
	t.mac.Write([]byte(number))
	return hex.AppendEncode(b, t.mac.Sum(t.sum[:0]))
}
