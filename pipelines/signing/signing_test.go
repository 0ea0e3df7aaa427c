package signing_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"rongxin/pipelines/signing"
	"rongxin/warehouse/secret"
)

// The key pair of the example in GB/T 32918.5-2017, annex A.
const (
	privateHex = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
	publicHex  = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020" +
		"CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
	sm4Hex = "0123456789abcdeffedcba9876543210" // GB/T 32907-2016, annex A
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// file writes a key file that only its owner may read.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.key")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, s signing.Settings) signing.Provider {
	t.Helper()
	p, err := signing.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDigestsAreThoseOfTheStandards(t *testing.T) {
	for method, want := range map[string]string{
		"":       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", // FIPS 180-4
		"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sm3":    "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", // GB/T 32905-2016, annex A.1
	} {
		h := open(t, signing.Settings{Digest: method}).Hash()
		h.Write([]byte("abc"))
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%q: %s, want %s", method, got, want)
		}
	}
}

func TestCodesAreThoseOfTheStandards(t *testing.T) {
	for _, tt := range []struct{ method, key, message, want string }{
		// RFC 4231, test case 6 begins with a key longer than a block.
		{"hmac-sha256", strings.Repeat("\xaa", 131), "Test Using Larger Than Block-Size Key - Hash Key First",
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		// GM/T 0042-2015, annex D.3.
		{"hmac-sm3", string(unhex(t, "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425")),
			strings.Repeat("\xcd", 50), "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae"},
	} {
		p := open(t, signing.Settings{MAC: tt.method, MACKeyFile: file(t, tt.key)})
		if got, err := p.MAC([]byte(tt.message)); err != nil || hex.EncodeToString(got) != tt.want {
			t.Errorf("%s: %x, %v, want %s", tt.method, got, err, tt.want)
		}
	}
}

func TestASignatureOfTheStandardVerifies(t *testing.T) {
	signature := unhex(t, "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"+
		"022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa") // GB/T 32918.5-2017, annex A.2
	p := open(t, signing.Settings{Signature: "sm2", VerifyKeyFile: file(t, publicHex)})
	if err := p.Verify([]byte("message digest"), signature); err != nil {
		t.Error(err)
	}
	if err := p.Verify([]byte("message digest."), signature); !errors.Is(err, signing.ErrSignature) {
		t.Errorf("another message: %v", err)
	}
	other := open(t, signing.Settings{Signature: "sm2", UserID: "another user", VerifyKeyFile: file(t, publicHex)})
	if err := other.Verify([]byte("message digest"), signature); !errors.Is(err, signing.ErrSignature) {
		t.Errorf("another user: %v", err)
	}
}

func TestWeSignAsTheStandardSaysAndTheSameMessageAlike(t *testing.T) {
	p := open(t, signing.Settings{Signature: "sm2", SignKeyFile: file(t, privateHex)})
	public, err := os.ReadFile("testdata/pub.pem")
	if err != nil {
		t.Fatal(err)
	}
	key, err := smx509.ParsePKIXPublicKey(pemBytes(t, public))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, message := range []string{"", "a", "b", strings.Repeat("长", 100_000)} {
		first, err := p.Sign([]byte(message))
		if err != nil {
			t.Fatal(err)
		}
		second, err := p.Sign([]byte(message))
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("the same message was signed otherwise: %v", err)
		}
		if !sm2.VerifyASN1WithSM2(publicKey(key), []byte("1234567812345678"), []byte(message), first) {
			t.Error("the signature does not verify")
		}
		if other, ok := seen[string(first[:30])]; ok {
			t.Errorf("two messages share a random number: %.20q, %.20q", other, message)
		}
		seen[string(first[:30])] = message
	}
}

func TestSealedBodiesOfTheStandardsOpen(t *testing.T) {
	for _, tt := range []struct{ method, sealed, beside, want string }{
		// RFC 8998, appendix A.1.
		{"sm4-gcm", "00001234567800000000abcd" +
			"17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d" +
			"83de3541e4c2b58177e065a9bf7b62ec", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
			strings.Repeat("a", 16) + strings.Repeat("b", 16) + strings.Repeat("c", 16) + strings.Repeat("d", 16) +
				strings.Repeat("e", 16) + strings.Repeat("f", 16) + strings.Repeat("e", 16) + strings.Repeat("a", 16)},
		// As OpenSSL 3 seals it.
		{"sm4-cbc", "000102030405060708090a0b0c0d0e0f" +
			"78ebb11cc40b0a48312aaeb2040244cb4cb7016951909226979b0d15dc6a8f6d40d84132e99974a4a880886842074859", "",
			strings.Repeat("a", 8) + strings.Repeat("b", 8) + strings.Repeat("c", 8) + strings.Repeat("d", 8) +
				strings.Repeat("e", 8) + strings.Repeat("f", 8) + strings.Repeat("a", 8) + strings.Repeat("b", 8)},
	} {
		got, err := sealer(t, tt.method).Open(unhex(t, tt.sealed), unhex(t, tt.beside))
		if err != nil || hex.EncodeToString(got) != tt.want {
			t.Errorf("%s: %x, %v", tt.method, got, err)
		}
	}
}

func sealer(t *testing.T, method string) signing.Provider {
	return open(t, signing.Settings{Body: method, BodyKeyFile: file(t, sm4Hex), MAC: "hmac-sm3", MACKeyFile: file(t, "a key of codes, made up")})
}

func TestWhatIsSealedOpensAndTheSameContentIsSealedAlike(t *testing.T) {
	for _, method := range []string{"sm4-gcm", "sm4-cbc"} {
		p := sealer(t, method)
		heads := map[string]bool{}
		for n := range 50 {
			plain := bytes.Repeat([]byte{byte(n)}, n)
			one, err := p.Seal(plain, []byte("beside"))
			if err != nil {
				t.Fatal(err)
			}
			two, err := p.Seal(plain, []byte("beside"))
			if err != nil || !bytes.Equal(one, two) {
				t.Fatalf("%s: sealed otherwise: %v", method, err)
			}
			if got, err := p.Open(one, []byte("beside")); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%s: opens to %x, %v, want %x", method, got, err, plain)
			}
			if heads[string(one[:12])] {
				t.Errorf("%s: two contents share a nonce", method)
			}
			heads[string(one[:12])] = true
		}
	}
}

func TestAnAlteredSealedBodyDoesNotOpen(t *testing.T) {
	p := sealer(t, "sm4-gcm")
	sealed, err := p.Seal([]byte("content"), []byte("key 1"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		if _, err := p.Open(altered, []byte("key 1")); !errors.Is(err, signing.ErrSealed) {
			t.Errorf("byte %d altered: %v", i, err)
		}
	}
	for n := range sealed {
		if _, err := p.Open(sealed[:n], []byte("key 1")); !errors.Is(err, signing.ErrSealed) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := p.Open(sealed, []byte("key 2")); !errors.Is(err, signing.ErrSealed) {
		t.Errorf("beside another key: %v", err)
	}
}

func TestAKeyOfTheApplicationOpensAShortLivedKey(t *testing.T) {
	application, err := signing.NewKey([]byte("an application key, made up"))
	if err != nil {
		t.Fatal(err)
	}
	const wrapped = "HkPF202CkDNTtI2k6WlNa6S2aAGeQC/+dDIUxiL70qUZgkvtJulYn3Nx1X01GADw" // by OpenSSL
	key, err := signing.Unwrap("aes", application, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	want, err := signing.NewKey([]byte("00112233445566778899aabbccddeeff"))
	if err != nil {
		t.Fatal(err)
	}
	sum := func(k signing.Key) string {
		return string(signing.HMAC(open(t, signing.Settings{}).Hash, k, []byte("m")))
	}
	if sum(key) != sum(want) {
		t.Error("another key came out")
	}
	for _, wrong := range []string{"", "no Base64 !", "AAAA", wrapped[:len(wrapped)-4], strings.Replace(wrapped, "GADw", "GADx", 1)} {
		if _, err := signing.Unwrap("aes", application, wrong); !errors.Is(err, signing.ErrSealed) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := signing.Unwrap("sm4-gcm", application, wrapped); !errors.Is(err, signing.ErrSealed) {
		t.Errorf("in another wrapping: %v", err)
	}
}

func TestNothingShowsAKey(t *testing.T) {
	p := open(t, signing.Settings{MAC: "hmac-sm3", MACKeyFile: file(t, "a key of codes, made up"), Signature: "sm2", SignKeyFile: file(t, privateHex),
		Body: "sm4-gcm", BodyKeyFile: file(t, sm4Hex)})
	key, err := signing.NewKey([]byte("a key of codes, made up"))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "provider", fmt.Sprint(p), "key", key)
	text := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		text += fmt.Sprintf(verb, p) + fmt.Sprintf(verb, key) + fmt.Sprintf(verb, struct{ K signing.Key }{key})
	}
	for _, hidden := range []string{"made up", hex.EncodeToString([]byte("made up")), "3945208", "3945208F", "fedcba", "109 97 100 101"} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(hidden)) {
			t.Errorf("%q shows in %s", hidden, text)
		}
	}
	if _, err := key.MarshalText(); err == nil {
		t.Error("a key was written out")
	}
}

func TestAMethodThatWasNotAgreedSaysSo(t *testing.T) {
	p := open(t, signing.Settings{})
	_, mac := p.MAC(nil)
	_, sign := p.Sign(nil)
	_, seal := p.Seal(nil, nil)
	_, unseal := p.Open(nil, nil)
	for name, err := range map[string]error{"mac": mac, "sign": sign, "verify": p.Verify(nil, nil), "seal": seal, "open": unseal} {
		if !errors.Is(err, signing.ErrNotAgreed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, want := p.Methods(), (signing.Methods{Digest: "sha256"}); got != want {
		t.Errorf("methods %+v, want %+v", got, want)
	}
}

func TestEveryFaultOfTheSettingsIsTold(t *testing.T) {
	err := signing.Settings{Digest: "md5", MAC: "hmac-md5", Signature: "rsa", SignKeyFile: "k", Body: "des", BodyKeyFile: "k"}.Check()
	for _, want := range []string{`digest: "md5" is none of sha256, sm3`, `mac: "hmac-md5"`, "mac: a method and its key file", `signature: "rsa"`, `body: "des"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if err := (signing.Settings{Body: "sm4-cbc", BodyKeyFile: "k"}).Check(); err == nil || !strings.Contains(err.Error(), "give a mac") {
		t.Errorf("cbc without mac: %v", err)
	}
}

func TestAWrongKeyFileIsNamedAndNotShown(t *testing.T) {
	loose := file(t, privateHex)
	if err := os.Chmod(loose, 0o640); err != nil {
		t.Fatal(err)
	}
	const rubbish = "rubbish-rubbish-rubbish"
	for _, tt := range []struct {
		settings signing.Settings
		want     string
	}{
		{signing.Settings{Signature: "sm2", SignKeyFile: loose}, "is open to others; chmod 600"},
		{signing.Settings{Signature: "sm2", SignKeyFile: file(t, rubbish)}, "want an SM2 private key"},
		{signing.Settings{Signature: "sm2", SignKeyFile: file(t, strings.Repeat("f", 64))}, "outside of those"},
		{signing.Settings{Signature: "sm2", SignKeyFile: file(t, strings.Repeat("0", 64))}, "outside of those"},
		{signing.Settings{Signature: "sm2", VerifyKeyFile: file(t, rubbish)}, "want an SM2 public key"},
		{signing.Settings{Signature: "sm2", VerifyKeyFile: file(t, strings.Repeat("1", 128))}, "does not lie on the curve"},
		{signing.Settings{Signature: "sm2", VerifyKeyFile: file(t, strings.Repeat("f", 128))}, "does not lie on the curve"},
		{signing.Settings{Body: "sm4-gcm", BodyKeyFile: file(t, rubbish)}, "want an SM4 key of 32 hex digits"},
		{signing.Settings{MAC: "hmac-sm3", MACKeyFile: file(t, "short")}, "want 16 to 4096 bytes"},
		{signing.Settings{MAC: "hmac-sm3", MACKeyFile: filepath.Join(t.TempDir(), "none")}, "no such file"},
	} {
		_, err := signing.Open(tt.settings)
		if err == nil || !errors.Is(err, secret.ErrKey) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), rubbish) {
			t.Errorf("%+v: %v, want %q", tt.settings, err, tt.want)
		}
	}
}
