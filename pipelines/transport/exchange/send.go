package exchange

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"rongxin/pipelines/publish"
)

// Send writes one batch: its row of cd_batches and its rows of records in one
// transaction. A batch that is there already is not written again.
func (t *Transport) Send(ctx context.Context, m publish.Message) publish.Answer {
	table, ok := t.tables[m.Table]
	if !ok {
		return publish.Answer{Outcome: publish.Misconfigured, Err: fmt.Errorf("exchange: no table %s is agreed with this receiver", m.Table)}
	}
	for _, name := range []string{"", m.Table} {
		if err := t.fit(ctx, name); err != nil {
			return unfitting(ctx, err)
		}
	}
	bound, cancel := t.bound(ctx)
	defer cancel()
	if err := t.raise(bound, m); err != nil {
		return t.failed(ctx, "raise the fencing token", err)
	}
	conn, err := t.db.Conn(bound)
	if err != nil {
		return t.failed(ctx, "connect", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(bound, nil)
	if err != nil {
		return t.failed(ctx, "begin", err)
	}
	defer tx.Rollback() // after a commit it does nothing
	return batch{t, conn, tx, &m, table}.write(ctx, bound)
}

// unfitting words a table that is not as it should be as an answer to a batch.
func unfitting(ctx context.Context, err error) publish.Answer {
	switch {
	case ctx.Err() != nil:
		return publish.Answer{Outcome: publish.Interrupted, Err: context.Cause(ctx)}
	case errors.Is(err, publish.ErrSetup):
		return publish.Answer{Outcome: publish.Misconfigured, Err: err}
	}
	return publish.Answer{Outcome: publish.Unavailable, Err: err}
}

// raise makes this publisher's fencing token the greatest that was seen, unless
// there was a greater one. It waits for batches under way of earlier publishers.
func (t *Transport) raise(ctx context.Context, m publish.Message) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.raised >= m.Epoch {
		return nil
	}
	d, fence := t.dialect, t.named(t.settings.Fence)
	before, after := d.insertNew()
	if _, err := t.db.ExecContext(ctx, before+fence+" (cd_source, cd_epoch) values ("+d.param(1)+", 0)"+after, m.Source); err != nil {
		return err
	}
	_, err := t.db.ExecContext(ctx, "update "+fence+" set cd_epoch = "+d.param(1)+" where cd_source = "+d.param(2)+" and cd_epoch < "+d.param(3),
		m.Epoch, m.Source, m.Epoch)
	if err == nil {
		t.raised = m.Epoch
	}
	return err
}

// batch is one on its way.
type batch struct {
	*Transport
	conn    *sql.Conn
	tx      *sql.Tx
	message *publish.Message
	table   table
}

func (b batch) write(caller, ctx context.Context) publish.Answer {
	m := b.message
	var epoch int64
	err := b.tx.QueryRowContext(ctx, "select cd_epoch from "+b.named(b.settings.Fence)+" where cd_source = "+b.dialect.param(1)+b.dialect.shared(),
		m.Source).Scan(&epoch)
	if err != nil {
		return b.failed(caller, "look at the fencing token", err)
	}
	if epoch > m.Epoch {
		return publish.Answer{Outcome: publish.Fenced, Err: fmt.Errorf("exchange: the fencing token %d is there, this sender has %d", epoch, m.Epoch)}
	}
	there, err := b.isThere(ctx)
	switch {
	case errors.Is(err, errAnother):
		return publish.Answer{Outcome: publish.Refused, Code: "NUMBER", Text: err.Error(), Err: fmt.Errorf("exchange: %w", err)}
	case err != nil:
		return b.failed(caller, "look for the batch", err)
	case there:
		return publish.Answer{Outcome: publish.Handed}
	}
	if err := b.announce(ctx); err != nil {
		return b.failed(caller, "write the row of the batch", err)
	}
	err = b.dialect.write(ctx, b.conn, b.tx, b.table, m)
	switch {
	case errors.Is(err, errRow):
		return publish.Answer{Outcome: publish.Refused, Code: "CONTENT", Text: errRow.Error(), Err: fmt.Errorf("exchange: %w", err)}
	case err != nil:
		return b.failed(caller, "write the rows of "+m.Table, err)
	}
	if err := b.tx.Commit(); err != nil {
		return b.failed(caller, "commit", err) // whether it is there shows when it is sent again
	}
	return publish.Answer{Outcome: publish.Handed}
}

// errAnother is a batch of that number that has another key.
var errAnother = errors.New("another batch of this number is there")

// isThere looks for the batch by its number, which says the same as its key.
func (b batch) isThere(ctx context.Context) (bool, error) {
	var key string
	err := b.tx.QueryRowContext(ctx, "select cd_key from "+b.named(b.settings.Batches)+" where cd_source = "+b.dialect.param(1)+
		" and cd_batch = "+b.dialect.param(2), b.message.Source, b.message.Number).Scan(&key)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err == nil && key != b.message.Key:
		return false, errAnother
	}
	return err == nil, err
}

// announce writes the row of the batch.
func (b batch) announce(ctx context.Context) error {
	m := b.message
	values := []any{m.Key, m.Source, m.Number, m.Table, m.Lane, m.Epoch, len(m.Rows), digestOf(m), m.Run, m.AsOf.Format("2006-01-02"), m.Target.Count, m.Target.Digest}
	statement := "insert into " + b.named(b.settings.Batches) + " (cd_key, cd_source, cd_batch, cd_table, cd_lane, cd_epoch, cd_rows, cd_digest, run_id, as_of, target_count, target_digest) values ("
	for i := range values {
		if i > 0 {
			statement += ", "
		}
		statement += b.dialect.param(i + 1)
	}
	_, err := b.tx.ExecContext(ctx, statement+")", values...)
	return err
}

var _ interface {
	publish.Transport
	publish.RangeHolder
} = (*Transport)(nil)
