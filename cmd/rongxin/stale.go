package main

import (
	"context"
	"database/sql"

	"rongxin/warehouse/run"
)

// A staleInput is a dataset whose newest due report had not come by the run's
// day. The run was judged by what the department had sent before.
type staleInput struct {
	Dataset      string `json:"dataset"`
	Title        string `json:"title"`
	Department   string `json:"department"`
	Period       string `json:"period"`                  // the newest one that was due
	DueOn        string `json:"due_on"`                  // the day by which it should have come
	LastReceived string `json:"last_received,omitempty"` // empty: the dataset never came
}

// staleInputs reads what a run had to do without, by dataset. When a report is
// due is the contract's word (expect), see marts.coverage.
func (a *app) staleInputs(ctx context.Context, r *run.Run) ([]staleInput, error) {
	db, err := a.attach(ctx, r, "marts.coverage", "run.batches")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `
		with due as (
			select *, row_number() over (partition by dataset order by period_to_on desc) as age
			from marts.coverage where state <> 'not_due'
		),
		came as (select dataset, max(known_on) as last_on from run.batches group by dataset)
		select due.dataset, due.title, due.department, due.period, cast(due.due_on as varchar), cast(came.last_on as varchar)
		from due left join came on came.dataset = due.dataset
		where due.age = 1 and due.state = 'missing'
		order by due.dataset`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []staleInput{}
	for rows.Next() {
		var s staleInput
		var last sql.NullString
		if err := rows.Scan(&s.Dataset, &s.Title, &s.Department, &s.Period, &s.DueOn, &last); err != nil {
			return nil, err
		}
		s.LastReceived = last.String
		list = append(list, s)
	}
	return list, rows.Err()
}
