package main

import (
	"fmt"
	"strings"
	"testing"

	"rongxin/pipelines/publish"
)

// Officials look up a cause in docs/reconciliation.md: it has the words of the
// program for each.
func TestCausesDocumented(t *testing.T) {
	page := pages(t)["docs/reconciliation.md"]
	for _, c := range publish.Causes() {
		m, _ := c.Meaning()
		row := fmt.Sprintf("| `%s` | %s | %s | %s |", c, m.Title, m.Explained, placesLeft.Replace(m.Mend))
		if !strings.Contains(page, row+"\n") {
			t.Errorf("docs/reconciliation.md has no row\n%s", row)
		}
	}
}
