package main

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"rongxin/internal/credit"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
)

// The page has every field of every contract and every column that a run makes,
// each says what it is, every link leads somewhere, and nothing is loaded.
func TestDictionaryPage(t *testing.T) {
	page := mustRun(t, t.TempDir(), "contracts", "dictionary", "--html", "--as-of", asOf)
	root, err := html.Parse(strings.NewReader(page))
	noError(t, err)
	ids, names, links, policy := map[string]int{}, map[string]bool{}, []string{}, ""
	var loaded []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attributes := map[string]string{}
		for _, a := range n.Attr {
			attributes[a.Key] = a.Val
		}
		if id := attributes["id"]; id != "" {
			ids[id]++
		}
		switch n.Data {
		case "a":
			links = append(links, attributes["href"])
		case "meta":
			if attributes["http-equiv"] == "Content-Security-Policy" {
				policy = attributes["content"]
			}
		case "style", "script":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if !strings.Contains(policy, n.Data+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])) {
				t.Errorf("the policy does not let its own %s through: %s", n.Data, policy)
			}
		case "tr":
			if id := attributes["id"]; id != "" {
				names[id[strings.LastIndexByte(id, '.')+1:]] = true
				if words := cells(n); len(words) != 5 || strings.TrimSpace(words[2]) == "" {
					t.Errorf("%s does not say what it is: %q", id, words)
				}
			}
		}
		for _, key := range []string{"src", "srcset", "data", "action", "onclick", "style"} {
			if attributes[key] != "" {
				loaded = append(loaded, n.Data+" "+key)
			}
		}
	}
	if len(loaded) > 0 || strings.Contains(page, "http://") || strings.Contains(page, "https://") {
		t.Errorf("the page loads something: %q", loaded)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%d places are called %s", n, id)
		}
	}
	for _, link := range links {
		if ids[strings.TrimPrefix(link, "#")] == 0 || !strings.HasPrefix(link, "#") {
			t.Errorf("a link leads nowhere: %s", link)
		}
	}
	catalog, err := contract.Load(pipelines.Catalog())
	noError(t, err)
	for _, c := range catalog.All() {
		for _, f := range c.Describe().Fields {
			if id := "landing." + strings.ReplaceAll(c.Dataset, "/", "__") + "." + f.Column; ids[id] == 0 {
				t.Errorf("%s is missing", id)
			}
		}
	}
	for _, id := range []string{"lists.supervision.supervision_class", "scores.evidence.record_id", "rules.overlay_matrix.level_used", "ref.divisions.division_code", "run.parameters.as_of"} {
		if ids[id] == 0 {
			t.Errorf("%s is missing", id)
		}
	}
	for name := range credit.ColumnWords() {
		if !names[name] {
			t.Errorf("internal/credit/columns.txt: no table has a column %s", name)
		}
	}
	// The way there and back.
	for _, way := range []string{"#landing.samr__penalties.subject_id", "#staging.samr__penalties.subject_id"} {
		if !strings.Contains(page, `<a href="`+way+`"`) {
			t.Errorf("no link leads to %s", way)
		}
	}
	if code, _, _ := rongxin(t, t.TempDir(), "contracts", "dictionary", "--html", "--json"); code != exitBadConfig {
		t.Errorf("--html with --json: exit %d", code)
	}
}

// cells are the texts of a row's cells.
func cells(row *html.Node) (texts []string) {
	for c := range row.ChildNodes() {
		if c.Type != html.ElementNode {
			continue
		}
		var b strings.Builder
		for n := range c.Descendants() {
			if n.Type == html.TextNode {
				b.WriteString(n.Data)
			}
		}
		texts = append(texts, b.String())
	}
	return texts
}
