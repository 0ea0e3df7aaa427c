package signing

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

const standardUserID = "1234567812345678" // GB/T 35276-2017, section 10

// software works with keys in memory. However it is printed, it names only its
// methods.
type software struct {
	methods         Methods
	macKey, bodyKey Key
	signKey         signKey
	verifyKey       *ecdsa.PublicKey
	userID          []byte
}

func (p *software) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%+v", p.methods) }

func (p *software) Methods() Methods { return p.methods }

func (p *software) Hash() hash.Hash {
	if p.methods.Digest == "sm3" {
		return sm3.New()
	}
	return sha256.New()
}

func (p *software) MAC(message []byte) ([]byte, error) {
	switch p.methods.MAC {
	case "hmac-sha256":
		return HMAC(sha256.New, p.macKey, message), nil
	case "hmac-sm3":
		return HMAC(sm3.New, p.macKey, message), nil
	}
	return nil, fmt.Errorf("mac: %w", ErrNotAgreed)
}

// HMAC is the code of a message (RFC 2104).
func HMAC(method func() hash.Hash, key Key, message []byte) []byte {
	mac := hmac.New(method, key.bytes)
	mac.Write(message)
	return mac.Sum(nil)
}

// Sign draws its random number from the key and the message alone, as RFC 6979
// does: the library mixes them, by SHA-512, into whatever it is given.
func (p *software) Sign(message []byte) ([]byte, error) {
	if p.signKey.private == nil {
		return nil, fmt.Errorf("signature: %w", ErrNotAgreed)
	}
	return p.signKey.private.Sign(zeros{}, message, sm2.NewSM2SignerOption(true, p.userID))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func (p *software) Verify(message, signature []byte) error {
	if p.verifyKey == nil {
		return fmt.Errorf("signature: %w", ErrNotAgreed)
	}
	if !sm2.VerifyASN1WithSM2(p.verifyKey, p.userID, message, signature) {
		return ErrSignature
	}
	return nil
}

// Seal takes its nonce from the content, under a key of its own, so that no two
// contents share one and the same content is sealed alike.
func (p *software) Seal(plain, beside []byte) ([]byte, error) {
	block, err := p.block()
	if err != nil {
		return nil, err
	}
	nonce := p.nonce(plain, beside)
	if p.methods.Body == "sm4-cbc" {
		return sealCBC(block, nonce[:block.BlockSize()], plain), nil
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce = nonce[:aead.NonceSize()]
	return aead.Seal(nonce, nonce, plain, beside), nil
}

func (p *software) Open(sealed, beside []byte) ([]byte, error) {
	block, err := p.block()
	if err != nil {
		return nil, err
	}
	if p.methods.Body == "sm4-cbc" {
		return openCBC(block, sealed)
	}
	return openGCM(block, sealed, beside)
}

func (p *software) block() (cipher.Block, error) {
	if p.bodyKey.IsZero() {
		return nil, fmt.Errorf("body: %w", ErrNotAgreed)
	}
	return sm4.NewCipher(p.bodyKey.bytes)
}

func (p *software) nonce(plain, beside []byte) []byte {
	mac := hmac.New(sm3.New, HMAC(sm3.New, p.bodyKey, []byte("nonce of a sealed body")))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(beside))))
	mac.Write(beside)
	mac.Write(plain)
	return mac.Sum(nil)
}

func openGCM(block cipher.Block, sealed, beside []byte) ([]byte, error) {
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrSealed
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], beside)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

func sealCBC(block cipher.Block, initial, plain []byte) []byte {
	size := block.BlockSize()
	padding := size - len(plain)%size
	sealed := make([]byte, 0, size+len(plain)+padding)
	sealed = append(append(append(sealed, initial...), plain...), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, initial).CryptBlocks(sealed[size:], sealed[size:])
	return sealed
}

func openCBC(block cipher.Block, sealed []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(sealed) < 2*size || len(sealed)%size != 0 {
		return nil, ErrSealed
	}
	plain := make([]byte, len(sealed)-size)
	cipher.NewCBCDecrypter(block, sealed[:size]).CryptBlocks(plain, sealed[size:])
	return unpad(plain, size)
}

// unpad takes PKCS #7 padding off.
func unpad(padded []byte, size int) ([]byte, error) {
	if len(padded) == 0 {
		return nil, ErrSealed
	}
	n := int(padded[len(padded)-1])
	if n < 1 || n > size || n > len(padded) ||
		subtle.ConstantTimeCompare(padded[len(padded)-n:], bytes.Repeat([]byte{byte(n)}, n)) != 1 {
		return nil, ErrSealed
	}
	return padded[:len(padded)-n], nil
}

// openECB opens blocks that were encrypted one by one. Nothing here seals so; the
// refresh endpoint of the national sharing platform does.
func openECB(key, sealed []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(sealed)%aes.BlockSize != 0 {
		return nil, ErrSealed
	}
	plain := make([]byte, len(sealed))
	for at := 0; at < len(sealed); at += aes.BlockSize {
		block.Decrypt(plain[at:], sealed[at:])
	}
	return unpad(plain, aes.BlockSize)
}
