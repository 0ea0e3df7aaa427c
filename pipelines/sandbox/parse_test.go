package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/sandbox"
)

// canonical is the form that is digested, made the plain way.
func canonical(t *testing.T, row json.RawMessage) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(row))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil {
		t.Fatalf("a row that was taken: %v", err)
	}
	for name := range members {
		if strings.HasPrefix(name, "cd_") {
			delete(members, name)
		}
	}
	if len(members) == 0 {
		return ""
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(members); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Whatever the body, it is refused, or its rows have the content that the plain
// way finds, in canonical form.
func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(body(row("I", 1), row("D", 2))))
	for _, rows := range []string{
		`{"b":"\u2028\u003c\ud800é\/","a":1.50,"c":[],"cd_id":"x"}`, `{"a":{"b":[1,{"c":"]}\""}]},"":null}`,
		`{"a":["x" , "\n"],"a":1}`, `{}`, `{"a":[1,"x"],"cd_x":{},"cd_id":5}`, `null`, "{\"a\":\"\u2028\u2029é\"}", `{"a" : true , "b":-0.0e5}`,
	} {
		f.Add([]byte(`{"rows": [` + rows + `]}`))
	}
	for _, whole := range []string{``, `{`, `[]`, `{"rows":{}}`, `{"count":"1"}`, `{"rows":[[]]}`, "\xff", `{"rows":[]}{}`, `{"batch":null}`} {
		f.Add([]byte(whole))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := sandbox.ParseJSON(text)
		if err != nil {
			return
		}
		var members map[string]json.RawMessage
		var plain []json.RawMessage
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatalf("taken: %v", err)
		}
		if list, is := members["rows"]; is {
			if err := json.Unmarshal(list, &plain); err != nil {
				t.Fatalf("taken: %v", err)
			}
		}
		if len(rows) != len(plain) {
			t.Fatalf("%d rows, want %d", len(rows), len(plain))
		}
		for i, r := range rows {
			if bytes.Count(plain[i], []byte("{")) > 1 || bytes.Count(plain[i], []byte("[")) > 1 {
				continue // what is nested is kept as it is written, and refused
			}
			if diff := cmp.Diff(canonical(t, plain[i]), r.Payload); diff != "" {
				t.Errorf("row %d: %s", i, diff)
			}
		}
	})
}

func TestDataFilesInCSV(t *testing.T) {
	const head = "cd_operation,cd_batch,cd_id,cd_time,cd_source,name,n,list\n"
	columns := []string{"name", "text", "n", "integer", "list", "json"}
	for name, c := range map[string]struct {
		text string
		want []sandbox.Row
		says string
	}{
		"plain":        {head + "I,b,k,t,s,榕城,5,\"[1, \"\"a\"\"]\"\n", []sandbox.Row{{"I", "k", `{"list":[1,"a"],"n":5,"name":"榕城"}`}}, ""},
		"apostrophes":  {head + "I,b,'=k,t,s,'=1+1,,\nI,b,l,t,s,',,\nI,b,m,t,s,''a,,\n", []sandbox.Row{{"I", "=k", `{"name":"=1+1"}`}, {"I", "l", `{"name":""}`}, {"I", "m", `{"name":"'a"}`}}, ""},
		"breaks":       {head + "I,b,k,t,s,\"a\r\nb\nc\",,\r\n", []sandbox.Row{{"I", "k", `{"name":"a\r\nb\nc"}`}}, ""},
		"removed":      {head + "D,b,k,t,s,,,", []sandbox.Row{{"D", "k", ""}}, ""},
		"no rows":      {head, nil, ""},
		"empty":        {"", nil, "第 1 行"},
		"other names":  {strings.Replace(head, ",n,", ",m,", 1), nil, "列名应为"},
		"few fields":   {head + "I,b,k,t,s,a\n", nil, "第 2 行：有 6 列，应为 8 列"},
		"open quote":   {head + "I,b,k,t,s,\"a,,\n", nil, "引号没有结束"},
		"quote inside": {head + "I,b,k,t,s,a\"b,,\n", nil, "引号不在字段开头"},
		"after quote":  {head + "I,b,k,t,s,\"a\"b,,\n", nil, "引号之后"},
		"no integer":   {head + "I,b,k,t,s,a,05,\n", nil, "不是整数"},
		"no JSON":      {head + "I,b,k,t,s,a,,[\n", nil, "list"},
	} {
		t.Run(name, func(t *testing.T) { compare(t, c.want, c.says)(sandbox.ReadCSV([]byte(c.text), columns...)) })
	}
}

func TestDataFilesInXML(t *testing.T) {
	record := func(inside string) string {
		return `<?xml version="1.0" encoding="UTF-8"?><batch source="s" number="b" table="t" count="1"><record cd_operation="I" cd_id="k">` + inside + `</record></batch>`
	}
	for name, c := range map[string]struct {
		text string
		want []sandbox.Row
		says string
	}{
		"plain":           {record("<name> a&amp;b\n</name><n>5</n>"), []sandbox.Row{{"I", "k", `{"n":5,"name":" a&b\n"}`}}, ""},
		"empty text":      {record("<name/>"), []sandbox.Row{{"I", "k", `{"name":""}`}}, ""},
		"unknown element": {record("<colour>red</colour>"), nil, "colour"},
		"children":        {record("<name>a<b/></name>"), nil, "子元素"},
		"attribute":       {strings.Replace(record(""), "cd_id", "id", 1), nil, "属性 id"},
		"entity":          {strings.Replace(record("<name>&x;</name>"), "<batch", `<!DOCTYPE b [<!ENTITY x "y">]><batch`, 1), nil, "entity"},
		"another root":    {"<rows/>", nil, "rows"},
		"cut off":         {record("<name>a</name>")[:150], nil, "EOF"},
		"another charset": {strings.Replace(record(""), "UTF-8", "GBK", 1), nil, "GBK"},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, c.want, c.says)(sandbox.ReadXML([]byte(c.text), "name", "text", "n", "integer"))
		})
	}
}

func compare(t *testing.T, want []sandbox.Row, says string) func([]sandbox.Row, error) {
	return func(got []sandbox.Row, err error) {
		t.Helper()
		if says != "" {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("error %v, want one that says %s", err, says)
			}
			return
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
}

// Hostile files are refused or read, and nothing is made up: what was read and
// is written again is read alike.
func FuzzReadCSV(f *testing.F) {
	const head = "cd_operation,cd_batch,cd_id,cd_time,cd_source,name,n,list\n"
	for _, seed := range []string{"I,b,k,t,s,a,5,[]\n", "D,b,k,t,s,,,\r\n", "\"\"\"\",,,,,',,", "I,b,'=,t,s,\"\r\n\",-1,{}\n", ",,,,,,,\n\n", "\xff,,,,,,,"} {
		f.Add(head + seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := sandbox.ReadCSV([]byte(text), "name", "text", "n", "integer", "list", "json")
		if err != nil {
			return
		}
		for _, r := range rows {
			if r.Payload != "" && !json.Valid([]byte(r.Payload)) {
				t.Errorf("content %q", r.Payload)
			}
		}
		if lines := strings.Count(text, "\n"); len(rows) > lines {
			t.Errorf("%d rows of %d lines", len(rows), lines)
		}
	})
}

func FuzzReadXML(f *testing.F) {
	for _, inside := range []string{"", "<name>a</name>", "<n>5</n>", "<name>&#0;</name>", "<name><![CDATA[]]]]></name>", "<record/>"} {
		f.Add(fmt.Sprintf(`<batch count="1"><record cd_id="k">%s</record></batch>`, inside))
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := sandbox.ReadXML([]byte(text), "name", "text", "n", "integer")
		for _, r := range rows {
			if err == nil && r.Payload != "" && !json.Valid([]byte(r.Payload)) {
				t.Errorf("content %q", r.Payload)
			}
		}
	})
}
