package drop

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"

	"github.com/emmansun/gmsm/sm3"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/note"
	"rongxin/warehouse/ops"
)

// manifest goes along with a data file; the package comment defines it.
type manifest struct {
	note.Head
	Source  string                `json:"source"`
	Batch   string                `json:"batch"`
	Table   string                `json:"table"`
	Key     string                `json:"key"`
	Epoch   int64                 `json:"epoch"`
	Run     string                `json:"run"`
	AsOf    string                `json:"as_of"`
	Lane    int                   `json:"lane"`
	Rows    map[ops.Operation]int `json:"rows"`
	Target  target                `json:"target"`
	Columns []column              `json:"columns"`
	Data    dataFile              `json:"data"`
}

// target is what the receiver will hold of the table.
type target struct {
	Count  int    `json:"count"`
	Digest string `json:"state_digest"`
}

// dataFile is the other file of a batch, as it lies in the folder.
type dataFile struct {
	Name     string `json:"name"`
	Form     string `json:"form"`
	Encoding string `json:"encoding"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
	SM3      string `json:"sm3,omitempty"`
	Sealed   string `json:"sealed,omitempty"`
}

// Ends of names.
const (
	ManifestEnd = ".manifest.json"
	SealedEnd   = ".sealed" // of data
)

const (
	manifestKind = "manifest"
	keyDigits    = 12 // of the idempotency key, in names
	maxData      = 64 << 20
)

// What may stand in a file name.
var (
	batchForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)
	tableForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	keyForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// checkBatch refuses what no file could be called by.
func checkBatch(number, table, key string) error {
	switch {
	case !batchForm.MatchString(number):
		return fmt.Errorf("batch is %.60q, want a number such as 2026040100001", number)
	case !tableForm.MatchString(table):
		return fmt.Errorf("table is %.80q, want a name such as penalty_actions", table)
	case !keyForm.MatchString(key):
		return fmt.Errorf("key is %.80q, want 64 hex digits", key)
	}
	return nil
}

// Stem begins the names of all files about a batch, up to the first full stop.
func Stem(number, table, key string) string { return number + "_" + table + "_" + key[:keyDigits] }

func (m manifest) stem() string { return Stem(m.Batch, m.Table, m.Key) }

// render makes the two files of a batch. The same batch makes the same bytes.
// Its error is an [unfitError] when the content cannot be written so.
func (d *Drop) render(b publish.Message) (m manifest, data []byte, err error) {
	if err := checkBatch(b.Number, b.Table, b.Key); err != nil {
		return m, nil, err
	}
	t, err := tableOf(b)
	if err != nil {
		return m, nil, err
	}
	if data, err = t.write(d.Format); err != nil {
		return m, nil, err
	}
	m = manifest{
		Head:   note.Head{Kind: manifestKind, Format: note.Format, Receiver: d.Receiver},
		Source: b.Source, Batch: b.Number, Table: b.Table, Key: b.Key, Epoch: b.Epoch,
		Run: b.Run, AsOf: b.AsOf.Format("2006-01-02"), Lane: b.Lane, Columns: t.columns,
		Target: target{b.Target.Count, b.Target.Digest},
		Rows:   map[ops.Operation]int{ops.Insert: 0, ops.Update: 0, ops.Delete: 0},
	}
	for _, r := range b.Rows {
		m.Rows[r.Operation]++
	}
	m.Data = dataFile{Name: m.stem() + "." + d.Format.Form, Form: d.Format.Form, Encoding: d.Format.Encoding}
	methods := d.Keys.Methods()
	if methods.Body != "" {
		if data, err = d.Keys.Seal(data, []byte(b.Key)); err != nil {
			return m, nil, err
		}
		m.Data.Name, m.Data.Sealed = m.Data.Name+SealedEnd, methods.Body
	}
	if len(data) > maxData {
		return m, nil, unfit("TOO_LARGE", "the data file has %d bytes, at most %d are agreed", len(data), maxData)
	}
	m.Data.Bytes, m.Data.SHA256 = int64(len(data)), sha256Hex(data)
	if methods.Digest == "sm3" {
		sum := sm3.Sum(data)
		m.Data.SM3 = hex.EncodeToString(sum[:])
	}
	return m, data, nil
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// DataOf reads the manifest of a batch for the receiver and returns the name of
// its data file.
func DataOf(text []byte, receiver string) (string, error) {
	m, err := readManifest(text, receiver)
	return m.Data.Name, err
}

// readManifest reads one of ours. Its codes are ours too, and not looked at.
func readManifest(text []byte, receiver string) (m manifest, err error) {
	if _, err := note.Decode(text, &m); err != nil {
		return m, err
	}
	if err := m.Head.Check(manifestKind, receiver); err != nil {
		return m, err
	}
	return m, checkBatch(m.Batch, m.Table, m.Key)
}
