package courier

import (
	"archive/zip"
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/folder"
)

// packed is an archive of these members, in this order.
func packed(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: members[i], Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(f, members[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	fuzzNote = `{"kind":"returned","format":1,"receiver":"city","source":"350100","number":1,"previous":"` +
		`0000000000000000000000000000000000000000000000000000000000000000","sealed_on":"2026-04-01","files":[`
	fuzzMember = `{"name":"return/x.receipt.json","bytes":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}`
)

// Whatever comes on a disk: what is taken in lies below return, in its length
// and with its digest, and nothing else is written.
func FuzzPackage(f *testing.F) {
	f.Add(packed(f, noteName, fuzzNote+fuzzMember+"]}\n", "return/x.receipt.json", "x"))
	f.Add(packed(f, noteName, fuzzNote+"]}\n"))
	f.Add(packed(f, noteName, fuzzNote+strings.Replace(fuzzMember, "return/", "../", 1)+"]}\n", "../x.receipt.json", "x"))
	f.Add(packed(f, "other", "x"))
	f.Add([]byte("PK\x05\x06"))
	keys, err := signing.Open(signing.Settings{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		c := &Courier{Config: Config{Receiver: "city", Source: "350100", Keys: keys, Log: slog.New(slog.DiscardHandler)}}
		file := folder.File{Name: "x.zip", Size: int64(len(content)), Modified: time.Time{}}
		archive, n, err := c.open(file, bytes.NewReader(content))
		if err != nil {
			return
		}
		for i, m := range n.Files {
			name, within := strings.CutPrefix(m.Name, returnPart)
			if !within || strings.ContainsAny(name, "/\\") || strings.HasPrefix(name, ".") {
				t.Fatalf("member %q", m.Name)
			}
			var out bytes.Buffer
			if copyMember(t.Context(), archive.File[i+1], m, &out) == nil && (int64(out.Len()) != m.Bytes || sha256Hex(out.Bytes()) != m.SHA256) {
				t.Errorf("%s: %d bytes passed for %d", m.Name, out.Len(), m.Bytes)
			}
			if int64(out.Len()) > m.Bytes+1 {
				t.Errorf("%s: %d bytes were unpacked of %d", m.Name, out.Len(), m.Bytes)
			}
		}
	})
}
