package ingest_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

func TestNDJSON(t *testing.T) {
	tests := []struct {
		name, content    string
		records, rejects []string
	}{
		{"plain", `{"编号": "1", "名称": "甲", "备注": "x"}` + "\n" + `{"名称":"乙","编号":"2"}`, []string{"1:1|甲|x", "2:2|乙|-"}, nil},
		{"mark, CR LF and blank lines", "\uFEFF{\"编号\": \"1\"}\r\n\r\n{\"编号\": \"2\"}\r\n", []string{"1:1|-|-", "3:2|-|-"}, nil},
		{"numbers as written", `{"编号": 12345678901234567890, "名称": 0.1000000000000000055, "备注": 1E400}`, []string{"1:12345678901234567890|0.1000000000000000055|1E400"}, nil},
		{"null and true", `{"编号": null, "名称": true, "备注": ""}`, []string{"1:-|true|-"}, nil},
		{"escapes", `{"编号": "\u7532\t\"\ud840\udc00", "名称": "a"}`, []string{"1:甲\t\"𠀀|a|-"}, nil},
		{"malformed", `{"编号": "1"` + "\n" + `nonsense` + "\n" + `{"编号": "3"}` + "\n" + `{"编号": "4"} x`, []string{"3:3|-|-"},
			[]string{"1:RECORD_MALFORMED", "2:RECORD_MALFORMED", "4:RECORD_MALFORMED"}},
		{"no object", "3\n\"[\"\n[1, [2]]\n", nil, []string{"1:RECORD_MALFORMED", "2:RECORD_MALFORMED", "3:RECORD_MALFORMED"}},
		{"nested", `{"编号": {"a": [1]}, "名称": "甲"}`, nil, []string{"1:RECORD_MALFORMED"}},
		{"repeated", `{"编号": "1", "编号": "2"}`, nil, []string{"1:RECORD_MALFORMED"}},
		{"unknown key", `{"编号": "1", "附件": {"a": 1}}`, nil, []string{"1:UNKNOWN_COLUMN"}},
		{"half a surrogate", `{"编号": "\ud840"}`, nil, []string{"1:UNDECODABLE"}},
		{"NUL", `{"编号": "\u0000"}`, nil, []string{"1:NUL_BYTE"}},
		{"bad byte", "{\"编号\": \"\xff\"}\n{\"编号\": \"2\"}", []string{"2:2|-|-"}, []string{"1:UNDECODABLE"}},
	}
	c := variant(t, "csv", "ndjson")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := landWith(t, ingest.Config{BlockBytes: 3, GroupRows: 2}, c, tt.content)
			if err != nil {
				t.Fatal(err)
			}
			records, rejects := shown(l)
			if diff := cmp.Diff(tt.records, records); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.rejects, rejects); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJSONArray(t *testing.T) {
	content := " [\n {\"编号\": \"1\", \"名称\": \"a]}\\\"\\\\\", \"备注\": \"x\"},\n{\"编号\":\n \"2\"} ,\n 3, {\"编号\": {}}\n]\n"
	l, err := landWith(t, ingest.Config{BlockBytes: 2, GroupRows: 2}, variant(t, "csv", "json"), content)
	if err != nil {
		t.Fatal(err)
	}
	records, rejects := shown(l)
	if diff := cmp.Diff([]string{`1:1|a]}"\|x`, "2:2|-|-"}, records); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"3:RECORD_MALFORMED", "4:RECORD_MALFORMED"}, rejects); diff != "" {
		t.Error(diff)
	}
	for _, content := range []string{"[]", " [ ] \n"} {
		if l, err := land(t, variant(t, "csv", "json"), content); err != nil || l.Batch.Rows.Read != 0 {
			t.Errorf("%q: %v %v", content, l.Batch.Rows, err)
		}
	}
}

// The second byte of a character in GB18030 may be a bracket, a quote's escape
// or a comma to one who reads bytes.
func TestJSONInOtherEncodings(t *testing.T) {
	tricky, err := simplifiedchinese.GB18030.NewDecoder().String("\x81\x5B\x81\x5C\x81\x5D\x81\x7B\x81\x7D\x81\x30\x81\x30")
	if err != nil {
		t.Fatal(err)
	}
	text := "[{\"编号\": \"1\", \"名称\": \"" + tricky + "\"},\n{\"编号\": \"2\", \"名称\": \"乙\"}]"
	bad := inGB18030(t, `[{"编号": "1", "名称": "`) + "\xff" + inGB18030(t, "乙\"},\n{\"编号\": \"2\", \"名称\": \"\x00\"}]")
	lines := strings.NewReplacer("[", "", "]", "", "},", "}").Replace(text)
	for name, tt := range map[string]struct{ format, encoding, content string }{
		"array in GB18030":  {"json", "gb18030", inGB18030(t, text)},
		"array in UTF-16":   {"json", "auto", inUTF16(text, binary.BigEndian, false)},
		"lines in GB18030":  {"ndjson", "gb18030", inGB18030(t, lines)},
		"lines in UTF-16":   {"ndjson", "auto", inUTF16(lines, binary.LittleEndian, true)},
		"array that is bad": {"json", "gb18030", bad},
	} {
		t.Run(name, func(t *testing.T) {
			c := variant(t, "csv,", tt.format+", encoding: "+tt.encoding+",")
			l, err := landWith(t, ingest.Config{BlockBytes: 5}, c, tt.content)
			if err != nil {
				t.Fatal(err)
			}
			records, rejects := shown(l)
			if tt.content == bad {
				if diff := cmp.Diff([]string{"1:UNDECODABLE", "2:NUL_BYTE"}, rejects); diff != "" {
					t.Error(diff)
				}
				place := fmt.Sprintf("文件第 %d 字节（0xFF）", strings.IndexByte(bad, 0xFF))
				if detail := l.rejects[0]["detail"].(string); !strings.Contains(detail, place) {
					t.Errorf("%s does not name %s", detail, place)
				}
				return
			}
			if diff := cmp.Diff([]string{"1:1|" + tricky + "|-", "2:2|乙|-"}, records); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What was read of a record is shown with its masked fields masked.
func TestRejectedMembersAreMasked(t *testing.T) {
	masked := strings.NewReplacer("name: 名称, as: name, type: text", "name: 名称, as: name, type: text, range: authorised, mask: [1, 0]")
	for source, content := range map[string]string{
		"ndjson":                            `{"编号": "1", "名称": "林示例", "附件": 2}`,
		"xml, record_path: /records/record": `<records><record><编号>1</编号><名称>林示例</名称><附件>2</附件></record></records>`,
	} {
		l, err := land(t, mustContract(t, masked.Replace(strings.Replace(plain, "csv", source, 1))), content)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]any{"编号: 1, 名称: 林**"}, column(l.rejects, "original")); diff != "" {
			t.Error(source, diff)
		}
	}
}

// Of two records in one line, the one that was refused is judged again and the
// other left alone, also when they came packed.
func TestRecordsOfOneLineAreReplayedOneByOne(t *testing.T) {
	for source, content := range map[string]string{
		"json":                              `[{"编号": "1"}, {"编号": "2", "附件": "x"}, {"编号": "3"}]`,
		"xml, record_path: /records/record": `<records><record><编号>1</编号></record><record><编号>2</编号><附件>x</附件></record><record><编号>3</编号></record></records>`,
	} {
		c := variant(t, "csv", source)
		home := t.TempDir()
		l, err := landWith(t, ingest.Config{Home: home}, c, gzipped(t, content))
		if err != nil {
			t.Fatal(err)
		}
		if l.Batch.Rows != (landing.Rows{Read: 3, Accepted: 2, Rejected: 1}) {
			t.Fatal(l.Batch.Rows)
		}
		wider := mustContract(t, strings.Replace(plain, "csv", source, 1)+"ignore: [附件]\n")
		result, err := newLander(t, ingest.Config{Home: home}).Replay(context.Background(),
			ingest.ReplayRequest{Parent: l.Batch, Contract: wider, ReceivedAt: received})
		if err != nil {
			t.Fatal(err)
		}
		records, _ := shown(readBack(t, home, result))
		if diff := cmp.Diff([]string{"2:2|-|-"}, records); diff != "" {
			t.Error(source, diff)
		}
	}
}

func TestMoneyInJSONIsExact(t *testing.T) {
	c := mustContract(t, strings.NewReplacer("csv", "ndjson",
		"{name: 名称, as: name, type: text}", "{name: 名称, as: name, type: money, unit: 万元}").Replace(plain))
	l, err := land(t, c, `{"编号": 1, "名称": 0.29}`+"\n"+`{"编号": 2, "名称": 1.5E+3}`+"\n"+`{"编号": 3, "名称": "90071992547.40993"}`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{290_000, 1_500_000_000, 90071992547409930}, column(l.records, "name")); diff != "" {
		t.Error(diff)
	}
}

func TestJSONRecordPath(t *testing.T) {
	at := func(path string) *contract.Contract { return variant(t, "csv,", "json, record_path: "+path+",") }
	sound := map[string]struct{ path, content string }{
		"one name":        {"records", `{"records": [{"编号": "1"},` + "\n" + `{"编号": "2"}]}`},
		"two names":       {"data.records", `{"code": 0, "data": {"total": 2, "records": [{"编号": "1"},` + "\n" + `{"编号": "2"}], "x": null}, "m": "}"}`},
		"the same around": {"data.records", `{"records": [1], "x": {"data": {"records": [3]}}, "y": [{"data": {"records": [2]}}], "data": {"records": [{"编号": "1"},` + "\n" + `{"编号": "2"}]}}`},
		"escaped name":    {"数据", `{"\u6570\u636e" : [{"编号": "1"},` + "\n" + `{"编号": "2"}]}`},
	}
	for name, tt := range sound {
		for _, step := range []int{1, 1 << 20} {
			l, err := landWith(t, ingest.Config{BlockBytes: step}, at(tt.path), tt.content)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			records, rejects := shown(l)
			if diff := cmp.Diff([]string{"1:1|-|-", "2:2|-|-"}, records); diff != "" || rejects != nil {
				t.Errorf("%s: %s %v", name, diff, rejects)
			}
		}
	}
	refused := map[string]struct{ content, want string }{
		"no such name":     {`{"rows": []}`, "there is no array at data.records"},
		"no array":         {`{"data": {"records": {"编号": "1"}}}`, "there is no array at data.records"},
		"nothing there":    {`{"data": null}`, "there is no array at data.records"},
		"the array alone":  {`[]`, "there is no array at data.records"},
		"twice":            {`{"data": {"records": [], "records": [{"编号": "1"}]}}`, "the array at data.records stands twice"},
		"twice around":     {`{"data": {"records": []}, "data": {"records": []}}`, "the array at data.records stands twice"},
		"not closed":       {`{"data": {"records": []}`, "it ends before its brackets are closed"},
		"wrongly closed":   {`{"data": {"records": []]}`, "the brackets do not match"},
		"something after":  {`{"data": {"records": []}} x`, "something follows the closing bracket"},
		"no colon":         {`{"data" {"records": []}}`, "a value, comma, colon or bracket is missing or too many"},
		"no word":          {`{"a": nul, "data": {"records": []}}`, `"nul" is no value`},
		"a comma too many": {`{"data": {"records": []},}`, "missing or too many"},
		"nested too deep":  {strings.Repeat(`{"a":`, 100), "nested more than 64 deep"},
		"a text unended":   {`{"a": "x`, "a text does not end"},
	}
	for name, tt := range refused {
		_, err := landWith(t, ingest.Config{BlockBytes: 3}, at("data.records"), tt.content)
		var refusal *ingest.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: want a refusal with %q, got %v", name, tt.want, err)
		}
	}
}

// A record of very many names is rejected as fast as any, and told in short.
func TestManyNames(t *testing.T) {
	var names strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&names, `"x%d": 1, "编号": 1, `, i)
	}
	l, err := land(t, variant(t, "csv", "ndjson"), "{"+names.String()+`"名称": "甲"}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, rejects := shown(l); len(rejects) != 1 || len(l.rejects[0]["detail"].(string)) > 2000 {
		t.Error(rejects, len(l.rejects[0]["detail"].(string)))
	}
}
