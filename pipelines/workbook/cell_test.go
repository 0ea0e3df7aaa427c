package workbook_test

import (
	"testing"

	"pgregory.net/rapid"

	"rongxin/pipelines/workbook"
)

func TestNeutral(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"福州=榕", "福州=榕"},
		{"91350100M000100Y43", "91350100M000100Y43"},
		{"=1+1", "※=1+1"},
		{"+86", "※+86"},
		{"-2", "※-2"},
		{"@SUM(A1)", "※@SUM(A1)"},
		{"\t=1", "※\t=1"},
		{"\r=1", "※\r=1"},
		{"\n=1", "※\n=1"},
		{"＝1", "※＝1"},
		{"  =1", "※  =1"},
		{"\u3000＠x", "※\u3000＠x"},
		{"※注", "※※注"},
	}
	for _, tt := range tests {
		if got := workbook.Neutral(tt.text); got != tt.want {
			t.Errorf("Neutral(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestPlainUndoesNeutral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("=+-@＝※\t\r\n \u3000a榕1"))).Draw(t, "text")
		if got := workbook.Plain(workbook.Neutral(s)); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
