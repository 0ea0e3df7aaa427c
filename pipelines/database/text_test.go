package database

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"rongxin/pipelines/contract"
)

// Whatever a name holds, quoting refuses it or makes one identifier of it that
// reads back as the name.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"t", "行政处罚", `a"b`, "a`b", `"`, "``", `\"`, "a\x00b", "", " a", "\xff", strings.Repeat("长", 22), "t; drop table x --"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, d := range []dialect{postgres{}, mysql{}} {
			quoted, err := quote(d, name)
			if (err != nil) != (contract.CheckIdentifier(name) != nil) {
				t.Fatalf("%q: %v", name, err)
			}
			if err != nil {
				continue
			}
			mark := d.mark()
			inner, ok := strings.CutPrefix(quoted, mark)
			inner, ok2 := strings.CutSuffix(inner, mark)
			if !ok || !ok2 || strings.Contains(strings.ReplaceAll(inner, mark+mark, ""), mark) {
				t.Fatalf("%q ends inside %s", name, quoted)
			}
			if strings.ReplaceAll(inner, mark+mark, mark) != name {
				t.Fatalf("%q reads back otherwise: %s", name, quoted)
			}
			if strings.ContainsAny(quoted, "\x00\n") || len(name) > 63 {
				t.Fatalf("%q is no name", quoted)
			}
		}
	})
}

// A value reads back as it was; one that is no UTF-8 stays none.
func FuzzString(f *testing.F) {
	for _, seed := range []string{"", "福州𬱖市", `他说"好"\`, "a\nb\tc\x00\x1f\x7f", "\xb8\xa3", "\xff\"", "<&>\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		line := appendString(nil, []byte(value))
		if utf8.ValidString(value) != utf8.Valid(line) || strings.ContainsAny(string(line), "\n\r") {
			t.Fatalf("%q became %q", value, line)
		}
		var back string
		if err := json.Unmarshal(line, &back); err != nil {
			t.Fatalf("%q became %q: %v", value, line, err)
		}
		if utf8.ValidString(value) && back != value {
			t.Fatalf("%q came back as %q", value, back)
		}
	})
}

func TestDecoders(t *testing.T) {
	for _, tt := range []struct {
		charset, stored, want string
		ok                    bool
	}{
		{"utf8mb4", "福州", "福州", true},
		{"utf8mb3", "\xb8\xa3", "", false},
		{"gbk", "\xb8\xa3\xd6\xddAB", "福州AB", true},
		{"gb18030", "\x99\x33\xc3\x36", "\U0002CC56", true},
		{"gb2312", "\xb8\xa3\xd6", "", false},
		{"gbk", "\xb8\x20", "", false},
		{"latin1", "AB12", "AB12", true},
		{"latin1", "\xb8\xa3", "", false},
		{"latin1", "福", "", false}, // UTF-8 under a false name
	} {
		decoded, ok := decoderOf(tt.charset)([]byte(tt.stored))
		if ok != tt.ok || ok && string(decoded) != tt.want {
			t.Errorf("%s: %q gave %q, %v", tt.charset, tt.stored, decoded, ok)
		}
		if kept := undecodable([]byte(tt.stored)); !ok && (utf8.Valid(kept) || !strings.HasPrefix(string(kept), tt.stored)) {
			t.Errorf("%s: %q is kept as %q", tt.charset, tt.stored, kept)
		}
	}
	if decoderOf("utf16") != nil {
		t.Error("UTF-16 has a decoder of single bytes")
	}
}
