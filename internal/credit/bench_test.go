package credit_test

import (
	"testing"

	"rongxin/internal/credit"
)

func BenchmarkClassifyCode(b *testing.B) {
	var codes []string
	for _, v := range readVectors(b) {
		codes = append(codes, credit.NormalizeCode(v.code))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		credit.ClassifyCode(codes[i%len(codes)])
	}
}

func BenchmarkCheckCode(b *testing.B) {
	for _, bb := range []struct{ name, code string }{
		{"valid", "91350100M000100Y43"},
		{"suspect", "91350211M0000XUF46"},
		{"confused", "9I35O1OOMA8T00016W"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				credit.CheckCode(bb.code)
			}
		})
	}
}

func BenchmarkParseDate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := credit.ParseDate("2026年1月2日"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAddWorkingDays(b *testing.B) {
	c, from := credit.WorkCalendar(), credit.NewDate(2025, 9, 26)
	for b.Loop() {
		if _, err := c.AddWorkingDays(from, 7); err != nil {
			b.Fatal(err)
		}
	}
}
