package courier_test

import (
	"archive/zip"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"
)

const (
	receiver = "city_platform"
	source   = "350100"
	macKey   = "agreed by letter, no. 7"
)

var zeros = strings.Repeat("0", 64)

// A platform takes packages in and sends answers back as the package comment
// tells its engineer to, with no code of the sender.
type platform struct {
	t         *testing.T
	taken     int               // number of the last package
	digest    string            // of its note
	batches   map[string]string // manifests that came, by their names; the last of each
	order     []string          // names of batches in the order of their coming
	back      int               // number of the last package of answers
	backNote  string            // digest of its note
	unsettled []map[string]any  // packages to tell of
}

func newPlatform(t *testing.T) *platform {
	return &platform{t: t, digest: zeros, backNote: zeros, batches: map[string]string{}}
}

func (p *platform) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func sha(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// code is the second line of a note.
func code(line []byte) string {
	mac := hmac.New(sm3.New, []byte(macKey))
	mac.Write(line)
	return fmt.Sprintf(`{"hmac-sm3":"%s"}`+"\n", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// take takes a package in, or says with which code it is refused.
func (p *platform) take(path string) string {
	p.t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		return "ALTERED"
	}
	defer archive.Close()
	content := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		p.must(err)
		if content[f.Name], err = io.ReadAll(r); err != nil {
			return "ALTERED"
		}
	}
	line, codes, _ := bytes.Cut(content["package.json"], []byte("\n"))
	if archive.File[0].Name != "package.json" || string(codes) != code(line) {
		return "ALTERED"
	}
	var note struct {
		Kind, Receiver, Source, Previous string
		Number                           int
		Files                            []struct {
			Name, SHA256, SM3 string
			Bytes             int
		}
	}
	p.must(json.Unmarshal(line, &note))
	digest := sha(line)
	switch {
	case note.Kind != "package" || note.Receiver != receiver || note.Source != source:
		return "RECEIVER"
	case note.Number == p.taken && digest == p.digest:
		p.unsettled = append(p.unsettled, map[string]any{"number": note.Number, "digest": digest, "result": "repeated"})
		return "REPEATED"
	case note.Number <= p.taken:
		return "CHAIN"
	case note.Number > p.taken+1:
		return "MISSING"
	case note.Previous != p.digest:
		return "CHAIN"
	}
	if len(note.Files) != len(archive.File)-1 {
		return "ALTERED"
	}
	for i, f := range note.Files {
		data := content[f.Name]
		sum := sm3.Sum(data)
		if archive.File[i+1].Name != f.Name || len(data) != f.Bytes || sha(data) != f.SHA256 || f.SM3 != hex.EncodeToString(sum[:]) {
			return "ALTERED"
		}
		if name, is := strings.CutSuffix(strings.TrimPrefix(f.Name, "out/"), ".manifest.json"); is {
			p.batches[name] = string(data)
			p.order = append(p.order, name)
		}
	}
	p.taken, p.digest = note.Number, digest
	p.unsettled = append(p.unsettled, map[string]any{"number": note.Number, "digest": digest, "result": "taken"})
	return ""
}

// answer makes a package of answers: a receipt for each batch named, and more.
func (p *platform) answer(dir string, batches []string, more map[string]string) string {
	p.t.Helper()
	files := map[string]string{}
	for name, content := range more {
		files[name] = content
	}
	for _, name := range batches {
		var m map[string]any
		line, _, _ := strings.Cut(p.batches[name], "\n")
		p.must(json.Unmarshal([]byte(line), &m))
		text, err := json.Marshal(map[string]any{"kind": "receipt", "format": 1, "receiver": receiver, "batch": m["batch"], "table": m["table"],
			"key": m["key"], "receipt_id": "R-" + name, "accepted": 1, "rejected": []any{}})
		p.must(err)
		files["return/"+name+".receipt.json"] = string(text) + "\n" + code(text)
	}
	return p.pack(dir, files, func(map[string]any, []*part) {})
}

// part is one member as it is written.
type part struct {
	name, content string
	header        zip.FileHeader
}

// pack writes a package of answers; spoil may change its note and members before
// they are written.
func (p *platform) pack(dir string, files map[string]string, spoil func(note map[string]any, parts []*part)) string {
	p.t.Helper()
	var parts []*part
	var members []map[string]any
	for name, content := range files {
		parts = append(parts, &part{name: name, content: content, header: zip.FileHeader{Method: zip.Deflate}})
		members = append(members, map[string]any{"name": name, "bytes": len(content), "sha256": sha([]byte(content))})
	}
	note := map[string]any{"kind": "returned", "format": 1, "receiver": receiver, "source": source, "number": p.back + 1, "previous": p.backNote,
		"sealed_on": "2026-04-02", "files": members, "received": p.unsettled}
	spoil(note, parts)
	line, err := json.Marshal(note)
	p.must(err)
	path := filepath.Join(dir, fmt.Sprintf("answers-%d.zip", p.back+1))
	out, err := os.Create(path)
	p.must(err)
	w := zip.NewWriter(out)
	for _, m := range append([]*part{{name: "package.json", content: string(line) + "\n" + code(line)}}, parts...) {
		m.header.Name = m.name
		f, err := w.CreateHeader(&m.header)
		p.must(err)
		_, err = io.WriteString(f, m.content)
		p.must(err)
	}
	p.must(w.Close())
	p.must(out.Close())
	p.back, p.backNote, p.unsettled = p.back+1, sha(line), nil
	return path
}
