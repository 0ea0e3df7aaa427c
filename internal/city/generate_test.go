package city_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rongxin/internal/city"
	"rongxin/internal/credit"
)

func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	tree := os.DirFS(dir)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := fs.ReadFile(tree, name)
		sum := sha256.Sum256(b)
		all[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var alike = regexp.MustCompile(`监督检查结果_20260228|(inspection/(items|annual_plans|tasks)|supervision/items)/`)

func TestSameSeedSameBytes(t *testing.T) {
	first := generate(t, city.Config{Enterprises: 2500, Seed: 42})
	again := generate(t, city.Config{Enterprises: 2500, Seed: 42, AsOf: city.DefaultAsOf()})
	one, two := digests(t, first.dir), digests(t, again.dir)
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
	for _, f := range first.summary.Files {
		if one["inbox/"+f.Path] != f.SHA256 {
			t.Errorf("%s: digest in the summary differs from the file", f.Path)
		}
	}
	other := digests(t, generate(t, city.Config{Enterprises: 2500, Seed: 43}).dir)
	for name, sum := range one {
		// The calendar of reports is the same in every city, and so are a report of
		// nothing and what is inspected by which plan.
		if other[name] == sum && name != "truth/deliveries.csv" && !alike.MatchString(name) {
			t.Errorf("%s is the same for another seed", name)
		}
	}
}

// A larger city begins with the smaller one.
func TestEnterprisesDoNotDependOnTheirNumber(t *testing.T) {
	var small, large []string
	for n, into := range map[int]*[]string{300: &small, 900: &large} {
		m := read(t, city.Config{Enterprises: n, Seed: 8, Clean: true}, "samr/registrations")
		m.of("samr/registrations", func(_ table, l line) { *into = append(*into, strings.Join(l.cells, ",")) })
	}
	if diff := cmp.Diff(small, large[:len(small)]); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	vacant := filepath.Join(t.TempDir(), "city")
	for name, test := range map[string]struct {
		cfg  city.Config
		want string
	}{
		"not empty":     {city.Config{Enterprises: 1, Dir: full}, "is not empty"},
		"no dir":        {city.Config{Enterprises: 1}, "no directory"},
		"none":          {city.Config{Dir: vacant}, "enterprises: 0"},
		"no calendar":   {city.Config{Enterprises: 1, Dir: vacant, AsOf: credit.NewDate(2027, 3, 1)}, "as-of: 2027-03-01"},
		"unknown kind":  {city.Config{Enterprises: 1, Dir: vacant, Rates: map[city.Kind]float64{"typo": 0.1}}, `"typo"`},
		"rate too high": {city.Config{Enterprises: 1, Dir: vacant, Rates: map[city.Kind]float64{city.RowRagged: 2}}, "row_ragged: 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := city.Generate(t.Context(), test.cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestCancelledLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cfg := city.Config{Enterprises: 50_000, Dir: filepath.Join(parent, "city"), Progress: func(int, int) { cancel() }}
	if _, err := city.Generate(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// Any as-of day works, the first and last of a month and of the calendar too.
func TestAsOfDays(t *testing.T) {
	for _, day := range []credit.Date{
		credit.NewDate(2023, 1, 1), credit.NewDate(2024, 2, 29), credit.NewDate(2025, 10, 9),
		credit.NewDate(2026, 3, 1), credit.NewDate(2026, 12, 31),
	} {
		m := generate(t, city.Config{Enterprises: 2000, Seed: 1, AsOf: day})
		for _, f := range m.summary.Files {
			stem := strings.TrimSuffix(f.Path, filepath.Ext(f.Path))
			sent, err := credit.ParseDate(stem[len(stem)-8:])
			if err != nil || sent > day {
				t.Errorf("as of %s: %s was sent later", day, f.Path)
			}
		}
		if len(m.summary.Defects) != len(city.DefaultRates()) {
			t.Errorf("as of %s: %d kinds of defects", day, len(m.summary.Defects))
		}
	}
}

// Memory is bounded by the batch, not by the city: the largest heap seen while
// a second half is written is near that of the first.
func TestMemoryDoesNotGrow(t *testing.T) {
	const enterprises = 15_000
	var heaps []uint64
	cfg := city.Config{Enterprises: enterprises, Seed: 2, Dir: filepath.Join(t.TempDir(), "city")}
	cfg.Progress = func(done, _ int) {
		if done%2560 == 0 {
			runtime.GC()
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			heaps = append(heaps, stats.HeapAlloc)
		}
	}
	if _, err := city.Generate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if peak := slices.Max(heaps); peak > 64<<20 {
		t.Errorf("live heap of %d MB: %v", peak>>20, heaps)
	}
}
