package modeltest

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp"

	"rongxin/warehouse/engine"
	"rongxin/warehouse/model"
)

// checkLocal holds a local model to its claim: evaluated for one subject after
// the other, each time on the rows of that subject alone, it gives the rows that
// it gives for all at once.
func checkLocal(ctx context.Context, db *engine.DB, m model.Model, want [][]string) error {
	got := [][]string{want[0]}
	subjects, err := subjectsOf(ctx, db, m)
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		for _, in := range m.Inputs {
			if !model.IsShared(in) && strings.Contains(m.SQL, in) {
				alone := fmt.Sprintf("select * from %s where subject_id = %s", typed(in), engine.Quote(subject))
				if err := db.View(ctx, in, alone); err != nil {
					return err
				}
			}
		}
		rows, err := query(ctx, db, m, want[0])
		if err != nil {
			return err
		}
		got = append(got, rows[1:]...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("%s is not local: subject by subject it gives other rows: %s", m.Name, diff)
	}
	return nil
}

// subjectsOf are the subjects that any input speaks of, in their order.
func subjectsOf(ctx context.Context, db *engine.DB, m model.Model) (subjects []string, err error) {
	parts := []string{"select cast(null as varchar) as subject_id"}
	for _, in := range m.Inputs {
		if !model.IsShared(in) && strings.Contains(m.SQL, in) {
			parts = append(parts, "select subject_id from "+typed(in))
		}
	}
	subjects, err = db.Texts(ctx, "select subject_id from ("+strings.Join(parts, " union ")+") where subject_id is not null order by 1")
	if err != nil {
		return nil, fmt.Errorf("%s says it is local, and every input of a local model has a subject_id: %w", m.Name, err)
	}
	return subjects, nil
}
