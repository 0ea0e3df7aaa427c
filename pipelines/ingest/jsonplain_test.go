package ingest

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/contract"
)

// What the plain reader of objects reads, the full one reads as the same values
// and faults; what the full one refuses, it does not read.
func FuzzPlainObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { "a" : "甲" , "b" : null , "c" : true } `, `{"a":"x\"\\\/\b\f\n\r\t\u0041\u0000"}`, `{"a":"\u7532"}`, `{"a":"\ud840\udc00"}`, `{"a":"\ud840"}`,
		`{"a":0,"b":-1.5E+3,"c":01}`, `{"a":-}`, `{"a":1.}`, `{"a":1e}`, `{"a":{"b":1}}`, `{"a":[]}`, `{"a":1,"a":2}`, `{"x":1}`, `{"a":1,}`, `{,}`, `{"a" 1}`,
		`{"a":"`, `{"a":"\`, `{"a":"\u00"}`, `{"a":"\q"}`, `{"\u0061":1}`, `{"a":nul}`, `{"a":truex}`, `{"a":1} x`, `3`, ``, "{\"a\":\"\t\"}", `{"a":"�"}`, `{"":1}`,
	} {
		f.Add(seed)
	}
	c := &contract.Contract{Ignore: []string{"d"}, Fields: []contract.Field{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	read := func(text string, plain bool) (r row, err error, ok bool) {
		j := newJSONSplitter(c, newTextDecoder(utf8Name, true))
		var a arena
		r.values = make([][]byte, len(c.Fields))
		if !plain {
			return r, j.object([]byte(text), &r, &a), true
		}
		if !j.plain.object([]byte(text), &a) {
			return r, nil, false
		}
		j.takePlain(&r, &a)
		return r, nil, true
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _, ok := read(text, true)
		if !ok || !utf8.ValidString(text) { // records are decoded before they are read
			return
		}
		want, err, _ := read(text, false)
		if err != nil {
			t.Fatalf("%q is broken: %v", text, err)
		}
		for i := range want.values {
			if string(want.values[i]) != string(got.values[i]) || (len(want.faults) > 0) != (len(got.faults) > 0) {
				t.Fatalf("%q: field %d is %q, want %q", text, i, got.values[i], want.values[i])
			}
		}
		if diff := cmp.Diff(want.faults, got.faults, cmp.AllowUnexported(fault{})); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
