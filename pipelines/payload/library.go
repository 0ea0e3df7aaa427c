package payload

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/pipelines/contract"
)

//go:embed mappings/*.yml
var files embed.FS

// Builtin returns the mappings the binary was built with, one file a table.
func Builtin() fs.FS {
	sub, err := fs.Sub(files, "mappings")
	if err != nil {
		return files // the name is a constant of this file: fs.Sub cannot refuse it
	}
	return sub
}

// ErrUnknownTable is wrapped by Find.
var ErrUnknownTable = errors.New("unknown table")

// A Library is every mapping of a folder, by table and within it by version.
type Library struct{ mappings []*Mapping }

// earlierName is the file name of a version that is not the newest.
var earlierName = regexp.MustCompile(`^(.+)\.v(\d+)\.yml$`)

// Load reads every <table>.yml of a folder, and beside it <table>.v1.yml and so
// on, which are earlier versions: a change of the receiver's interface is written
// before its day. It passes over README.md. The error holds all faults of all
// files.
func Load(fsys fs.FS) (*Library, error) {
	var faults []error
	l := &Library{}
	entries, err := fs.ReadDir(fsys, ".")
	for _, e := range entries {
		if e.IsDir() || e.Name() == "README.md" {
			continue
		}
		m, err := loadFile(fsys, e.Name())
		faults = append(faults, err)
		if m != nil {
			l.mappings = append(l.mappings, m)
		}
	}
	slices.SortFunc(l.mappings, func(a, b *Mapping) int {
		return cmp.Or(strings.Compare(a.Table, b.Table), a.Version-b.Version)
	})
	for i := 1; i < len(l.mappings); i++ {
		faults = append(faults, succeeds(l.mappings[i-1], l.mappings[i]))
	}
	if err == nil && len(l.mappings) == 0 && errors.Join(faults...) == nil {
		err = errors.New("the folder has no mapping: want <table>.yml")
	}
	return l, errors.Join(append(faults, err)...)
}

func loadFile(fsys fs.FS, name string) (*Mapping, error) {
	if path.Ext(name) != ".yml" {
		return nil, fmt.Errorf("%s: not a mapping: expected <table>.yml", name)
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	m, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	want := m.Table + ".yml"
	if earlier := earlierName.FindStringSubmatch(name); earlier != nil {
		want = fmt.Sprintf("%s.v%d.yml", m.Table, m.Version)
	}
	if name != want {
		return nil, m.doc.At("table", "is %s, version %d: name the file %s", m.Table, m.Version, want)
	}
	return m, nil
}

// succeeds says why one mapping cannot stand after another of the same table: a
// record keeps its key through all versions, and each day has one.
func succeeds(older, newer *Mapping) error {
	switch {
	case older.Table != newer.Table:
		return nil
	case older.Version == newer.Version:
		return newer.doc.At("version", "%s is version %d too", older.File, older.Version)
	case newer.EffectiveFrom <= older.EffectiveFrom:
		return newer.doc.At("effective_from", "want a day after that of version %d, %s", older.Version, older.EffectiveFrom)
	case !slices.Equal(newer.Source.Key, older.Source.Key):
		return newer.doc.At("source.key", "want %s, as in version %d: a record keeps its key", strings.Join(older.Source.Key, ", "), older.Version)
	}
	return nil
}

// All returns every mapping, by table and version.
func (l *Library) All() []*Mapping { return slices.Clone(l.mappings) }

// On returns the mappings in force on a day, one a table: of several that are,
// the newest.
func (l *Library) On(day credit.Date) []*Mapping {
	var all []*Mapping
	for _, m := range l.mappings {
		switch {
		case !m.InForce(day):
		case len(all) > 0 && all[len(all)-1].Table == m.Table:
			all[len(all)-1] = m
		default:
			all = append(all, m)
		}
	}
	return all
}

// Find returns the newest mapping of a table. The error suggests near names and
// wraps ErrUnknownTable.
func (l *Library) Find(table string) (*Mapping, error) {
	var found *Mapping
	var names []string
	for _, m := range l.mappings {
		if m.Table == table {
			found = m
		}
		names = append(names, m.Table)
	}
	names = slices.Compact(names)
	if found != nil {
		return found, nil
	}
	if near := contract.Nearest(table, names); len(near) > 0 {
		return nil, fmt.Errorf("%w %s: did you mean %s?", ErrUnknownTable, table, strings.Join(near, " or "))
	}
	return nil, fmt.Errorf("%w %s: there is %s", ErrUnknownTable, table, strings.Join(names, ", "))
}
