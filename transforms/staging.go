package transforms

import (
	"fmt"
	"strings"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// Staging returns the staging model of each dataset.
func Staging(datasets []landing.Dataset) []model.Model {
	models := make([]model.Model, len(datasets))
	for i, d := range datasets {
		models[i] = staging(d)
	}
	return models
}

// staging is the same for every dataset, so it is written once: of the batches
// that are current on the day, the newest version of each record, with the
// columns of its contract. A batch received later is newer, and within a batch
// the later line.
func staging(d landing.Dataset) model.Model {
	columns := make([]string, 0, len(d.Columns)+1)
	for _, c := range d.Columns {
		columns = append(columns, c.Name)
	}
	columns = append(columns, "known_on")
	list := "    " + strings.Join(columns, ",\n    ")
	table := "landing." + d.Table()
	return model.Model{
		Name: "staging." + d.Table(), File: "transforms/staging.go", Stage: model.Transform,
		Description: "The newest version of each record: " + d.Title + ".",
		Grain:       []string{"record_id"},
		Inputs:      []string{table},
		Checks:      []model.Check{{Severity: "fail", NotNull: []string{"record_id", "batch_id", "line", "known_on"}}},
		SQL: fmt.Sprintf(`with

versions as (
    select
%s,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from %s
    where is_current
)

select
%s
from versions
where version = 1`, strings.ReplaceAll(list, "    ", "        "), table, list),
	}
}
