package payload

import (
	"context"
	"fmt"
	"slices"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/engine"
)

// Source reads the tables of mappings from one run. It is for one goroutine at a
// time, as its engine is.
type Source struct {
	db       *engine.DB
	mappings []*Mapping
	counts   []Count
}

// NewSource takes mappings in ascending order of their tables, as [Library.On]
// returns them, and an engine to which the run's [Source.Relations] are attached.
func NewSource(db *engine.DB, mappings []*Mapping) *Source {
	return &Source{db: db, mappings: mappings}
}

// Relations are the tables of a run that mappings read, each once.
func Relations(mappings []*Mapping) []string {
	var all []string
	for _, m := range mappings {
		if !slices.Contains(all, m.Source.Relation) {
			all = append(all, m.Source.Relation)
		}
	}
	return all
}

// Tables are the names of the tables, ascending.
func (s *Source) Tables() []string {
	names := make([]string, len(s.mappings))
	for i, m := range s.mappings {
		names[i] = m.Table
	}
	return names
}

// Records yields every record that may leave, table by table and in each in
// ascending byte order of the keys; one that fails its mapping comes without
// content and with what holds it back. It stops at the first error, of yield or
// its own. The same run gives the same records each time. It is a
// [publish.Source].
func (s *Source) Records(ctx context.Context, yield func(publish.Record) error) error {
	return s.Each(ctx, func(r publish.Record, _ []Fault) error { return yield(r) })
}

// Each is Records with the faults of each record that is held back.
func (s *Source) Each(ctx context.Context, yield func(publish.Record, []Fault) error) error {
	s.counts = nil
	for _, m := range s.mappings {
		r := &tableReader{db: s.db, mapping: m, judge: newJudge(m), count: newCount(m), yield: yield}
		if err := r.read(ctx); err != nil {
			return fmt.Errorf("table %s: %w", m.Table, err)
		}
		s.counts = append(s.counts, r.count)
	}
	return nil
}

// Counts tell what became of the rows of each table that was read to its end.
func (s *Source) Counts() []Count { return slices.Clone(s.counts) }
