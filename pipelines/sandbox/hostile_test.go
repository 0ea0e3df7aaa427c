package sandbox_test

import (
	"archive/zip"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
)

// signedWith are the headers of a request signed at that time.
func signedWith(key string, at time.Time) []string {
	sentAt := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("sid" + "rid" + sentAt))
	return []string{"gjgxjhpt_rid: rid", "gjgxjhpt_sid: sid", "gjgxjhpt_rtime: " + sentAt,
		"gjgxjhpt_sign: " + base64.StdEncoding.EncodeToString(mac.Sum(nil))}
}

func TestSignaturesThatDoNotFit(t *testing.T) {
	clock := &hands{noon}
	p := start(t, sandbox.Config{Key: []byte(macKey), Now: clock.now})
	for name, c := range map[string]struct {
		headers []string
		code    string
	}{
		"good":      {signedWith(macKey, noon), ""},
		"old":       {signedWith(macKey, noon.Add(-6*time.Minute)), "SIGNATURE_AGE"},
		"early":     {signedWith(macKey, noon.Add(6*time.Minute)), "SIGNATURE_AGE"},
		"other key": {signedWith("another key", noon), "SIGNATURE"},
		"no time":   {append(signedWith(macKey, noon), "gjgxjhpt_rtime: x"), "SIGNATURE_AGE"},
		"no base64": {append(signedWith(macKey, noon), "gjgxjhpt_sign: %"), "SIGNATURE_MISSING"},
	} {
		status, answer := p.do("GET", "/v1/notices", "", "", c.headers...)
		if (status == 200) != (c.code == "") || c.code != "" && (status != 401 || !strings.Contains(answer, `"`+c.code+`"`)) {
			t.Errorf("%s: HTTP %d %s, want %q", name, status, answer, c.code)
		}
	}
	if status, _ := p.do("POST", "/v1/refreshappsecret", "", "{}", signedWith(macKey, noon)...); status != 404 {
		t.Errorf("a key agreed for good is not refreshed: HTTP %d", status)
	}
}

func TestKeysThatEnd(t *testing.T) {
	clock := &hands{noon}
	p := start(t, sandbox.Config{Key: []byte(macKey), KeyLife: time.Hour, KeyWrapping: "sm4-gcm", Now: clock.now})
	refresh := func(key string) (secret string, end time.Time) {
		headers := signedWith(key, clock.at)
		said := map[string]string{}
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			said[name] = value
		}
		text, _ := json.Marshal(said)
		_, answer := p.do("POST", "/v1/refreshappsecret", "", string(text), headers...)
		var a struct {
			Code string
			Data struct{ Secret, SecretEndTime string }
		}
		if err := json.Unmarshal([]byte(answer), &a); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
		if a.Code != "0" {
			return "", end
		}
		application, err := signing.NewKey([]byte(macKey))
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := signing.Unwrap("sm4-gcm", application, a.Data.Secret)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.ParseInt(a.Data.SecretEndTime, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		at := strconv.FormatInt(clock.at.UnixMilli(), 10)
		code := signing.HMAC(sha256.New, wrapped, []byte("sidrid"+at))
		return base64.StdEncoding.EncodeToString(code), time.UnixMilli(n)
	}
	if secret, _ := refresh("another key"); secret != "" {
		t.Error("a key for who does not have the application's")
	}
	sign, end := refresh(macKey)
	if sign == "" || !end.Equal(noon.Add(time.Hour)) {
		t.Fatalf("key %q until %s, want one until an hour from now", sign, end)
	}
	ask := func() int {
		headers := append(signedWith(macKey, noon), "gjgxjhpt_sign: "+sign)
		status, _ := p.do("GET", "/v1/notices", "", "", headers...)
		return status
	}
	if status, _ := p.do("GET", "/v1/notices", "", "", signedWith(macKey, noon)...); status != 401 {
		t.Errorf("signed with the application's key: HTTP %d, want 401", status)
	}
	if status := ask(); status != 200 {
		t.Errorf("signed with the short-lived key: HTTP %d, want 200", status)
	}
	clock.at = noon.Add(4*time.Minute + time.Hour)
	if status := ask(); status != 401 {
		t.Errorf("after its end: HTTP %d, want 401", status)
	}
}

// What happens to a batch on its way is seen, and has no effect.
func TestBatchesThatWereAltered(t *testing.T) {
	agreed, settings := agree(t, "sm4-gcm")
	keys := open(t, settings)
	p := start(t, sandbox.Config{Agreed: agreed, Now: func() time.Time { return noon }})
	plain := []byte(body(row("I", 1)))
	encode := base64.StdEncoding.EncodeToString
	request := func(key string, change func(body *string, headers map[string]string)) []string {
		sealed, err := keys.Seal(plain, []byte(key))
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf(`{"message": %q}`, encode(sealed))
		signature, err := keys.Sign(plain)
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sm3.New, []byte(macKey))
		fmt.Fprintf(mac, "%s\n1\n\n%s", key, text)
		headers := map[string]string{"Idempotency-Key": key, "Fencing-Token": "1", "Body-MAC": "hmac-sm3 " + encode(mac.Sum(nil)),
			"Body-Signature": "sm2 " + encode(signature), "Body-Sealed": "sm4-gcm"}
		change(&text, headers)
		list := []string{text}
		for name, value := range headers {
			list = append(list, name+": "+value)
		}
		return list
	}
	for name, c := range map[string]struct {
		change func(body *string, headers map[string]string)
		status int
		code   string
	}{
		"another key": {func(_ *string, h map[string]string) { h["Idempotency-Key"] = "l" }, 401, "BODY_MAC"},
		"token":       {func(_ *string, h map[string]string) { h["Fencing-Token"] = "2" }, 401, "BODY_MAC"},
		"body":        {func(b *string, _ map[string]string) { *b += " " }, 401, "BODY_MAC"},
		"no MAC":      {func(_ *string, h map[string]string) { delete(h, "Body-MAC") }, 401, "BODY_MAC"},
		"method": {func(_ *string, h map[string]string) {
			h["Body-MAC"] = strings.Replace(h["Body-MAC"], "sm3", "sha256", 1)
		}, 401, "BODY_MAC"},
		"not sealed":   {func(_ *string, h map[string]string) { delete(h, "Body-Sealed") }, 401, "BODY_SEALED"},
		"no signature": {func(_ *string, h map[string]string) { h["Body-Signature"] = "sm2 AAAA" }, 401, "BODY_SIGNATURE"},
	} {
		r := request("k", c.change)
		status, answer := p.do("POST", "/v1/batches", "", r[0], append(r[1:], "Content-Type: application/json")...)
		if status != c.status || !strings.Contains(answer, `"`+c.code+`"`) {
			t.Errorf("%s: HTTP %d %s, want %d %s", name, status, answer, c.status, c.code)
		}
	}
	if p.state().Count != 0 {
		t.Error("a batch that was altered had an effect")
	}
	// Nor has a token that was altered fenced anybody off.
	r := request("k", func(*string, map[string]string) {})
	if status, answer := p.do("POST", "/v1/batches", "", r[0], r[1:]...); status != 200 {
		t.Errorf("as it was sent: HTTP %d %s, want 200", status, answer)
	}
}

func TestOtherContentTypes(t *testing.T) {
	p := start(t, sandbox.Config{})
	for kind, want := range map[string]int{"text/plain": 415, "application/xml": 415, "application/json; charset=utf-8": 200, "Application/JSON": 200} {
		p.number++
		status, answer := p.do("POST", "/v1/batches", kind, numbered(p.number, row("I", p.number)), "Content-Type: "+kind)
		if status != want {
			t.Errorf("%s: HTTP %d %s, want %d", kind, status, answer, want)
		}
	}
	for _, path := range []string{"/v1/batches", "/v1/nothing", "/", "/v1/records/../../x"} {
		if status, _ := p.do("GET", path, "", ""); status != 404 && status != 405 {
			t.Errorf("GET %s: HTTP %d, want 404 or 405", path, status)
		}
	}
	if status, _ := p.do(http.MethodPut, "/v1/faults", "", strings.Repeat("x", 10000)); status != 400 {
		t.Errorf("faults: HTTP %d, want 400", status)
	}
}

// What happens to files on their way is seen, and told to the sender.
func TestFilesThatWereAltered(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, out, stem string)
		code   string
	}{
		"data": {func(t *testing.T, out, stem string) { edit(t, filepath.Join(out, stem+".csv"), "榕城", "福城") }, "ALTERED"},
		"no data": {func(t *testing.T, out, stem string) {
			if err := os.Remove(filepath.Join(out, stem+".csv")); err != nil {
				t.Fatal(err)
			}
		}, "ALTERED"},
		"counts":   {func(t *testing.T, out, stem string) { edit(t, manifestOf(out, stem), `"I":1`, `"I":2`) }, "COUNT"},
		"receiver": {func(t *testing.T, out, stem string) { edit(t, manifestOf(out, stem), `"city_platform"`, `"province"`) }, "RECEIVER"},
		"elsewhere": {func(t *testing.T, out, stem string) {
			edit(t, manifestOf(out, stem), `"name":"`+stem+`.csv"`, `"name":"../`+stem+`.csv"`)
		}, "NAME"},
		"columns": {func(t *testing.T, out, stem string) { edit(t, manifestOf(out, stem), `"subject_id"`, `"subject_no"`) }, "MALFORMED"},
		"sealed": {func(t *testing.T, out, stem string) {
			edit(t, manifestOf(out, stem), `"form":`, `"sealed":"sm4-gcm","form":`)
		}, "BODY_SEALED"},
	} {
		t.Run(name, func(t *testing.T) {
			p := dropPair(t, drop.Format{}, sandbox.Agreed{}, signing.Settings{})
			m := message(1, "supervision_results", content("supervision_results", 1, nil))
			if a := p.transport.Send(t.Context(), m); a.Outcome != publish.Handed {
				t.Fatalf("%+v", a)
			}
			c.change(t, p.out, drop.Stem(m.Number, m.Table, m.Key))
			if _, err := p.step(t.Context()); err != nil {
				t.Fatal(err)
			}
			notices, _, _, err := p.transport.Collect(t.Context(), "")
			if err != nil || len(notices) != 1 || notices[0].Outcome != publish.Refused || notices[0].Code != c.code {
				t.Errorf("%+v, %v, want it refused with %s", notices, err, c.code)
			}
			if held := p.audit().Tables["supervision_results"].Held; held != 0 {
				t.Errorf("%d records held", held)
			}
		})
	}
}

// The platform removes what it has answered while the sender, who has not seen the
// answer yet, puts it there again: data may be gone that a manifest speaks of.
func TestAnAnsweredBatchWithoutItsDataIsAnsweredAgain(t *testing.T) {
	p := dropPair(t, drop.Format{}, sandbox.Agreed{}, signing.Settings{})
	m := message(1, "supervision_results", content("supervision_results", 1, nil))
	if outcomes, _ := p.deliver(m); !slices.Contains(outcomes, publish.Accepted) {
		t.Fatalf("%v", outcomes)
	}
	if a := p.transport.Send(t.Context(), m); a.Outcome != publish.Handed {
		t.Fatalf("%+v", a)
	}
	if err := os.Remove(filepath.Join(p.out, drop.Stem(m.Number, m.Table, m.Key)+".csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	notices, _, _, err := p.transport.Collect(t.Context(), "")
	if err != nil || len(notices) == 0 || notices[0].Outcome != publish.Accepted {
		t.Errorf("%+v, %v, want the receipt again", notices, err)
	}
}

// Batches of one lane lie in the folder when their publisher is replaced. Its
// successor hands the first over again, and all are taken.
func TestASuccessorDoesNotFenceWhatLiesBehind(t *testing.T) {
	p := dropPair(t, drop.Format{}, sandbox.Agreed{}, signing.Settings{})
	first, second := message(1, "supervision_results", content("supervision_results", 1, nil)), message(2, "supervision_results", content("supervision_results", 2, nil))
	again := first
	again.Epoch++
	for _, m := range []publish.Message{first, second, again} {
		if a := p.transport.Send(t.Context(), m); a.Outcome != publish.Handed {
			t.Fatalf("%+v", a)
		}
	}
	if _, err := p.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held := p.audit().Tables["supervision_results"].Held; held != 2 {
		t.Errorf("%d records held, want both", held)
	}
}

func manifestOf(out, stem string) string { return filepath.Join(out, stem+".manifest.json") }

func edit(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%s: no %s in %s", path, old, text)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(new), 1), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Files that are not whole, and those that say nothing, are left alone.
func TestFilesThatAreNoBatches(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	platform, err := sandbox.OpenDrop(sandbox.Config{Dir: dir, Name: "city_platform", Now: later(noon)},
		sandbox.DropConfig{Out: out, Return: filepath.Join(dir, "return")})
	if err != nil {
		t.Fatal(err)
	}
	defer platform.Close()
	for name, text := range map[string]string{
		"a.manifest.json": "", "b.manifest.json": "null\n", "c.manifest.json": strings.Repeat("[", 100000),
		"d.manifest.json": `{"key":"x","batch":"1","table":"../x"}`, ".e.manifest.json": "{", "f.manifest.json.tmp": "{", "g.manifest.json.part": "{",
	} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if n, err := platform.Step(t.Context()); n != 0 || err != nil {
			t.Errorf("%d batches, %v", n, err)
		}
	}
	if len(platform.Unread()) != 4 {
		t.Errorf("%v, want the first four", platform.Unread())
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 7 {
		t.Errorf("%d files, %v, want all seven", len(left), err)
	}
}

// Packages are taken in their order, whole and unaltered, or not at all.
func TestPackagesThatDoNotFit(t *testing.T) {
	agreed, settings := agree(t, "sm4-gcm")
	for name, c := range map[string]struct {
		change func(t *testing.T, in string)
		held   int
		unread int
	}{
		"as they are": {func(*testing.T, string) {}, 2, 0},
		"the first is missing": {func(t *testing.T, in string) {
			if err := os.Remove(filepath.Join(in, "city_platform-000001.zip")); err != nil {
				t.Fatal(err)
			}
		}, 0, 0},
		"the first is altered": {func(t *testing.T, in string) {
			repack(t, filepath.Join(in, "city_platform-000001.zip"), func(name string, text []byte) (string, []byte) {
				if strings.HasSuffix(name, ".manifest.json") {
					return name, append(text, ' ')
				}
				return name, text
			})
		}, 0, 0},
		"the second leads elsewhere": {func(t *testing.T, in string) {
			repack(t, filepath.Join(in, "city_platform-000002.zip"), func(name string, text []byte) (string, []byte) {
				return strings.Replace(name, "out/", "out/../", 1), text
			})
		}, 1, 0},
		"the note of the second": {func(t *testing.T, in string) {
			repack(t, filepath.Join(in, "city_platform-000002.zip"), func(name string, text []byte) (string, []byte) {
				return name, bytes.Replace(text, []byte(`"number":2`), []byte(`"number":3`), 1)
			})
		}, 1, 1},
		"no archive": {func(t *testing.T, in string) {
			if err := os.WriteFile(filepath.Join(in, "x.zip"), []byte("PK"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p, in, platform := couriers(t, agreed, settings)
			for n := range 2 {
				m := message(n+1, "supervision_results", content("supervision_results", n, nil))
				if a := p.transport.Send(t.Context(), m); a.Outcome != publish.Handed {
					t.Fatalf("%+v", a)
				}
				if err := p.transport.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.transport.(*rounds).reopen()
			}
			p.carry(t)
			c.change(t, in)
			if _, err := platform.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			if held := p.audit().Tables["supervision_results"].Held; held != c.held || len(platform.Unread()) != c.unread {
				t.Errorf("%d records held, unread %v; want %d and %d", held, platform.Unread(), c.held, c.unread)
			}
		})
	}
}

// repack writes an archive anew with each member changed.
func repack(t *testing.T, path string, change func(name string, text []byte) (string, []byte)) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, text := change(f.Name, text)
		member, err := w.Create(name)
		if err == nil {
			_, err = member.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
