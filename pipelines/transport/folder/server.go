package folder

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// ServerConfig says how an SFTP server is reached and known again.
type ServerConfig struct {
	Address string        `yaml:"address"`  // host:port
	User    string        `yaml:"user"`     //
	KeyFile string        `yaml:"key_file"` // our private key, without a passphrase, readable by its owner only
	HostKey []string      `yaml:"host_key"` // of the server: as in known_hosts, without the host, or its SHA256: fingerprint; any of them
	Timeout time.Duration `yaml:"timeout"`  // of one step; 1m when it is not set
}

const (
	minTimeout     = time.Second
	defaultTimeout = time.Minute
	maxTimeout     = time.Hour
	maxKeyFile     = 16 << 10
)

// Check tells everything that is wrong with the settings, without a look at the
// files. Each fault begins with its key in the section sftp.
func (c ServerConfig) Check() error {
	var faults []error
	if _, port, err := net.SplitHostPort(c.Address); err != nil || port == "" {
		faults = append(faults, fmt.Errorf("sftp.address: %q is not host:port", c.Address))
	}
	if c.User == "" {
		faults = append(faults, errors.New("sftp.user: is empty"))
	}
	if c.KeyFile == "" {
		faults = append(faults, errors.New("sftp.key_file: is empty: name the file of our private key"))
	}
	if len(c.HostKey) == 0 {
		faults = append(faults, errors.New("sftp.host_key: is empty: ask the platform for the key of its server; ssh-keyscan shows what a server claims"))
	}
	for _, text := range c.HostKey {
		if _, err := parseHostKey(text); err != nil {
			faults = append(faults, fmt.Errorf("sftp.host_key: %w", err))
		}
	}
	if c.Timeout != 0 && c.Timeout < minTimeout || c.Timeout > maxTimeout {
		faults = append(faults, fmt.Errorf("sftp.timeout: %v is not between %v and %v", c.Timeout, minTimeout, maxTimeout))
	}
	return errors.Join(faults...)
}

// hostKey is what a server is known by: its key, or the fingerprint of it.
type hostKey struct {
	fingerprint string
	algorithms  []string // none: of any
}

func parseHostKey(text string) (hostKey, error) {
	if digest, is := strings.CutPrefix(text, "SHA256:"); is && len(digest) == 43 { // 32 bytes in Base64 without padding
		return hostKey{fingerprint: text}, nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return hostKey{}, fmt.Errorf("%.60q: want a line such as ssh-ed25519 AAAA… or a fingerprint SHA256:…", text)
	}
	algorithms := []string{key.Type()}
	if key.Type() == ssh.KeyAlgoRSA {
		algorithms = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return hostKey{ssh.FingerprintSHA256(key), algorithms}, nil
}
