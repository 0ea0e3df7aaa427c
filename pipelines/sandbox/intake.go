package sandbox

import (
	"context"
	"database/sql"
	"errors"
)

// intake takes the rows of one batch, each for itself.
type intake struct {
	ctx   context.Context
	tx    *sql.Tx
	batch batch
	times map[string]int // occurrences of a key in the batch
	state stateSum
	done  map[string]int // rows taken, by operation
}

func newIntake(ctx context.Context, tx *sql.Tx, b batch) *intake {
	in := &intake{ctx: ctx, tx: tx, batch: b, times: map[string]int{}, done: map[string]int{}}
	for _, row := range b.Rows {
		in.times[row["cd_id"].(string)]++ // readBatch saw that it is text
	}
	return in
}

func (in *intake) run(idempotencyKey string) (receipt, error) {
	var stored string
	if err := in.tx.QueryRowContext(in.ctx, `select state_digest from totals`).Scan(&stored); err != nil {
		return receipt{}, err
	}
	state, err := parseState(stored)
	if err != nil {
		return receipt{}, err
	}
	in.state = state
	given := receipt{ID: "R" + in.batch.Number + "-" + digest(idempotencyKey)[:8], Batch: in.batch.Number, Rejected: []rejection{}}
	for _, row := range in.batch.Rows {
		key := row["cd_id"].(string)
		f, err := in.row(key, row)
		if err != nil {
			return receipt{}, err
		}
		if f != nil {
			given.Rejected = append(given.Rejected, rejection{key, f.code, f.message})
			continue
		}
		given.Accepted++
	}
	given.StateDigest = in.state.String()
	_, err = in.tx.ExecContext(in.ctx, `update totals set state_digest = ?, batches = batches + 1,
		inserted = inserted + ?, updated = updated + ?, deleted = deleted + ?`,
		given.StateDigest, in.done["I"], in.done["U"], in.done["D"])
	return given, err
}

// row checks one row and applies it; a fault means it had no effect.
func (in *intake) row(key string, row map[string]any) (*fault, error) {
	exchange, content := split(row)
	if in.times[key] > 1 {
		return faultf("DUPLICATE_KEY", "cd_id occurs %d times in the batch", in.times[key]), nil
	}
	if f := checkExchange(exchange, in.batch.Number, in.batch.Source); f != nil {
		return f, nil
	}
	operation, _ := exchange["cd_operation"].(string)
	if f := checkForm(operation, key, content); f != nil {
		return f, nil
	}
	held, is, err := in.held(key)
	if err != nil {
		return nil, err
	}
	if f := checkOrder(operation, is); f != nil {
		return f, nil
	}
	in.done[operation]++
	return nil, in.apply(operation, key, held, content)
}

// checkForm looks at the row alone.
func checkForm(operation, key string, content map[string]any) *fault {
	switch operation {
	case "D":
		if len(content) > 0 {
			return faultf("CONTENT", "a row to be removed has no content")
		}
		return nil
	case "I", "U":
		if f := checkContent(content); f != nil {
			return f
		}
		if want := content["subject_id"].(string) + "/" + content["scheme"].(string); key != want {
			return faultf("KEY", "cd_id: is not subject_id/scheme")
		}
		return nil
	}
	return faultf("OPERATION", "cd_operation: %q is not one of I, U, D", operation)
}

// checkOrder looks at what is held: I comes first, then U, then D.
func checkOrder(operation string, held bool) *fault {
	if operation == "I" && held {
		return faultf("EXISTS", "I of a record that is held")
	}
	if operation != "I" && !held {
		return faultf("NOT_HELD", "%s of a record that is not held", operation)
	}
	return nil
}

func (in *intake) held(key string) (payload string, is bool, err error) {
	err = in.tx.QueryRowContext(in.ctx, `select payload from records where key = ?`, key).Scan(&payload)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return payload, err == nil, err
}

func (in *intake) apply(operation, key, held string, content map[string]any) error {
	if operation != "I" {
		in.state.remove(key, held)
	}
	if operation == "D" {
		_, err := in.tx.ExecContext(in.ctx, `delete from records where key = ?`, key)
		return err
	}
	payload, err := canonical(content)
	if err != nil {
		return err
	}
	in.state.add(key, payload)
	_, err = in.tx.ExecContext(in.ctx, `insert into records (key, payload, batch) values (?, ?, ?)
		on conflict (key) do update set payload = excluded.payload, batch = excluded.batch`, key, payload, in.batch.Number)
	return err
}
