// Package landing describes what lies in the landing area: one directory a
// batch, immutable, with the extract as it came, the accepted records, the
// rejects and batch.json. Ingest writes it; runs read it.
package landing

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rongxin/warehouse/store"
)

// Names of the files of a batch directory.
const (
	ManifestName = "batch.json"
	RecordsName  = "records.parquet"
	RejectsName  = "rejects.parquet"
)

// Delivery kinds of a dataset.
const (
	Delta    = "delta"    // each batch adds records or newer versions of them
	Snapshot = "snapshot" // each batch is the whole; a missing row is withdrawn
)

// A Column of a landed dataset. Type is a SQL type of the portable subset:
// VARCHAR, BIGINT, INTEGER, DATE, BOOLEAN, TIMESTAMP or DECIMAL(p,s).
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// RejectColumns is the shape of rejects.parquet. Batches from before the last
// four were kept have the others only.
func RejectColumns() []Column {
	return []Column{
		{"dataset", "VARCHAR"}, {"batch_id", "VARCHAR"}, {"line", "BIGINT"},
		{"field", "VARCHAR"},      // source name; empty when the whole record is at fault
		{"reason", "VARCHAR"},     // the first fault in the order of the contract
		{"detail", "VARCHAR"},     // every fault, in Chinese
		{"original", "VARCHAR"},   // the value or the record, masked
		{"record_id", "VARCHAR"},  // NULL when a field of the key is at fault
		{"match_id", "VARCHAR"},   // NULL when one besides the subject's code is
		{"subject_id", "VARCHAR"}, // in normal form and masked; NULL when the row could not be taken apart
		{"subject_name", "VARCHAR"},
	}
}

// A Dataset is what a run must know of a dataset even when no batch of it
// ever came: a run with a missing dataset sees an empty table, not an error.
type Dataset struct {
	Name       string // department/dataset
	Title      string
	Department string // who sends it, in Chinese
	Delivery   string
	Columns    []Column
	ClockFrom  string // column from whose day a deadline runs; empty without one
	ClockTo    string // column that ends it; empty for the day of receipt
}

// Table is the dataset's name in SQL, department__dataset.
func (d Dataset) Table() string { return TableName(d.Name) }

// TableName turns a dataset name into its table name, department__dataset.
func TableName(dataset string) string { return strings.ReplaceAll(dataset, "/", "__") }

// A Batch is the content of batch.json: one landed extract.
type Batch struct {
	ID         string         `json:"batch_id"`
	Dataset    string         `json:"dataset"`
	Department string         `json:"department"`
	Title      string         `json:"title"`
	Delivery   string         `json:"delivery"`
	ReceivedAt time.Time      `json:"received_at"` // when we knew; orders the batches of a dataset
	Contract   ContractRef    `json:"contract"`
	Extract    Extract        `json:"extract"`
	Rows       Rows           `json:"rows"`
	Reasons    map[string]int `json:"rejected_by_reason"`
	Flags      map[string]int `json:"accepted_by_flag"`
	Override   string         `json:"override,omitempty"` // why an unexpected batch was let in
	// Parent is the batch of which a replay let in rows that it had refused. The
	// extract is the parent's and lies there, lines are those of its extract.
	Parent  string        `json:"parent,omitempty"`
	Columns []Column      `json:"columns"`
	KeyID   string        `json:"key_id,omitempty"` // of the key its tokens and sealed files were made with
	Records store.Digest  `json:"records"`
	Rejects store.Digest  `json:"rejects"`
	Vault   *store.Digest `json:"vault,omitempty"` // of VaultName, where the contract keeps clear values
}

// ContractRef names the contract a batch was judged by.
type ContractRef struct {
	Version int    `json:"version"`
	SHA256  string `json:"sha256"`
}

// Extract names the original file, which is kept beside the records. Its digest
// is that of the bytes as they came.
type Extract struct {
	Name     string `json:"name"` // as the department called it
	File     string `json:"file"` // as it is called in the batch directory
	Format   string `json:"format"`
	Encoding string `json:"encoding"`
	Member   string `json:"member,omitempty"` // of an archive, that was read
	store.Digest
	Sealed *store.Digest `json:"sealed,omitempty"` // of File, where the bytes are kept sealed
}

// Rows counts the data rows of the extract; Accepted + Rejected = Read.
type Rows struct {
	Read     int64 `json:"read"`
	Accepted int64 `json:"accepted"`
	Rejected int64 `json:"rejected"`
}

// Dir is the directory of a batch.
func Dir(home, dataset, batchID string) string {
	return filepath.Join(home, "landing", filepath.FromSlash(dataset), batchID)
}

// Write puts batch.json, sealed, into a staged batch directory, as its last file.
func Write(dir *store.Dir, b Batch) error {
	data, err := store.Seal(b)
	if err != nil {
		return err
	}
	return store.Write(dir.Path(ManifestName), 0o644, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Read returns the batch in dir. A directory without batch.json was never
// finished and gives fs.ErrNotExist. A batch.json with a changed byte is an
// error.
func Read(dir string) (b Batch, err error) {
	err = store.ReadSealed(filepath.Join(dir, ManifestName), &b)
	return b, err
}

// List returns every finished batch, by dataset and then in the order they
// became known: received_at, extract name, batch id. A replay follows its
// parent, whenever it was made: it holds rows that came with the parent.
func List(home string) ([]Batch, error) {
	return list(filepath.Join(home, "landing", "*", "*", "*"))
}

// Of returns every finished batch of a dataset in the order they became known.
func Of(home, dataset string) ([]Batch, error) { return list(Dir(home, dataset, "*")) }

func list(pattern string) ([]Batch, error) {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	var batches []Batch
	for _, dir := range dirs {
		if store.IsTemporary(filepath.Base(dir)) {
			continue
		}
		b, err := Read(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		batches = append(batches, b)
	}
	return inOrder(batches)
}

// inOrder sorts batches, each replay right behind its parent.
func inOrder(batches []Batch) ([]Batch, error) {
	deliveries := map[string]Batch{}
	for _, b := range batches {
		if b.Parent == "" {
			deliveries[b.Dataset+" "+b.ID] = b
		}
	}
	delivery := func(b Batch) Batch {
		if b.Parent == "" {
			return b
		}
		return deliveries[b.Dataset+" "+b.Parent]
	}
	for _, b := range batches {
		if delivery(b).ID == "" {
			return nil, fmt.Errorf("%s batch %s replays batch %s, which is not there", b.Dataset, b.ID, b.Parent)
		}
	}
	slices.SortFunc(batches, func(a, b Batch) int {
		return cmp.Or(Compare(delivery(a), delivery(b)), len(a.Parent)-len(b.Parent), Compare(a, b))
	})
	return batches, nil
}

// Compare orders batches by dataset, then by when they became known.
func Compare(a, b Batch) int {
	if c := strings.Compare(a.Dataset, b.Dataset); c != 0 {
		return c
	}
	if c := a.ReceivedAt.Compare(b.ReceivedAt); c != 0 {
		return c
	}
	if c := strings.Compare(a.Extract.Name, b.Extract.Name); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
