package sandbox

import (
	"bytes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"os"
	"slices"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"github.com/emmansun/gmsm/smx509"
	"go.yaml.in/yaml/v3"

	"rongxin/warehouse/secret"
)

// Agreed is the platform's side of the methods agreed with a sender; the zero
// value is none. However it is printed, it does not show a key.
type Agreed struct {
	settings  agreedSettings
	macKey    []byte
	verifyKey *ecdsa.PublicKey // of the sender
	signKey   *sm2.PrivateKey  // the platform's own
	bodyKey   []byte
}

// agreedSettings are a file that names the methods and the files of their keys.
type agreedSettings struct {
	Digest        string `yaml:"digest"`          // sha256 or sm3
	MAC           string `yaml:"mac"`             // hmac-sha256 or hmac-sm3
	MACKeyFile    string `yaml:"mac_key_file"`    // any text
	Signature     string `yaml:"signature"`       // sm2
	VerifyKeyFile string `yaml:"verify_key_file"` // the sender's public key: PEM, or 128 hex digits
	SignKeyFile   string `yaml:"sign_key_file"`   // the platform's own: PEM of PKCS #8
	UserID        string `yaml:"user_id"`
	Body          string `yaml:"body"`          // sm4-gcm or sm4-cbc
	BodyKeyFile   string `yaml:"body_key_file"` // 32 hex digits
}

const (
	standardUser = "1234567812345678" // GB/T 35276-2017, section 10
	largestKey   = 16 << 10           // bytes of a key file
)

// ReadAgreed reads such a file. Its errors tell all that is wrong.
func ReadAgreed(path string) (Agreed, error) {
	var a Agreed
	text, err := os.ReadFile(path)
	if err != nil {
		return a, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&a.settings); err != nil {
		return a, fmt.Errorf("%s: %w", path, err)
	}
	s := a.settings
	var faults []error
	for _, m := range []struct {
		name, value string
		known       []string
	}{
		{"digest", s.Digest, []string{"", "sha256", "sm3"}}, {"mac", s.MAC, []string{"", "hmac-sha256", "hmac-sm3"}},
		{"signature", s.Signature, []string{"", "sm2"}}, {"body", s.Body, []string{"", "sm4-gcm", "sm4-cbc"}},
	} {
		if !slices.Contains(m.known, m.value) {
			faults = append(faults, fmt.Errorf("%s: %q is none of %v", m.name, m.value, m.known[1:]))
		}
	}
	read := func(key, file string, take func([]byte) error) {
		if file == "" {
			return
		}
		text, err := secret.ReadFile(file, largestKey)
		if err == nil {
			err = take(text)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", key, err))
		}
	}
	read("mac_key_file", s.MACKeyFile, func(text []byte) error { a.macKey = text; return nil })
	read("verify_key_file", s.VerifyKeyFile, func(text []byte) (err error) { a.verifyKey, err = publicKey(text); return err })
	read("sign_key_file", s.SignKeyFile, func(text []byte) (err error) { a.signKey, err = privateKey(text); return err })
	read("body_key_file", s.BodyKeyFile, func(text []byte) (err error) {
		if a.bodyKey, err = hex.DecodeString(string(text)); err != nil || len(a.bodyKey) != sm4.BlockSize {
			return errors.New("want 32 hex digits")
		}
		return nil
	})
	for _, missing := range []struct {
		is   bool
		what string
	}{
		{s.MAC != "" && s.MACKeyFile == "", "mac wants mac_key_file"},
		{s.Signature != "" && s.VerifyKeyFile == "", "signature wants verify_key_file"},
		{s.Body != "" && s.BodyKeyFile == "", "body wants body_key_file"},
	} {
		if missing.is {
			faults = append(faults, errors.New(missing.what))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Agreed{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// Format prints the methods alone.
func (a Agreed) Format(f fmt.State, _ rune) {
	s := a.settings
	fmt.Fprintf(f, "digest %s, mac %s, signature %s, body %s", s.Digest, s.MAC, s.Signature, s.Body)
}

func publicKey(text []byte) (*ecdsa.PublicKey, error) {
	if point, err := hex.DecodeString(string(text)); err == nil {
		if len(point) == 65 && point[0] == 4 {
			point = point[1:]
		}
		if len(point) != 64 {
			return nil, errors.New("want 128 hex digits")
		}
		key := &ecdsa.PublicKey{Curve: sm2.P256(), X: new(big.Int).SetBytes(point[:32]), Y: new(big.Int).SetBytes(point[32:])}
		if !key.Curve.IsOnCurve(key.X, key.Y) {
			return nil, errors.New("the point is not on the curve of SM2")
		}
		return key, nil
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("want a public key of SM2, as PEM or as 128 hex digits")
	}
	key, err := smx509.ParsePKIXPublicKey(block.Bytes)
	if key, ok := key.(*ecdsa.PublicKey); ok && sm2.IsSM2PublicKey(key) {
		return key, nil
	}
	return nil, errors.Join(err, errors.New("not a public key of SM2"))
}

func privateKey(text []byte) (*sm2.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("want a private key of SM2, as PEM of PKCS #8")
	}
	key, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if key, ok := key.(*sm2.PrivateKey); ok {
		return key, nil
	}
	return nil, errors.Join(err, errors.New("not a private key of SM2"))
}

func newHash(method string) hash.Hash {
	if method == "sm3" || method == "hmac-sm3" {
		return sm3.New()
	}
	return sha256.New()
}

func hashOf(method string, text []byte) string {
	sum := newHash(method)
	sum.Write(text)
	return hex.EncodeToString(sum.Sum(nil))
}

// mac is the agreed code over a message.
func (a Agreed) mac(message ...[]byte) []byte {
	mac := hmac.New(func() hash.Hash { return newHash(a.settings.MAC) }, a.macKey)
	for _, part := range message {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

func (a Agreed) user() []byte {
	if a.settings.UserID != "" {
		return []byte(a.settings.UserID)
	}
	return []byte(standardUser)
}

// verify tells whether the sender signed the message; signature is Base64.
func (a Agreed) verify(message []byte, signature string) bool {
	der, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && sm2.VerifyASN1WithSM2(a.verifyKey, a.user(), message, der)
}

// sign is the platform's own signature, in Base64.
func (a Agreed) sign(message []byte) (string, error) {
	der, err := a.signKey.Sign(rand.Reader, message, sm2.NewSM2SignerOption(true, a.user()))
	return base64.StdEncoding.EncodeToString(der), err
}

// unseal opens a sealed body; beside is what was said beside it.
func (a Agreed) unseal(sealed, beside []byte) ([]byte, error) {
	block, err := sm4.NewCipher(a.bodyKey)
	if err != nil {
		return nil, err
	}
	if a.settings.Body == "sm4-cbc" {
		return openCBC(block, sealed)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	if len(sealed) < gcm.NonceSize() {
		return nil, errors.New("密文过短")
	}
	return gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], beside)
}

func openCBC(block cipher.Block, sealed []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(sealed) < 2*size || len(sealed)%size != 0 {
		return nil, errors.New("密文长度不是整块")
	}
	plain := make([]byte, len(sealed)-size)
	cipher.NewCBCDecrypter(block, sealed[:size]).CryptBlocks(plain, sealed[size:])
	n := int(plain[len(plain)-1])
	if n < 1 || n > size || !bytes.Equal(plain[len(plain)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, errors.New("填充不符")
	}
	return plain[:len(plain)-n], nil
}
