package exchange

import (
	"context"
	"fmt"

	"rongxin/pipelines/publish"
)

// Holdings sums up the state view.
func (t *Transport) Holdings(ctx context.Context, table string) (publish.Holdings, error) {
	var state publish.State
	err := t.state(ctx, table, "", func(r publish.HeldRecord) { state.Add(r.Key, r.Digest) })
	if err != nil {
		return publish.Holdings{}, err
	}
	return publish.Holdings{Count: state.Count, Digest: state.Digest()}, nil
}

// HeldBetween sums up a range of keys of the state view.
func (t *Transport) HeldBetween(ctx context.Context, table, after, upTo string) (publish.Holdings, error) {
	d := t.dialect
	tail, args := fmt.Sprintf(" and %s > %s", d.byBytes("cd_id"), d.param(3)), []any{after}
	if upTo != "" {
		tail, args = tail+fmt.Sprintf(" and %s <= %s", d.byBytes("cd_id"), d.param(4)), append(args, upTo)
	}
	var state publish.State
	err := t.state(ctx, table, tail, func(r publish.HeldRecord) { state.Add(r.Key, r.Digest) }, args...)
	return publish.Holdings{Count: state.Count, Digest: state.Digest()}, err
}

// Held reads the state view by key.
func (t *Transport) Held(ctx context.Context, table, after string, limit int) (records []publish.HeldRecord, more bool, err error) {
	d := t.dialect
	tail := fmt.Sprintf(" and %s > %s order by %s limit %d", d.byBytes("cd_id"), d.param(3), d.byBytes("cd_id"), limit+1)
	err = t.state(ctx, table, tail, func(r publish.HeldRecord) { records = append(records, r) }, after)
	if more = len(records) > limit; more {
		records = records[:limit]
	}
	return records, more, err
}

// state reads the state view of a table; tail goes on with the condition.
func (t *Transport) state(ctx context.Context, table, tail string, yield func(publish.HeldRecord), args ...any) error {
	if t.settings.State == "" {
		return publish.ErrCannotAsk
	}
	if err := t.fit(ctx, ""); err != nil {
		return err
	}
	bound, cancel := t.bound(ctx)
	defer cancel()
	d := t.dialect
	rows, err := t.db.QueryContext(bound, "select cd_id, cd_digest from "+t.named(t.settings.State)+
		" where cd_source = "+d.param(1)+" and cd_table = "+d.param(2)+tail, append([]any{t.source, table}, args...)...)
	err = each(rows, err, func() error {
		var r publish.HeldRecord
		err := rows.Scan(&r.Key, &r.Digest)
		yield(r)
		return err
	})
	return t.asked(ctx, "read "+t.settings.State, err)
}
