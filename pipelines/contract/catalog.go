package contract

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
)

// ErrUnknownDataset is wrapped by Find.
var ErrUnknownDataset = errors.New("unknown dataset")

// A Catalog is every contract of a tree, by dataset name.
type Catalog struct {
	contracts []*Contract            // the newest version of each, by dataset
	versions  map[string][]*Contract // of each dataset, the newest first
	items     Items                  // in force
}

// Load reads every <department>/<dataset>.yml below fsys, which is the newest
// version of its contract, and beside it <dataset>.v1.yml and so on, which are
// earlier ones. Every contract must bind to an item of items.yml of the tree or,
// where it has none, of the first of others that has. It passes over README.md,
// which explains a folder to people.
// The error holds all faults of all files.
func Load(fsys fs.FS, others ...fs.FS) (*Catalog, error) {
	var faults []error
	list, err := ReadItems(append([]fs.FS{fsys}, others...)...)
	if err != nil {
		return nil, err
	}
	catalog := Catalog{versions: map[string][]*Contract{}, items: list}
	err = fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "README.md" || name == itemsName {
			return err
		}
		c, err := loadFile(fsys, name, list)
		faults = append(faults, err)
		if c != nil {
			catalog.versions[c.Dataset] = append(catalog.versions[c.Dataset], c)
		}
		return nil
	})
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, err
	}
	for _, versions := range catalog.versions {
		slices.SortFunc(versions, func(a, b *Contract) int {
			return cmp.Or(b.Version-a.Version, strings.Compare(b.File, a.File))
		})
		catalog.contracts = append(catalog.contracts, versions[0])
		if m := earlierName.FindStringSubmatch(versions[0].File); m != nil {
			faults = append(faults, fmt.Errorf("%s: is newer than %s.yml, which must be the newest version", versions[0].File, m[1]))
		}
		for i := 1; i < len(versions); i++ {
			faults = append(faults, succeeds(versions[i-1], versions[i]))
		}
	}
	slices.SortFunc(catalog.contracts, func(a, b *Contract) int { return strings.Compare(a.Dataset, b.Dataset) })
	return &catalog, errors.Join(faults...)
}

// earlierName is the file name of a version that is not the newest.
var earlierName = regexp.MustCompile(`^(.+)\.v(\d+)\.yml$`)

func loadFile(fsys fs.FS, name string, list Items) (*Contract, error) {
	if path.Ext(name) != ".yml" || strings.Count(name, "/") != 1 {
		return nil, fmt.Errorf("%s: not a contract: expected <department>/<dataset>.yml", name)
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	m := earlierName.FindStringSubmatch(name)
	if m == nil {
		return parse(name, data, strings.TrimSuffix(name, ".yml"), list)
	}
	c, err := parse(name, data, m[1], list)
	switch {
	case err != nil:
		return nil, err
	case fmt.Sprint(c.Version) != m[2]:
		return nil, fmt.Errorf("%s: it is version %d: name it %s.v%d.yml", name, c.Version, m[1], c.Version)
	}
	if _, err := fs.Stat(fsys, m[1]+".yml"); err != nil {
		return nil, fmt.Errorf("%s: an earlier version without %s.yml, the newest", name, m[1])
	}
	return c, nil
}

// succeeds says why one version of a contract cannot follow another: they are
// one dataset, so that a record, a column and a file mean the same in both.
func succeeds(newer, older *Contract) error {
	fault := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s", newer.File, fmt.Sprintf(format, args...))
	}
	switch {
	case newer.Version == older.Version:
		return fault("version: %s is version %d too", older.File, older.Version)
	case newer.EffectiveFrom <= older.EffectiveFrom:
		return fault("effective_from: want a day after that of version %d, %s", older.Version, older.EffectiveFrom)
	case newer.Source.Format != older.Source.Format || newer.Source.Delivery != older.Source.Delivery:
		return fault("source: version %d is %s, %s; what is sent in another way is another dataset", older.Version, older.Source.Format, older.Source.Delivery)
	case !slices.Equal(newer.keyColumns(), older.keyColumns()):
		return fault("key: want the columns of version %d, %s: a record must keep its record_id", older.Version, strings.Join(older.keyColumns(), ", "))
	}
	var faults []error
	for _, column := range older.Columns() {
		for _, other := range newer.Columns() {
			if column.Name == other.Name && column.Type != other.Type {
				faults = append(faults, fault("the column %s is %s, in version %d %s: name it another", column.Name, other.Type, older.Version, column.Type))
			}
		}
	}
	return errors.Join(faults...)
}

func (c *Contract) keyColumns() []string {
	columns := make([]string, len(c.Key))
	for i, name := range c.Key {
		columns[i] = c.column(name)
	}
	return columns
}

// All returns the newest version of each contract by ascending dataset name.
func (c *Catalog) All() []*Contract { return slices.Clone(c.contracts) }

// Item is the item that a contract binds to, in each edition of the catalogue by
// ascending day; none where the list in force dates nothing.
func (c *Catalog) Item(of *Contract) []DatedItem { return c.items.dated(of.Catalogue.Item) }

// Versions returns every version of a dataset's contract, the newest first.
func (c *Catalog) Versions(dataset string) []*Contract { return slices.Clone(c.versions[dataset]) }

// ValidOn reports whether a file received on the day may be judged by it.
func (c *Contract) ValidOn(day credit.Date) bool {
	return c.EffectiveFrom <= day && (c.EffectiveTo == 0 || day <= c.EffectiveTo)
}

// Landing describes a dataset to readers of the landing area: it has the columns
// of its newest version, and after them those that only earlier ones had.
func (c *Catalog) Landing(dataset string) landing.Dataset {
	versions := c.versions[dataset]
	d := versions[0].Landing()
	for _, earlier := range versions[1:] {
		for _, column := range earlier.Columns() {
			if !slices.Contains(d.Columns, column) {
				d.Columns = append(d.Columns, column)
			}
		}
	}
	return d
}

// Find returns the newest version of a dataset's contract. The error suggests
// near names, or the others of the department, and wraps ErrUnknownDataset.
func (c *Catalog) Find(dataset string) (*Contract, error) {
	names := make([]string, len(c.contracts))
	for i, known := range c.contracts {
		if known.Dataset == dataset {
			return known, nil
		}
		names[i] = known.Dataset
	}
	if near := Nearest(dataset, names); len(near) > 0 {
		return nil, fmt.Errorf("%w %s: did you mean %s?", ErrUnknownDataset, dataset, strings.Join(near, " or "))
	}
	department, _, _ := strings.Cut(dataset, "/")
	others := slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, department+"/") })
	if len(others) > 0 {
		return nil, fmt.Errorf("%w %s: of %s the catalogue has %s", ErrUnknownDataset, dataset, department, strings.Join(others, ", "))
	}
	return nil, fmt.Errorf("%w %s: rongxin contracts list shows those of the catalogue", ErrUnknownDataset, dataset)
}
