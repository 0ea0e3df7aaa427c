package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"rongxin/warehouse/landing"
	"rongxin/warehouse/model"
	"rongxin/warehouse/store"
)

// Adopt begins the build of a plan with the tables of a finished run that cannot
// come out otherwise: those whose model, and all that it reads, are the same in
// both plans. Their files are linked, not copied, and the build that follows
// checks their digests as it does with what it wrote itself. It returns how many
// were adopted; none when the plans are of different days or batches, or when the
// build has begun already.
//
// So the same facts are judged by other rules without being arranged again.
func Adopt(cfg Config, base Plan, from *Run, plan Plan) (adopted int, err error) {
	if cfg.Runs == "" {
		cfg.Runs = Dir(cfg.Home)
	}
	if !sameFacts(base, plan) || from.ID != base.ID() {
		return 0, nil
	}
	unlock, err := lock(cfg.Runs)
	if err != nil {
		return 0, err
	}
	defer unlock()
	b := &builder{Config: cfg, plan: plan, dir: filepath.Join(cfg.Runs, store.Temporary(plan.ID()))}
	if _, err := open(cfg.Runs, plan.ID()); !errors.Is(err, ErrNoRun) {
		return 0, err
	}
	if _, err := os.Stat(filepath.Join(b.dir, progressName)); err == nil {
		return 0, nil
	}
	models, err := model.Order(plan.Models, plan.isGiven)
	if err != nil {
		return 0, err
	}
	for _, m := range equalModels(base, plan, models) {
		entry, ok := from.Manifest.Table(m.Name)
		if !ok {
			continue
		}
		there, here := entry.paths(from.Dir), entry.paths(b.dir)
		for i := range there {
			if err := link(there[i], here[i]); err != nil {
				return 0, fmt.Errorf("%s: %w", m.Name, err)
			}
		}
		b.m.Tables = append(b.m.Tables, entry)
		for _, c := range from.Manifest.Checks {
			if c.Table == m.Name {
				b.m.Checks = append(b.m.Checks, c)
			}
		}
	}
	if len(b.m.Tables) == 0 {
		return 0, nil
	}
	return len(b.m.Tables), b.saveProgress()
}

// sameFacts reports whether two plans speak for one day from the same batches.
func sameFacts(a, b Plan) bool {
	sameBatch := func(x, y landing.Batch) bool {
		return x.Dataset == y.Dataset && x.ID == y.ID && x.Records == y.Records && x.Rejects == y.Rejects && x.ReceivedAt.Equal(y.ReceivedAt)
	}
	return a.AsOf == b.AsOf && a.previousID() == b.previousID() && slices.EqualFunc(a.Batches, b.Batches, sameBatch)
}

// identity are the columns of run.parameters that differ between two plans of the
// same facts. A model that names one of them comes out otherwise.
var identity = regexp.MustCompile(`\b(run_id|rule_set)\b`)

// equalModels are the models whose table is the same in both plans. Models come
// in their order.
func equalModels(base, plan Plan, models []model.Model) (equal []model.Model) {
	hashes := map[string]string{}
	for _, m := range base.Models {
		hashes[m.Name] = m.Hash()
	}
	same := map[string]bool{"run.parameters": true, "run.batches": true}
	for name := range givenColumns {
		same[name] = true
	}
	seeds := map[string]Seed{}
	for _, s := range base.Seeds {
		seeds[s.Name] = s
	}
	for _, s := range plan.Seeds {
		other, ok := seeds[s.Name]
		same[s.Name] = ok && slices.Equal(s.Columns, other.Columns) && sameRows(s.Rows, other.Rows)
	}
	datasets := map[string]landing.Dataset{}
	for _, d := range base.Datasets {
		datasets[d.Name] = d
	}
	for _, d := range plan.Datasets {
		other, ok := datasets[d.Name]
		ok = ok && d.Delivery == other.Delivery && slices.Equal(d.Columns, other.Columns)
		same["landing."+d.Table()], same["rejects."+d.Table()] = ok, ok
	}
	for _, m := range models {
		reads := m.SQL
		for _, c := range m.Checks {
			reads += "\n" + c.NoRows
		}
		if hashes[m.Name] == m.Hash() && !identity.MatchString(reads) &&
			!slices.ContainsFunc(m.Inputs, func(input string) bool { return !same[input] }) {
			same[m.Name] = true
			equal = append(equal, m)
		}
	}
	return equal
}

func sameRows(a, b [][]any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// link gives a file another name; across file systems the name is a symbolic link.
func link(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	err := os.Link(from, to)
	if errors.Is(err, syscall.EXDEV) {
		var path string
		if path, err = filepath.Abs(from); err == nil {
			err = os.Symlink(path, to)
		}
	}
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "link "))
	}
	return nil
}
