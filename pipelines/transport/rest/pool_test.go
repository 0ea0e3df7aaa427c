package rest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/rest"
)

func TestOnlyThePinnedServerIsSpokenTo(t *testing.T) {
	s, other := newSecureServer(t, "platform.example"), newSecureServer(t)
	for _, tt := range []struct {
		name     string
		settings rest.Settings
		want     publish.Outcome
		text     string
	}{
		{"its authority", rest.Settings{CAFile: s.caFile}, publish.Processed, ""},
		{"its authority and key", rest.Settings{CAFile: s.caFile, Pins: []string{s.pin}}, publish.Processed, ""},
		{"one key of two", rest.Settings{CAFile: s.caFile, Pins: []string{other.pin, s.pin}}, publish.Processed, ""},
		{"another key", rest.Settings{CAFile: s.caFile, Pins: []string{other.pin}}, publish.Misconfigured, "the server's public key is none of pins: it has " + s.pin},
		{"another authority", rest.Settings{CAFile: other.caFile}, publish.Misconfigured, "certificate"},
		{"the system's authorities", rest.Settings{}, publish.Misconfigured, "certificate"},
		{"its key, but no authority", rest.Settings{Pins: []string{s.pin}}, publish.Misconfigured, "certificate"},
	} {
		s.asked = 0
		tt.settings.URL = s.url
		a := open(t, rest.Config{Settings: tt.settings}).Send(t.Context(), message)
		if a.Outcome != tt.want || tt.text != "" && (a.Err == nil || !strings.Contains(a.Err.Error(), tt.text)) {
			t.Errorf("%s: %s, want %s: %v", tt.name, a.Outcome, tt.want, a.Err)
		}
		if got := s.asked > 0; got != (tt.want == publish.Processed) {
			t.Errorf("%s: the server was asked: %v", tt.name, got)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := false
	target := serve(t, func(w http.ResponseWriter, r *http.Request) { followed = true })
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, status) })
		if a := open(t, rest.Config{Settings: rest.Settings{URL: url}}).Send(t.Context(), message); a.Outcome != publish.Misconfigured || a.Status != status {
			t.Errorf("%d: %s %d", status, a.Outcome, a.Status)
		}
	}
	if followed {
		t.Error("a redirect was followed")
	}
}

// A host name that stands for an inner address reaches nobody, unless its network
// is allowed; an address that stands in the settings is meant.
func TestAHostNameThatStandsForAnInnerAddress(t *testing.T) {
	asked := 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { asked++; io.WriteString(w, receipt) })
	named := strings.Replace(url, "127.0.0.1", "localhost", 1)
	a := open(t, rest.Config{Settings: rest.Settings{URL: named}}).Send(t.Context(), message)
	if a.Outcome != publish.Misconfigured || !strings.Contains(a.Err.Error(), "which is neither public nor within networks") || asked != 0 {
		t.Errorf("%s: %v, asked %d times", a.Outcome, a.Err, asked)
	}
	for _, settings := range []rest.Settings{{URL: url}, {URL: named, Networks: []string{"10.0.0.0/8", "127.0.0.0/8", "::1/128"}}} {
		if a := open(t, rest.Config{Settings: settings}).Send(t.Context(), message); a.Outcome != publish.Processed {
			t.Errorf("%+v: %s: %v", settings, a.Outcome, a.Err)
		}
	}
}

func TestProxiesAreOffUnlessSet(t *testing.T) {
	through := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { through = r.RequestURI; io.WriteString(w, receipt) }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	a := open(t, rest.Config{Settings: rest.Settings{URL: "http://192.0.2.1:9", Timeout: 200 * time.Millisecond}}).Send(t.Context(), message)
	if a.Outcome == publish.Processed || through != "" {
		t.Errorf("the environment's proxy was asked for %s", through)
	}
	a = open(t, rest.Config{Settings: rest.Settings{URL: "http://platform.example:9", Proxy: proxy.URL}}).Send(t.Context(), message)
	if a.Outcome != publish.Processed || through != "http://platform.example:9/v1/batches" {
		t.Errorf("%s: %v; the proxy was asked for %s", a.Outcome, a.Err, through)
	}
}

func TestEverySettingIsChecked(t *testing.T) {
	err := rest.Settings{URL: "http://user:hunter2@h", KeyURL: "gopher://x", Requester: "r", Wrapping: "des", Pins: []string{"x"}, Networks: []string{"10.0.0.1"},
		Proxy: "socks5://x", Timeout: time.Millisecond}.Check()
	for _, want := range []string{"url: ", "key_url: ", "key_file, requester and service", "key_url: wants key_file", `key_wrapping: "des"`, `pins: "x"`,
		`networks: "10.0.0.1"`, "proxy: ", "timeout: 1ms"} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if err := (rest.Settings{URL: "http://h", CAFile: "x"}).Check(); err == nil || !strings.Contains(err.Error(), "want https") {
		t.Errorf("%v", err)
	}
	empty := filepath.Join(t.TempDir(), "ca")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{empty, filepath.Join(t.TempDir(), "none")} {
		if _, err := rest.New(rest.Config{Now: time.Now, Settings: rest.Settings{URL: "https://h", CAFile: name}}); !errors.Is(err, publish.ErrSetup) || !strings.Contains(err.Error(), "ca_file") {
			t.Errorf("%v", err)
		}
	}
}
