package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// maxAge is how far the time of a signature may be from the platform's.
const maxAge = 5 * time.Minute

// signed lets only requests with a good signature through, when a key is set.
func (s *Sandbox) signed(next http.HandlerFunc) http.HandlerFunc {
	if s.cfg.Key == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.checkSignature(r.Header); err != nil {
			reply(w, nil, err)
			return
		}
		next(w, r)
	}
}

func (s *Sandbox) checkSignature(header http.Header) error {
	requester, service := header.Get("gjgxjhpt_rid"), header.Get("gjgxjhpt_sid")
	sentAt := header.Get("gjgxjhpt_rtime")
	signature, err := base64.StdEncoding.DecodeString(header.Get("gjgxjhpt_sign"))
	if err != nil || requester == "" || service == "" {
		return refuse(http.StatusUnauthorized, "SIGNATURE_MISSING", "want the four gjgxjhpt_ headers")
	}
	mac := hmac.New(sha256.New, s.cfg.Key)
	mac.Write([]byte(service + requester + sentAt))
	if !hmac.Equal(signature, mac.Sum(nil)) {
		return refuse(http.StatusUnauthorized, "SIGNATURE", "gjgxjhpt_sign does not fit")
	}
	milliseconds, err := strconv.ParseInt(sentAt, 10, 64)
	if err != nil || s.cfg.Now().Sub(time.UnixMilli(milliseconds)).Abs() > maxAge {
		return refuse(http.StatusUnauthorized, "SIGNATURE_AGE", "gjgxjhpt_rtime is more than %s away", maxAge)
	}
	return nil
}
