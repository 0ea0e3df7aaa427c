package sandbox

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// maxAge is how far the time of a signature may be from the platform's.
const maxAge = 5 * time.Minute

// keys are the keys that requests may be signed with.
type keys struct {
	mu    sync.Mutex
	given []shortKey // those that have not ended
}

type shortKey struct {
	key []byte
	end time.Time
}

// signed lets only requests with a good signature through, when a key is set.
func (s *Sandbox) signed(next http.HandlerFunc) http.HandlerFunc {
	if s.cfg.Key == nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) {
		get := func(name string) string { return r.Header.Get("gjgxjhpt_" + name) }
		if err := s.checkSignature(get, s.goodKeys()); err != nil {
			reply(w, nil, err)
			return
		}
		next(w, r)
	}
}

// goodKeys are the key agreed for good or, where keys are short-lived, those
// that have not ended.
func (s *Sandbox) goodKeys() (good [][]byte) {
	if s.cfg.KeyLife == 0 {
		return [][]byte{s.cfg.Key}
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	now := s.cfg.Now()
	for _, k := range s.keys.given {
		if now.Before(k.end) {
			good = append(good, k.key)
		}
	}
	return good
}

// checkSignature looks at the four values of a signature; get takes their names
// without the prefix.
func (s *Sandbox) checkSignature(get func(string) string, keys [][]byte) error {
	unauthorised := func(code, format string, args ...any) error {
		return refuse(http.StatusUnauthorized, code, format, args...)
	}
	requester, service, sentAt := get("rid"), get("sid"), get("rtime")
	signature, err := base64.StdEncoding.DecodeString(get("sign"))
	if err != nil || requester == "" || service == "" {
		return unauthorised("SIGNATURE_MISSING", "应有 gjgxjhpt_rid、gjgxjhpt_sid、gjgxjhpt_rtime、gjgxjhpt_sign")
	}
	milliseconds, err := strconv.ParseInt(sentAt, 10, 64)
	if err != nil || s.cfg.Now().Sub(time.UnixMilli(milliseconds)).Abs() > maxAge {
		return unauthorised("SIGNATURE_AGE", "gjgxjhpt_rtime 与平台时间相差超过 %s", maxAge)
	}
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(service + requester + sentAt))
		if hmac.Equal(signature, mac.Sum(nil)) {
			return nil
		}
	}
	return unauthorised("SIGNATURE", "gjgxjhpt_sign 不符，或密钥已过期")
}

// postKey hands out a short-lived key, encrypted under that of the application,
// to who signed with that.
func (s *Sandbox) postKey(w http.ResponseWriter, r *http.Request) {
	said := map[string]string{}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4096))
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	refused := func(message string) { reply(w, map[string]string{"code": "1", "message": message}, nil) }
	if err != nil {
		refused("请求体应为 JSON")
		return
	}
	for _, get := range []func(string) string{
		func(name string) string { return said["gjgxjhpt_"+name] },
		func(name string) string { return r.Header.Get("gjgxjhpt_" + name) },
	} {
		if err := s.checkSignature(get, [][]byte{s.cfg.Key}); err != nil {
			refused(err.Error())
			return
		}
	}
	key, wrapped, end, err := s.newKey()
	if err == nil {
		s.keys.add(key, end, s.cfg.Now())
	}
	reply(w, map[string]any{"code": "0", "data": map[string]string{
		"secret": wrapped, "secretEndTime": strconv.FormatInt(end.UnixMilli(), 10)}}, err)
}

func (k *keys) add(key []byte, end, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	living := []shortKey{{key, end}}
	for _, old := range k.given {
		if now.Before(old.end) && len(living) < 100 {
			living = append(living, old)
		}
	}
	k.given = living
}

func (s *Sandbox) newKey() (key []byte, wrapped string, end time.Time, err error) {
	key = []byte(rand.Text())
	end = s.cfg.Now().Add(s.cfg.KeyLife)
	sealed, err := wrap(s.cfg.KeyWrapping, s.cfg.Key, key)
	return key, base64.StdEncoding.EncodeToString(sealed), end, err
}

// wrap encrypts a key under that of the application: with SM4-GCM, or block by
// block with AES-128, as the national sharing platform does.
func wrap(wrapping string, application, key []byte) ([]byte, error) {
	if wrapping == "sm4-gcm" {
		under := sm3.Sum(application)
		block, err := sm4.NewCipher(under[:sm4.BlockSize])
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		nonce := make([]byte, gcm.NonceSize())
		rand.Read(nonce) // never fails
		return gcm.Seal(nonce, nonce, key, nil), nil
	}
	once := sha1.Sum(application)
	twice := sha1.Sum(once[:])
	block, err := aes.NewCipher(twice[:aes.BlockSize])
	if err != nil {
		return nil, err
	}
	padding := aes.BlockSize - len(key)%aes.BlockSize
	sealed := append(bytes.Clone(key), bytes.Repeat([]byte{byte(padding)}, padding)...)
	for at := 0; at < len(sealed); at += aes.BlockSize {
		block.Encrypt(sealed[at:], sealed[at:])
	}
	return sealed, nil
}
