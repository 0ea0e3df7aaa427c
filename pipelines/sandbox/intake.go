package sandbox

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
)

// intake takes the rows of one batch, each for itself.
type intake struct {
	table *table
	handed
	faults []*fault // by row: found without a look at what is held

	ctx           context.Context
	seq           int // of the batch
	state         stateSum
	count         int // records held of the table
	echoes        int
	done          applied
	later         func(key string) bool // whether a record taken is to be refused in processing
	get, put, set *sql.Stmt
	drop, log     *sql.Stmt
	doom          *sql.Stmt
	places        map[string]string // of rows that stood in a batch refused as a whole
}

func newIntake(t *table, h handed) *intake {
	in := &intake{table: t, handed: h, faults: make([]*fault, len(h.batch.rows))}
	times := make(map[string]int, len(h.batch.rows))
	for i := range h.batch.rows {
		times[h.batch.rows[i].key]++
	}
	for i := range h.batch.rows {
		r := &h.batch.rows[i]
		if n := times[r.key]; n > 1 {
			in.faults[i] = faultf("DUPLICATE_KEY", "cd_id 在本批中出现 %d 次", n)
			continue
		}
		in.faults[i] = t.check(r, h.batch)
	}
	return in
}

// run applies what can be applied and returns the receipt.
func (in *intake) run(ctx context.Context, tx *sql.Tx, p *platform, lost bool) (json.RawMessage, error) {
	in.ctx, in.later = ctx, p.trouble.later(in.key)
	if err := in.prepare(tx); err != nil {
		return nil, err
	}
	given := receipt{ID: "R" + in.batch.number + "-" + digest(in.key)[:8], Batch: in.batch.number,
		Level: p.level(), Rejected: []rejection{}}
	for i := range in.batch.rows {
		r, f := &in.batch.rows[i], in.faults[i]
		if f == nil {
			var err error
			if f, err = in.row(r); err != nil {
				return nil, err
			}
		}
		if f != nil {
			given.Rejected = append(given.Rejected, rejection{r.key, f.code, f.message})
			continue
		}
		given.Accepted++
	}
	given.StateDigest = in.state.String()
	if err := saveTotals(ctx, tx, in.table.Name, in.count, in.state); err != nil {
		return nil, err
	}
	_, err := tx.ExecContext(ctx, `update totals set inserted = inserted + ?1, updated = updated + ?2, deleted = deleted + ?3,
		target = case when ?4 = '' then target else ?4 end where tbl = ?5`, in.done.I, in.done.U, in.done.D, in.batch.target, in.table.Name)
	if err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `update platform set refused = refused + ?, echoes = echoes + ?`, len(given.Rejected), in.echoes)
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	return answer, in.keep(tx, given, answer, p.clock()+p.cfg.Delay.Milliseconds(), lost)
}

// keep stores the batch with its receipt.
func (in *intake) keep(tx *sql.Tx, given receipt, answer []byte, dueAt int64, lost bool) error {
	done, err := tx.ExecContext(in.ctx, `insert into batches (seq, idempotency_key, body_digest, batch, source, tbl, level, receipt, due_at, lost)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (batch) do nothing`,
		in.seq, in.key, in.digest, given.Batch, in.batch.source, in.table.Name, given.Level, string(answer), dueAt, lost)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return refuse(http.StatusConflict, "CONFLICT", "批次号 %s 已用于另一批次", given.Batch)
}

func (in *intake) prepare(tx *sql.Tx) (err error) {
	for _, s := range []struct {
		into **sql.Stmt
		text string
	}{
		{&in.get, `select payload, subject, batch from records where tbl = ? and key = ?`},
		{&in.put, `insert into records (tbl, key, subject, payload, batch) values (?, ?, ?, ?, ?) on conflict do nothing`},
		{&in.set, `update records set subject = ?, payload = ?, batch = ? where tbl = ? and key = ?`},
		{&in.drop, `delete from records where tbl = ? and key = ?`},
		{&in.log, `insert into effects (tbl, key, subject, operation, batch, place, same) values (?, ?, ?, ?, ?, ?, ?)`},
		{&in.doom, `insert into doomed (batch_seq, key, effect, operation, subject, prior, prior_of, code, message) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`},
	} {
		if *s.into, err = tx.PrepareContext(in.ctx, s.text); err != nil {
			return err
		}
	}
	if err := tx.QueryRowContext(in.ctx, `select coalesce(max(seq), 0) + 1 from batches`).Scan(&in.seq); err != nil {
		return err
	}
	if in.places, err = takePlaces(in.ctx, tx, in.batch); err != nil {
		return err
	}
	in.count, in.state, err = loadTotals(in.ctx, tx, in.table.Name)
	return err
}

// takePlaces returns the places that rows of the batch keep from batches which
// were refused, by key, and forgets them.
func takePlaces(ctx context.Context, tx *sql.Tx, b *batch) (map[string]string, error) {
	var kept int
	if err := tx.QueryRowContext(ctx, `select count(*) from (select 1 from places where tbl = ? limit 1)`, b.table).Scan(&kept); err != nil || kept == 0 {
		return nil, err
	}
	places := map[string]string{}
	for _, r := range b.rows {
		var place string
		err := tx.QueryRowContext(ctx, `delete from places where tbl = ? and key = ? returning place`, b.table, r.key).Scan(&place)
		if err == nil {
			places[r.key] = place
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	return places, nil
}

// held is a record as it stands before a change.
type held struct{ payload, subject, batch string }

// row applies one row; a fault means it had no effect.
func (in *intake) row(r *row) (*fault, error) {
	if r.operation == "I" {
		return in.insert(r)
	}
	var before held
	err := in.get.QueryRowContext(in.ctx, in.table.Name, r.key).Scan(&before.payload, &before.subject, &before.batch)
	if errors.Is(err, sql.ErrNoRows) {
		if r.operation == "D" {
			in.echoes++
		}
		return faultf("NOT_HELD", "%s：平台没有这条记录，应先新增（I）", r.operation), nil
	}
	if err != nil {
		return nil, err
	}
	in.state.remove(r.key, before.payload)
	subject := before.subject
	if r.operation == "D" {
		in.count--
		in.done.D++
		_, err = in.drop.ExecContext(in.ctx, in.table.Name, r.key)
	} else {
		in.done.U++
		subject = r.find(in.table.Subject).text
		in.state.add(r.key, r.payload)
		_, err = in.set.ExecContext(in.ctx, subject, r.payload, in.batch.number, in.table.Name, r.key)
	}
	if err != nil {
		return nil, err
	}
	return nil, in.record(r, subject, &before)
}

// insert adds a record that is not held.
func (in *intake) insert(r *row) (*fault, error) {
	subject := r.find(in.table.Subject).text
	done, err := in.put.ExecContext(in.ctx, in.table.Name, r.key, subject, r.payload, in.batch.number)
	if err != nil {
		return nil, err
	}
	if n, err := done.RowsAffected(); err != nil || n == 1 {
		in.state.add(r.key, r.payload)
		in.count++
		in.done.I++
		return nil, errors.Join(err, in.record(r, subject, nil))
	}
	var before held
	if err := in.get.QueryRowContext(in.ctx, in.table.Name, r.key).Scan(&before.payload, &before.subject, &before.batch); err != nil {
		return nil, err
	}
	if before.payload == r.payload {
		in.echoes++
	}
	return faultf("EXISTS", "I：平台已有这条记录，应更新（U）"), nil
}

// record writes down an effect, and that it is to be undone when so drawn.
func (in *intake) record(r *row, subject string, before *held) error {
	same := before != nil && before.payload == r.payload
	done, err := in.log.ExecContext(in.ctx, in.table.Name, r.key, subject, r.operation, in.batch.number, cmp.Or(in.places[r.key], in.batch.number), same)
	if err != nil || !in.later(r.key) {
		return err
	}
	effect, err := done.LastInsertId()
	if err != nil {
		return err
	}
	var prior, priorOf any
	if before != nil {
		subject, prior, priorOf = before.subject, before.payload, before.batch
	}
	_, err = in.doom.ExecContext(in.ctx, in.seq, r.key, effect, r.operation, subject, prior, priorOf, "PROCESSING", "入库后比对未通过")
	return err
}

func loadTotals(ctx context.Context, tx *sql.Tx, table string) (count int, state stateSum, err error) {
	var stored string
	err = tx.QueryRowContext(ctx, `select count, state_digest from totals where tbl = ?`, table).Scan(&count, &stored)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, stateSum{}, nil
	}
	if err != nil {
		return 0, stateSum{}, err
	}
	state, err = parseState(stored)
	return count, state, err
}

func saveTotals(ctx context.Context, tx *sql.Tx, table string, count int, state stateSum) error {
	_, err := tx.ExecContext(ctx, `insert into totals (tbl, count, state_digest) values (?, ?, ?)
		on conflict (tbl) do update set count = excluded.count, state_digest = excluded.state_digest`, table, count, state.String())
	return err
}
