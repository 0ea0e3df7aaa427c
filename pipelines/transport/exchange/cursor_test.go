package exchange

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the order in which numbers show, within the hour each is read once.
func TestCursorReadsEachNumberOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		there := map[int64]bool{}
		read := map[int64]int{}
		var c cursor
		now := int64(1_775_000_000)
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			now += rapid.Int64Range(0, 100).Draw(t, "seconds") // never an hour in all
			for _, no := range rapid.SliceOfN(rapid.Int64Range(1, 60), 0, 5).Draw(t, "shown") {
				there[no] = true
			}
			for _, no := range slices.Sorted(maps.Keys(there)) {
				fresh := no > c.last || slices.ContainsFunc(c.gaps, func(g gap) bool { return g.from <= no && no <= g.to })
				if fresh {
					read[no]++
					c = c.seen(no, now)
				}
			}
			again, err := parseCursor(c.String())
			if err != nil || again.String() != c.String() {
				t.Fatalf("%s reads as %s: %v", c, again, err)
			}
			c = again
		}
		for no := range there {
			if read[no] != 1 {
				t.Fatalf("%d was read %d times; cursor %s", no, read[no], c)
			}
		}
	})
}

func TestCursorForgetsOldGaps(t *testing.T) {
	c := cursor{}.seen(5, 1000).seen(9, 2000)
	if got := c.String(); got != "9;1-4@1000;6-8@2000" {
		t.Fatal(got)
	}
	if got := c.seen(7, 1000+patience+1).String(); got != "9;6-6@2000;8-8@2000" {
		t.Error(got)
	}
	for n := range int64(1000) {
		c = c.seen(11+2*n, 2000)
	}
	if len(c.gaps) != maxGaps {
		t.Errorf("%d gaps", len(c.gaps))
	}
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "0", "9;1-4@1000;6-8@2000", "9;1-4", "-1", "9;;", "x", "9;1-4@1000 "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCursor(text); err == nil && text != "" && c.String() != text {
			t.Errorf("%q reads as %q", text, c)
		}
	})
}

// A content reads as encoding/json reads it.
func FuzzEachMember(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":"b","c":-12}`, `{"a":"\"\\\n\u2028","b":""}`, `{"a":1.5}`, `{"a":[]}`, `{"a":null}`, `{"a":"b"`, `{"a":"b"}}`, `{"a":"b",}`, "{\"a\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		// Only what is canonical is ever given.
		var object map[string]any
		decoder := json.NewDecoder(strings.NewReader(string(content)))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil || object == nil {
			return
		}
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(object); err != nil {
			t.Fatal(err)
		}
		simple := true
		for _, v := range object {
			switch v := v.(type) {
			case string:
			case json.Number:
				n, err := v.Int64()
				simple = simple && err == nil && fmt.Sprint(n) == v.String()
			default:
				simple = false
			}
		}
		got := map[string]any{}
		err := eachMember([]byte(strings.TrimSuffix(b.String(), "\n")), func(name, value string, isText bool) error {
			got[name] = value
			if !isText {
				got[name] = json.Number(value)
			}
			return nil
		})
		if simple && (err != nil || !maps.Equal(got, object)) {
			t.Errorf("%s reads as %v: %v", b.String(), got, err)
		}
		if !simple && err == nil && len(object) > 0 && !maps.EqualFunc(got, object, func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
			t.Errorf("%s was taken as %v", b.String(), got)
		}
	})
}
