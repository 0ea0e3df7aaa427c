package signing

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"os"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm4"
	"github.com/emmansun/gmsm/smx509"

	"rongxin/warehouse/secret"
)

// A Key is agreed with a receiver. However it is printed or logged, it does not
// show.
type Key struct{ bytes []byte }

// Bounds of a key of codes and of a file of any key, in bytes.
const (
	minKey     = 16
	maxKey     = 4096
	maxKeyFile = 16 << 10
)

// ReadKey reads the key of codes from a file that only its owner may read: the
// text without white space around it. Errors wrap [secret.ErrKey].
func ReadKey(path string) (Key, error) {
	text, err := secret.ReadFile(path, maxKey)
	if err != nil {
		return Key{}, err
	}
	key, err := NewKey(text)
	return key, inFile(path, err)
}

// NewKey makes a key of these bytes.
func NewKey(text []byte) (Key, error) {
	if len(text) < minKey || len(text) > maxKey {
		return Key{}, fmt.Errorf("%w: want %d to %d bytes", secret.ErrKey, minKey, maxKey)
	}
	return Key{bytes.Clone(text)}, nil
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return len(k.bytes) == 0 }

// Format prints no key, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, "agreed key") }

// LogValue logs no key.
func (k Key) LogValue() slog.Value { return slog.StringValue("agreed key") }

// MarshalText refuses: a key is never part of a document.
func (k Key) MarshalText() ([]byte, error) { return nil, errors.New("a key is not written out") }

// signKey is our private key, which is not shown either.
type signKey struct{ private *sm2.PrivateKey }

func (k signKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "signing key") }

func inFile(path string, err error) error {
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// readPublic reads a file that holds nothing secret.
func readPublic(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", secret.ErrKey, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	return bytes.TrimSpace(text), err
}

func parseSM4(text []byte) (Key, error) {
	key, err := hex.AppendDecode(nil, text)
	if err != nil || len(key) != sm4.BlockSize {
		return Key{}, fmt.Errorf("%w: want an SM4 key of %d hex digits", secret.ErrKey, 2*sm4.BlockSize)
	}
	return Key{key}, nil
}

// parsePrivate reads an SM2 private key: PEM of PKCS #8 or SEC 1, unencrypted, or
// 64 hex digits.
func parsePrivate(text []byte) (*sm2.PrivateKey, error) {
	wrong := fmt.Errorf("%w: want an SM2 private key, as PEM (PRIVATE KEY or EC PRIVATE KEY, not encrypted) or as 64 hex digits", secret.ErrKey)
	if d, err := hex.AppendDecode(nil, text); err == nil && len(d) == 32 {
		return private(new(big.Int).SetBytes(d))
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			key, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
			if key, ok := key.(*sm2.PrivateKey); ok && err == nil {
				return private(key.D)
			}
			return nil, wrong
		case "EC PRIVATE KEY", "SM2 PRIVATE KEY":
			key, err := smx509.ParseSM2PrivateKey(block.Bytes)
			if err != nil {
				return nil, wrong
			}
			return private(key.D)
		}
	}
	return nil, wrong
}

// private checks that the number lies in [1, n-2] (GB/T 32918.1-2016, 6.1) and
// works out its public point, whatever a file said it was.
func private(d *big.Int) (*sm2.PrivateKey, error) {
	curve := sm2.P256()
	if limit := new(big.Int).Sub(curve.Params().N, big.NewInt(1)); d.Sign() <= 0 || d.Cmp(limit) >= 0 {
		return nil, fmt.Errorf("%w: the number lies outside of those of SM2 private keys", secret.ErrKey)
	}
	key := &sm2.PrivateKey{PrivateKey: ecdsa.PrivateKey{D: d}}
	key.Curve = curve
	key.X, key.Y = curve.ScalarBaseMult(d.FillBytes(make([]byte, 32)))
	return key, nil
}

// parsePublic reads an SM2 public key: PEM of a PUBLIC KEY or a CERTIFICATE, or
// the two coordinates as 128 hex digits, with or without 04 before them.
func parsePublic(text []byte) (*ecdsa.PublicKey, error) {
	wrong := fmt.Errorf("%w: want an SM2 public key, as PEM (PUBLIC KEY or CERTIFICATE) or as 128 hex digits", secret.ErrKey)
	if point, err := hex.AppendDecode(nil, text); err == nil {
		if len(point) == 65 && point[0] == 4 {
			point = point[1:]
		}
		if len(point) == 64 {
			return public(&ecdsa.PublicKey{Curve: sm2.P256(), X: new(big.Int).SetBytes(point[:32]), Y: new(big.Int).SetBytes(point[32:])})
		}
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, wrong
	}
	var key any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = smx509.ParsePKIXPublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *smx509.Certificate
		if certificate, err = smx509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	}
	if key, ok := key.(*ecdsa.PublicKey); ok && err == nil && sm2.IsSM2PublicKey(key) {
		return public(key)
	}
	return nil, wrong
}

// public checks that the point lies on the curve.
func public(key *ecdsa.PublicKey) (*ecdsa.PublicKey, error) {
	if limit := key.Curve.Params().P; key.X.Cmp(limit) >= 0 || key.Y.Cmp(limit) >= 0 || !key.Curve.IsOnCurve(key.X, key.Y) {
		return nil, fmt.Errorf("%w: the point does not lie on the curve of SM2", secret.ErrKey)
	}
	return key, nil
}
