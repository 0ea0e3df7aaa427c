package note_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/note"
)

type about struct {
	note.Head
	Name string `json:"name"`
}

func (a about) text(t *testing.T, keys signing.Provider) string {
	t.Helper()
	text, err := note.Encode(a, keys)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var some = about{note.Head{Kind: "manifest", Format: note.Format, Receiver: "city"}, "某公司 <&> \u2028"}

// keysOf are those of one party: all methods of codes, with its own private key
// and the other's public one.
func keysOf(t *testing.T, mac, private, public string) signing.Provider {
	t.Helper()
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keys, err := signing.Open(signing.Settings{MAC: "hmac-sha256", MACKeyFile: file("mac", mac), Signature: "sm2",
		SignKeyFile: file("private", private), VerifyKeyFile: file("public", public)})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// The key pair of the example in GB/T 32918.5-2017, A.2.
const (
	examplePrivate = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
	examplePublic  = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020" +
		"CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)

func TestANoteIsReadBackAndItsCodesHold(t *testing.T) {
	keys := keysOf(t, "sixteen bytes of key", examplePrivate, examplePublic)
	text := some.text(t, keys)
	if text != some.text(t, keys) {
		t.Error("the same note has other bytes when it is written again")
	}
	for what, text := range map[string]string{"as written": text, "with CR LF": strings.ReplaceAll(text, "\n", "\r\n")} {
		var got about
		n, err := note.Decode([]byte(text), &got)
		if err != nil || got != some {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		if err := n.Verify(keys); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAChangedNoteIsNotBelieved(t *testing.T) {
	keys := keysOf(t, "sixteen bytes of key", examplePrivate, examplePublic)
	text := some.text(t, keys)
	line, codes, _ := strings.Cut(text, "\n")
	cases := map[string]string{
		"another name":     strings.Replace(line, "某公司", "某厂", 1) + "\n" + codes,
		"a blank more":     line + " \n" + codes,
		"no mac":           line + "\n" + strings.Replace(codes, "hmac-sha256", "hmac-md5", 1),
		"no signature":     line + "\n" + strings.Replace(codes, `"sm2"`, `"sm9"`, 1),
		"another mac key":  some.text(t, keysOf(t, "another sixteen bytes", examplePrivate, examplePublic)),
		"another sign key": some.text(t, keysOf(t, "sixteen bytes of key", strings.Replace(examplePrivate, "39", "38", 1), examplePublic)),
		"codes twice":      line + "\n" + codes + codes,
	}
	for what, text := range cases {
		var got about
		n, err := note.Decode([]byte(text), &got)
		if err == nil {
			err = n.Verify(keys)
		}
		if is := errors.Is(err, signing.ErrSignature); is == (what == "codes twice") {
			t.Errorf("%s: %v", what, err)
		}
	}
	var got about
	for _, half := range []string{text[:20], line, line + "\n", line + "\n" + codes[:10]} {
		n, err := note.Decode([]byte(half), &got)
		if err == nil {
			err = n.Verify(keys)
		}
		if !errors.Is(err, note.ErrHalf) {
			t.Errorf("%d bytes of %d: %v, want that the end is missing", len(half), len(text), err)
		}
	}
}

func TestWhatIsNoNoteIsRefused(t *testing.T) {
	for _, text := range []string{"[]\n", "null\n", `"x"` + "\n", "{} {}\n", `{"Kind":"x"}` + "\n", `{"kind":"x","kind":"y"}` + "\n", `{"format":"1"}` + "\n", "\xff\n", "\n"} {
		var got about
		if _, err := note.Decode([]byte(text), &got); err == nil || errors.Is(err, note.ErrHalf) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := some.Check("manifest", "province"); !errors.Is(err, note.ErrReceiver) {
		t.Errorf("for another: %v", err)
	}
	if err := some.Check("receipt", "city"); err == nil || errors.Is(err, note.ErrReceiver) {
		t.Errorf("another kind: %v", err)
	}
	keys, err := signing.Open(signing.Settings{Signature: "sm2", SignKeyFile: keyFile(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := note.CheckKeys(keys); err == nil {
		t.Error("without a key to check signatures with")
	}
}

func keyFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(examplePrivate), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
