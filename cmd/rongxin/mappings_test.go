package main

import (
	"bytes"
	"os"
	"testing"
)

func TestPageOfPayloadsIsFresh(t *testing.T) {
	page, err := os.ReadFile("../../docs/payloads.md")
	if err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, t.TempDir(), "mappings", "page"); !bytes.Equal(page, []byte(out)) {
		t.Error("docs/payloads.md is not what the mappings say: write it again with\n" +
			"go run ./cmd/rongxin mappings page > docs/payloads.md")
	}
}
