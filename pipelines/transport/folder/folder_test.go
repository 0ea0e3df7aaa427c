package folder_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"rongxin/pipelines/transport/folder"
)

// sshd is the real server that scripts/servers.sh started, with a directory of
// its own for the test.
func sshd(t *testing.T) (cfg folder.ServerConfig, dir string) {
	t.Helper()
	dsn, err := url.Parse(os.Getenv("TEST_SFTP_DSN"))
	if err != nil || dsn.Host == "" {
		t.Fatal("TEST_SFTP_DSN: no SFTP server; run the tests with scripts/servers.sh")
	}
	if dir, err = os.MkdirTemp(dsn.Path, "test"); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(dsn.Query().Get("host_key"))
	if err != nil {
		t.Fatal(err)
	}
	return folder.ServerConfig{Address: dsn.Host, User: dsn.User.Username(), KeyFile: dsn.Query().Get("key"),
		HostKey: []string{strings.TrimSpace(string(key))}, Timeout: 10 * time.Second}, dir
}

func server(t *testing.T, cfg folder.ServerConfig) *folder.Server {
	t.Helper()
	s, err := folder.NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// each runs a test on a folder of this machine and on one of the server, both
// of which can be looked into at dir.
func each(t *testing.T, test func(t *testing.T, f folder.Folder, dir string)) {
	t.Run("local", func(t *testing.T) {
		dir := t.TempDir()
		test(t, folder.Local(dir), dir)
	})
	t.Run("sftp", func(t *testing.T) {
		cfg, dir := sshd(t)
		test(t, server(t, cfg).Folder(dir), dir)
	})
}

func TestFilesComeWholeAndGo(t *testing.T) {
	each(t, func(t *testing.T, f folder.Folder, dir string) {
		ctx := t.Context()
		big := strings.Repeat("0123456789abcdef", 200_000) // several steps of writing
		for name, content := range map[string]string{"a.csv": "1", "b.csv": big, "empty": ""} {
			must(t, f.Put(ctx, name, []byte(content)))
			must(t, f.Put(ctx, name, []byte(content)))
			got, err := folder.Read(ctx, f, name, 1<<30)
			if err != nil || string(got) != content {
				t.Errorf("%s: %d bytes, error %v, want %d bytes", name, len(got), err, len(content))
			}
		}
		for _, name := range []string{".tmp-1-c", "c.tmp", "c.part", ".c"} {
			must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		}
		must(t, os.Symlink("/etc/passwd", filepath.Join(dir, "link")), os.Mkdir(filepath.Join(dir, "within"), 0o755))
		files, err := f.List(ctx)
		must(t, err)
		var got []string
		for _, file := range files {
			got = append(got, fmt.Sprint(file.Name, " ", file.Size))
		}
		if diff := cmp.Diff([]string{"a.csv 1", "b.csv 3200000", "empty 0"}, got); diff != "" {
			t.Error(diff)
		}
		must(t, f.Move(ctx, "a.csv", "taken/a.csv"), f.Put(ctx, "aside/why.txt", []byte("x")), f.Remove(ctx, "b.csv"), f.Remove(ctx, "b.csv"))
		if _, err := folder.Read(ctx, f, "b.csv", 10); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a removed file: %v", err)
		}
		if _, err := folder.Read(ctx, f, "taken/a.csv", 10); err != nil {
			t.Error(err)
		}
		if _, err := folder.Read(ctx, f, "taken/a.csv", 0); !errors.Is(err, folder.ErrTooLarge) {
			t.Errorf("a file larger than the bound: %v", err)
		}
	})
}

func TestNothingOutsideOfTheFolderIsReached(t *testing.T) {
	each(t, func(t *testing.T, f folder.Folder, dir string) {
		ctx := t.Context()
		for _, name := range []string{"../x", "/etc/passwd", "a/b/c", "..", ".", "", "a/", "a/../b", ".hidden", "a\x00b", "a b", "中"} {
			_, err := folder.Read(ctx, f, name, 1<<20)
			if err == nil || errors.Is(err, fs.ErrNotExist) || f.Put(ctx, name, nil) == nil || f.Remove(ctx, name) == nil || f.Move(ctx, name, "x") == nil || f.Move(ctx, "x", name) == nil {
				t.Errorf("%q was let through", name)
			}
		}
		outside := filepath.Join(t.TempDir(), "secret")
		must(t, os.WriteFile(outside, []byte("secret"), 0o600), os.Symlink(outside, filepath.Join(dir, "link")))
		if _, err := folder.Read(ctx, f, "link", 1<<20); err == nil {
			t.Error("a link out of the folder was followed")
		}
	})
	dir, outside := t.TempDir(), t.TempDir()
	must(t, os.Symlink(outside, filepath.Join(dir, "aside")), os.WriteFile(filepath.Join(dir, "x"), nil, 0o600))
	f := folder.Local(dir)
	for _, err := range []error{f.Put(t.Context(), "aside/y", nil), f.Move(t.Context(), "x", "aside/x")} {
		if !errors.Is(err, folder.ErrSetup) {
			t.Errorf("a folder within that is a link: %v", err)
		}
	}
	if names(t, outside) != "" {
		t.Error("a link out of the folder was written through")
	}
}

func TestAFolderThatIsMissingOrClosedIsAFaultOfTheSetup(t *testing.T) {
	each(t, func(t *testing.T, f folder.Folder, dir string) {
		must(t, os.RemoveAll(dir))
		ctx := t.Context()
		_, err := f.List(ctx)
		for what, err := range map[string]error{"list": err, "put": f.Put(ctx, "x", nil), "sweep": f.Sweep(ctx, "", time.Now())} {
			if !errors.Is(err, folder.ErrSetup) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestWhatAKilledSenderLeftIsSwept(t *testing.T) {
	each(t, func(t *testing.T, f folder.Folder, dir string) {
		left := filepath.Join(dir, ".tmp-abc-x.csv")
		must(t, os.WriteFile(left, nil, 0o600), os.Chtimes(left, time.Time{}, time.Now().Add(-48*time.Hour)))
		must(t, f.Sweep(t.Context(), "aside", time.Now()), f.Put(t.Context(), "x", nil), f.Sweep(t.Context(), "", time.Now().Add(-24*time.Hour)))
		if names := names(t, dir); names != "x" {
			t.Errorf("there is %s", names)
		}
	})
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// proxy is a network between us and the server that breaks after so many bytes
// have gone to the server.
type proxy struct {
	net.Listener
	left  atomic.Int64 // bytes
	stall atomic.Bool  // it keeps quiet instead
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{Listener: l}
	p.left.Store(1 << 40)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			ours, err := l.Accept()
			if err != nil {
				return
			}
			theirs, err := net.Dial("tcp", to)
			if err != nil {
				ours.Close()
				continue
			}
			end := func() { ours.Close(); theirs.Close() }
			go func() { defer end(); io.Copy(ours, theirs) }()
			go func() { defer end(); p.copy(theirs, ours) }()
		}
	}()
	return p
}

func (p *proxy) copy(to io.Writer, from io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if p.left.Add(-int64(n)) < 0 {
			if p.stall.Load() {
				io.Copy(io.Discard, from)
			}
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

func TestAConnectionKilledAnywhereLeavesTheOldFileOrTheNew(t *testing.T) {
	cfg, dir := sshd(t)
	p := newProxy(t, cfg.Address)
	cfg.Address = p.Addr().String()
	before, after := strings.Repeat("before ", 20_000), strings.Repeat("after!", 50_000)
	f := server(t, cfg).Folder(dir)
	cuts := 0
	for at := int64(0); ; at += 11_000 {
		must(t, os.WriteFile(filepath.Join(dir, "x.csv"), []byte(before), 0o640), f.Close())
		p.left.Store(at)
		err := f.Put(t.Context(), "x.csv", []byte(after))
		p.left.Store(1 << 40)
		got, readErr := os.ReadFile(filepath.Join(dir, "x.csv"))
		must(t, readErr)
		if err == nil {
			if string(got) != after {
				t.Fatalf("after %d bytes Put returned without an error, and the file has %d bytes", at, len(got))
			}
			break
		}
		cuts++
		if !errors.Is(err, folder.ErrConnection) {
			t.Errorf("cut after %d bytes: %v", at, err)
		}
		if s := string(got); s != before && s != after {
			t.Fatalf("cut after %d bytes: a file of %d bytes that is neither", at, len(got))
		}
	}
	t.Logf("%d connections cut", cuts)
	if cuts < 10 {
		t.Errorf("only %d cuts", cuts)
	}
	must(t, f.Put(t.Context(), "x.csv", []byte(after)), f.Sweep(t.Context(), "", time.Now().Add(time.Hour)))
	if names := names(t, dir); names != "x.csv" {
		t.Errorf("left behind: %s", names)
	}
}

func TestAServerThatKeepsQuietIsGivenUp(t *testing.T) {
	cfg, dir := sshd(t)
	p := newProxy(t, cfg.Address)
	p.stall.Store(true)
	cfg.Address, cfg.Timeout = p.Addr().String(), 3*time.Second // a busy machine takes one to log in
	f := server(t, cfg).Folder(dir)
	must(t, f.Put(t.Context(), "x", nil))
	p.left.Store(0)
	if err := f.Put(t.Context(), "x", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("quiet in the middle: %v", err)
	}
	if err := f.Put(t.Context(), "x", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("quiet from the beginning: %v", err)
	}
	p.left.Store(1 << 40)
	must(t, f.Put(t.Context(), "x", nil))
}

func TestOnlyTheAgreedServerIsSpokenTo(t *testing.T) {
	cfg, dir := sshd(t)
	agreed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(cfg.HostKey[0]))
	must(t, err)
	other := "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	cases := map[string]struct {
		keys []string
		ok   bool
	}{
		"key":                   {cfg.HostKey, true},
		"fingerprint":           {[]string{ssh.FingerprintSHA256(agreed)}, true},
		"old and new":           {[]string{other, cfg.HostKey[0]}, true},
		"another's fingerprint": {[]string{other}, false},
		"another's key":         {[]string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGXZi3hZ1yYQm2n0cX0Z1m3s0m1V0mVx3c0o5yqGqk1A"}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := cfg
			cfg.HostKey = c.keys
			err := server(t, cfg).Folder(dir).Put(t.Context(), "x", nil)
			if c.ok != (err == nil) || err != nil && (!errors.Is(err, folder.ErrSetup) || !strings.Contains(err.Error(), ssh.FingerprintSHA256(agreed))) {
				t.Errorf("%v", err)
			}
		})
	}
}
