package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
)

// What holds of every reader, whatever it is given: it ends without a panic, the
// file is refused or its rows add up, and neither the step of reading nor the
// number of workers is seen in a byte of the outcome. Seeds, and inputs that
// once broke this, are kept in testdata/fuzz.
func fuzzJudge(t *testing.T, dir string, c *contract.Contract, content string) {
	t.Helper()
	once, err := ingest.Judge(dir, c, []byte(content), 1, 1<<20, 3)
	again, errAgain := ingest.Judge(dir, c, []byte(content), 2, 3, 3)
	var refusal *ingest.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	if message(err) != message(errAgain) {
		t.Fatalf("%v\nin small steps: %v", err, errAgain)
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(once, again); diff != "" {
		t.Fatalf("in small steps:\n%s", diff)
	}
	rejected := int64(0)
	for _, n := range once.Reasons {
		rejected += int64(n)
	}
	if rows := once.Rows; rows.Accepted+rows.Rejected != rows.Read || rejected != rows.Rejected {
		t.Fatalf("%+v, %d by reason", rows, rejected)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// fuzzDir is a directory in memory where there is one.
func fuzzDir(f *testing.F) string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		if dir, err := os.MkdirTemp("/dev/shm", "fuzz"); err == nil {
			f.Cleanup(func() { os.RemoveAll(dir) })
			return dir
		}
	}
	return f.TempDir()
}

// FuzzCSV gives records below a sound header in several encodings, parted by
// several delimiters.
func FuzzCSV(f *testing.F) {
	const header = "编号,名称,备注\n"
	type form struct {
		contract *contract.Contract
		header   string
	}
	var forms []form
	for _, sign := range []string{",", "|", "\t"} {
		declared := map[string]string{"\t": "tab"}[sign]
		if declared == "" {
			declared = `"` + sign + `"`
		}
		head := strings.ReplaceAll(header, ",", sign)
		forms = append(forms,
			form{delimited(f, declared, "utf-8"), head},
			form{delimited(f, declared, "gb18030"), inGB18030(f, head)},
			form{delimited(f, declared, "utf-16"), inUTF16Marked(head)},
			form{delimited(f, "auto", "auto"), head})
	}
	for i := range forms {
		f.Add("1,甲,x\n2|乙|y\r\n3\t丙\tz\r", uint8(i))
	}
	dir := fuzzDir(f)
	f.Fuzz(func(t *testing.T, body string, n uint8) {
		form := forms[int(n)%len(forms)]
		fuzzJudge(t, dir, form.contract, form.header+body)
	})
}

// FuzzHeader gives whole files of CSV, so that encoding and delimiter are to be
// found and the header may be anything.
func FuzzHeader(f *testing.F) {
	f.Add("编号,名称,备注\n1,甲,x\n")
	f.Add(inGB18030(f, "\"编号\";名称;备注\n1;甲;x\n"))
	f.Add(inUTF16Marked("编号\t名称\t备注\r\n1\t甲\tx\r\n"))
	dir, c := fuzzDir(f), mustContract(f, plain)
	f.Fuzz(func(t *testing.T, content string) { fuzzJudge(t, dir, c, content) })
}

// FuzzJSON gives files of objects, of one array, and of an array in an object.
func FuzzJSON(f *testing.F) {
	contracts := []*contract.Contract{
		variant(f, "csv", "ndjson"), variant(f, "csv", "json"), variant(f, "csv,", "json, record_path: data.records,"),
		variant(f, "csv,", "json, encoding: gb18030,"), variant(f, "csv,", "ndjson, encoding: utf-16,"),
	}
	for i := range contracts {
		f.Add(`[{"编号": "1"}, {"名称": [1, {}]}]`, uint8(i))
	}
	f.Add(`{"data": {"x": "}", "records": [{"编号": 1e5}, 2]}, "y": null}`, uint8(2))
	f.Add("{\"编号\": \"\\ud800\xff\"}\n{\"编号\":\"1\"}{\"编号\":\"2\"}", uint8(0))
	dir := fuzzDir(f)
	f.Fuzz(func(t *testing.T, content string, n uint8) {
		fuzzJudge(t, dir, contracts[int(n)%len(contracts)], content)
	})
}

// FuzzXML gives whole files of XML.
func FuzzXML(f *testing.F) {
	f.Add("<root><records><record id='>'><编号>1&lt;</编号><![CDATA[x]]></record><!-- --><record/></records></root>")
	f.Add("<?xml version='1.0' encoding='GBK'?><a:root xmlns:a='x'><records><record><编号><b/></编号></record></records></a:root>")
	f.Add(inUTF16Marked("<root><records><record><编号>1</编号></record></records></root>"))
	dir, c := fuzzDir(f), plainXML(f, "")
	f.Fuzz(func(t *testing.T, content string) { fuzzJudge(t, dir, c, content) })
}

// FuzzArchive gives ZIP and GZIP archives and what claims to be one.
func FuzzArchive(f *testing.F) {
	const text = "编号,名称,备注\n1,甲,x\n"
	f.Add(zipped(f, member{name: "a.csv", content: text}))
	f.Add(zipped(f, member{name: "../b.csv", content: text, stored: true}, member{name: "__MACOSX/x", content: "y"}))
	f.Add(gzipped(f, text))
	f.Add("PK\x05\x06" + strings.Repeat("\x00", 18))
	dir, c := fuzzDir(f), mustContract(f, plain)
	f.Fuzz(func(t *testing.T, content string) { fuzzJudge(t, dir, c, content) })
}

// FuzzTranscode gives any bytes as text of another encoding: the outcome does
// not depend on how they are read, and a byte that does not decode is told by
// its place and value.
func FuzzTranscode(f *testing.F) {
	f.Add([]byte(inUTF16Marked("甲\uFFFD𠀀\x00")), true)
	f.Add([]byte("\x81\x30\x81\x30\xC1\xD6\xFF\x80\x00"), false)
	f.Fuzz(func(t *testing.T, content []byte, isUTF16 bool) {
		encoding := "gb18030"
		if isUTF16 {
			encoding = "utf-16le"
		}
		text, legible, err := ingest.Transcode(content, encoding, false)
		if err != nil {
			t.Fatal(err)
		}
		bytewise, _, err := ingest.Transcode(content, encoding, true)
		if diff := cmp.Diff(text, bytewise); diff != "" || err != nil {
			t.Fatalf("byte by byte: %v %s", err, diff)
		}
		places, rest := ingest.EscapedBytes(text)
		if !utf8.Valid(rest) || !utf8.Valid(legible) {
			t.Fatalf("%q is no UTF-8", text)
		}
		for place, c := range places {
			if content[place] != c {
				t.Fatalf("byte %d is %X, not %X", place, content[place], c)
			}
		}
		if !isUTF16 && len(places) == 0 {
			want, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
			if diff := cmp.Diff(string(want), string(rest)); diff != "" || err != nil {
				t.Fatal(diff, err)
			}
		}
	})
}

// Every kept input is one of a target that is still there.
func TestKeptFuzzInputs(t *testing.T) {
	source, err := os.ReadFile("fuzz_test.go")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob("testdata/fuzz/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		if !strings.Contains(string(source), "func "+filepath.Base(dir)+"(f *testing.F)") {
			t.Errorf("no target for %s", dir)
		}
	}
}
