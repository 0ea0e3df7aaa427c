package signing_test

import (
	"crypto/ecdsa"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"rongxin/pipelines/signing"
)

func pemBytes(t *testing.T, text []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("no PEM")
	}
	return block.Bytes
}

func publicKey(key any) *ecdsa.PublicKey { return key.(*ecdsa.PublicKey) }

func TestEveryFormOfAKeyIsTheSameKey(t *testing.T) {
	reference := open(t, signing.Settings{Signature: "sm2", SignKeyFile: file(t, privateHex)})
	signature, err := reference.Sign([]byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sec1.pem", "pkcs8.pem"} {
		got, err := open(t, signing.Settings{Signature: "sm2", SignKeyFile: owned(t, name)}).Sign([]byte("m"))
		if err != nil || string(got) != string(signature) {
			t.Errorf("%s: another signature, %v", name, err)
		}
	}
	for _, path := range []string{"testdata/pub.pem", "testdata/cert.pem", file(t, publicHex), file(t, "04"+publicHex)} {
		if err := open(t, signing.Settings{Signature: "sm2", VerifyKeyFile: path}).Verify([]byte("m"), signature); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// owned copies a file of testdata to one that only its owner may read.
func owned(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file(t, string(text))
}

// FuzzKeys reads any text as each kind of key. A key that is taken must work.
func FuzzKeys(f *testing.F) {
	for _, name := range []string{"sec1.pem", "pkcs8.pem", "pub.pem", "cert.pem"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{privateHex, publicHex, "04" + publicHex, sm4Hex, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "key")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if p, err := signing.Open(signing.Settings{Signature: "sm2", SignKeyFile: path}); err == nil {
			if _, err := p.Sign([]byte("m")); err != nil {
				t.Errorf("a key was taken that does not sign: %v", err)
			}
		}
		if p, err := signing.Open(signing.Settings{Signature: "sm2", VerifyKeyFile: path}); err == nil {
			if err := p.Verify([]byte("m"), []byte("no signature")); err == nil {
				t.Error("rubbish verified")
			}
		}
		if p, err := signing.Open(signing.Settings{Body: "sm4-gcm", BodyKeyFile: path}); err == nil {
			sealed, err := p.Seal(text, nil)
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := p.Open(sealed, nil); err != nil || string(plain) != string(text) {
				t.Errorf("what was sealed does not open: %v", err)
			}
		}
	})
}

// FuzzUnwrap opens any text as a short-lived key.
func FuzzUnwrap(f *testing.F) {
	f.Add("aes", "HkPF202CkDNTtI2k6WlNa6S2aAGeQC/+dDIUxiL70qUZgkvtJulYn3Nx1X01GADw")
	f.Add("sm4-gcm", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("aes", "")
	application, err := signing.NewKey([]byte("an application key, made up"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, wrapping, text string) {
		if key, err := signing.Unwrap(wrapping, application, text); err == nil && key.IsZero() {
			t.Error("no key, and no error")
		}
	})
}
