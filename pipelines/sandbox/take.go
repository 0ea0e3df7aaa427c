package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// handed is one batch as it was handed over.
type handed struct {
	key    string // idempotency key
	digest string // of the bytes handed over
	batch  *batch
}

// receipt is the answer to a batch that was taken.
type receipt struct {
	ID          string      `json:"receipt_id"`
	Batch       string      `json:"batch"`
	Level       string      `json:"level"`
	Accepted    int         `json:"accepted"`
	Rejected    []rejection `json:"rejected"`
	StateDigest string      `json:"state_digest"` // of the table
}

// How far a receipt says the platform has got.
const (
	accepted  = "accepted"  // verdicts of the records will follow
	processed = "processed" // this is the last word
)

type rejection struct {
	Key     string `json:"cd_id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// take applies a batch and stores its receipt in one transaction, or finds the
// receipt that was given under its key. A [*refusal] means that nothing was
// taken. A lost receipt is stored, and not to be had before the batch comes
// again.
func (p *platform) take(ctx context.Context, h handed, lost bool) (answer json.RawMessage, err error) {
	t, err := p.checkBatch(h)
	if err != nil {
		return nil, p.refused(ctx, h, err)
	}
	in := newIntake(t, h) // what needs no look at what is held is done before it is our turn
	err = p.change(ctx, func(tx *sql.Tx) error {
		if !h.batch.left {
			if err := checkEpoch(ctx, tx, h.batch.epoch); err != nil {
				return err
			}
		}
		if answer, err = repeat(ctx, tx, h, lost); answer != nil || err != nil {
			return err
		}
		if h.batch.left {
			if err := checkLane(ctx, tx, h.batch); err != nil {
				return err
			}
		}
		if err := p.process(ctx, tx); err != nil {
			return err
		}
		if answer, err = in.run(ctx, tx, p, lost); err != nil {
			return err
		}
		return p.process(ctx, tx)
	})
	return answer, p.refused(ctx, h, err)
}

// takeReceipt is take with the receipt read.
func (p *platform) takeReceipt(ctx context.Context, h handed, lost bool) (given receipt, err error) {
	answer, err := p.take(ctx, h, lost)
	if err == nil {
		err = json.Unmarshal(answer, &given)
	}
	return given, err
}

// again is the receipt that was given under a key that is known.
func (p *platform) again(ctx context.Context, h handed, lost bool) (given receipt, known bool, err error) {
	err = p.change(ctx, func(tx *sql.Tx) error {
		answer, err := repeat(ctx, tx, h, lost)
		if known = answer != nil; known {
			err = json.Unmarshal(answer, &given)
		}
		return err
	})
	return given, known, err
}

// refused counts err when it is a batch refused as a whole. The rows of one that
// may come again in smaller batches keep its place.
func (p *platform) refused(ctx context.Context, h handed, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	return errors.Join(err, p.change(ctx, func(tx *sql.Tx) error {
		column := "refused_batches"
		if r.Code == "FENCED" {
			column = "fenced"
		}
		if _, err := tx.ExecContext(ctx, `update platform set `+column+` = `+column+` + 1`); err != nil {
			return err
		}
		if r.Code != "POISON" {
			return nil
		}
		for _, row := range h.batch.rows {
			change := `insert into places (tbl, key, place) values (?, ?, ?) on conflict do nothing`
			if len(h.batch.rows) == 1 { // it is not sent again in smaller parts
				change = `delete from places where tbl = ? and key = ? and ? <> ''`
			}
			if _, err := tx.ExecContext(ctx, change, h.batch.table, row.key, h.batch.number); err != nil {
				return err
			}
		}
		return nil
	}))
}

// repeat returns the stored receipt of a key that is known, nil of one that is
// not.
func repeat(ctx context.Context, tx *sql.Tx, h handed, lostAgain bool) (json.RawMessage, error) {
	var seq, lost, done int
	var stored, answer string
	err := tx.QueryRowContext(ctx, `select seq, body_digest, receipt, lost, processed from batches
		where idempotency_key = ?`, h.key).Scan(&seq, &stored, &answer, &lost, &done)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case stored != h.digest:
		return nil, refuse(http.StatusConflict, "KEY_CONFLICT", "此幂等键已用于内容不同的批次")
	}
	if lost == 1 && !lostAgain { // now it is found, and what was said later as well
		if _, err := tx.ExecContext(ctx, `update batches set lost = 0 where seq = ?`, seq); err != nil {
			return nil, err
		}
		if done == 1 {
			if err := notify(ctx, tx, seq); err != nil {
				return nil, err
			}
		}
	}
	_, err = tx.ExecContext(ctx, `update platform set repeats = repeats + 1`)
	return json.RawMessage(answer), err
}

// replaced turns a sender away that another one has taken over from. It is asked
// before anything else of a batch is looked at, and believes nothing yet.
func (p *platform) replaced(ctx context.Context, epoch int64) error {
	err := p.read(ctx, func(tx *sql.Tx) error { return compareEpoch(ctx, tx, epoch) })
	return p.refused(ctx, handed{}, err)
}

// fence is asked once it is known who sent the batch: from now on an earlier
// sender is turned away.
func (p *platform) fence(ctx context.Context, epoch int64) error {
	err := p.change(ctx, func(tx *sql.Tx) error { return checkEpoch(ctx, tx, epoch) })
	return p.refused(ctx, handed{}, err)
}

// checkLane is checkEpoch for what lay in a table or folder until the platform
// looked: it may have been written in good order by a sender that was replaced
// since. What comes behind a later sender's in its lane was not.
func checkLane(ctx context.Context, tx *sql.Tx, b *batch) error {
	var highest int64
	if err := tx.QueryRowContext(ctx, `select coalesce(max(epoch), 0) from lanes where lane = ?`, b.lane).Scan(&highest); err != nil {
		return err
	}
	if b.epoch < highest {
		return refuse(http.StatusPreconditionFailed, "FENCED", "令牌 %d 已失效：本通道已见过 %d，另一发送程序已接管", b.epoch, highest)
	}
	if _, err := tx.ExecContext(ctx, `insert into lanes (lane, epoch) values (?, ?) on conflict (lane) do update set epoch = excluded.epoch`,
		b.lane, b.epoch); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `update platform set epoch = ? where epoch < ?`, b.epoch, b.epoch)
	return err
}

func checkEpoch(ctx context.Context, tx *sql.Tx, epoch int64) error {
	if err := compareEpoch(ctx, tx, epoch); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `update platform set epoch = ? where epoch < ?`, epoch, epoch)
	return err
}

func compareEpoch(ctx context.Context, tx *sql.Tx, epoch int64) error {
	var highest int64
	if err := tx.QueryRowContext(ctx, `select epoch from platform`).Scan(&highest); err != nil {
		return err
	}
	if epoch < highest {
		return refuse(http.StatusPreconditionFailed, "FENCED", "令牌 %d 已失效：已见过 %d，另一发送程序已接管", epoch, highest)
	}
	return nil
}

// checkBatch refuses what cannot be answered record by record.
func (p *platform) checkBatch(h handed) (*table, error) {
	b := h.batch
	bad := func(code, format string, args ...any) error {
		return refuse(http.StatusBadRequest, code, format, args...)
	}
	t, err := p.table(b.table)
	switch {
	case h.key == "" || len(h.key) > maxKey:
		return nil, bad("IDEMPOTENCY_KEY", "幂等键应为 1 至 %d 个字符", maxKey)
	case err != nil:
		return nil, err
	case !batchNumber.MatchString(b.number) || !isDay(b.number[:8]):
		return nil, bad("BATCH_NUMBER", "批次号 %q 应为 YYYYMMDD 加 5 位序号", b.number)
	case !sourceCode.MatchString(b.source):
		return nil, bad("SOURCE", "数据来源 %q 应为行政区划代码或部门代码", b.source)
	case !isDate(b.asOf):
		return nil, bad("AS_OF", "as_of %q 应为 YYYY-MM-DD", b.asOf)
	case len(b.rows) == 0 || b.count != len(b.rows):
		return nil, bad("COUNT", "count 为 %d，实有 %d 行；至少一行", b.count, len(b.rows))
	case len(b.rows) > maxRows:
		return nil, refuse(http.StatusRequestEntityTooLarge, "TOO_LARGE", "超过 %d 行", maxRows)
	}
	last := 0
	for i := range b.rows {
		if n := length(b.rows[i].key); n == 0 || n > maxKey {
			return nil, bad("CD_ID", "第 %d 行：cd_id 应为 1 至 %d 个字符", i+1, maxKey)
		}
		at := strings.Index("IUD", b.rows[i].operation) // what is none of them is refused by itself
		if at >= 0 && at < last {
			return nil, bad("ROW_ORDER", "第 %d 行：批次内应先 I、再 U、后 D", i+1)
		}
		last = max(last, at)
	}
	return t, p.trouble.poisoned(b)
}
