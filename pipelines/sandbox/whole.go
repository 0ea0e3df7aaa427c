package sandbox

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// open checks the agreed codes of a batch handed over by HTTP and returns its
// JSON, unsealed.
func (a Agreed) open(r *http.Request, body []byte) ([]byte, error) {
	s := a.settings
	if s.MAC != "" {
		code, err := base64.StdEncoding.DecodeString(value(r, "Body-MAC", s.MAC))
		var beside strings.Builder
		for _, name := range []string{"Idempotency-Key", "Fencing-Token", "State-Target"} {
			beside.WriteString(r.Header.Get(name) + "\n")
		}
		if err != nil || !hmac.Equal(code, a.mac([]byte(beside.String()), body)) {
			return nil, refuse(http.StatusUnauthorized, "BODY_MAC", "Body-MAC 缺失或不符，应为 %s", s.MAC)
		}
	}
	if s.Body != "" {
		var err error
		if body, err = a.openBody(r, body); err != nil {
			return nil, err
		}
	}
	if s.Signature != "" && !a.verify(body, value(r, "Body-Signature", s.Signature)) {
		return nil, refuse(http.StatusUnauthorized, "BODY_SIGNATURE", "Body-Signature 缺失或不符，应为 %s", s.Signature)
	}
	return body, nil
}

func (a Agreed) openBody(r *http.Request, body []byte) ([]byte, error) {
	var wrapped struct {
		Message []byte `json:"message"`
	}
	if r.Header.Get("Body-Sealed") != a.settings.Body || json.Unmarshal(body, &wrapped) != nil {
		return nil, refuse(http.StatusUnauthorized, "BODY_SEALED", "批次应以 %s 加密，放在 message 中", a.settings.Body)
	}
	plain, err := a.unseal(wrapped.Message, []byte(r.Header.Get("Idempotency-Key")))
	if err != nil {
		return nil, refuse(http.StatusUnauthorized, "BODY_SEALED", "密文打不开：%v", err)
	}
	return plain, nil
}

// value is what a header says behind the name of the method.
func value(r *http.Request, header, method string) string {
	said, ok := strings.CutPrefix(r.Header.Get(header), method+" ")
	if !ok {
		return "-" // no Base64
	}
	return said
}
