package drop_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/folder"
	"rongxin/warehouse/ops"
)

const receiver = "city_platform"

func clock() time.Time { return now }

var now = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

// fixture is a drop and the platform on the other side of it.
type fixture struct {
	*drop.Drop
	platform
	log *bytes.Buffer
}

func setUp(t *testing.T, format drop.Format, s signing.Settings) fixture {
	t.Helper()
	dir := t.TempDir()
	p := platform{t: t, out: filepath.Join(dir, "out"), ret: filepath.Join(dir, "return")}
	for _, dir := range []string{p.out, p.ret} {
		p.must(os.Mkdir(dir, 0o755))
	}
	if s.MAC != "" {
		p.macKey = []byte("agreed by letter, no. 7")
		s.MACKeyFile = secretFile(t, string(p.macKey))
	}
	if s.Body != "" {
		p.sealedKey = bytes.Repeat([]byte{7}, 16)
		s.BodyKeyFile = secretFile(t, hex.EncodeToString(p.sealedKey))
	}
	keys, err := signing.Open(s)
	p.must(err)
	var log bytes.Buffer
	d, err := drop.Open(drop.Settings{Out: p.out, Return: p.ret, Format: format}, receiver, keys,
		clock, slog.New(slog.NewTextHandler(&log, nil)))
	p.must(err)
	return fixture{d, p, &log}
}

func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// message is a batch of these rows.
func message(serial int, rows ...publish.MessageRow) publish.Message {
	return publish.Message{
		Receiver: receiver, Key: fmt.Sprintf("%x", sha256.Sum256([]byte{byte(serial >> 8), byte(serial)})), Number: fmt.Sprintf("20260401%05d", serial), Source: "350100",
		Table: "penalty_actions", Run: "r-1", AsOf: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Epoch: 3, Lane: 2,
		Target: publish.Holdings{Count: 5, Digest: strings.Repeat("0f", 32)}, Rows: rows,
	}
}

func row(op ops.Operation, key, content string) publish.MessageRow {
	if content == "" {
		return publish.MessageRow{Operation: op, Key: key}
	}
	return publish.MessageRow{Operation: op, Key: key, Content: []byte(content)}
}

// awkward has values that formats stumble over.
var awkward = message(1,
	row("I", "91350100M000100Y43/public", `{"a":"=HYPERLINK(\"http://x\")","b":"","c":"'quoted","d":-5,"e":["x","y"]}`),
	row("I", "=cmd|'/c calc'!A1", `{"a":"two\r\nlines, a comma and \"quotes\"","b":"  blanks  ","c":"\t=1+1","d":9007199254740993}`),
	row("U", "k3", `{"a":"𠮷野家 ＝全角 <tag> &amp;","b":"-1","c":"'","e":null}`),
	row("U", "k4", `{"a":"\ufeff+1","b":"end\r","e":"text"}`),
	row("D", "k5", ""),
)

func send(t *testing.T, d publish.Transport, b publish.Message) {
	t.Helper()
	if a := d.Send(context.Background(), b); a.Outcome != publish.Handed || a.Err != nil {
		t.Fatalf("batch %s: %+v", b.Number, a)
	}
}

func TestABatchIsReadBackByteForByte(t *testing.T) {
	signings := map[string]signing.Settings{
		"plain":  {},
		"sealed": {Digest: "sm3", MAC: "hmac-sm3", Body: "sm4-gcm"},
	}
	for name, s := range signings {
		for _, form := range []string{"csv", "xml"} {
			for _, encoding := range []string{"UTF-8", "GB18030"} {
				for _, end := range []string{"LF", "CRLF"} {
					t.Run(strings.Join([]string{name, form, encoding, end}, "/"), func(t *testing.T) {
						f := setUp(t, drop.Format{Form: form, Encoding: encoding, LineEnd: end}, s)
						send(t, f, awkward)
						batches := f.batches()
						if len(batches) != 1 {
							t.Fatalf("%d batches", len(batches))
						}
						for _, b := range batches {
							checkBatch(t, b, awkward)
						}
					})
				}
			}
		}
	}
}

// checkBatch compares what the platform has read with what was sent.
func checkBatch(t *testing.T, got readBatch, want publish.Message) {
	t.Helper()
	m := got.manifest
	rows := map[string]any{"I": 0.0, "U": 0.0, "D": 0.0}
	var wantRows []readRow
	for _, r := range want.Rows {
		rows[string(r.Operation)] = rows[string(r.Operation)].(float64) + 1
		wantRows = append(wantRows, readRow{string(r.Operation), want.Number, r.Key, "2026-04-01 00:00:00", want.Source, decode(t, r.Content)})
	}
	delete(m, "columns")
	delete(m, "data")
	wantManifest := map[string]any{"kind": "manifest", "format": 1.0, "receiver": receiver, "source": "350100", "batch": want.Number,
		"table": want.Table, "key": want.Key, "epoch": float64(want.Epoch), "lane": float64(want.Lane),
		"target": map[string]any{"count": float64(want.Target.Count), "state_digest": want.Target.Digest}, "run": want.Run, "as_of": "2026-04-01", "rows": rows}
	if diff := cmp.Diff(wantManifest, m); diff != "" {
		t.Errorf("manifest:\n%s", diff)
	}
	if diff := cmp.Diff(wantRows, got.rows, cmp.AllowUnexported(readRow{})); diff != "" {
		t.Errorf("rows:\n%s", diff)
	}
}

func decode(t *testing.T, content []byte) (object map[string]any) {
	t.Helper()
	if content == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestAnyTextIsReadBack(t *testing.T) {
	for _, format := range []drop.Format{{}, {Encoding: "GB18030", LineEnd: "CRLF"}, {Form: "xml"}, {Form: "xml", Encoding: "GB18030"}} {
		t.Run(format.Form+format.Encoding, func(t *testing.T) {
			f := setUp(t, format, signing.Settings{})
			serial := 0
			rapid.Check(t, func(r *rapid.T) {
				serial++
				var b bytes.Buffer
				encoder := json.NewEncoder(&b)
				encoder.SetEscapeHTML(false)
				f.must(encoder.Encode(map[string]string{"v": rapid.String().Draw(r, "v"), "w": rapid.StringMatching(`[=+@' ,"\r\n\t-]{0,4}`).Draw(r, "w")}))
				m := message(serial, row("I", "k", strings.TrimSpace(b.String())))
				switch a := f.Send(context.Background(), m); {
				case a.Outcome == publish.Handed:
					checkBatch(t, f.batch(filepath.Join(f.out, name(m, "manifest.json"))), m)
				case a.Outcome == publish.Refused && a.Code == "CHARACTER" && strings.HasPrefix(a.Text, "k: "):
				default:
					r.Fatalf("%+v", a)
				}
			})
		})
	}
}

func name(m publish.Message, end string) string {
	return m.Number + "_" + m.Table + "_" + m.Key[:12] + "." + end
}

// No program that shows tables may find a formula, wherever it looks.
func TestNoFieldIsAFormula(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{})
	send(t, f, awkward)
	data, err := os.ReadFile(filepath.Join(f.out, name(awkward, "csv")))
	f.must(err)
	for _, record := range cutCSV(strings.TrimPrefix(string(data), "\uFEFF"))[1:] {
		for i, field := range record {
			if field = strings.TrimSpace(field); field != "" && strings.ContainsAny(field[:1], "=+-@") && field != "-5" {
				t.Errorf("field %d is %q", i, field)
			}
		}
	}
}

func TestARepeatMakesTheSameFiles(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{Digest: "sm3", MAC: "hmac-sm3", Body: "sm4-gcm"})
	send(t, f, awkward)
	first := content(t, f.out)
	send(t, f, awkward)
	if diff := cmp.Diff(first, content(t, f.out)); diff != "" {
		t.Errorf("after a repeat:\n%s", diff)
	}
	f.must(os.Remove(filepath.Join(f.out, name(awkward, "csv.sealed")))) // the platform took the files in the wrong order
	send(t, f, awkward)
	if diff := cmp.Diff(first, content(t, f.out)); diff != "" {
		t.Errorf("after the data was taken away:\n%s", diff)
	}
	later := awkward
	later.Epoch++
	send(t, f, later)
	if diff := cmp.Diff(first, content(t, f.out)); diff != "" {
		t.Errorf("after a later publisher handed over what lies there:\n%s", diff)
	}
	f.must(os.Remove(filepath.Join(f.out, name(awkward, "csv.sealed"))))
	send(t, f, later)
	if a := f.Send(context.Background(), awkward); a.Outcome != publish.Fenced {
		t.Errorf("a replaced publisher: %+v", a)
	}
	if got := f.batches()[name(awkward, "manifest.json")].manifest["epoch"]; got != 4.0 {
		t.Errorf("epoch %v, want that of the later publisher", got)
	}
}

func TestAnotherFormOfABatchReplacesTheFirst(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{})
	send(t, f, awkward)
	f.Format.Encoding = "GB18030"
	send(t, f, awkward)
	checkBatch(t, f.batches()[name(awkward, "manifest.json")], awkward)
}

// content is every file below dir.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWhatAFileCannotHoldIsRefused(t *testing.T) {
	cases := []struct {
		format            drop.Format
		content           string
		wantCode, wantHas string
	}{
		{drop.Format{}, `{"a":"\u0000"}`, "CHARACTER", "k: a: CSV cannot hold the character U+0000"},
		{drop.Format{Form: "xml"}, `{"a":"\u0001"}`, "CHARACTER", "k: a: XML cannot hold the character U+0001"},
		{drop.Format{}, `{"名":"x"}`, "MEMBER", `k: "名" cannot be the name of a column`},
		{drop.Format{}, `{"cd_id":"x"}`, "MEMBER", "cd_id"},
		{drop.Format{}, `{"a":"` + strings.Repeat("x", 65<<20) + `"}`, "TOO_LARGE", "at most 67108864"},
	}
	for _, c := range cases {
		f := setUp(t, c.format, signing.Settings{})
		a := f.Send(context.Background(), message(1, row("I", "k", c.content)))
		if a.Outcome != publish.Refused || a.Code != c.wantCode || !strings.Contains(a.Text, c.wantHas) {
			t.Errorf("%.40s: %+v", c.content, a)
		}
		if files := content(t, f.out); len(files) > 0 {
			t.Errorf("%.40s: files are there", c.content)
		}
	}
}

func TestAFolderThatIsNotThereIsNotMade(t *testing.T) {
	f := setUp(t, drop.Format{}, signing.Settings{})
	f.Drop.Out = folder.Local(f.out + "-unmounted")
	if a := f.Send(context.Background(), awkward); a.Outcome != publish.Misconfigured {
		t.Errorf("%+v", a)
	}
	if _, err := os.Stat(f.out + "-unmounted"); err == nil {
		t.Error("the folder was made")
	}
}
