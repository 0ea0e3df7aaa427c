package rest

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"rongxin/pipelines/signing"
)

// Settings are the section rest of a receiver.
type Settings struct {
	URL       string        `yaml:"url"`       // base address, http or https
	Requester string        `yaml:"requester"` // gjgxjhpt_rid
	Service   string        `yaml:"service"`   // gjgxjhpt_sid
	KeyFile   string        `yaml:"key_file"`  // the key agreed for good; with key_url, that of the application
	KeyURL    string        `yaml:"key_url"`   // where short-lived keys are fetched
	Wrapping  string        `yaml:"key_wrapping"`
	Pins      []string      `yaml:"pins"`     // of the server's public key; any of them
	CAFile    string        `yaml:"ca_file"`  // instead of the system's authorities
	Networks  []string      `yaml:"networks"` // addresses that a host name may stand for, besides public ones
	Proxy     string        `yaml:"proxy"`    // none unless set, whatever the environment says
	Timeout   time.Duration `yaml:"timeout"`  // of one request with its answer; 15 s
}

// withDefaults fills in what is not set.
func (s Settings) withDefaults() Settings {
	s.Wrapping = cmp.Or(s.Wrapping, "aes")
	s.Timeout = cmp.Or(s.Timeout, 15*time.Second)
	return s
}

// Check tells everything that is wrong with the settings, without a look at the
// files. Each fault begins with its key.
func (s Settings) Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	base, err := parseURL(s.URL)
	if err != nil {
		fault("url: %w", err)
	}
	if s.KeyURL != "" {
		if _, err := parseURL(s.KeyURL); err != nil {
			fault("key_url: %w", err)
		}
	}
	if s.Proxy != "" {
		if _, err := parseURL(s.Proxy); err != nil {
			fault("proxy: %w", err)
		}
	}
	if given := s.KeyFile != ""; given != (s.Requester != "") || given != (s.Service != "") {
		fault("key_file, requester and service: are given together or not at all")
	}
	if s.KeyURL != "" && s.KeyFile == "" {
		fault("key_url: wants key_file, the file with the application's key")
	}
	if s.Wrapping != "" && (s.KeyURL == "" || !slices.Contains(signing.Wrappings, s.Wrapping)) {
		fault("key_wrapping: %q: want %s, and a key_url", s.Wrapping, strings.Join(signing.Wrappings, " or "))
	}
	for _, pin := range s.Pins {
		if sum, err := base64.StdEncoding.DecodeString(pin); err != nil || len(sum) != sha256.Size {
			fault("pins: %q: want the SHA-256 of the server's public key (SubjectPublicKeyInfo) in Base64", pin)
		}
	}
	if base != nil && base.Scheme == "http" && (len(s.Pins) > 0 || s.CAFile != "") {
		fault("url: pins and ca_file want https")
	}
	for _, network := range s.Networks {
		if _, err := netip.ParsePrefix(network); err != nil {
			fault("networks: %q: want a network such as 10.20.0.0/16", network)
		}
	}
	if t := s.withDefaults().Timeout; t < 10*time.Millisecond || t > time.Hour {
		fault("timeout: %v is not between 10ms and 1h", t)
	}
	return errors.Join(faults...)
}

// parseURL reads an address without anything secret in it.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("is no address") // the parser's words quote it, and a password with it
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("%q: want http://… or https://…", u.Redacted())
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q: want no user, query or fragment", u.Redacted())
	}
	return u, nil
}
