package transforms

import (
	"slices"
	"strings"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
)

// Staging returns the staging model of each dataset: what stands on the day,
// one row a record, with the columns of its contract.
func Staging(datasets []landing.Dataset) []model.Model {
	models := make([]model.Model, len(datasets))
	for i, d := range datasets {
		models[i] = staging(d)
	}
	return models
}

// staging follows from how a dataset is delivered, so it is written once for
// each kind. A batch received later is newer, and within a batch the later line.
func staging(d landing.Dataset) model.Model {
	m := model.Model{
		Name: "staging." + d.Table(), File: "transforms/staging.go", Stage: model.Transform,
		Description: "The newest version of each record: " + d.Title + ".",
		Grain:       []string{"record_id"},
		Inputs:      []string{"landing." + d.Table()},
		Checks:      []model.Check{{Severity: "fail", NotNull: []string{"record_id", "batch_id", "line", "known_on"}}},
		SQL:         stagedDelta,
	}
	var columns []string
	for _, c := range d.Columns {
		columns = append(columns, c.Name)
	}
	columns = append(columns, "known_on")
	told := slices.Clone(columns)
	if d.Delivery == landing.Snapshot {
		m.SQL = stagedSnapshot
		m.Inputs = append(m.Inputs, "rejects."+d.Table(), "run.batches")
		told = append(told, "is_kept")
	}
	if isCorrected(d.Name, columns) {
		m.SQL += corrected(d.Name, told)
		m.Inputs = append(m.Inputs, "intermediate.corrections")
	} else {
		m.SQL += asSent(told)
	}
	sameName := "false" // a contract outside the catalogue may name no subject
	if slices.Contains(columns, "subject_name") {
		sameName = "rejects.subject_name = earlier.subject_name"
	}
	list := func(separator string) string { return strings.Join(columns, separator) }
	m.SQL = strings.NewReplacer(
		"{dataset}", d.Name, "{landing}", "landing."+d.Table(), "{rejects}", "rejects."+d.Table(),
		"{columns}", list(",\n    "), "{  columns}", list(",\n        "),
		"{earlier}", "earlier."+list(",\n    earlier."), "{  earlier}", "earlier."+list(",\n        earlier."),
		"{same name}", sameName,
	).Replace(m.SQL)
	return m
}

// stagedDelta takes the newest version of each record ever sent.
const stagedDelta = `with

versions as (
    select
        {  columns},
        batch_no,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from {landing}
    where is_current
),

standing as (
    select
        {  columns},
        batch_no
    from versions
    where version = 1
)`

// stagedSnapshot takes the last snapshot. A record that is not in it is gone,
// unless its row is there and was refused: then its last accepted version is
// kept, as long as every snapshot since holds a refused row of it. Which record
// a refused row is of, its record_id says; where a field of its key is at fault,
// it may be any that stood under exactly its name. A masked name says nothing.
const stagedSnapshot = `with

versions as (
    select
        {  columns},
        batch_no,
        row_number() over (
            partition by record_id
            order by batch_no desc nulls last, line desc nulls last
        ) as version
    from {landing}
    where is_current
),

doubtful as (
    select earlier.record_id
    from {landing} as earlier
    inner join {rejects} as rejects
        on rejects.record_id = earlier.record_id
    where rejects.is_current and not earlier.is_current
    union
    select earlier.record_id
    from {landing} as earlier
    inner join {rejects} as rejects
        on {same name}
    where
        rejects.is_current and not earlier.is_current
        and rejects.record_id is null and position('*' in rejects.subject_name) = 0
),

last_versions as (
    select
        {  earlier},
        earlier.batch_no,
        row_number() over (
            partition by earlier.record_id
            order by earlier.batch_no desc nulls last, earlier.line desc nulls last
        ) as version
    from {landing} as earlier
    inner join doubtful
        on doubtful.record_id = earlier.record_id
),

refused_since as (
    select earlier.record_id, earlier.batch_no, rejects.batch_no as refused_in
    from last_versions as earlier
    inner join {rejects} as rejects
        on rejects.record_id = earlier.record_id
    where earlier.version = 1 and rejects.batch_no > earlier.batch_no
    union
    select earlier.record_id, earlier.batch_no, rejects.batch_no as refused_in
    from last_versions as earlier
    inner join {rejects} as rejects
        on {same name}
    where
        earlier.version = 1 and rejects.batch_no > earlier.batch_no
        and rejects.record_id is null and position('*' in rejects.subject_name) = 0
),

last_snapshot as (
    select max(batch_no) as batch_no
    from run.batches
    where dataset = '{dataset}'
),

kept as (
    select refused_since.record_id
    from refused_since
    cross join last_snapshot
    group by refused_since.record_id, refused_since.batch_no, last_snapshot.batch_no
    having count(*) = last_snapshot.batch_no - refused_since.batch_no
),

standing as (
    select
        {  columns},
        batch_no,
        false as is_kept
    from versions
    where version = 1
    union all
    select
        {  earlier},
        earlier.batch_no,
        true as is_kept
    from last_versions as earlier
    inner join kept
        on kept.record_id = earlier.record_id
    where earlier.version = 1
)`
