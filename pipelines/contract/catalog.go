package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// ErrUnknownDataset is wrapped by Find.
var ErrUnknownDataset = errors.New("unknown dataset")

// A Catalog is every contract of a tree, by dataset name.
type Catalog struct {
	contracts []*Contract // by dataset
}

// Load reads every <department>/<dataset>.yml below fsys and passes over
// README.md, which explains a folder to people. The error holds all faults of
// all files.
func Load(fsys fs.FS) (*Catalog, error) {
	var catalog Catalog
	var faults []error
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "README.md" {
			return err
		}
		c, err := loadFile(fsys, name)
		faults = append(faults, err)
		if c != nil {
			catalog.contracts = append(catalog.contracts, c)
		}
		return nil
	})
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, err
	}
	slices.SortFunc(catalog.contracts, func(a, b *Contract) int { return strings.Compare(a.Dataset, b.Dataset) })
	return &catalog, nil
}

func loadFile(fsys fs.FS, name string) (*Contract, error) {
	if path.Ext(name) != ".yml" || strings.Count(name, "/") != 1 {
		return nil, fmt.Errorf("%s: not a contract: expected <department>/<dataset>.yml", name)
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return parse(name, data, strings.TrimSuffix(name, ".yml"))
}

// All returns the contracts by ascending dataset name.
func (c *Catalog) All() []*Contract { return slices.Clone(c.contracts) }

// Find returns the contract of a dataset. The error suggests near names and
// wraps ErrUnknownDataset.
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
	return nil, fmt.Errorf("%w %s: the catalogue has %s", ErrUnknownDataset, dataset, strings.Join(names, ", "))
}
