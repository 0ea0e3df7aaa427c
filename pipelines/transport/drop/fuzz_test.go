package drop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/note"
)

const someKey = "6f0c12ab34cd56ef6f0c12ab34cd56ef6f0c12ab34cd56ef6f0c12ab34cd56ef"

func noKeys(t testing.TB) signing.Provider {
	t.Helper()
	keys, err := signing.Open(signing.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// What is taken for an answer is within all bounds, and can be called by its
// batch in a folder.
func FuzzAnswer(f *testing.F) {
	about := `"format":1,"receiver":"city","batch":"2026040100001","table":"measures","key":"` + someKey + `",`
	f.Add(false, []byte(`{"kind":"receipt",`+about+`"receipt_id":"R1","accepted":1,"rejected":[{"cd_id":"a","code":"LENGTH","message":"太长"}]}`+"\n"))
	f.Add(false, []byte(`{"kind":"receipt",`+about+`"receipt_id":"R1","code":"DIGEST","message":"x"}`+"\r\n{}\n"))
	f.Add(true, []byte(`{"kind":"feedback",`+about+`"feedback_id":"F1","serial":2,"processed":0,"rejected":[]}`+"\n"))
	f.Add(false, []byte(`{"kind":"receipt","Kind":"feedback"}`))
	f.Add(true, []byte(`{"kind":"feedback",`+about+`"feedback_id":"F1","serial":99999999999999999999}`))
	keys := noKeys(f)
	f.Fuzz(func(t *testing.T, feedback bool, text []byte) {
		kind := receiptKind
		if feedback {
			kind = feedbackKind
		}
		a, err := readAnswer(kind, "city", text, keys)
		if err != nil {
			return
		}
		n := a.notice()
		if n.Number == "" || len(n.Key) != 64 || n.ReceiptID == "" || !bytes.HasPrefix(bytes.TrimSpace(n.Receipt), []byte("{")) || bytes.ContainsRune(n.Receipt, '\n') {
			t.Errorf("%+v", n)
		}
		if name := a.kept(); strings.ContainsAny(name, "/\\ ") || len(name) > 200 {
			t.Errorf("kept as %q", name)
		}
		again, err := readAnswer(kind, "city", append(slices.Clone(a.line), '\n'), keys)
		if err != nil || again.kept() != a.kept() {
			t.Errorf("its own first line is no answer: %v", err)
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"kind":"manifest","format":1,"receiver":"city","source":"350100","batch":"2026040100001","table":"measures","key":"` + someKey +
		`","epoch":3,"run":"r","as_of":"2026-04-01","lane":0,"rows":{"I":1,"U":0,"D":0},"target":{"count":1,"state_digest":""},"columns":[],"data":{"name":"x.csv","form":"csv","encoding":"UTF-8","bytes":1,"sha256":""}}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := readManifest(text, "city")
		if err != nil {
			return
		}
		written, err := note.Encode(m, noKeys(t))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := readManifest(written, "city"); err != nil || again.stem() != m.stem() || again.Data != m.Data {
			t.Errorf("%v: read %+v, written and read again %+v", err, m, again)
		}
	})
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"kind":"state","format":1,"receiver":"city","table":"measures","at":"2026-04-01 03:00:00","count":2,"state_digest":"` + someKey +
		`","keys":{"name":"measures.keys","bytes":10,"sha256":"` + someKey + `"}}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, at, err := readState("measures", "city", text, func(note.Note) error { return nil })
		if err == nil && (s.Table != "measures" || *s.Count < 0 || len(s.Digest) != 64 || at.IsZero() || s.Keys != nil && s.Keys.Bytes > maxKeysFile) {
			t.Errorf("%+v", s)
		}
	})
}

// A list of keys that is read in pages is read once, in order, or refused.
func FuzzKeys(f *testing.F) {
	line := func(key string) string { return someKey + " " + key + "\n" }
	f.Add([]byte(line("a")+line("b")+line("企业/c")), 1)
	f.Add([]byte(line("b")+line("a")), 2)
	f.Add([]byte(line("a")+"x"), 3)
	f.Add([]byte(strings.Repeat(line("a"), 2)), 1)
	f.Fuzz(func(t *testing.T, text []byte, limit int) {
		if limit < 1 || limit > 1000 {
			return
		}
		list := keysList{io.NewSectionReader(bytes.NewReader(text), 0, int64(len(text)))}
		sum := sha256.Sum256(text)
		if err := list.check(hex.EncodeToString(sum[:])); err != nil {
			t.Fatal(err)
		}
		var all []publish.HeldRecord
		for after, more := "", true; more; {
			page, next, err := list.page(after, limit)
			if err != nil {
				return
			}
			all, more = append(all, page...), next
			if more && len(page) != limit {
				t.Fatalf("a page of %d of %d, and more", len(page), limit)
			}
			if len(page) > 0 {
				after = page[len(page)-1].Key
			}
		}
		var written strings.Builder
		for i, r := range all {
			if i > 0 && r.Key <= all[i-1].Key {
				t.Errorf("%q after %q", r.Key, all[i-1].Key)
			}
			written.WriteString(r.Digest + " " + r.Key + "\n")
		}
		if written.String() != string(text) {
			t.Errorf("read %q of %q", written.String(), text)
		}
	})
}
