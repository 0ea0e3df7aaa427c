// Package pipelines carries the catalogue of dataset contracts into the binary.
//
// One YAML file a dataset stands at catalog/<department>/<dataset>.yml: who
// sends it, under which catalogue item, with which fields, and what may be
// published of it. docs/contracts.md explains every key. Adding a dataset is
// adding a file; no Go changes.
package pipelines

import (
	"embed"
	"io/fs"
)

//go:embed catalog/items.yml catalog/*/*.yml
var files embed.FS

// Catalog returns the contracts the binary was built with, one file at
// <department>/<dataset>.yml, and items.yml, the list that they bind to.
func Catalog() fs.FS {
	sub, err := fs.Sub(files, "catalog")
	if err != nil {
		return files // the name is a constant of this file: fs.Sub cannot refuse it
	}
	return sub
}
