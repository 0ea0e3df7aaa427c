// Package transforms holds facts: SQL models that arrange landed records, one
// table a file, the path its name. Weights, thresholds and classes are not
// here; models join the rule tables where a fact depends on a dated rule.
//
// To add one, write staging/, intermediate/ or marts/NAME.sql with its header;
// `make check` lints it and the order comes from its inputs.
package transforms

import (
	"embed"

	"rongxin/warehouse/model"
)

//go:embed staging intermediate marts
var files embed.FS

// Models returns every model, parsed; all faults of all files at once.
func Models() ([]model.Model, error) { return model.Load(files, ".", model.Transform) }
