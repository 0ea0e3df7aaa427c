package rest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
)

// wrapping shows that a batch is whole, as the package comment says.
type wrapping struct{ keys signing.Provider }

// body returns what is sent of a batch and adds to its header what goes with it.
func (w wrapping) body(header http.Header, m publish.Message) ([]byte, error) {
	if w.keys == nil {
		return m.Body, nil
	}
	sent, agreed := m.Body, w.keys.Methods()
	if agreed.Signature != "" {
		signature, err := w.keys.Sign(m.Body)
		if err != nil {
			return nil, err
		}
		header.Set("Body-Signature", agreed.Signature+" "+base64.StdEncoding.EncodeToString(signature))
	}
	if agreed.Body != "" {
		sealed, err := w.keys.Seal(m.Body, []byte(m.Key))
		if err != nil {
			return nil, err
		}
		header.Set("Body-Sealed", agreed.Body)
		if sent, err = json.Marshal(map[string][]byte{"message": sealed}); err != nil {
			return nil, err
		}
	}
	if agreed.MAC != "" {
		lines := strings.Join([]string{header.Get("Idempotency-Key"), header.Get("Fencing-Token"), header.Get("State-Target"), ""}, "\n")
		code, err := w.keys.MAC(append([]byte(lines), sent...))
		if err != nil {
			return nil, err
		}
		header.Set("Body-MAC", agreed.MAC+" "+base64.StdEncoding.EncodeToString(code))
	}
	return sent, nil
}
