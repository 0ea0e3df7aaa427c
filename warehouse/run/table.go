package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// TableEntry is one table of a run. Content is the digest of its rows, which
// any engine finds again; File is that of its bytes, which is checked before
// the table is read; Blocks are those of its parts of store.BlockSize bytes,
// for a reader of a few rows.
type TableEntry struct {
	Name    string           `json:"name"`
	Rows    int64            `json:"rows"`
	Content string           `json:"content"`
	Sums    []string         `json:"sums"` // what Content is made of besides the columns, see engine.Sums
	File    store.Digest     `json:"file"`
	Blocks  []string         `json:"blocks"`
	Columns []landing.Column `json:"columns"`
	Made    Making           `json:"made"`
	// Layers are there when Path holds only the rows of some subjects.
	Layers *Layers `json:"layers,omitempty"`
	// BySubject is the digest of schema/table.subjects.parquet: for each subject
	// the number of its rows and the sum of their hashes. Local models that read
	// the table learn from two of these which subjects changed between two runs.
	BySubject *store.Digest `json:"by_subject,omitempty"`
}

// Making tells how the table of a local model was made; of others it is empty.
type Making struct {
	Buckets int    `json:"buckets,omitempty"` // evaluated in full, in so many ranges of subjects
	Why     string `json:"why,omitempty"`     // not for the touched subjects alone, because
	Touched *int64 `json:"touched,omitempty"` // evaluated for so many subjects; the others' rows are those of the run before
}

// Layers are the rest of a table of which only changed subjects were written: its
// rows are those of the base whose subject is not replaced, and those of Path.
type Layers struct {
	Run      string `json:"run"`      // the run that wrote the base, for all subjects
	Base     Stored `json:"base"`     // schema/table.base.parquet
	Replaced Stored `json:"replaced"` // schema/table.replaced.parquet, one column subject_id
	Subjects int64  `json:"subjects"` // that are replaced
}

// Stored is the digest of a file, whole and by blocks.
type Stored struct {
	File   store.Digest `json:"file"`
	Blocks []string     `json:"blocks"`
}

func sumStored(path string) (s Stored, err error) {
	s.File, s.Blocks, err = store.SumBlocks(path)
	return s, err
}

// TablePath is the file of a table, schema/table.parquet.
func TablePath(dir, name string) string { return sidePath(dir, name, "") }

// sidePath is a file beside it, schema/table.kind.parquet.
func sidePath(dir, name, kind string) string {
	schema, table, _ := strings.Cut(name, ".")
	if kind != "" {
		table += "." + kind
	}
	return filepath.Join(dir, schema, table+".parquet")
}

// Path is the file that File and Blocks are of. A table with layers has none
// under its plain name, so that nobody takes a part for the whole.
func (t TableEntry) Path(dir string) string {
	if t.Layers != nil {
		return sidePath(dir, t.Name, "changed")
	}
	return TablePath(dir, t.Name)
}

// BasePath and ReplacedPath are the files of the layers.
func (t TableEntry) BasePath(dir string) string     { return sidePath(dir, t.Name, "base") }
func (t TableEntry) ReplacedPath(dir string) string { return sidePath(dir, t.Name, "replaced") }

func (t TableEntry) bySubjectPath(dir string) string { return sidePath(dir, t.Name, "subjects") }

// rowPaths are the files that query reads, in a fixed order.
func (t TableEntry) rowPaths(dir string) []string {
	if t.Layers == nil {
		return []string{t.Path(dir)}
	}
	return []string{t.Path(dir), t.BasePath(dir), t.ReplacedPath(dir)}
}

// paths are all files of the table, in a fixed order.
func (t TableEntry) paths(dir string) []string {
	list := t.rowPaths(dir)
	if t.BySubject != nil {
		list = append(list, t.bySubjectPath(dir))
	}
	return list
}

// files are all files of the table with their digests.
func (t TableEntry) files(dir string) map[string]store.Digest {
	list := map[string]store.Digest{t.Path(dir): t.File}
	if t.Layers != nil {
		list[t.BasePath(dir)], list[t.ReplacedPath(dir)] = t.Layers.Base.File, t.Layers.Replaced.File
	}
	if t.BySubject != nil {
		list[t.bySubjectPath(dir)] = *t.BySubject
	}
	return list
}

// clearTable removes every file that the table may have, whichever way it was made,
// and what a killed build was writing beside it.
func clearTable(dir, name string) error {
	faults := []error{store.Sweep(filepath.Dir(TablePath(dir, name)))}
	for _, kind := range []string{"", "changed", "base", "replaced", "subjects"} {
		if err := os.Remove(sidePath(dir, name, kind)); !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// check compares every file of the table with its digest.
func (t TableEntry) check(dir string) error {
	var faults []error
	for path, want := range t.files(dir) {
		faults = append(faults, store.Check(path, want))
	}
	return errors.Join(faults...)
}

// query is the SELECT of the table's rows.
func (t TableEntry) query(dir string) string {
	if t.Layers == nil {
		return parquet(t.Path(dir))
	}
	return fmt.Sprintf("select base.* from (%s) as base anti join (%s) as replaced using (%s) union all %s",
		parquet(t.BasePath(dir)), parquet(t.ReplacedPath(dir)), model.SubjectID, parquet(t.Path(dir)))
}
