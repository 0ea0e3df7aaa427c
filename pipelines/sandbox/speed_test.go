package sandbox_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"rongxin/pipelines/sandbox"
)

// BenchmarkTake takes batches of 1,000 new records.
func BenchmarkTake(b *testing.B) {
	s, err := sandbox.New(sandbox.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const rows = 1000
	n := 0
	var used time.Duration // of the processor, which other work on the machine does not lengthen
	for b.Loop() {
		b.StopTimer()
		n++
		list := make([]string, rows)
		for i := range list {
			list[i] = row("I", n*rows+i, [2]string{"reasons", `"欠税；逾期申报；存在行政处罚记录"`}, [2]string{"rule_set", `"2026-04"`})
		}
		request := httptest.NewRequest("POST", "/v1/batches", strings.NewReader(numbered(n, list...)))
		request.Header.Set("Idempotency-Key", fmt.Sprint("k", n))
		answer := httptest.NewRecorder()
		before := cpu(b)
		b.StartTimer()
		s.ServeHTTP(answer, request)
		used += cpu(b) - before
		if !strings.Contains(answer.Body.String(), `"accepted":1000`) {
			b.Fatal(answer.Body.String())
		}
	}
	b.ReportMetric(float64(n*rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(n*rows)/used.Seconds(), "rows/cpu-s")
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
