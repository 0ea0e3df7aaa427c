package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"rongxin/evaluators/draw"
	"rongxin/evaluators/draw/dossier"
	"rongxin/warehouse/engine"
)

type assignedDraw struct {
	dossier.Assignment
	Dir string `json:"dir"`
}

func (a *app) drawAssignCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "assign DIR",
		Short: "Draw the inspectors of what is drawn",
		Long: `Takes the department's inspectors, the items of the task and the conflicts of
interest from the run of the plan, which stood before the seed, and draws for each
enterprise as many inspectors and spares as the inspection plan says, by the same
seed. Nobody is sent where a conflict, the division or a qualification forbids it:
what is short is listed in shortages.csv with its cause, and the command ends with
65.`,
		Example: "  rongxin draw assign draws/2026-06-30-0123456789ab",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := a.assignDraw(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := a.finish(report, report.print); err != nil {
				return err
			}
			if report.Short > 0 {
				return fmt.Errorf("%w: %d rows in %s/%s name what cannot be staffed and why", errShort, report.Short, args[0], dossier.ShortagesFile)
			}
			return nil
		},
	}
}

func (a *app) assignDraw(ctx context.Context, dir string) (assignedDraw, error) {
	verified, err := dossier.Verify(os.DirFS(dir))
	if err != nil {
		return assignedDraw{}, err
	}
	r, err := a.openRun(verified.Plan.RunID, "")
	if err != nil {
		return assignedDraw{}, err
	}
	db, err := a.attach(ctx, r, "lists.inspectors", "lists.inspection_conflicts", "staging.inspection__tasks", "staging.inspection__items",
		"rules.inspection_plans", "rules.inspection_plan_schemes")
	if err != nil {
		return assignedDraw{}, err
	}
	defer db.Close()
	lib, err := drawLibrary(ctx, db, verified.Plan.Scope)
	if err != nil {
		return assignedDraw{}, err
	}
	release, err := a.drawLock(ctx, verified.DrawID)
	if err != nil {
		return assignedDraw{}, err
	}
	defer release()
	done, err := dossier.Assign(dir, lib, a.stamp(), a.recorder(ctx, map[string]string{"department": verified.Plan.Department}))
	return assignedDraw{done, dir}, err
}

// drawLibrary reads what inspectors are drawn from.
func drawLibrary(ctx context.Context, db *engine.DB, scope dossier.Scope) (lib dossier.Library, err error) {
	var plan string
	err = db.QueryRow(ctx, `select p.plan, p.inspectors_per_object, p.spares from rules.inspection_plans as p
		join rules.inspection_plan_schemes as s on s.plan = p.plan where s.scheme = ?`, scope.Scheme).Scan(&plan, &lib.PerObject, &lib.Spares)
	if err != nil {
		return lib, fmt.Errorf("scheme %s: its inspection plan: %w", scope.Scheme, err)
	}
	lib.Inspectors, err = read(ctx, db, func(scan func(...any) error) (i draw.Inspector, err error) {
		var held string
		err = scan(&i.ID, &i.Division, &held)
		i.Qualifications = draw.Values(held)
		slices.Sort(i.Qualifications)
		return i, err
	}, `select inspector_id, division_code, qualifications from lists.inspectors where department = ?`, scope.Department)
	if err != nil {
		return lib, err
	}
	lib.Conflicts, err = read(ctx, db, func(scan func(...any) error) (c draw.Conflict, err error) {
		return c, scan(&c.InspectorID, &c.SubjectID, &c.Code, &c.Reason)
	}, `select c.inspector_id, c.subject_id, c.conflict, c.reason from lists.inspection_conflicts as c
		join lists.inspectors as i on i.inspector_id = c.inspector_id where c.plan = ? and i.department = ?`, plan, scope.Department)
	if err != nil {
		return lib, err
	}
	lib.Items, err = read(ctx, db, func(scan func(...any) error) (i draw.Item, err error) {
		return i, scan(&i.ID, &i.Name, &i.Kind, &i.Department, &i.Basis, &i.Qualification)
	}, `select i.item_id, i.item_name, i.item_kind, i.department, i.basis, coalesce(i.qualification, '') from staging.inspection__items as i
		join staging.inspection__tasks as t on list_contains(string_split(t.items, '、'), i.item_id)
		where i.department = ? and t.task_no = ?`, scope.Department, scope.Task)
	return lib, err
}

// read reads all rows of a query.
func read[T any](ctx context.Context, db *engine.DB, scan func(func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		one, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

func (d assignedDraw) print(w io.Writer) {
	fmt.Fprintf(w, "draw %s: %d inspectors and spares for %d enterprises, %d shortages\n", d.DrawID, d.Assigned, d.Objects, d.Short)
	fmt.Fprintf(w, "look at %s/%s, then: rongxin draw publish %s\n", d.Dir, dossier.TeamsFile, d.Dir)
}
