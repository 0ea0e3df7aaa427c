package publish

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is passed through unread is what decoding and encoding would make of it.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1,"b":"榕城","c":[],"d":null,"e":{"x":true,"y":false},"f":-7}`, `{"b":1,"a":2}`, `{"a":1,"a":2}`, `{"a":1.0}`, `{"a":-0}`,
		`{"a":01}`, `{"a":1e3}`, `{"a":9223372036854775808}`, `{"a": 1}`, `{"a":"\n"}`, `{"a":"<&>"}`, "{\"a\":\"\u2028\"}", "{\"a\":\"\u2026\"}",
		"{\"a\":\"\xff\"}", `{"cd_id":1}`, `{"a":{"cd_id":1}}`, `{"":1,"a":[[1],[{}]]}`, `{"a":"` + "\x7f" + `"}`, `[]`, `null`, `{"a":1}x`, `{"a":tru}`, `{"a":1,}`, `{"a":`,
		strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if !isCanonical(payload) {
			return
		}
		object, err := decodeObject(payload)
		if err != nil {
			t.Fatalf("%q: %v", payload, err)
		}
		if again, err := encodeObject(object); err != nil || string(again) != string(payload) {
			t.Errorf("%q is written %q, %v", payload, again, err)
		}
		for name := range object {
			if strings.HasPrefix(name, exchangePrefix) {
				t.Errorf("%q: %s passed", payload, name)
			}
		}
	})
}

func TestWhatIsCanonicalIsPassedThrough(t *testing.T) {
	payload := json.RawMessage(`{"a":"榕城某某（有限）公司","b":null,"list":["x",{"n":-12}],"z":true}`)
	if !isCanonical(payload) {
		t.Error("a canonical payload is decoded anew")
	}
	if n := testing.AllocsPerRun(100, func() { isCanonical(payload) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
