package secret_test

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// GB/T 32905-2016, annex A.
func TestSM3(t *testing.T) {
	for text, want := range map[string]string{
		"abc":                      "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
		strings.Repeat("abcd", 16): "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
	} {
		if sum := sm3.Sum([]byte(text)); hex.EncodeToString(sum[:]) != want {
			t.Errorf("SM3(%s) = %x, want %s", text, sum, want)
		}
	}
}

// GM/T 0042-2015, annex D.3.
func TestHMACSM3(t *testing.T) {
	const key = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
	for _, tt := range []struct{ key, data, want string }{
		{key, hex.EncodeToString([]byte(strings.Repeat("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 2))),
			"ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"},
		{key + "2122232425", strings.Repeat("cd", 50), "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae"},
	} {
		mac := hmac.New(sm3.New, unhex(t, tt.key))
		mac.Write(unhex(t, tt.data))
		if got := hex.EncodeToString(mac.Sum(nil)); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// GB/T 32907-2016, annex A: one block, and the same block encrypted a million
// times.
func TestSM4(t *testing.T) {
	text := unhex(t, "0123456789abcdeffedcba9876543210")
	block, err := sm4.NewCipher(text)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 1_000_000 {
		block.Encrypt(text, text)
		if round == 0 && hex.EncodeToString(text) != "681edf34d206965e86b3e94f536e4246" {
			t.Errorf("once: %x", text)
		}
	}
	if hex.EncodeToString(text) != "595298c7c6fd271f0402f804c33d3f66" {
		t.Errorf("a million times: %x", text)
	}
}

// RFC 8998, appendix A.1.
func TestSM4GCM(t *testing.T) {
	block, err := sm4.NewCipher(unhex(t, "0123456789abcdeffedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain := unhex(t, "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"+
		"eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
	want := unhex(t, "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"+
		"d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"+"83de3541e4c2b58177e065a9bf7b62ec")
	got := aead.Seal(nil, unhex(t, "00001234567800000000abcd"), plain, unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
	if !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}
