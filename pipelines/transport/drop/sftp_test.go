package drop_test

import (
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/folder"
)

// The same files, by way of a real server.
func TestOverSFTP(t *testing.T) {
	dsn, err := url.Parse(os.Getenv("TEST_SFTP_DSN"))
	if err != nil || dsn.Host == "" {
		t.Fatal("TEST_SFTP_DSN: no SFTP server; run the tests with scripts/servers.sh")
	}
	hostKey, err := os.ReadFile(dsn.Query().Get("host_key"))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(dsn.Path, "drop")
	if err != nil {
		t.Fatal(err)
	}
	f := setUp(t, drop.Format{}, signing.Settings{MAC: "hmac-sm3"})
	send(t, f, awkward)
	want := content(t, f.out)

	f.out, f.ret = filepath.Join(dir, "out"), filepath.Join(dir, "return")
	f.must(os.Mkdir(f.out, 0o755))
	settings := drop.Settings{Out: f.out, Return: f.ret, SFTP: &folder.ServerConfig{Address: dsn.Host, User: dsn.User.Username(),
		KeyFile: dsn.Query().Get("key"), HostKey: []string{strings.TrimSpace(string(hostKey))}}}
	d, err := drop.Open(settings, receiver, f.Keys, clock, slog.New(slog.NewTextHandler(f.log, nil)))
	f.must(err)
	f.Drop = d
	if _, _, _, err := f.Collect(t.Context(), ""); err == nil || !strings.Contains(err.Error(), f.ret) {
		t.Errorf("a folder that is not there: %v", err)
	}
	f.must(os.Mkdir(f.ret, 0o755))
	send(t, f, awkward)
	send(t, f, awkward)
	if diff := cmp.Diff(want, content(t, f.out)); diff != "" {
		t.Errorf("other files than on a disk:\n%s", diff)
	}
	var lanes errgroup.Group // share one connection
	for lane := range 8 {
		lanes.Go(func() error {
			for i := range 5 {
				if a := f.Send(t.Context(), message(100+10*lane+i, awkward.Rows...)); a.Err != nil {
					return a.Err
				}
			}
			return nil
		})
	}
	f.must(lanes.Wait())
	if n := len(f.batches()); n != 41 {
		t.Errorf("%d batches, want 41", n)
	}
	f.put("a.receipt.json", f.note(answers("receipt", awkward, members{"receipt_id": "R1", "accepted": 5, "rejected": []members{}})), 0)
	f.put("b.receipt.json", "<html>", 0)
	f.state("measures", []publish.HeldRecord{{Key: "a", Digest: strings.Repeat("0", 64)}}, func(members, *string) {})
	cursor := ""
	if got := said(collect(t, f, &cursor)); len(got) != 1 {
		t.Errorf("answers %v", got)
	}
	collect(t, f, &cursor)
	if records, _, err := f.Held(t.Context(), "measures", "", 10); err != nil || len(records) != 1 {
		t.Errorf("held %v, %v", records, err)
	}
	f.must(f.Close(t.Context()))
	if left := content(t, f.ret); len(left) != 5 { // taken, set aside with its reason, the state and its keys
		t.Errorf("left %v", left)
	}
}
