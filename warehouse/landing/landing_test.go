package landing_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

func land(t *testing.T, home string, b landing.Batch) {
	t.Helper()
	dir, err := store.Stage(landing.Dir(home, b.Dataset, b.ID))
	if err != nil {
		t.Fatal(err)
	}
	if err := landing.Write(dir, b); err != nil {
		t.Fatal(err)
	}
	if err := dir.Commit(); err != nil {
		t.Fatal(err)
	}
}

func batch(dataset, id, extract string, received time.Time) landing.Batch {
	return landing.Batch{ID: id, Dataset: dataset, ReceivedAt: received, Extract: landing.Extract{Name: extract}}
}

// Batches come by dataset, then as they became known; the moment counts, not
// the zone it is written in.
func TestListOrder(t *testing.T) {
	home := t.TempDir()
	june := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	for _, b := range []landing.Batch{
		batch("tax/grades", "b1", "a.xlsx", june),
		batch("samr/penalties", "a9", "a.csv", june.Add(time.Second)),
		batch("samr/penalties", "b2", "b.csv", june),
		batch("samr/penalties", "b1", "b.csv", june),
		batch("samr/penalties", "z1", "a.csv", june),
		batch("samr/penalties", "y1", "z.csv", june.Add(-time.Hour).In(time.FixedZone("UTC+8", 8*3600))),
		batch("samr/permits", "a1", "a.csv", june),
	} {
		land(t, home, b)
	}
	batches, err := landing.List(home)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range batches {
		got = append(got, b.Dataset+" "+b.ID)
	}
	want := []string{"samr/penalties y1", "samr/penalties z1", "samr/penalties b1", "samr/penalties b2",
		"samr/penalties a9", "samr/permits a1", "tax/grades b1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What landing did not finish is not there: no batch.json, or still staged.
func TestListIgnoresUnfinished(t *testing.T) {
	home := t.TempDir()
	if batches, err := landing.List(home); err != nil || len(batches) != 0 {
		t.Fatalf("an empty home lists %v, %v", batches, err)
	}
	finished := batch("samr/penalties", "done", "a.csv", time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	land(t, home, finished)
	if err := os.MkdirAll(landing.Dir(home, "samr/penalties", "half"), 0o755); err != nil {
		t.Fatal(err)
	}
	staged, err := store.Stage(landing.Dir(home, "samr/penalties", "staged"))
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Discard()
	if err := landing.Write(staged, finished); err != nil {
		t.Fatal(err)
	}
	batches, err := landing.List(home)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]landing.Batch{finished}, batches); diff != "" {
		t.Error(diff)
	}
	if _, err := landing.Read(landing.Dir(home, "samr/penalties", "half")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading a half batch: got %v, want fs.ErrNotExist", err)
	}
}

// A batch.json that cannot be read stops the listing and is named; silence
// would drop the batch from every run.
func TestListNamesBrokenBatch(t *testing.T) {
	home := t.TempDir()
	dir := landing.Dir(home, "samr/penalties", "bad")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, landing.ManifestName), []byte(`{"batch_id": "ba`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := landing.List(home); err == nil || !strings.Contains(err.Error(), filepath.Join("samr", "penalties", "bad", "batch.json")) {
		t.Errorf("got %v, want the broken file named", err)
	}
}

// What is written is read back, every field of it.
func TestWriteRead(t *testing.T) {
	home := t.TempDir()
	want := landing.Batch{
		ID: "3f9a", Dataset: "samr/penalties", Department: "市市场监督管理局", Title: "行政处罚", Delivery: landing.Delta,
		ReceivedAt: time.Date(2026, 6, 1, 8, 0, 0, 123456789, time.UTC),
		Contract:   landing.ContractRef{Version: 2, SHA256: "c0"},
		Extract: landing.Extract{Name: "处罚 <6月>.csv", File: "extract.csv", Format: "csv", Encoding: "gb18030",
			Digest: store.Digest{SHA256: "e0", Bytes: 9}},
		Rows:     landing.Rows{Read: 3, Accepted: 2, Rejected: 1},
		Reasons:  map[string]int{"DATE_INVALID": 1},
		Flags:    map[string]int{"LATE": 2},
		Override: "局函〔2026〕3号",
		Columns:  []landing.Column{{Name: "record_id", Type: "VARCHAR"}, {Name: "fine_amount", Type: "BIGINT"}},
		Records:  store.Digest{SHA256: "r0", Bytes: 7},
		Rejects:  store.Digest{SHA256: "x0", Bytes: 5},
	}
	land(t, home, want)
	got, err := landing.Read(landing.Dir(home, want.Dataset, want.ID))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTableName(t *testing.T) {
	for dataset, want := range map[string]string{
		"samr/penalties": "samr__penalties", "ndrc/public_results": "ndrc__public_results", "alone": "alone",
	} {
		if got := landing.TableName(dataset); got != want {
			t.Errorf("TableName(%q) = %q, want %q", dataset, got, want)
		}
		if got := (landing.Dataset{Name: dataset}).Table(); got != want {
			t.Errorf("%s: Table() = %q, want %q", dataset, got, want)
		}
	}
}
