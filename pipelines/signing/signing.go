/*
Package signing is the cryptography agreed with a receiver: digests, codes and
signatures that show where a batch came from and that it is whole, and sealed
bodies. Transports ask a [Provider] and never name a method themselves.

[Open] gives the one in software, with keys from files. It is no certified
product; a signing server or a cryptographic machine takes its place behind
Provider where a project must pass GB/T 39786-2021.

The same content under the same keys gives the same signature and the same
sealed body, so that a repeat of a batch is the same bytes.

# For a platform's engineer

	digest     sha256 (FIPS 180-4) or sm3 (GB/T 32905-2016), in lower-case hex
	mac        hmac-sha256 or hmac-sm3 (RFC 2104), in Base64; its key is the text in
	           the file without white space around it, as bytes, not decoded
	signature  sm2 (GB/T 32918.2-2016) with SM3 over Z and the message; ASN.1 DER of r
	           and s (GB/T 35276-2017), in Base64; the user id is 1234567812345678
	           (GB/T 35276-2017, section 10) unless another is agreed
	body       sm4-gcm: nonce of 12 bytes, ciphertext, tag of 16 bytes (RFC 8998); what is
	           said beside the body, such as the idempotency key, is its associated data
	           sm4-cbc: initial value of 16 bytes, ciphertext, padded as PKCS #7 says

sm4-cbc does not tell an altered body from a right one and is only for gateways
that know nothing else; it is refused without a mac, which then goes over the
sealed body.
*/
package signing

import (
	"errors"
	"hash"
)

// A Provider works with the keys agreed with one receiver. A method that was not
// agreed returns [ErrNotAgreed]. It may be used by several goroutines.
type Provider interface {
	Methods() Methods
	Hash() hash.Hash // of the agreed digest; there always is one
	MAC(message []byte) ([]byte, error)
	Sign(message []byte) ([]byte, error)
	Verify(message, signature []byte) error // of the receiver; ErrSignature when it does not fit
	Seal(plain, beside []byte) ([]byte, error)
	Open(sealed, beside []byte) ([]byte, error) // ErrSealed when it was altered or meant for another key
}

// Methods names what was agreed, as the settings do; "" is none.
type Methods struct {
	Digest, MAC, Signature, Body string
}

// What a caller decides on.
var (
	ErrNotAgreed = errors.New("no such method was agreed with the receiver")
	ErrSignature = errors.New("the signature does not fit")
	ErrSealed    = errors.New("the sealed body does not open")
)
