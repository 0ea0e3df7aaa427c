package dossier

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rongxin/evaluators/draw"
	"rongxin/warehouse/store"
)

// A Scope is what a draw is made from and for.
type Scope struct {
	RunID      string `json:"run_id"`
	AsOf       string `json:"as_of"`
	RuleSet    string `json:"rule_set"`
	Department string `json:"department"`
	Scheme     string `json:"scheme"`
	Range      string `json:"publication_range"` // of the list: public, government, authorised
	Task       string `json:"task"`              // of the annual plan; empty is none
	// Only these, set apart by 、; empty is all.
	Divisions  string `json:"divisions"`
	Industries string `json:"industries"` // sections of GB/T 4754
	Classes    string `json:"classes"`
}

// A Plan is plan.json: what is drawn from and how many.
type Plan struct {
	DrawID    string `json:"draw_id"`
	Algorithm string `json:"algorithm"`
	Scope
	draw.Bounds
	Candidates int64 `json:"candidates"` // rows of roster.csv
	Excluded   int64 `json:"excluded"`   // rows of exclusions.csv
	Quota      int64 `json:"quota"`      // sum of quotas.csv
	Control    int64 `json:"control"`    // drawn beside it, from all alike
	Stamp
}

// A Listed is one subject of the list: a candidate, or excluded when the code of
// a reason is given.
type Listed = draw.Exclusion

// Make plans a draw below root and returns it with its directory. listed comes
// by subject_id, byte by byte. key is whatever else decides about the rows, such
// as a file of exclusions, so that another plan gets another id. A plan that was
// made already is not made again: ErrRefused.
func Make(root string, scope Scope, bounds draw.Bounds, key []byte, listed func(yield func(Listed, error) bool),
	rule func(draw.Stratum) (draw.Rule, error), stamp Stamp, record Recorder) (plan Plan, dir string, err error) {
	plan = Plan{DrawID: scope.id(key), Algorithm: draw.Algorithm, Scope: scope, Bounds: bounds, Stamp: stamp}
	dir = filepath.Join(root, plan.DrawID)
	if _, err := os.Stat(dir); err == nil {
		return plan, dir, fmt.Errorf("draw %s: %w: planned already in %s", plan.DrawID, ErrRefused, dir)
	}
	staged, err := store.Stage(dir)
	if err != nil {
		return plan, dir, err
	}
	defer staged.Discard()
	if err := plan.writeTables(staged, listed, rule); err != nil {
		return plan, dir, fmt.Errorf("draw %s: %w", plan.DrawID, err)
	}
	if _, err := plan.create(staged.Path("."), PlanFile, plan, record); err != nil {
		return plan, dir, err
	}
	return plan, dir, staged.Commit()
}

func (s Scope) id(key []byte) string {
	text := strings.Join([]string{draw.Algorithm, s.RunID, s.Department, s.Scheme, s.Divisions, s.Industries, s.Classes, s.Task, digestOf(key)}, "\x1f")
	return s.AsOf + "-" + digestOf([]byte(text))[:12]
}

// writeTables writes the roster as its rows come, then what is counted by them.
func (p *Plan) writeTables(staged *store.Dir, listed func(yield func(Listed, error) bool), rule func(draw.Stratum) (draw.Rule, error)) error {
	counts := map[draw.Stratum]int64{}
	var excluded []draw.Exclusion
	roster := func(yield func(draw.Candidate, error) bool) {
		for row, err := range listed {
			if err == nil && row.Code != "" {
				excluded = append(excluded, row)
				continue
			}
			counts[row.Stratum]++
			if !yield(row.Candidate, err) || err != nil {
				return
			}
		}
	}
	var err error
	if p.Candidates, err = stage(staged.Path(RosterFile), draw.RosterTable, draw.Ordered(roster)); err != nil {
		return err
	}
	if p.Excluded, err = stage(staged.Path(ExclusionsFile), draw.ExclusionTable, each(excluded)); err != nil {
		return err
	}
	quotas, err := draw.Quotas(counts, rule, p.Bounds)
	if err != nil {
		return err
	}
	for _, q := range quotas {
		p.Quota += q.Count
	}
	p.Control = draw.Control(quotas, p.Bounds)
	_, err = stage(staged.Path(QuotasFile), draw.QuotaTable, each(quotas))
	return err
}

// stage writes a table into a staged directory, which flushes it later.
func stage[T any](path string, table draw.Table[T], rows func(yield func(T, error) bool)) (n int64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	n, err = table.Write(file, rows)
	return n, errors.Join(err, file.Close())
}

// check computes the plan again from its tables.
func (p Plan) check(f folder) error {
	if p.Algorithm != draw.Algorithm {
		return fmt.Errorf("%s: %w: algorithm %q, this is %s", PlanFile, ErrAltered, p.Algorithm, draw.Algorithm)
	}
	if err := p.Stamp.check(); err != nil {
		return fmt.Errorf("%s: %w: %w", PlanFile, ErrAltered, err)
	}
	counts, err := draw.Count(rows(f, RosterFile, draw.RosterTable))
	if err != nil {
		return altered(RosterFile, err)
	}
	if err := p.checkQuotas(f, counts); err != nil {
		return err
	}
	return p.checkExclusions(f)
}

func (p Plan) checkQuotas(f folder, counts map[draw.Stratum]int64) error {
	got, err := all(rows(f, QuotasFile, draw.QuotaTable))
	if err != nil {
		return err
	}
	rules := map[draw.Stratum]draw.Rule{}
	for _, q := range got {
		rules[q.Stratum] = q.Rule
	}
	want, err := draw.Quotas(counts, func(s draw.Stratum) (draw.Rule, error) {
		r, ok := rules[s]
		if !ok {
			return r, errors.New("has candidates and no row")
		}
		return r, nil
	}, p.Bounds)
	if err != nil {
		return altered(QuotasFile, err)
	}
	candidates, quota := int64(0), int64(0)
	for i, q := range got {
		if i >= len(want) || q != want[i] {
			return fmt.Errorf("%s: %w: row %d, %v: %d of %d candidates, which the roster does not give", QuotasFile, ErrAltered, i+1, q.Stratum, q.Count, q.Candidates)
		}
		candidates, quota = candidates+q.Candidates, quota+q.Count
	}
	if p.Candidates != candidates || p.Quota != quota || p.Control != draw.Control(got, p.Bounds) {
		return fmt.Errorf("%s: %w: %d candidates, quota %d, control %d; the tables give %d, %d and %d", PlanFile, ErrAltered,
			p.Candidates, p.Quota, p.Control, candidates, quota, draw.Control(got, p.Bounds))
	}
	return nil
}

// checkExclusions walks along both lists: who is excluded is no candidate.
func (p Plan) checkExclusions(f folder) error {
	excluded, err := all(rows(f, ExclusionsFile, draw.ExclusionTable))
	if err != nil {
		return err
	}
	if int64(len(excluded)) != p.Excluded {
		return fmt.Errorf("%s: %w: %d rows, %s says %d", ExclusionsFile, ErrAltered, len(excluded), PlanFile, p.Excluded)
	}
	i := 0
	for c, err := range rows(f, RosterFile, draw.RosterTable) {
		if err != nil {
			return err
		}
		for i < len(excluded) && excluded[i].SubjectID < c.SubjectID {
			i++
		}
		if i < len(excluded) && excluded[i].SubjectID == c.SubjectID {
			return fmt.Errorf("%s: %w: row %d: %s is excluded and stands in the roster", ExclusionsFile, ErrAltered, i+1, c.SubjectID)
		}
	}
	for i, e := range excluded {
		if e.Code == "" || e.Reason == "" {
			return fmt.Errorf("%s: %w: row %d: %s has no reason", ExclusionsFile, ErrAltered, i+1, e.SubjectID)
		}
		if i > 0 && excluded[i-1].SubjectID >= e.SubjectID {
			return fmt.Errorf("%s: %w: row %d: %s is out of order", ExclusionsFile, ErrAltered, i+1, e.SubjectID)
		}
	}
	return nil
}

func altered(name string, err error) error {
	if errors.Is(err, ErrAltered) || errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return fmt.Errorf("%s: %w: %w", name, ErrAltered, err)
}

// hexDigest says that a text can be a SHA-256.
func hexDigest(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == 32 && strings.ToLower(text) == text
}
