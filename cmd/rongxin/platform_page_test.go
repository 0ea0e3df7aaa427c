package main

import (
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/pipelines/sandbox"
)

var shownBlock = regexp.MustCompile("(?s)```(sh|json|text)\n(.*?)```\n")

// Every request that the platform's page shows is sent, in its order, to one
// platform, and answered as the page says.
func TestThePlatformsPageIsTrue(t *testing.T) {
	at := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { at = at.Add(time.Minute); return at } // what takes time is done the next time somebody asks
	platform, err := sandbox.New(sandbox.Config{Dir: t.TempDir(), Delay: 2 * time.Second, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer platform.Close()
	server := httptest.NewServer(platform)
	defer server.Close()

	said, shown := "", 0
	for _, block := range shownBlock.FindAllStringSubmatch(pages(t)["docs/platform.md"], -1) {
		kind, text := block[1], block[2]
		if kind != "sh" {
			shown++
			if diff := cmp.Diff(text, said); diff != "" {
				t.Errorf("shown and said: %s", diff)
			}
			continue
		}
		if !strings.Contains(text, "curl ") && !strings.Contains(text, "sha256sum") {
			continue // starts a platform: other tests do
		}
		command := exec.Command("sh", "-c", strings.ReplaceAll(text, "http://127.0.0.1:8085", server.URL))
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		said = string(output)
	}
	if shown < 10 {
		t.Errorf("only %d answers are shown", shown)
	}
}
