package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
)

// deliver lands so many rows as what came on a day of June.
func deliver(t *testing.T, l *ingest.Lander, c *contract.Contract, day, rows int, override string) (ingest.Result, error) {
	t.Helper()
	content := "编号,名称,备注\n"
	for i := range rows {
		content += fmt.Sprintf("%d,甲,第%d日\n", i, day)
	}
	file := writeFile(t, filepath.Join(t.TempDir(), fmt.Sprint(day, ".csv")), content)
	return l.Land(context.Background(), ingest.Request{Contract: c, File: file, Override: override,
		ReceivedAt: time.Date(2026, 6, day, 9, 0, 0, 0, time.UTC)})
}

// Once there are four deliveries, one with far fewer rows is refused unless
// there is a reason, and one with far more is told; what came before it counts,
// and not what came later.
func TestVolume(t *testing.T) {
	home := t.TempDir()
	l := newLander(t, ingest.Config{Home: home})
	c := mustContract(t, plain+"expect: {min_share: 50%, warn_above_share: 200%}\n")
	for day, rows := range []int{100, 30, 120, 90} {
		if r, err := deliver(t, l, c, 1+2*day, rows, ""); err != nil || r.Warnings != nil {
			t.Fatal(day, r.Warnings, err)
		}
	}
	if r, err := deliver(t, l, c, 6, 5, ""); err != nil || r.Warnings != nil { // only three came before it
		t.Error(r.Warnings, err)
	}
	r, err := deliver(t, l, c, 20, 44, "") // the median of 100, 30, 120, 5 and 90 is 90
	var refusal *ingest.Refusal
	if !errors.As(err, &refusal) || refusal.Problem != "44 rows, fewer than 50% of the 90 that its last 5 deliveries had (median)" || r.Batch.Rows.Read != 44 {
		t.Fatal(r.Batch.Rows, err)
	}
	if r, err = deliver(t, l, c, 20, 44, "系统升级，补报在后"); err != nil {
		t.Fatal(err)
	}
	if b, err := landing.Read(landing.Dir(home, "test/plain", r.Batch.ID)); err != nil || b.Override != "系统升级，补报在后" {
		t.Error(b.Override, err)
	}
	r, err = deliver(t, l, c, 25, 500, "") // now the median is 44
	if err != nil || len(r.Warnings) != 1 || r.Warnings[0].Code != ingest.RowsAboveUsual || !strings.Contains(r.Warnings[0].Chinese, "共 500 行，超过前 6 次报送中位数 44 行的 200%") {
		t.Error(r.Warnings, err)
	}
}

// Both things wrong with the size of a file are told at once.
func TestVolumeTellsAll(t *testing.T) {
	l := newLander(t, ingest.Config{})
	c := mustContract(t, plain+"expect: {min_rows: 50, min_share: 50%}\n")
	for day := range 4 {
		if _, err := deliver(t, l, c, 1+day, 100, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err := deliver(t, l, c, 20, 40, "")
	if err == nil || !strings.Contains(err.Error(), "40 rows, the contract expects 50 at least; 40 rows, fewer than 50%") {
		t.Error(err)
	}
}
