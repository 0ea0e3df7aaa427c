package folder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"rongxin/warehouse/secret"
)

// A Server is one SFTP server. It is connected to when first needed, and again
// when the connection broke.
type Server struct {
	cfg    ServerConfig
	client ssh.ClientConfig

	mu   sync.Mutex
	live *session // nil while not connected
}

// session is one connection.
type session struct {
	conn net.Conn
	ssh  *ssh.Client
	sftp *sftp.Client
}

func (s *session) close() {
	s.conn.Close() // what waits for an answer ends by that
	s.sftp.Close()
	s.ssh.Close()
}

// NewServer reads our key. The errors of its settings wrap [ErrSetup].
func NewServer(cfg ServerConfig) (*Server, error) {
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSetup, err)
	}
	text, err := secret.ReadFile(cfg.KeyFile, maxKeyFile)
	if err != nil {
		return nil, fmt.Errorf("sftp.key_file: %w: %w", ErrSetup, err)
	}
	signer, err := ssh.ParsePrivateKey(append(text, '\n'))
	if err != nil { // never with what is in it
		return nil, fmt.Errorf("sftp.key_file: %w: %s: want a private key in PEM, without a passphrase", ErrSetup, cfg.KeyFile)
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultTimeout)
	s := &Server{cfg: cfg}
	var fingerprints []string
	anyAlgorithm := false
	for _, text := range cfg.HostKey {
		key, err := parseHostKey(text)
		if err != nil {
			return nil, err
		}
		fingerprints = append(fingerprints, key.fingerprint)
		s.client.HostKeyAlgorithms = append(s.client.HostKeyAlgorithms, key.algorithms...)
		anyAlgorithm = anyAlgorithm || key.algorithms == nil
	}
	if anyAlgorithm {
		s.client.HostKeyAlgorithms = nil
	}
	s.client.User = cfg.User
	s.client.Auth = []ssh.AuthMethod{ssh.PublicKeys(signer)}
	s.client.HostKeyCallback = func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if got := ssh.FingerprintSHA256(key); !slices.Contains(fingerprints, got) {
			return fmt.Errorf("%w: the server shows the %s key %s, which is not in host_key: it is another server, or its key was changed; ask the platform before you change the setting",
				ErrSetup, key.Type(), got)
		}
		return nil
	}
	return s, nil
}

// Close ends the connection; the next call makes a new one.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live != nil {
		s.live.close()
		s.live = nil
	}
	return nil
}

// forget ends a session that broke. First nobody gets it any more: who waits in
// it is let go by the closing, and may be back before that is over.
func (s *Server) forget(broken *session) {
	s.mu.Lock()
	if s.live == broken {
		s.live = nil
	}
	s.mu.Unlock()
	broken.close()
}

// connect returns the session there is, or a new one.
func (s *Server) connect(ctx context.Context) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live != nil {
		return s.live, nil
	}
	dialer := net.Dialer{Timeout: s.cfg.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", s.cfg.Address)
	if err != nil {
		return nil, broke(err)
	}
	stop := afterQuiet(ctx, s.cfg.Timeout, func() { conn.Close() })
	live, err := s.handshake(conn)
	if cause := stop(); cause != nil {
		err = errors.Join(cause, err)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	s.live = live
	return live, nil
}

func (s *Server) handshake(conn net.Conn) (*session, error) {
	c, channels, requests, err := ssh.NewClientConn(conn, s.cfg.Address, &s.client)
	if err != nil {
		if strings.Contains(err.Error(), "unable to authenticate") { // the library has no error of its own for it
			return nil, fmt.Errorf("%w: user %s and key %s: %w", ErrSetup, s.cfg.User, s.cfg.KeyFile, err)
		}
		return nil, broke(err)
	}
	client := ssh.NewClient(c, channels, requests)
	files, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return nil, broke(err) // the caller closes the connection, and that ends all on it
	}
	if _, has := files.HasExtension(posixRename); !has {
		return nil, fmt.Errorf("%w: the server does not know %s, without which a file cannot be replaced at once; OpenSSH does", ErrSetup, posixRename)
	}
	return &session{conn, client, files}, nil
}

const posixRename, fsync = "posix-rename@openssh.com", "fsync@openssh.com"

// broke marks an error of the connection, unless a person must mend it.
func broke(err error) error {
	if errors.Is(err, ErrSetup) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrConnection, err)
}

// afterQuiet calls end once ctx is done or the time is over. stop takes that
// back, and returns why end was called if it was.
func afterQuiet(ctx context.Context, quiet time.Duration, end func()) (stop func() error) {
	ctx, cancel := context.WithTimeout(ctx, quiet)
	unhook := context.AfterFunc(ctx, end)
	return func() error {
		defer cancel()
		if !unhook() {
			return ctx.Err()
		}
		return nil
	}
}
