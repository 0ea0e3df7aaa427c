package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rongxin/internal/credit"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// A run keeps what it was computed from, so that it can be computed again years
// later, by a program whose own rules and models have moved on:
//
//	source/plan.json                   parameters, datasets, rule and reference tables, and of each model all but its SELECT
//	source/models/schema.table.sql     the SELECT of each model
//	source/evaluators/rules/….yml      the rule files, word for word
//
// Only the landed batches and the run before it stay where they are.
const (
	sourceDir = "source"
	planName  = "plan.json"
	modelsDir = "models"
)

// planText is plan.json.
type planText struct {
	AsOf     credit.Date       `json:"as_of"`
	RuleSet  string            `json:"rule_set"`
	Previous string            `json:"previous,omitempty"`
	Datasets []landing.Dataset `json:"datasets"`
	Models   []modelText       `json:"models"`
	Seeds    []Seed            `json:"seeds"`
}

// modelText is a model without its SELECT. A step in Go is named by its version.
type modelText struct {
	Name    string        `json:"name"`
	File    string        `json:"file"`
	Stage   model.Stage   `json:"stage"`
	Grain   []string      `json:"grain"`
	Inputs  []string      `json:"inputs"`
	Checks  []model.Check `json:"checks,omitempty"`
	Local   model.Local   `json:"local,omitzero"`
	Step    int           `json:"step_version,omitempty"`
	Comment string        `json:"description,omitempty"`
}

// SourceDir is where the run keeps what it was computed from; rule files stand
// below it under their own paths.
func (r *Run) SourceDir() string { return filepath.Join(r.Dir, sourceDir) }

// Sources are the rule files that the run was computed from, with their texts, each
// checked against its digest.
func (r *Run) Sources() ([]Source, error) {
	list := slices.Clone(r.Manifest.Sources)
	var faults []error
	for i, s := range list {
		data, err := os.ReadFile(filepath.Join(r.SourceDir(), filepath.FromSlash(s.File)))
		if err == nil && sum(data) != s.SHA256 {
			err = fmt.Errorf("%s: %w", s.File, store.ErrDigest)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("run %s: %w", r.ID, err))
		}
		list[i].Text = data
	}
	return list, errors.Join(faults...)
}

func modelPath(dir, name string) string { return filepath.Join(dir, modelsDir, name+".sql") }

// writeSource writes the plan below dir.
func (p Plan) writeSource(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	text := planText{AsOf: p.AsOf, RuleSet: p.RuleSet, Previous: p.previousID(), Datasets: p.Datasets, Seeds: p.Seeds}
	var faults []error
	for _, m := range p.Models {
		each := modelText{Name: m.Name, File: m.File, Stage: m.Stage, Grain: m.Grain, Inputs: m.Inputs, Checks: m.Checks, Local: m.Local, Comment: m.Description}
		if m.Step != nil {
			each.Step = m.Step.Version
		}
		text.Models = append(text.Models, each)
		faults = append(faults, writeText(modelPath(dir, m.Name), []byte(m.SQL)))
	}
	for _, s := range p.sources() {
		if !fs.ValidPath(s.File) {
			faults = append(faults, fmt.Errorf("rule file %q: the path is not a relative one", s.File))
			continue
		}
		faults = append(faults, writeText(filepath.Join(dir, filepath.FromSlash(s.File)), s.Text))
	}
	data, err := json.Marshal(text)
	return errors.Join(append(faults, err, writeText(filepath.Join(dir, planName), data))...)
}

func (p Plan) sources() (list []Source) {
	for _, s := range p.Seeds {
		list = append(list, s.Sources...)
	}
	return list
}

func writeText(path string, data []byte) error {
	return store.Draft(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Plan reads back what the run was computed from: its own rule tables and models,
// the landed batches it read, and the run before it. Of this program it takes
// the steps in Go alone, from own. Whatever is no longer what the run used is a
// mismatch, all at once; with any, there is no plan.
func (r *Run) Plan(home string, own []model.Model) (Plan, []Mismatch) {
	var text planText
	var list []Mismatch
	path := filepath.Join(r.SourceDir(), planName)
	data, err := os.ReadFile(path)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		err = dec.Decode(&text)
	}
	for i := range text.Seeds {
		err = errors.Join(err, text.Seeds[i].restore())
	}
	if err != nil {
		return Plan{}, []Mismatch{{Kind: "source", Name: sourceDir + "/" + planName, Detail: err.Error()}}
	}
	p := Plan{AsOf: text.AsOf, RuleSet: text.RuleSet, Datasets: text.Datasets, Seeds: text.Seeds}
	for _, each := range text.Models {
		m, fault := each.model(r.SourceDir(), own)
		p.Models = append(p.Models, m)
		list = append(list, fault...)
	}
	for i, seed := range p.Seeds {
		for j, s := range seed.Sources {
			data, err := os.ReadFile(filepath.Join(r.SourceDir(), filepath.FromSlash(s.File)))
			p.Seeds[i].Sources[j].Text = data
			if got := sum(data); err != nil || got != s.SHA256 {
				list = append(list, Mismatch{Kind: "rule", Name: s.File, Want: s.SHA256, Got: got, Detail: detail(err)})
			}
		}
	}
	var faults []Mismatch
	p.Batches, faults = r.batches(home)
	list = append(list, faults...)
	if text.Previous != "" {
		if p.Previous, err = Open(home, text.Previous); err != nil {
			list = append(list, Mismatch{Kind: "run", Name: text.Previous, Detail: "the run before it: " + err.Error()})
		}
	}
	if len(list) == 0 && p.ID() != r.ID {
		list = append(list, Mismatch{Kind: "run", Name: r.ID, Want: r.ID, Got: p.ID(), Detail: "the name is not the digest of what the run was computed from"})
	}
	return p, list
}

// Models are those models of the run with these names that are no step in Go, in
// the order of the names, each held against the digest in the manifest.
func (r *Run) Models(names ...string) ([]model.Model, error) {
	texts, err := r.modelTexts()
	if err != nil {
		return nil, err
	}
	var list []model.Model
	var faults []error
	for _, name := range names {
		i := slices.IndexFunc(texts, func(m modelText) bool { return m.Name == name })
		ref := slices.IndexFunc(r.Manifest.Models, func(m ModelRef) bool { return m.Name == name })
		if i < 0 || ref < 0 {
			faults = append(faults, fmt.Errorf("run %s has no model %s", r.ID, name))
			continue
		}
		m, fault := texts[i].model(r.SourceDir(), nil)
		if len(fault) > 0 || m.Hash() != r.Manifest.Models[ref].SHA256 {
			faults = append(faults, fmt.Errorf("run %s: model %s is not the one it used: %w", r.ID, name, store.ErrDigest))
		}
		list = append(list, m)
	}
	return list, errors.Join(faults...)
}

// Descriptions are what the models of the run say of their tables.
func (r *Run) Descriptions() (map[string]string, error) {
	texts, err := r.modelTexts()
	said := make(map[string]string, len(texts))
	for _, m := range texts {
		said[m.Name] = m.Comment
	}
	return said, err
}

func (r *Run) modelTexts() ([]modelText, error) {
	var text struct {
		Models []modelText `json:"models"`
	}
	data, err := os.ReadFile(filepath.Join(r.SourceDir(), planName))
	if err == nil {
		err = json.Unmarshal(data, &text)
	}
	if err != nil {
		return nil, fmt.Errorf("run %s: %s: %w", r.ID, planName, err)
	}
	return text.Models, nil
}

// model puts a model together again.
func (t modelText) model(dir string, own []model.Model) (model.Model, []Mismatch) {
	query, err := os.ReadFile(modelPath(dir, t.Name))
	if err != nil {
		return model.Model{}, []Mismatch{{Kind: "model", Name: t.File, Detail: err.Error()}}
	}
	m := model.Model{Name: t.Name, File: t.File, Stage: t.Stage, Description: t.Comment, Grain: t.Grain, Inputs: t.Inputs, Checks: t.Checks, Local: t.Local, SQL: string(query)}
	if t.Step == 0 {
		return m, nil
	}
	at := slices.IndexFunc(own, func(o model.Model) bool { return o.Name == t.Name && o.Step != nil })
	if at < 0 || own[at].Step.Version != t.Step {
		return m, []Mismatch{{Kind: "model", Name: t.File, Want: fmt.Sprintf("step %d", t.Step),
			Detail: "this program has another step in Go: verify the run with the program that made it"}}
	}
	m.Step = own[at].Step
	return m, nil
}

// restore gives the values of a seed that was read from JSON their Go types.
func (s *Seed) restore() error {
	for i, row := range s.Rows {
		if len(row) != len(s.Columns) {
			return fmt.Errorf("%s row %d: %d values for %d columns", s.Name, i, len(row), len(s.Columns))
		}
		for j, v := range row {
			var err error
			switch typ := s.Columns[j].Type; {
			case v == nil || typ == "VARCHAR" || typ == "BOOLEAN":
			case typ == "DATE" || typ == "TIMESTAMP":
				row[j], err = time.Parse(time.RFC3339Nano, fmt.Sprint(v))
			default:
				number, ok := v.(json.Number)
				if !ok {
					return fmt.Errorf("%s row %d: %s is no number", s.Name, i, s.Columns[j].Name)
				}
				row[j], err = number.Int64()
			}
			if err != nil {
				return fmt.Errorf("%s row %d: %s: %w", s.Name, i, s.Columns[j].Name, err)
			}
		}
	}
	return nil
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func detail(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
