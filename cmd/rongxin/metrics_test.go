package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/metrics.md is what the definitions say today.
func TestMetricsPage(t *testing.T) {
	page := pages(t)["docs/metrics.md"]
	if out := mustRun(t, filepath.Join(t.TempDir(), "none"), "metrics", "--describe"); out != page {
		t.Error("docs/metrics.md is not what the definitions say: write it again with\ngo run ./cmd/rongxin metrics --describe > docs/metrics.md")
	}
}

// What a verb told is pushed when a gateway is set; one that fails, or does not
// answer at all, is a warning and no more.
func TestPushgateway(t *testing.T) {
	home := t.TempDir()
	type pushed struct{ method, path, body string }
	var got []pushed
	status := http.StatusOK
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, pushed{r.Method, r.URL.Path, string(body)})
		w.WriteHeader(status)
	}))
	t.Cleanup(gateway.Close)
	t.Setenv("RONGXIN_PUSHGATEWAY", gateway.URL+"/")
	codes := filepath.Join(home, "codes.txt")
	if err := os.WriteFile(codes, []byte("91350100M000100Y43\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	call := func(wantWarning string) {
		t.Helper()
		code, _, errs := rongxin(t, home, "code", "check", codes)
		if code != exitDone || strings.Contains(errs, "not pushed") != (wantWarning != "") || !strings.Contains(errs, wantWarning) {
			t.Errorf("exit %d: %q, want 0 and %q", code, errs, wantWarning)
		}
	}
	call("")
	if len(got) != 1 || got[0].method != http.MethodPut || !regexp.MustCompile(`^/metrics/job/rongxin_code_check/instance(@base64)?/[^/]+$`).MatchString(got[0].path) ||
		!strings.Contains(got[0].body, "rongxin_verb_last_exit_code") || !strings.Contains(got[0].body, "code check") {
		t.Errorf("pushed %q", got)
	}
	status = http.StatusBadRequest
	call("400")
	gateway.Close()
	call("refused")

	t.Setenv("RONGXIN_PUSHGATEWAY", "http://operator:secret@127.0.0.1:9091")
	if code, _, errs := rongxin(t, home, "code", "check", codes); code != exitBadConfig || !strings.Contains(errs, "pushgateway: want an address") || strings.Contains(errs, "secret") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
