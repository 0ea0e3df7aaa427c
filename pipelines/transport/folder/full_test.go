package folder_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"rongxin/pipelines/transport/folder"
)

// fullDisk is an SFTP server in memory whose disk has room for so many bytes of
// a file.
type fullDisk struct {
	sftp.Handlers
	room int64
}

func (d fullDisk) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	w, err := d.FilePut.Filewrite(r)
	return roomyWriter{w, d.room}, err
}

type roomyWriter struct {
	io.WriterAt
	room int64
}

func (w roomyWriter) WriteAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > w.room {
		return 0, syscall.ENOSPC
	}
	return w.WriterAt.WriteAt(p, off)
}

// serve listens as that server and returns how it is reached.
func serve(t *testing.T, handlers sftp.Handlers) folder.ServerConfig {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	hostKey, err := ssh.NewSignerFromKey(private)
	must(t, err)
	config := &ssh.ServerConfig{PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(hostKey)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go session(conn, config, handlers)
		}
	}()
	block, err := ssh.MarshalPrivateKey(private, "")
	must(t, err)
	key := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(key, pem.EncodeToMemory(block), 0o600))
	return folder.ServerConfig{Address: l.Addr().String(), User: "rongxin", KeyFile: key,
		HostKey: []string{string(ssh.MarshalAuthorizedKey(hostKey.PublicKey()))}, Timeout: 10 * time.Second}
}

func session(conn net.Conn, config *ssh.ServerConfig, handlers sftp.Handlers) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		channel, requests, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				r.Reply(r.Type == "subsystem", nil)
			}
		}()
		go sftp.NewRequestServer(channel, handlers).Serve()
	}
}

func TestAFullDiskOfTheServerIsToldAndLeavesTheOldFile(t *testing.T) {
	memory := sftp.InMemHandler()
	full := memory
	full.FilePut = fullDisk{memory, 1 << 20}
	f := server(t, serve(t, full)).Folder("/")
	must(t, f.Put(t.Context(), "x.csv", []byte("before")))
	err := f.Put(t.Context(), "x.csv", make([]byte, 3<<20))
	if err == nil || errors.Is(err, folder.ErrSetup) || errors.Is(err, folder.ErrConnection) || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v, want an error that may pass by itself and says what to look at", err)
	}
	got, err := folder.Read(t.Context(), f, "x.csv", 100)
	if err != nil || string(got) != "before" {
		t.Errorf("the file is now %q, error %v", got, err)
	}
	entries, err := memory.FileList.Filelist(sftp.NewRequest("List", "/"))
	must(t, err)
	infos := make([]os.FileInfo, 10)
	if n, _ := entries.ListAt(infos, 0); n != 1 {
		t.Errorf("%d files are left, want 1", n)
	}
}

func TestAServerThatCannotReplaceAFileAtOnceIsAFaultOfTheSetup(t *testing.T) {
	must(t, sftp.SetSFTPExtensions("hardlink@openssh.com"))
	t.Cleanup(func() {
		must(t, sftp.SetSFTPExtensions("hardlink@openssh.com", "posix-rename@openssh.com", "statvfs@openssh.com"))
	})
	f := server(t, serve(t, sftp.InMemHandler())).Folder("/")
	if err := f.Put(t.Context(), "x", nil); !errors.Is(err, folder.ErrSetup) || !strings.Contains(err.Error(), "posix-rename@openssh.com") {
		t.Error(err)
	}
}

func TestWrongSettingsAreAllTold(t *testing.T) {
	err := folder.ServerConfig{Address: "nowhere", HostKey: []string{"SHA256:short"}, Timeout: time.Millisecond}.Check()
	for _, want := range []string{"address: ", "user: ", "key_file: ", "host_key: ", "timeout: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: does not tell of %s", err, want)
		}
	}
	cfg := serve(t, sftp.InMemHandler())
	must(t, os.Chmod(cfg.KeyFile, 0o644))
	if _, err := folder.NewServer(cfg); !errors.Is(err, folder.ErrSetup) || !strings.Contains(err.Error(), cfg.KeyFile) {
		t.Errorf("a key that others may read: %v", err)
	}
	must(t, os.WriteFile(cfg.KeyFile, []byte("BEGIN SECRET"), 0o600), os.Chmod(cfg.KeyFile, 0o600))
	if _, err := folder.NewServer(cfg); !errors.Is(err, folder.ErrSetup) || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("a damaged key: %v", err)
	}
}
