package rest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"rongxin/pipelines/publish"
)

// Signer signs requests as the national sharing platform asks for. However it
// is printed or logged, it does not show its key.
type Signer struct {
	requester, service string
	key                []byte
}

const (
	minSecret = 16
	maxSecret = 4096
)

// NewSigner reads the key agreed for the requester (rid) and service (sid)
// from a file that only its owner may read; surrounding white space is not
// part of the key. Its errors wrap [publish.ErrSetup].
func NewSigner(requester, service, keyFile string) (*Signer, error) {
	if requester == "" || service == "" {
		return nil, fmt.Errorf("signature: %w: requester and service are required", publish.ErrSetup)
	}
	key, err := readKey(keyFile)
	if err != nil {
		return nil, fmt.Errorf("signature: %w: key file: %w", publish.ErrSetup, err)
	}
	return &Signer{requester, service, key}, nil
}

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode(); !mode.IsRegular() || mode.Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: mode %v, want a file that only its owner may read (chmod 600)", path, mode)
	}
	key, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return nil, err
	}
	key = bytes.TrimSpace(key)
	if len(key) < minSecret || len(key) > maxSecret {
		return nil, fmt.Errorf("%s: want a key of %d to %d bytes", path, minSecret, maxSecret)
	}
	return key, nil
}

// sign sets the headers of one request sent at that time.
func (s *Signer) sign(header http.Header, at time.Time) {
	milliseconds := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, s.key)
	io.WriteString(mac, s.service+s.requester+milliseconds)
	header.Set("gjgxjhpt_rid", s.requester)
	header.Set("gjgxjhpt_sid", s.service)
	header.Set("gjgxjhpt_rtime", milliseconds)
	header.Set("gjgxjhpt_sign", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// Format prints who signs, whatever the verb.
func (s *Signer) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "signer of %s for %s", s.requester, s.service)
}
