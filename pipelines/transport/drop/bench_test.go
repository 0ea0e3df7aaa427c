package drop_test

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/folder"
)

// BenchmarkSend hands over batches of 500 records of nine fields.
func BenchmarkSend(b *testing.B) {
	var rows []publish.MessageRow
	for i := range 500 {
		rows = append(rows, row("I", fmt.Sprintf("91350100M%09d/public", i), `{"subject_id":"91350100M000100Y43","subject_name":"榕城某某贸易有限公司","division_code":"350102",`+
			`"public_grade":"A","scheme":"overall","supervision_class":1,"check_ratio":"5%","check_frequency":"每年","rule_set":"public 2026.1"}`))
	}
	for _, format := range []drop.Format{{}, {Encoding: "GB18030"}, {Form: "xml"}} {
		b.Run("local/"+format.Form+format.Encoding, func(b *testing.B) { benchmarkSend(b, drop.Settings{Format: format}, b.TempDir(), rows) })
	}
	b.Run("sftp", func(b *testing.B) {
		dsn, err := url.Parse(os.Getenv("TEST_SFTP_DSN"))
		if err != nil || dsn.Host == "" {
			b.Fatal("TEST_SFTP_DSN: no SFTP server; run with scripts/servers.sh")
		}
		hostKey, err := os.ReadFile(dsn.Query().Get("host_key"))
		if err != nil {
			b.Fatal(err)
		}
		dir, err := os.MkdirTemp(dsn.Path, "bench")
		if err != nil {
			b.Fatal(err)
		}
		benchmarkSend(b, drop.Settings{SFTP: &folder.ServerConfig{Address: dsn.Host, User: dsn.User.Username(),
			KeyFile: dsn.Query().Get("key"), HostKey: []string{strings.TrimSpace(string(hostKey))}}}, dir, rows)
	})
}

func benchmarkSend(b *testing.B, s drop.Settings, dir string, rows []publish.MessageRow) {
	s.Out, s.Return = filepath.Join(dir, "out"), filepath.Join(dir, "return")
	if err := os.Mkdir(s.Out, 0o755); err != nil {
		b.Fatal(err)
	}
	keys, err := signing.Open(signing.Settings{})
	if err != nil {
		b.Fatal(err)
	}
	d, err := drop.Open(s, receiver, keys, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	serial := 0
	for b.Loop() {
		serial++
		if a := d.Send(b.Context(), message(serial, rows...)); a.Outcome != publish.Handed {
			b.Fatalf("%+v", a)
		}
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "records/s")
}
