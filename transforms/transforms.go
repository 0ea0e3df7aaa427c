// Package transforms holds facts: models that arrange landed records, one table
// a model. Weights, thresholds and classes are not here; models join the rule
// tables where a fact depends on a dated rule.
//
// Staging follows from the contracts (staging.go). What is built on it is one
// SQL file a table, the path its name: intermediate/ relates records to
// subjects and to each other, marts/ is what scorecards, lists and analysts
// read. To add one, write the file with its header; `make check` lints it and
// the order comes from its inputs.
package transforms

import (
	"embed"

	"rongxin/warehouse/model"
)

//go:embed intermediate marts
var files embed.FS

// Models returns every written model; all faults of all files at once.
func Models() ([]model.Model, error) {
	models, err := model.Load(files, ".", model.Transform)
	return append(models, repairs()), err
}
