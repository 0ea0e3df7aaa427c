// Package run builds, audits, publishes and proves runs. A run is a directory
// of immutable tables that speaks for one day; it is written beside the others,
// checked, and only then does CURRENT point to it. Readers need no lock: they
// see the run before or the run after, never a half.
package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// Format is the version of the run directory's layout.
const Format = 3

const (
	manifestName = "manifest.json"
	currentName  = "CURRENT"
)

// A Seed is a small table that is given, not computed: rules compiled from
// YAML, divisions, code lists. Values are string, int64, bool, time.Time or nil.
type Seed struct {
	Name    string           `json:"name"` // schema.table
	Columns []landing.Column `json:"columns"`
	Rows    [][]any          `json:"rows"`
	Sources []Source         `json:"sources,omitempty"` // the files it was read from
}

// text is all of a seed that can change a result.
func (s Seed) text() string {
	rows, _ := json.Marshal(s.Rows) // text, numbers, booleans, times: never fails
	return fmt.Sprintf("%s %q %s", s.Name, s.Columns, rows)
}

// A Source names a rule or reference file by what it held. The run keeps its
// text.
type Source struct {
	File    string `json:"file"`           // relative, with /
	Rule    string `json:"rule,omitempty"` // what it says, whatever the file is called: scorecard food, rule overlay …
	Title   string `json:"title,omitempty"`
	Version int    `json:"version,omitempty"`
	SHA256  string `json:"sha256"`
	Text    []byte `json:"-"`
}

// A Plan is everything a run depends on. Equal plans give equal runs.
type Plan struct {
	AsOf     credit.Date
	RuleSet  string // id of the rule set, shown in lists
	Datasets []landing.Dataset
	Batches  []landing.Batch // in the order they became known
	Seeds    []Seed
	Models   []model.Model
	Previous *Run // the published run before this day, if any
}

// ID names the run: the day it speaks for and a digest of all it depends on.
func (p Plan) ID() string {
	h := sha256.New()
	fmt.Fprintf(h, "format %d\nas_of %s\nrule_set %s\nprevious %s\n", Format, p.AsOf, p.RuleSet, p.previousID())
	for _, d := range p.Datasets {
		fmt.Fprintf(h, "dataset %s %s %q\n", d.Name, d.Delivery, d.Columns)
	}
	for _, b := range p.Batches {
		fmt.Fprintf(h, "batch %s %s %s %s %s\n", b.Dataset, b.ID, b.Records.SHA256, b.Rejects.SHA256, b.ReceivedAt.UTC().Format(time.RFC3339Nano))
	}
	for _, s := range p.Seeds {
		fmt.Fprintf(h, "seed %s\n", s.text())
	}
	for _, m := range p.Models {
		fmt.Fprintf(h, "model %s %s\n", m.Name, m.Hash())
	}
	return p.AsOf.String() + "-" + hex.EncodeToString(h.Sum(nil))[:8]
}

func (p Plan) previousID() string {
	if p.Previous == nil {
		return ""
	}
	return p.Previous.ID
}

// A Manifest is the evidence of a run: what went in, what came out, and what
// was checked, each by digest.
type Manifest struct {
	RunID    string       `json:"run_id"`
	Format   int          `json:"format"`
	AsOf     string       `json:"as_of"`
	RuleSet  string       `json:"rule_set"`
	Previous string       `json:"previous,omitempty"`
	Engine   string       `json:"engine"`
	Batches  []BatchRef   `json:"batches"`
	Sources  []Source     `json:"rules"`
	Models   []ModelRef   `json:"models"`
	Tables   []TableEntry `json:"tables"`
	Checks   []CheckEntry `json:"checks"`
	Files    []FileEntry  `json:"files"`
	Source   []FileEntry  `json:"source"` // what it was computed from, word for word
}

// BatchRef names a landed batch a run read.
type BatchRef struct {
	Dataset    string       `json:"dataset"`
	ID         string       `json:"batch_id"`
	ReceivedAt time.Time    `json:"received_at"`
	Rows       landing.Rows `json:"rows"`
	Records    store.Digest `json:"records"`
	Rejects    store.Digest `json:"rejects"`
}

// ModelRef names a model a run used.
type ModelRef struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// CheckEntry is the outcome of one check.
type CheckEntry struct {
	Table    string `json:"table"`
	Check    string `json:"check"`
	Severity string `json:"severity"`
	OK       bool   `json:"ok"`
	Detail   string `json:"detail,omitempty"`
}

// FileEntry is a file beside the tables: one made for people, such as a
// supervision list, or a text the run was computed from.
type FileEntry struct {
	Path string `json:"path"` // relative to the run directory, with /
	store.Digest
}

// Table finds a table's entry by schema.table.
func (m *Manifest) Table(name string) (TableEntry, bool) {
	for _, t := range m.Tables {
		if t.Name == name {
			return t, true
		}
	}
	return TableEntry{}, false
}

// A Run is a finished run directory.
type Run struct {
	ID       string
	Dir      string
	Manifest Manifest
}

// ErrNoRun is returned when nothing was published, or a run does not exist.
var ErrNoRun = errors.New("no such run")

// Dir is where the runs of a home stand.
func Dir(home string) string { return filepath.Join(home, "runs") }

// Current names the published run.
func Current(home string) (string, error) {
	data, err := os.ReadFile(filepath.Join(home, currentName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("nothing is published in %s yet: %w; make one with: rongxin run --as-of DATE", home, ErrNoRun)
	}
	if err != nil {
		return "", err
	}
	id, whole := strings.CutSuffix(string(data), "\n")
	if !whole {
		return "", fmt.Errorf("%s names no run: %w: publish one again with: rongxin run --as-of DATE", filepath.Join(home, currentName), ErrNoRun)
	}
	return id, nil
}

// Open returns a finished run; an empty id means the published one.
func Open(home, id string) (*Run, error) {
	if id == "" {
		var err error
		if id, err = Current(home); err != nil {
			return nil, err
		}
	}
	return open(Dir(home), id)
}

func open(runs, id string) (*Run, error) {
	if id != filepath.Base(id) || store.IsTemporary(id) {
		return nil, fmt.Errorf("%q is not the name of a run: %w", id, ErrNoRun)
	}
	r := &Run{ID: id, Dir: filepath.Join(runs, id)}
	err := store.ReadSealed(filepath.Join(r.Dir, manifestName), &r.Manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s: %w", id, ErrNoRun)
	}
	if err != nil {
		return nil, err
	}
	if r.Manifest.Format != Format {
		return nil, fmt.Errorf("run %s has layout %d, this program reads %d", id, r.Manifest.Format, Format)
	}
	return r, nil
}

// Before returns the newest run in the published line that speaks for a day
// before asOf, or nil. It starts at CURRENT and follows each run's previous.
func Before(home string, asOf credit.Date) (*Run, error) {
	r, err := Open(home, "")
	for {
		if errors.Is(err, ErrNoRun) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if r.Manifest.AsOf < asOf.String() {
			return r, nil
		}
		if r.Manifest.Previous == "" {
			return nil, nil
		}
		r, err = Open(home, r.Manifest.Previous)
	}
}

// AsOf returns the newest run in the published line that speaks for asOf or a
// day before it.
func AsOf(home string, asOf credit.Date) (*Run, error) {
	r, err := Before(home, asOf.AddDays(1))
	if err == nil && r == nil {
		err = fmt.Errorf("no published run speaks for %s or earlier: %w", asOf, ErrNoRun)
	}
	return r, err
}

// Publish makes the run the one that readers see. It is the last step and one
// rename.
func Publish(home string, r *Run) error {
	return store.Write(filepath.Join(home, currentName), 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, r.ID+"\n")
		return err
	})
}

// parquet is the SELECT that reads a table's file.
func parquet(file string) string {
	return "select * from read_parquet(" + engine.Quote(file) + ")"
}
