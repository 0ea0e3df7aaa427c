package ingest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

// page is docs/contracts.md, which must say what the program does.
func page(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/contracts.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPageExplainsEveryKeyAndCode(t *testing.T) {
	text := page(t)
	for _, key := range contract.Keys() {
		if !strings.Contains(text, "`"+key+"`") {
			t.Errorf("the key %s is not explained", key)
		}
	}
	for _, r := range ingest.Reasons() {
		row := fmt.Sprintf("| `%s` | %s | %s | %s |", r.Code, r.Chinese, r.English, r.WhatToDo)
		if !strings.Contains(text, row) {
			t.Errorf("the page should have\n%s", row)
		}
	}
	for _, r := range ingest.Refusals() {
		row := fmt.Sprintf("| `%s` | %s | %s | %s | %s |", r.Code, r.Chinese, r.English, r.WhatToDo, r.Mend)
		if !strings.Contains(text, row) {
			t.Errorf("the page should have\n%s", row)
		}
	}
}

// The example of the page works as it stands there.
func TestPageExample(t *testing.T) {
	text := page(t)
	block := func(fence string) string {
		_, after, _ := strings.Cut(text, "```"+fence+"\n")
		inside, _, _ := strings.Cut(after, "```")
		return inside
	}
	l, err := land(t, mustContract(t, block("yaml")), block("csv"))
	if err != nil {
		t.Fatal(err)
	}
	if l.Batch.Rows != (landing.Rows{Read: 2, Accepted: 2}) {
		t.Error(l.rejects)
	}
	due := int(credit.NewDate(2026, 6, 10))
	if diff := cmp.Diff([]any{due, due}, column(l.records, "due_on")); diff != "" {
		t.Error(diff)
	}
}
