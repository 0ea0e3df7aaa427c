package hostile_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

var mutants = flag.Int("mutants", 80, "how many damaged copies of good files are tried besides the list")

// What no hostile file may exceed. Processor time counts, since the clock of a
// shared machine says little.
const (
	maxResident = 512 << 20
	maxTime     = 5 * time.Second
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "judge" {
		if err := ingest.ServeChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// A hostile file: its format, what writes it, and what becomes of it.
type hostile struct {
	name   string
	format string
	write  func(w io.Writer) error
	want   string // part of the refusal; lands when it must land; anything when either will do
	file   string // its name, when that matters
}

const (
	lands    = "lands"
	anything = ""
)

// contractOf a format has a column of most kinds.
func contractOf(t testing.TB, format string) *contract.Contract {
	t.Helper()
	source := "format: " + format
	switch format {
	case "xlsx":
		source += ", sheet: first"
	case "xml":
		source += ", record_path: /root/record"
	}
	c, err := contract.Parse("hostile.yml", []byte(`dataset: test/hostile
version: 1
effective_from: 2026-01-01
title: 测试
department: 测试
catalogue: {class: 行政管理信息, item: CS, edition: 2024}
basis: 测试
range: public
source: {`+source+`, delivery: delta}
key: [编号]
fields:
  - {name: 编号, as: number, type: text, required: true, max_length: 50}
  - {name: 代码, as: subject_id, type: uscc}
  - {name: 名称, as: subject_name, type: text, max_length: 200}
  - {name: 日期, as: decided_on, type: date, not_after: received}
  - {name: 金额, as: amount, type: money, unit: 元}
`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHostileFiles(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	files := append(workbooks(), archives()...)
	files = append(files, texts()...)
	files = append(files, names()...)
	files = append(files, damagedCopies(*mutants)...)
	var refused, landed int
	var slowest time.Duration
	slowestName := ""
	for _, h := range files {
		t.Run(h.format+"/"+h.name, func(t *testing.T) {
			before := usage(t)
			ok := try(t, self, h)
			took := cpu(usage(t)) - cpu(before)
			if took > slowest {
				slowest, slowestName = took, h.name
			}
			if took > maxTime {
				t.Errorf("took %v", took)
			}
			if ok {
				landed++
			} else {
				refused++
			}
		})
	}
	peak := usage(t).Maxrss << 10
	if peak > maxResident {
		t.Errorf("a process held %d MB", peak>>20)
	}
	if len(files) < 200 {
		t.Errorf("only %d files", len(files))
	}
	t.Logf("figure hostile_files=%d refused=%d landed=%d parent_deaths=0 peak_mb=%d slowest_s=%.1f (%s)",
		len(files), refused, landed, peak>>20, slowest.Seconds(), slowestName)
}

// try lands one file and reports whether it landed.
func try(t *testing.T, self string, h hostile) bool {
	t.Helper()
	dir := t.TempDir()
	home, name := filepath.Join(dir, "home"), h.file
	if name == "" {
		name = "in." + h.format
	}
	path := filepath.Join(dir, name)
	if err := writeTo(path, h.write); err != nil {
		t.Fatal(err)
	}
	lander, err := ingest.New(ingest.Config{Home: home, Catalog: &contract.Catalog{}, Workers: 2, Child: []string{self, "judge"}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := lander.Land(context.Background(), ingest.Request{Contract: contractOf(t, h.format), File: path,
		ReceivedAt: time.Date(2026, 6, 15, 9, 0, 0, 0, time.UTC)})
	var refusal *ingest.Refusal
	switch {
	case err != nil && !errors.As(err, &refusal):
		t.Errorf("an error that promises to go away by itself: %v", err)
	case err != nil && (h.want == lands || !strings.Contains(err.Error(), h.want)):
		t.Errorf("want %q, got %v", h.want, err)
	case err == nil && h.want != lands && h.want != anything:
		t.Errorf("want %q, landed %+v", h.want, result.Batch.Rows)
	case err != nil && (refusal.Problem == "" || len(err.Error()) > 8000):
		t.Errorf("a reason of %d bytes: %.200v", len(err.Error()), err)
	}
	checkHome(t, home, dir, name, result, err)
	return err == nil
}

// checkHome finds what a landing wrote where it should not have.
func checkHome(t *testing.T, home, dir, name string, r ingest.Result, failed error) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "home" && e.Name() != name {
			t.Errorf("wrote %q", e.Name())
		}
	}
	batches, err := filepath.Glob(filepath.Join(home, "landing", "test", "hostile", "*"))
	if err != nil || len(batches) > 1 || failed != nil && len(batches) > 0 {
		t.Errorf("left behind: %v %v", batches, err)
	}
	if failed != nil {
		return
	}
	b, err := landing.Read(landing.Dir(home, r.Batch.Dataset, r.Batch.ID))
	if err != nil || b.Rows.Accepted+b.Rows.Rejected != b.Rows.Read || b.Extract.Name != strings.ToValidUTF8(name, "\uFFFD") {
		t.Errorf("%+v of %q: %v", b.Rows, b.Extract.Name, err)
	}
	files, err := os.ReadDir(landing.Dir(home, r.Batch.Dataset, r.Batch.ID))
	if err != nil || len(files) != 4 {
		t.Errorf("the batch holds %v: %v", files, err)
	}
}

func writeTo(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	return errors.Join(write(w), w.Flush(), f.Close())
}

// usage of the processes that have ended.
func usage(t testing.TB) *syscall.Rusage {
	t.Helper()
	r := new(syscall.Rusage)
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func cpu(r *syscall.Rusage) time.Duration {
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// Makers of content.

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// repeat writes piece n times between head and tail, without ever holding it.
func repeat(head, piece string, n int, tail string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, head)
		block := strings.Repeat(piece, max(1, min(n, 64<<10/len(piece))))
		for left := n * len(piece); left > 0 && err == nil; left -= len(block) {
			_, err = io.WriteString(w, block[:min(left, len(block))])
		}
		if err == nil {
			_, err = io.WriteString(w, tail)
		}
		return err
	}
}

// numbered writes piece n times, each with its number.
func numbered(head, piece string, n int, tail string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, head)
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(w, piece, i+1)
		}
		if err == nil {
			_, err = io.WriteString(w, tail)
		}
		return err
	}
}
