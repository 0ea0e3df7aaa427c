// Command bench measures validated landing against DuckDB's own COPY of the
// same file, in the same run, each in a process of its own, by turns. It prints
// the median of the ratios, since the seconds of a shared machine mean little.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"rongxin/internal/city"
	"rongxin/pipelines"
	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/engine"
)

const dataset = "samr/registrations"

func main() {
	enterprises := flag.Int("enterprises", 200_000, "rows of the registration extract")
	rounds := flag.Int("rounds", 5, "how often each is measured")
	work := flag.String("work", "", "internal: do this and exit")
	dir := flag.String("dir", "", "internal: folder of the measurement")
	flag.Parse()
	var err error
	if *work != "" {
		err = do(context.Background(), *work, *dir, *enterprises)
	} else {
		err = measure(*enterprises, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The contenders; the first is the yardstick.
var contenders = []struct{ work, title string }{
	{"copy", "DuckDB COPY, no checks, UTF-8"},
	{"land-utf8", "rongxin land, all checks, UTF-8"},
	{"land-gb18030", "rongxin land, all checks, GB18030"},
}

type sample struct {
	elapsed time.Duration
	peakMB  int64
}

func measure(enterprises, rounds int) error {
	dir, err := os.MkdirTemp("", "rongxin-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("making the registration extract of %d enterprises …\n", enterprises)
	// In a process of its own: a child's peak counts what its parent held.
	if _, err := one("prepare", dir, "-enterprises", strconv.Itoa(enterprises)); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(dir, "utf8.csv"))
	if err != nil {
		return err
	}
	rows, bytes := enterprises, info.Size()
	samples := map[string][]sample{}
	for range rounds {
		for _, c := range contenders {
			s, err := one(c.work, dir)
			if err != nil {
				return fmt.Errorf("%s: %w", c.work, err)
			}
			samples[c.work] = append(samples[c.work], s)
		}
	}
	fmt.Printf("%d rows, %d columns, %d MB as UTF-8; %d rounds by turns, medians\n", rows, 15, bytes>>20, rounds)
	fmt.Printf("%-36s %12s %8s %9s\n", "", "rows/s", "ratio", "peak MB")
	for _, c := range contenders {
		fmt.Printf("%-36s %12.0f %8.2f %9d\n", c.title, float64(rows)/median(seconds(samples[c.work])),
			median(ratios(samples[contenders[0].work], samples[c.work])), peak(samples[c.work]))
	}
	fmt.Println("ratio: speed against the first line, above 1 is faster")
	return nil
}

// prepare makes a clean city and keeps its registration extract, as it came and
// as UTF-8.
func prepare(dir string, enterprises int) error {
	summary, err := city.Generate(context.Background(), city.Config{Enterprises: enterprises, Seed: 1,
		Dir: filepath.Join(dir, "city"), Clean: true})
	if err != nil {
		return err
	}
	for _, f := range summary.Files {
		if f.Dataset != dataset {
			continue
		}
		from := filepath.Join(dir, "city", "inbox", filepath.FromSlash(f.Path))
		return errors.Join(transcode(from, filepath.Join(dir, "utf8.csv")), os.Rename(from, filepath.Join(dir, "gb18030.csv")),
			os.RemoveAll(filepath.Join(dir, "city")))
	}
	return errors.New("the city has no registration extract")
}

func transcode(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, simplifiedchinese.GB18030.NewDecoder().Reader(in))
	return errors.Join(err, out.Close())
}

// one runs a contender as a process, so that its peak memory is its own: that of
// the largest of the processes it consists of.
func one(work, dir string, args ...string) (sample, error) {
	home := filepath.Join(dir, "out")
	if err := errors.Join(os.RemoveAll(home), os.MkdirAll(home, 0o755)); err != nil {
		return sample{}, err
	}
	cmd := exec.Command(os.Args[0], append([]string{"-work", work, "-dir", dir}, args...)...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	err := cmd.Run()
	elapsed := time.Since(start)
	if err != nil {
		return sample{}, err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, errors.New("this system does not tell the memory of a process")
	}
	return sample{elapsed, usage.Maxrss >> 10}, nil
}

func do(ctx context.Context, work, dir string, enterprises int) error {
	switch work {
	case "prepare":
		return prepare(dir, enterprises)
	case "judge":
		return ingest.ServeChild(os.Stdin, os.Stdout)
	case "copy":
		return copyCSV(ctx, dir)
	case "land-utf8":
		return land(ctx, dir, "utf8.csv", "auto")
	case "land-gb18030":
		return land(ctx, dir, "gb18030.csv", "gb18030")
	}
	return fmt.Errorf("no work %q", work)
}

// copyCSV is the yardstick: typed columns, nothing checked.
func copyCSV(ctx context.Context, dir string) error {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		return err
	}
	c, err := theContract(catalog, "auto")
	if err != nil {
		return err
	}
	db, err := engine.Open(ctx, engine.Config{Threads: 2, TempDir: dir})
	if err != nil {
		return err
	}
	defer db.Close()
	columns := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		kind := f.SQLType()
		if f.Type == "money" {
			kind = "DECIMAL(18,6)" // as written, in 万元
		}
		columns[i] = engine.Quote(f.Name) + ": " + engine.Quote(kind)
	}
	return db.Exec(ctx, fmt.Sprintf(
		"set preserve_insertion_order = false; copy (select * from read_csv(%s, header = true, auto_detect = false, delim = ',', quote = '\"', columns = {%s})) to %s (format parquet, compression zstd)",
		engine.Quote(filepath.Join(dir, "utf8.csv")), strings.Join(columns, ", "), engine.Quote(filepath.Join(dir, "out", "copy.parquet"))))
}

func land(ctx context.Context, dir, file, encoding string) error {
	catalog, err := contract.Load(pipelines.Catalog())
	if err != nil {
		return err
	}
	c, err := theContract(catalog, encoding)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	lander, err := ingest.New(ingest.Config{Home: filepath.Join(dir, "out"), Catalog: catalog, Workers: 2,
		Child: []string{self, "-work", "judge"}})
	if err != nil {
		return err
	}
	result, err := lander.Land(ctx, ingest.Request{Contract: c, File: filepath.Join(dir, file), ReceivedAt: time.Now()})
	if err == nil && result.Batch.Rows.Rejected > 0 {
		err = fmt.Errorf("%d rows of a clean extract were rejected", result.Batch.Rows.Rejected)
	}
	return err
}

// theContract is the catalogue's contract with another encoding.
func theContract(catalog *contract.Catalog, encoding string) (*contract.Contract, error) {
	c, err := catalog.Find(dataset)
	if err != nil {
		return nil, err
	}
	other := *c
	other.Source.Encoding = encoding
	return &other, nil
}

func seconds(list []sample) []float64 {
	out := make([]float64, len(list))
	for i, s := range list {
		out[i] = s.elapsed.Seconds()
	}
	return out
}

func ratios(yardstick, list []sample) []float64 {
	out := make([]float64, len(list))
	for i, s := range list {
		out[i] = yardstick[i].elapsed.Seconds() / s.elapsed.Seconds()
	}
	return out
}

func peak(list []sample) int64 {
	var most int64
	for _, s := range list {
		most = max(most, s.peakMB)
	}
	return most
}

func median(list []float64) float64 {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}
