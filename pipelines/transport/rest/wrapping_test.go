package rest_test

import (
	"crypto/cipher"
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"crypto/ecdsa"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"github.com/emmansun/gmsm/smx509"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/rest"
)

const (
	macKey  = "a key of codes, made up"
	bodyKey = "0123456789abcdeffedcba9876543210"
)

// The receiver, as the interface describes it, without code of ours.
func TestASealedAndSignedBatchAsTheReceiverReadsIt(t *testing.T) {
	private, err := os.ReadFile("../../signing/testdata/pkcs8.pem")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := signing.Open(signing.Settings{MAC: "hmac-sm3", MACKeyFile: file(t, macKey), Signature: "sm2", SignKeyFile: file(t, string(private)),
		Body: "sm4-gcm", BodyKeyFile: file(t, bodyKey)})
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, string(body))
		method, code, _ := strings.Cut(r.Header.Get("Body-MAC"), " ")
		mac := hmac.New(sm3.New, []byte(macKey))
		fmt.Fprintf(mac, "%s\n%s\n%s\n%s", r.Header.Get("Idempotency-Key"), r.Header.Get("Fencing-Token"), r.Header.Get("State-Target"), body)
		if method != "hmac-sm3" || code != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			t.Errorf("Body-MAC %s %s", method, code)
		}
		plain := opened(t, r.Header, body)
		if plain != string(message.Body) {
			t.Errorf("the batch reads %q", plain)
		}
		method, text, _ := strings.Cut(r.Header.Get("Body-Signature"), " ")
		signature, err := base64.StdEncoding.DecodeString(text)
		if err != nil || method != "sm2" || !sm2.VerifyASN1WithSM2(public(t), []byte("1234567812345678"), []byte(plain), signature) {
			t.Errorf("Body-Signature %s %s: %v", method, text, err)
		}
		io.WriteString(w, receipt)
	})
	transport := open(t, rest.Config{Settings: rest.Settings{URL: url}, Keys: keys})
	for range 2 {
		if a := transport.Send(t.Context(), message); a.Outcome != publish.Processed {
			t.Fatalf("%s: %v", a.Outcome, a.Err)
		}
	}
	if len(bodies) != 2 || bodies[0] != bodies[1] || strings.Contains(bodies[0], "2026063000001") {
		t.Errorf("a repeat is other bytes, or the body is not sealed: %q", bodies)
	}
}

func opened(t *testing.T, header http.Header, body []byte) string {
	if header.Get("Body-Sealed") != "sm4-gcm" {
		t.Errorf("Body-Sealed %s", header.Get("Body-Sealed"))
	}
	var sealed struct{ Message string }
	if err := json.Unmarshal(body, &sealed); err != nil {
		t.Error(err)
	}
	text, err := base64.StdEncoding.DecodeString(sealed.Message)
	if err != nil {
		t.Error(err)
	}
	key, err := hex.DecodeString(bodyKey)
	if err != nil {
		t.Error(err)
	}
	block, err := sm4.NewCipher(key)
	if err != nil {
		t.Error(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Error(err)
	}
	plain, err := aead.Open(nil, text[:12], text[12:], []byte(header.Get("Idempotency-Key")))
	if err != nil {
		t.Error(err)
	}
	return string(plain)
}

func public(t *testing.T) *ecdsa.PublicKey {
	text, err := os.ReadFile("../../signing/testdata/pub.pem")
	if err != nil {
		t.Error(err)
	}
	block, _ := pem.Decode(text)
	key, err := smx509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Error(err)
	}
	return key.(*ecdsa.PublicKey)
}
