package signing

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// Wrappings are the ways in which a platform hands out short-lived keys.
var Wrappings = []string{"aes", "sm4-gcm"}

// Unwrap opens a short-lived key that a platform encrypted with the application's
// key and wrote in Base64. The wrapping is
//
//	aes      as the national sharing platform does: AES-128, each block by itself (ECB),
//	         padded as PKCS #7 says; the key is the first 16 bytes of SHA-1 of SHA-1 of
//	         the application's key, which is what Java draws from SHA1PRNG with the
//	         application's key as seed
//	sm4-gcm  nonce of 12 bytes, ciphertext, tag of 16 bytes; the key is the first 16
//	         bytes of SM3 of the application's key
//
// Errors wrap [ErrSealed] and hold neither key.
func Unwrap(wrapping string, application Key, wrapped string) (Key, error) {
	if !slices.Contains(Wrappings, wrapping) {
		return Key{}, fmt.Errorf("%q is none of %s", wrapping, strings.Join(Wrappings, ", "))
	}
	sealed, err := base64.StdEncoding.DecodeString(wrapped)
	if err != nil || len(sealed) == 0 {
		return Key{}, fmt.Errorf("%w: it is not Base64", ErrSealed)
	}
	plain, err := unwrap(wrapping, application, sealed)
	if err != nil {
		return Key{}, err
	}
	key, err := NewKey(plain)
	if err != nil {
		return Key{}, fmt.Errorf("%w: what is in it is no key", ErrSealed)
	}
	return key, nil
}

func unwrap(wrapping string, application Key, sealed []byte) ([]byte, error) {
	if wrapping == "sm4-gcm" {
		key := sm3.Sum(application.bytes)
		block, err := sm4.NewCipher(key[:sm4.BlockSize])
		if err != nil {
			return nil, err
		}
		return openGCM(block, sealed, nil)
	}
	once := sha1.Sum(application.bytes)
	twice := sha1.Sum(once[:])
	return openECB(twice[:16], sealed)
}
