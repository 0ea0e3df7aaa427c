package signing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rongxin/warehouse/secret"
)

// Settings names the methods agreed with a receiver and the files of their keys,
// each readable by its owner only. They are the section signing of a receiver.
type Settings struct {
	Digest        string `yaml:"digest"` // sha256 when empty
	MAC           string `yaml:"mac"`
	MACKeyFile    string `yaml:"mac_key_file"`
	Signature     string `yaml:"signature"`
	SignKeyFile   string `yaml:"sign_key_file"`   // our private key
	VerifyKeyFile string `yaml:"verify_key_file"` // the receiver's public key, which anybody may read
	UserID        string `yaml:"user_id"`
	Body          string `yaml:"body"`
	BodyKeyFile   string `yaml:"body_key_file"`
}

var (
	digests    = []string{"sha256", "sm3"}
	macs       = []string{"hmac-sha256", "hmac-sm3"}
	signatures = []string{"sm2"}
	bodies     = []string{"sm4-cbc", "sm4-gcm"}
)

// Check tells everything that is wrong with the settings, without a look at the
// files. Each fault begins with its key.
func (s Settings) Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	method := func(key, value string, known []string) {
		if value != "" && !slices.Contains(known, value) {
			fault("%s: %q is none of %s", key, value, strings.Join(known, ", "))
		}
	}
	method("digest", s.Digest, digests)
	method("mac", s.MAC, macs)
	method("signature", s.Signature, signatures)
	method("body", s.Body, bodies)
	together := func(key, value string, files ...string) {
		if some := strings.Join(files, "") != ""; some != (value != "") {
			fault("%s: a method and its key file are given together or not at all", key)
		}
	}
	together("mac", s.MAC, s.MACKeyFile)
	together("signature", s.Signature, s.SignKeyFile, s.VerifyKeyFile)
	together("body", s.Body, s.BodyKeyFile)
	if s.Body == "sm4-cbc" && s.MAC == "" {
		fault("body: sm4-cbc does not notice an altered body: give a mac as well, or take sm4-gcm")
	}
	if s.UserID != "" && s.Signature == "" || len(s.UserID) >= 8192 {
		fault("user_id: is the user id of a signature, of at most 8191 bytes")
	}
	return errors.Join(faults...)
}

// Open reads the keys. Errors wrap [secret.ErrKey] when a key is at fault, name
// its file, and never hold what is in it.
func Open(s Settings) (Provider, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	p := &software{methods: Methods{cmp.Or(s.Digest, "sha256"), s.MAC, s.Signature, s.Body}, userID: []byte(s.UserID)}
	if s.UserID == "" {
		p.userID = []byte(standardUserID)
	}
	var faults []error
	if s.MACKeyFile != "" {
		key, err := ReadKey(s.MACKeyFile)
		p.macKey, faults = key, append(faults, err)
	}
	if s.SignKeyFile != "" {
		text, err := secret.ReadFile(s.SignKeyFile, maxKeyFile)
		if err == nil {
			p.signKey.private, err = parsePrivate(text)
		}
		faults = append(faults, inFile(s.SignKeyFile, err))
	}
	if s.VerifyKeyFile != "" {
		text, err := readPublic(s.VerifyKeyFile)
		if err == nil {
			p.verifyKey, err = parsePublic(text)
		}
		faults = append(faults, inFile(s.VerifyKeyFile, err))
	}
	if s.BodyKeyFile != "" {
		text, err := secret.ReadFile(s.BodyKeyFile, maxKeyFile)
		if err == nil {
			p.bodyKey, err = parseSM4(text)
		}
		faults = append(faults, inFile(s.BodyKeyFile, err))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return p, nil
}
