package sandbox

import (
	"context"
	"database/sql"
)

// audit is what happened so far, counted from the effects themselves.
type audit struct {
	Tables         map[string]tableAudit `json:"tables"`
	Batches        int                   `json:"batches"`         // taken
	Repeats        int                   `json:"repeats"`         // batches told by their key and answered again
	Fenced         int                   `json:"fenced"`          // batches of a sender that was replaced
	RefusedBatches int                   `json:"refused_batches"` // as a whole, for another reason
	Refused        int                   `json:"refused"`         // records, at once
	RefusedLater   int                   `json:"refused_later"`   // records, in processing
	Echoes         int                   `json:"echoes"`          // records refused that would have repeated an effect
	Duplicates     int                   `json:"duplicates"`      // changes that had no effect of their own: the content was there
	OutOfOrder     int                   `json:"out_of_order"`    // changes of an enterprise after a change of a later batch
	Epoch          int64                 `json:"epoch"`           // highest seen
}

// tableAudit is the part of one table.
type tableAudit struct {
	Held        int     `json:"held"`
	Digest      string  `json:"state_digest"` // kept up to date change by change
	Target      string  `json:"target"`       // what the sender last said it would be, count and digest
	Applied     applied `json:"applied"`
	Undone      int     `json:"undone"`       // of these, in processing
	Keys        int     `json:"keys"`         // that ever had an effect
	MostChanges int     `json:"most_changes"` // of one key
}

func (p *platform) audit(ctx context.Context) (a audit, err error) {
	err = p.read(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `select repeats, fenced, refused_batches, refused, refused_later, echoes, epoch,
				(select count(*) from batches), (select count(*) from effects where same = 1),
				(select count(*) from (select place, max(place) over (partition by subject order by seq
					rows between unbounded preceding and 1 preceding) as before
					from effects where operation <> 'R') where place < before)
			from platform`).Scan(&a.Repeats, &a.Fenced, &a.RefusedBatches, &a.Refused, &a.RefusedLater, &a.Echoes, &a.Epoch,
			&a.Batches, &a.Duplicates, &a.OutOfOrder); err != nil {
			return err
		}
		a.Tables, err = tableAudits(ctx, tx)
		return err
	})
	return a, err
}

func tableAudits(ctx context.Context, tx *sql.Tx) (map[string]tableAudit, error) {
	type named struct {
		name string
		tableAudit
	}
	all, err := list(ctx, tx, func(rows *sql.Rows, n *named) error {
		return rows.Scan(&n.name, &n.Held, &n.Digest, &n.Target, &n.Applied.I, &n.Applied.U, &n.Applied.D, &n.Undone, &n.Keys, &n.MostChanges)
	}, `select totals.tbl, totals.count, state_digest, target, coalesce(sum(i), 0), coalesce(sum(u), 0), coalesce(sum(d), 0),
			coalesce(sum(r), 0), count(key), coalesce(max(i + u + d), 0)
		from totals left join (select tbl, key, sum(operation = 'I') as i, sum(operation = 'U') as u,
				sum(operation = 'D') as d, sum(operation = 'R') as r
			from effects group by tbl, key) as effects using (tbl)
		group by totals.tbl`)
	tables := map[string]tableAudit{}
	for _, n := range all {
		tables[n.name] = n.tableAudit
	}
	return tables, err
}

// effect is one change that had an effect.
type effect struct {
	Operation string `json:"operation"`
	Batch     string `json:"cd_batch"`
	Place     string `json:"place"`
	Subject   string `json:"subject"`
}

// history is every effect on one record, in their order.
func (p *platform) history(ctx context.Context, t *table, key string) (all []effect, err error) {
	all = []effect{}
	err = p.read(ctx, func(tx *sql.Tx) error {
		found, err := list(ctx, tx, func(rows *sql.Rows, e *effect) error {
			return rows.Scan(&e.Operation, &e.Batch, &e.Place, &e.Subject)
		}, `select operation, batch, place, subject from effects where tbl = ? and key = ? order by seq`, t.Name, key)
		all = append(all, found...)
		return err
	})
	return all, err
}
