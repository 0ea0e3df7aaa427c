package compare

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/run"
)

// Classes beside 1 to 4.
const (
	Out    = 0  // registered, and out of the list
	Absent = -1 // not registered in that run
)

//go:embed causes.sql
var causes string

// Tables are what a comparison reads of each run.
var Tables = []string{
	"intermediate.subjects", "intermediate.records", "intermediate.record_states",
	"overlay.subject_classes", "overlay.scheme_classes", "overlay.override_hits",
	"scores.contributions", "scores.vetoes", "scores.scorecard_results", "scores.public_results",
	"rules.overlay_matrix", "rules.overrides", "rules.schemes", "rules.scheme_levels", "rules.characteristics",
	"lists.inspection_candidates", "rules.inspection_plans", "staging.samr__registrations",
	"ref.divisions", "ref.industries",
}

// A RuleChange is a rule that the two runs read in other words.
type RuleChange struct {
	Rule          string `json:"rule"` // scorecard food, rule overlay …
	Title         string `json:"title"`
	FileBefore    string `json:"file_before,omitempty"`
	FileAfter     string `json:"file_after,omitempty"`
	VersionBefore int    `json:"version_before,omitempty"`
	VersionAfter  int    `json:"version_after,omitempty"`
}

// A Comparison is two runs side by side on an engine, with the subjects that
// moved and their causes.
type Comparison struct {
	Before, After *run.Run
	Rules         []RuleChange
	db            *engine.DB
}

// New attaches two runs to an engine and finds who moved and why.
func New(ctx context.Context, db *engine.DB, before, after *run.Run) (*Comparison, error) {
	c := &Comparison{Before: before, After: after, Rules: ruleChanges(before.Manifest.Sources, after.Manifest.Sources), db: db}
	for name, r := range map[string]*run.Run{"before": before, "after": after} {
		if err := db.Beside(ctx, name, func() error { return r.Attach(ctx, db, Tables...) }); err != nil {
			return nil, err
		}
	}
	return c, c.find(ctx)
}

// find fills the tables of causes.sql.
func (c *Comparison) find(ctx context.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	if err := c.db.Exec(ctx, causes); err != nil {
		return fmt.Errorf("causes: %w", err)
	}
	return nil
}

// load gives the SQL what stands in the manifests.
func (c *Comparison) load(ctx context.Context) error {
	var names []string
	var rows [][]any
	for _, r := range c.Rules {
		names = append(names, r.Rule)
		rows = append(rows, []any{r.Rule, r.Title})
	}
	var changed any
	if names != nil {
		changed = strings.Join(names, "、")
	}
	sides := []landing.Column{{Name: "same_facts", Type: "BOOLEAN"}, {Name: "changed_rules", Type: "VARCHAR"}}
	return errors.Join(
		c.db.Load(ctx, "given.rules", []landing.Column{{Name: "rule", Type: "VARCHAR"}, {Name: "title", Type: "VARCHAR"}}, rows),
		c.db.Load(ctx, "given.sides", sides, [][]any{{c.SameFacts(), changed}}))
}

// SameFacts reports whether both runs read the same batches for the same day, so
// that whatever differs is the work of rules.
func (c *Comparison) SameFacts() bool {
	before, after := c.Before.Manifest, c.After.Manifest
	return before.AsOf == after.AsOf && slices.Equal(before.Batches, after.Batches)
}

// ruleChanges pairs the rules of two runs by what they say; a file whose bytes are
// those of the other run's has not changed.
func ruleChanges(before, after []run.Source) []RuleChange {
	same := func(list []run.Source) map[string]bool {
		digests := map[string]bool{}
		for _, s := range list {
			digests[s.SHA256] = true
		}
		return digests
	}
	was, stands, changes := same(before), same(after), map[string]RuleChange{}
	for _, s := range before {
		if name := cmp.Or(s.Rule, s.File); !stands[s.SHA256] {
			changes[name] = RuleChange{Rule: name, Title: s.Title, FileBefore: s.File, VersionBefore: s.Version}
		}
	}
	for _, s := range after {
		if name := cmp.Or(s.Rule, s.File); !was[s.SHA256] {
			change := changes[name]
			change.Rule, change.Title, change.FileAfter, change.VersionAfter = name, s.Title, s.File, s.Version
			changes[name] = change
		}
	}
	list := []RuleChange{}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		list = append(list, changes[name])
	}
	return list
}
