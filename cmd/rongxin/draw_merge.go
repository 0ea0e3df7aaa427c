package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw/dossier"
	"rongxin/evaluators/draw/joint"
	"rongxin/warehouse/engine"
)

// mergeAsk is what a caller of draw merge asks for.
type mergeAsk struct {
	run, out      string
	dirs, pending []string
}

func (a *app) drawMergeCmd() *cobra.Command {
	var ask mergeAsk
	cmd := &cobra.Command{
		Use:   "merge DIR …",
		Short: "Make one visit of what several departments drew of one enterprise",
		Long: `Takes draws of one period with their inspectors and makes of them visits: one for
each enterprise, with one initiator, the items of all departments and the inspectors
of each, as tasks in JSON. Who was visited as often as the inspection plan allows in
a year, by all departments or by one, is left out with the reason, and so is who has
a visit of the same period in --pending: earlier merges whose results the run does
not know yet.`,
		Example: "  rongxin draw merge draws/2026-06-30-0123456789ab draws/2026-06-30-ba9876543210",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.dirs = args
			report, err := a.mergeDraws(cmd.Context(), ask)
			if err != nil {
				return err
			}
			return a.finish(report, report.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&ask.run, "run", "", "the run that knows earlier inspections (default: the published one)")
	f.StringArrayVar(&ask.pending, "pending", nil, "an earlier merge whose results are not in yet")
	f.StringVar(&ask.out, "out", "visits", "folder of the visits")
	return cmd
}

// A merge is merge.json.
type merge struct {
	MergeID string       `json:"merge_id"`
	RunID   string       `json:"run_id"`
	Year    string       `json:"year"`
	Period  string       `json:"period"`
	Draws   []mergedDraw `json:"draws"`
	Pending []string     `json:"pending"` // ids of earlier merges
	Visits  int          `json:"visits"`
	LeftOut int          `json:"left_out"`
	dossier.Stamp
	Dir      string `json:"-"`
	from, to string // first and last day of the period
}

// A mergedDraw is a draw that went into a merge.
type mergedDraw struct {
	DrawID string `json:"draw_id"`
	SHA256 string `json:"sha256"` // of its assign.json
	plan   dossier.Plan
}

func (a *app) mergeDraws(ctx context.Context, ask mergeAsk) (merge, error) {
	m := merge{Stamp: a.stamp(), Pending: []string{}}
	source, err := a.openRun(ask.run, "")
	if err != nil {
		return m, err
	}
	m.RunID, m.Year = source.ID, source.Manifest.AsOf[:4]
	var parts []joint.Part
	for _, dir := range ask.dirs {
		r, p, err := dossier.Part(os.DirFS(dir))
		if err != nil {
			return m, fmt.Errorf("%s: %w", dir, err)
		}
		if slices.ContainsFunc(m.Draws, func(d mergedDraw) bool { return d.DrawID == r.DrawID }) {
			return m, fmt.Errorf("%w: draw %s is given twice", errUsage, r.DrawID)
		}
		i := slices.IndexFunc(r.Steps, func(s dossier.Step) bool { return s.File == dossier.AssignFile })
		m.Draws = append(m.Draws, mergedDraw{r.DrawID, r.Steps[i].SHA256, r.Plan})
		parts = append(parts, p)
	}
	slices.SortFunc(m.Draws, func(x, y mergedDraw) int { return strings.Compare(x.DrawID, y.DrawID) })
	db, err := a.attach(ctx, source, "lists.inspection_candidates", "lists.inspectors", "rules.inspection_initiators", "rules.inspection_plans", "rules.inspection_plan_schemes",
		"staging.inspection__tasks", "ref.divisions")
	if err != nil {
		return m, err
	}
	defer db.Close()
	if err := m.findPeriod(ctx, db); err != nil {
		return m, err
	}
	counts, err := visitCounts(ctx, db, parts)
	if err != nil {
		return m, err
	}
	if err := m.addPending(ask.pending, counts); err != nil {
		return m, err
	}
	initiators, err := read(ctx, db, func(scan func(...any) error) (d string, err error) { return d, scan(&d) },
		`select department from rules.inspection_initiators group by department order by min(position), department`)
	if err != nil {
		return m, err
	}
	visits, left := joint.Merge(parts, func(id string) joint.Counts { return counts[id] }, initiators)
	m.Visits, m.LeftOut = len(visits), len(left)
	m.MergeID = m.id()
	m.Dir = filepath.Join(ask.out, m.MergeID)
	book, err := readAddresses(ctx, db)
	if err != nil {
		return m, err
	}
	return m, a.writeMerge(ctx, m, book.tasks(m, visits), left)
}

// findPeriod says which period of the inspection plan all draws are of.
func (m *merge) findPeriod(ctx context.Context, db *engine.DB) error {
	for _, d := range m.Draws {
		var period, from, to string
		err := db.QueryRow(ctx, `select p.period, cast(p.period_from as varchar), cast(p.period_to as varchar) from rules.inspection_plans as p
			join rules.inspection_plan_schemes as s on s.plan = p.plan where s.scheme = ?`, d.plan.Scheme).Scan(&period, &from, &to)
		switch {
		case err != nil:
			return fmt.Errorf("draw %s: scheme %s: its inspection plan: %w", d.DrawID, d.plan.Scheme, err)
		case d.plan.AsOf < from || d.plan.AsOf > to:
			return fmt.Errorf("%w: draw %s is of %s, outside %s, the period of run %s: choose another with --run", errUsage, d.DrawID, d.plan.AsOf, period, m.RunID)
		case m.Period != "" && m.Period != period:
			return fmt.Errorf("%w: the draws are of different periods, %s and %s", errUsage, m.Period, period)
		}
		m.Period, m.from, m.to = period, from, to
	}
	return nil
}

// visitCounts reads how often each drawn enterprise was visited this year, and how
// often it may be, by the list that is strictest with it.
func visitCounts(ctx context.Context, db *engine.DB, parts []joint.Part) (map[string]joint.Counts, error) {
	counts := map[string]joint.Counts{}
	for _, p := range parts {
		for _, o := range p.Objects {
			counts[o.SubjectID] = joint.Counts{}
		}
	}
	rows, err := db.Query(ctx, `select subject_id, department, max(visits_done), min(max_visits), max(checks_done), min(max_checks)
		from lists.inspection_candidates group by subject_id, department`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, department string
		var visits, checks joint.Count
		if err := rows.Scan(&id, &department, &visits.Done, &visits.Most, &checks.Done, &checks.Most); err != nil {
			return nil, err
		}
		c, drawn := counts[id]
		if !drawn {
			continue
		}
		if c.Checks == nil {
			c.Checks, c.Visits = map[string]joint.Count{}, visits
		}
		c.Visits.Most = min(c.Visits.Most, visits.Most)
		c.Checks[department] = checks
		counts[id] = c
	}
	return counts, rows.Err()
}

// addPending counts the visits of earlier merges of the year.
func (m *merge) addPending(dirs []string, counts map[string]joint.Counts) error {
	for _, dir := range dirs {
		data, err := os.ReadFile(filepath.Join(dir, "merge.json"))
		if err != nil {
			return fmt.Errorf("%w: --pending: %w", errUsage, err)
		}
		var before merge
		if err := json.Unmarshal(data, &before); err != nil {
			return fmt.Errorf("%w: --pending %s: %w", errUsage, dir, err)
		}
		if slices.Contains(m.Pending, before.MergeID) {
			return fmt.Errorf("%w: --pending: merge %s is given twice", errUsage, before.MergeID)
		}
		m.Pending = append(m.Pending, before.MergeID)
		if before.Year != m.Year {
			continue
		}
		file, err := os.Open(filepath.Join(dir, "visits.ndjson"))
		if err != nil {
			return fmt.Errorf("%w: --pending: %w", errUsage, err)
		}
		dec := json.NewDecoder(bufio.NewReader(file))
		for {
			var v visitTask
			if err = dec.Decode(&v); err != nil {
				break
			}
			v.count(counts, before.Period == m.Period)
		}
		if err := errors.Join(file.Close(), ignore(err, io.EOF)); err != nil {
			return fmt.Errorf("%w: --pending %s: %w", errUsage, dir, err)
		}
	}
	slices.Sort(m.Pending)
	return nil
}

func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

func (m merge) id() string {
	text := m.RunID + "\x1f" + strings.Join(m.Pending, "\x1f")
	for _, d := range m.Draws {
		text += "\x1f" + d.DrawID + "\x1f" + d.SHA256
	}
	return m.Period + "-" + fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:12]
}

func (m merge) print(w io.Writer) {
	fmt.Fprintf(w, "merge %s of %d draws, %s: %d visits, %d left out\n", m.MergeID, len(m.Draws), m.Period, m.Visits, m.LeftOut)
	fmt.Fprintf(w, "%s/visits.ndjson has the tasks, left_out.csv who is not visited and why\n", m.Dir)
}
