package city_test

import (
	"testing"

	"rongxin/internal/city"
)

func BenchmarkGenerate(b *testing.B) {
	const enterprises = 5_000
	b.ReportAllocs()
	for b.Loop() {
		cfg := city.Config{Enterprises: enterprises, Seed: 1, Dir: b.TempDir() + "/city"}
		if _, err := city.Generate(b.Context(), cfg); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(enterprises*b.N)/b.Elapsed().Seconds(), "enterprises/s")
}
