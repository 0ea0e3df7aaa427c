package run

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rongxin/internal/credit"
	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/store"
)

// What every run gives its models besides rules and reference tables.
var givenColumns = map[string][]landing.Column{
	// One row: the day and the identity of the run.
	"run.parameters": {{Name: "as_of", Type: "DATE"}, {Name: "run_id", Type: "VARCHAR"},
		{Name: "rule_set", Type: "VARCHAR"}, {Name: "previous_run_id", Type: "VARCHAR"}},
	// One row for each batch known on the day. The rows that a replay let in were
	// read and refused by its parent: here the replay reads none and takes them
	// off the refused ones, so that sums over batches hold.
	"run.batches": {{Name: "batch_id", Type: "VARCHAR"}, {Name: "dataset", Type: "VARCHAR"},
		{Name: "title", Type: "VARCHAR"}, {Name: "department", Type: "VARCHAR"}, {Name: "delivery", Type: "VARCHAR"},
		{Name: "batch_no", Type: "BIGINT"}, {Name: "known_on", Type: "DATE"}, {Name: "is_current", Type: "BOOLEAN"},
		{Name: "extract_name", Type: "VARCHAR"}, {Name: "rows_read", Type: "BIGINT"},
		{Name: "rows_accepted", Type: "BIGINT"}, {Name: "rows_rejected", Type: "BIGINT"},
		{Name: "parent_batch_id", Type: "VARCHAR"}}, // of a replay the batch it mends
	// The supervision list of the published run before this one.
	previousList: {{Name: "department", Type: "VARCHAR"}, {Name: "scheme", Type: "VARCHAR"},
		{Name: "subject_id", Type: "VARCHAR"}, {Name: "subject_name", Type: "VARCHAR"},
		{Name: "division_code", Type: "VARCHAR"}, {Name: "supervision_class", Type: "BIGINT"}},
	// Every accepted row of every dataset, by what all of them have.
	recordsTable: {{Name: "dataset", Type: "VARCHAR"}, {Name: "record_id", Type: "VARCHAR"},
		{Name: "batch_id", Type: "VARCHAR"}, {Name: "batch_no", Type: "BIGINT"}, {Name: "line", Type: "BIGINT"},
		{Name: "known_on", Type: "DATE"}, {Name: "is_current", Type: "BOOLEAN"}, {Name: "flags", Type: "VARCHAR"},
		{Name: "clock_days", Type: "INTEGER"}, {Name: "subject_id", Type: "VARCHAR"}, {Name: "subject_name", Type: "VARCHAR"},
		{Name: "division_code", Type: "VARCHAR"}, {Name: "document_no", Type: "VARCHAR"}, {Name: "match_id", Type: "VARCHAR"},
		// the two days of the deadline, where there is one
		{Name: "clock_from_on", Type: "DATE"}, {Name: "clock_to_on", Type: "DATE"},
		{Name: "is_withdrawal", Type: "BOOLEAN"}},
	// Every refused row of every dataset that no replay let in.
	rejectsTable: landing.RejectColumns(),
	// Every refused row that a replay let in, and when.
	replayedTable: append(landing.RejectColumns(), landing.Column{Name: "replayed_on", Type: "DATE"}),
}

const (
	previousList  = "run.previous_list"
	supervision   = "lists.supervision" // what previousList is read from
	recordsTable  = "landing.records"
	rejectsTable  = "landing.rejects"
	replayedTable = "landing.replayed_rejects"
)

// knownBatch is a batch with its place among the batches of its dataset.
type knownBatch struct {
	landing.Batch
	no      int64 // of the delivery, from 1 within the dataset
	current bool  // of a snapshot only the last batch is; of a delta each is
}

// known keeps the batches received by the end of the day, numbered from 1
// within each dataset. A replay has the number of its parent, which it follows:
// its rows are as new as those they came with.
func known(batches []landing.Batch, asOf credit.Date) []knownBatch {
	var list []knownBatch
	last := map[string]int64{} // by dataset
	for _, b := range batches {
		if receivedOn(b) > asOf {
			continue
		}
		if b.Parent == "" {
			last[b.Dataset]++
		}
		list = append(list, knownBatch{Batch: b, no: last[b.Dataset]})
	}
	for i, b := range list {
		list[i].current = b.Delivery != landing.Snapshot || b.no == last[b.Dataset]
	}
	return list
}

// receivedOn is the day a batch became known, in China.
func receivedOn(b landing.Batch) credit.Date { return credit.DateOf(b.ReceivedAt) }

// Known drops the batches that were not yet known on the day.
func Known(batches []landing.Batch, asOf credit.Date) []landing.Batch {
	var list []landing.Batch
	for _, b := range known(batches, asOf) {
		list = append(list, b.Batch)
	}
	return list
}

// isGiven reports whether a table is supplied to models rather than built.
func (p Plan) isGiven(table string) bool {
	if _, ok := givenColumns[table]; ok {
		return true
	}
	for _, s := range p.Seeds {
		if s.Name == table {
			return true
		}
	}
	for _, d := range p.Datasets {
		if "landing."+d.Table() == table || "rejects."+d.Table() == table {
			return true
		}
	}
	return false
}

// supply defines every given table on the engine, after checking the digest of
// each file it will read.
func (p Plan) supply(ctx context.Context, db *engine.DB, home string) error {
	batches := known(p.Batches, p.AsOf)
	for _, b := range batches {
		dir := landing.Dir(home, b.Dataset, b.ID)
		for name, want := range map[string]store.Digest{landing.RecordsName: b.Records, landing.RejectsName: b.Rejects} {
			if err := store.Check(filepath.Join(dir, name), want); err != nil {
				return fmt.Errorf("%s batch %s: %w", b.Dataset, b.ID, err)
			}
		}
	}
	for _, s := range append(p.runTables(batches), p.Seeds...) {
		if err := db.Load(ctx, loaded(s.Name), s.Columns, s.Rows); err != nil {
			return err
		}
	}
	if err := p.supplyPrevious(ctx, db); err != nil {
		return err
	}
	var records []string
	for _, d := range p.Datasets {
		query := landedQuery(home, d, batches)
		if err := db.View(ctx, "landing."+d.Table(), query); err != nil {
			return fmt.Errorf("landing of %s: %w", d.Name, err)
		}
		if err := db.View(ctx, "rejects."+d.Table(), refusedQuery(home, d, batches)); err != nil {
			return fmt.Errorf("rejects of %s: %w", d.Name, err)
		}
		if slices.ContainsFunc(batches, func(b knownBatch) bool { return b.Dataset == d.Name }) { // each part costs every model that reads them all
			records = append(records, recordsQuery(d))
		}
	}
	if err := db.View(ctx, recordsTable, union(recordsTable, records)); err != nil {
		return err
	}
	if err := db.View(ctx, rejectsTable, rejectsQuery(home, batches)); err != nil {
		return err
	}
	return db.View(ctx, replayedTable, replayedQuery(home, batches))
}

// loaded is where a given table stands on the engine before it is written into
// the run, which is where models read it.
func loaded(name string) string { return "given." + strings.Replace(name, ".", "__", 1) }

func (p Plan) runTables(batches []knownBatch) []Seed {
	rows := make([][]any, len(batches))
	for i, b := range batches {
		counted := b.Rows
		if b.Parent != "" {
			counted = landing.Rows{Accepted: b.Rows.Accepted, Rejected: -b.Rows.Accepted}
		}
		rows[i] = []any{b.ID, b.Dataset, b.Title, b.Department, b.Delivery, b.no, receivedOn(b.Batch).Time(), b.current,
			b.Extract.Name, counted.Read, counted.Accepted, counted.Rejected, optionalText(b.Parent)}
	}
	parameters := []any{p.AsOf.Time(), p.ID(), p.RuleSet, p.previousID()}
	return []Seed{
		{Name: "run.parameters", Columns: givenColumns["run.parameters"], Rows: [][]any{parameters}},
		{Name: "run.batches", Columns: givenColumns["run.batches"], Rows: rows},
	}
}

func (p Plan) supplyPrevious(ctx context.Context, db *engine.DB) error {
	columns := givenColumns[previousList]
	if p.Previous == nil {
		return db.View(ctx, previousList, engine.Empty(columns))
	}
	entry, ok := p.Previous.Manifest.Table(supervision)
	if !ok {
		return db.View(ctx, previousList, engine.Empty(columns))
	}
	file := TablePath(p.Previous.Dir, supervision)
	if err := store.Check(file, entry.File); err != nil {
		return fmt.Errorf("previous run %s: %w", p.Previous.ID, err)
	}
	return db.View(ctx, previousList, fmt.Sprintf("select %s from (%s) where change <> 'left'", names(columns), parquet(file)))
}

// landedQuery reads all batches of a dataset, with the columns its contract
// has today; a column that a batch did not have yet is NULL there.
func landedQuery(home string, d landing.Dataset, batches []knownBatch) string {
	var parts []string
	for _, b := range batches {
		if b.Dataset != d.Name {
			continue
		}
		has := map[string]bool{}
		for _, c := range b.Columns {
			has[c.Name] = true
		}
		exprs := make([]string, len(d.Columns))
		for i, c := range d.Columns {
			value := "null"
			if has[c.Name] {
				value = engine.Ident(c.Name)
			}
			exprs[i] = fmt.Sprintf("cast(%s as %s) as %s", value, c.Type, engine.Ident(c.Name))
		}
		parts = append(parts, fmt.Sprintf("select %s, date '%s' as known_on, cast(%d as bigint) as batch_no, %t as is_current from read_parquet(%s)",
			strings.Join(exprs, ", "), receivedOn(b.Batch), b.no, b.current,
			engine.Quote(filepath.Join(landing.Dir(home, b.Dataset, b.ID), landing.RecordsName))))
	}
	if len(parts) == 0 {
		return engine.Empty(landedColumns(d))
	}
	return strings.Join(parts, " union all ")
}

func landedColumns(d landing.Dataset) []landing.Column {
	return append(slices.Clone(d.Columns), landing.Column{Name: "known_on", Type: "DATE"},
		landing.Column{Name: "batch_no", Type: "BIGINT"}, landing.Column{Name: "is_current", Type: "BOOLEAN"})
}

// recordsQuery is a dataset's part of landing.records.
func recordsQuery(d landing.Dataset) string {
	has := map[string]bool{}
	for _, c := range d.Columns {
		has[c.Name] = true
	}
	optional := func(name, typ string) string {
		if has[name] {
			return name
		}
		return fmt.Sprintf("cast(null as %s) as %s", typ, name)
	}
	day := func(column, otherwise string) string {
		if d.ClockFrom == "" {
			return "cast(null as date)"
		}
		if column == "" {
			return otherwise
		}
		return engine.Ident(column)
	}
	return fmt.Sprintf("select %s from landing.%s", strings.Join([]string{
		engine.Quote(d.Name) + " as dataset", "record_id", "batch_id", "batch_no", "line", "known_on", "is_current", "flags",
		optional("clock_days", "INTEGER"), optional("subject_id", "VARCHAR"), optional("subject_name", "VARCHAR"),
		optional("division_code", "VARCHAR"), optional("document_no", "VARCHAR"), optional("match_id", "VARCHAR"),
		day(d.ClockFrom, "") + " as clock_from_on", day(d.ClockTo, "known_on") + " as clock_to_on",
		optional("is_withdrawal", "BOOLEAN"),
	}, ", "), engine.Ident(d.Table()))
}

func optionalText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func names(columns []landing.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = engine.Ident(c.Name)
	}
	return strings.Join(list, ", ")
}

func union(table string, parts []string) string {
	if len(parts) == 0 {
		return engine.Empty(givenColumns[table])
	}
	return strings.Join(parts, " union all ")
}
