package exchange

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rongxin/pipelines/publish"
)

// feedbackPage is how many new rows are read at once.
const feedbackPage = 1000

// Collect reads what was written into cd_feedback since. A batch that was spoken
// of is told with all that has been said of it, so a notice may repeat another.
func (t *Transport) Collect(ctx context.Context, since string) (notices []publish.Notice, next string, more bool, err error) {
	place, err := parseCursor(since)
	if err != nil {
		return nil, "", false, fmt.Errorf("exchange: %w: %w", publish.ErrSetup, err)
	}
	if err := t.fit(ctx, ""); err != nil {
		return nil, "", false, err
	}
	bound, cancel := t.bound(ctx)
	defer cancel()
	batches, place, more, err := t.news(bound, place)
	if err == nil {
		notices, err = t.verdicts(bound, batches)
	}
	if err != nil {
		return nil, "", false, t.asked(ctx, "read "+t.settings.Feedback, err)
	}
	return notices, place.String(), more, nil
}

// news reads the numbers of new rows, and which of our batches they speak of.
func (t *Transport) news(ctx context.Context, place cursor) (batches []string, next cursor, more bool, err error) {
	condition := "fb_no > " + strconv.FormatInt(place.last, 10)
	for _, g := range place.gaps {
		condition += fmt.Sprintf(" or fb_no between %d and %d", g.from, g.to)
	}
	rows, err := t.db.QueryContext(ctx, fmt.Sprintf("select fb_no, cd_source, cd_batch, %s from %s where %s order by fb_no limit %d",
		t.dialect.now(), t.named(t.settings.Feedback), condition, feedbackPage))
	if err != nil {
		return nil, place, false, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var no, now int64
		var source, batch string
		if err := rows.Scan(&no, &source, &batch, &now); err != nil {
			return nil, place, false, err
		}
		place = place.seen(no, now)
		if source == t.source && !slices.Contains(batches, batch) {
			batches = append(batches, batch)
		}
	}
	return batches, place, n == feedbackPage, rows.Err()
}

// verdict is what was said last of a record or a batch.
type verdict struct {
	no                  int64
	word, code, message string
}

// said is all that was said of a batch.
type said struct {
	batch   verdict
	records map[string]verdict
}

// verdicts reads all that was said of the batches.
func (t *Transport) verdicts(ctx context.Context, batches []string) ([]publish.Notice, error) {
	if len(batches) == 0 {
		return nil, nil
	}
	all := map[string]*said{}
	args := []any{t.source}
	var params []string
	for i, number := range batches {
		all[number] = &said{records: map[string]verdict{}}
		args, params = append(args, number), append(params, t.dialect.param(i+2))
	}
	ours := " where cd_source = " + t.dialect.param(1) + " and cd_batch in (" + strings.Join(params, ", ") + ")"
	rows, err := t.db.QueryContext(ctx, "select fb_no, cd_batch, cd_id, verdict, coalesce(code, ''), coalesce(message, '') from "+
		t.named(t.settings.Feedback)+ours+" order by fb_no", args...)
	if err := each(rows, err, func() error { return read(rows, all) }); err != nil {
		return nil, err
	}
	keys, sizes := map[string]string{}, map[string]int{}
	rows, err = t.db.QueryContext(ctx, "select cd_batch, cd_key, cd_rows from "+t.named(t.settings.Batches)+ours, args...)
	err = each(rows, err, func() error {
		var number, key string
		var size int
		err := rows.Scan(&number, &key, &size)
		keys[number], sizes[number] = key, size
		return err
	})
	var notices []publish.Notice
	for _, number := range batches {
		n := all[number].notice(sizes[number])
		n.Number, n.Key = number, keys[number]
		if n.Receipt, err = receipt(n); err != nil {
			return nil, err
		}
		notices = append(notices, n)
	}
	return notices, err
}

func each(rows *sql.Rows, err error, do func() error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// read takes one row of cd_feedback.
func read(rows *sql.Rows, all map[string]*said) error {
	var number string
	var key sql.NullString
	var v verdict
	if err := rows.Scan(&v.no, &number, &key, &v.word, &v.code, &v.message); err != nil {
		return err
	}
	v.word, v.code, v.message = strings.ToLower(strings.TrimSpace(v.word)), publish.Plain(v.code), publish.Plain(v.message)
	if _, ok := outcomes[v.word]; !ok {
		return fmt.Errorf("fb_no %d: verdict %q is none of accepted, processed, refused", v.no, publish.Plain(v.word))
	}
	if key.Valid && key.String != "" {
		all[number].records[key.String] = v
	} else {
		all[number].batch = v
	}
	return nil
}

var outcomes = map[string]publish.Outcome{"accepted": publish.Accepted, "processed": publish.Processed, "refused": publish.Refused}

// notice sums up what was said of a batch of so many records.
func (s *said) notice(size int) publish.Notice {
	n := publish.Notice{Outcome: publish.Accepted}
	last, final := s.batch.no, 0
	for key, v := range s.records {
		last = max(last, v.no)
		if v.word != "accepted" {
			final++
		}
		if v.word == "refused" {
			n.Rejected = append(n.Rejected, publish.Rejection{Key: key, Code: v.code, Message: v.message})
		}
	}
	slices.SortFunc(n.Rejected, func(a, b publish.Rejection) int { return strings.Compare(a.Key, b.Key) })
	n.ReceiptID = "fb-" + strconv.FormatInt(last, 10)
	switch {
	case s.batch.word == "refused":
		n.Outcome, n.Code, n.Text, n.Rejected = publish.Refused, s.batch.code, s.batch.message, nil
	case s.batch.word == "processed" || size > 0 && final == size:
		n.Outcome = publish.Processed
	}
	return n
}

// receipt writes what was said as the HTTP interface would.
func receipt(n publish.Notice) ([]byte, error) {
	levels := map[publish.Outcome]string{publish.Accepted: "accepted", publish.Processed: "processed", publish.Refused: "refused"}
	return json.Marshal(struct {
		ID       string              `json:"receipt_id"`
		Batch    string              `json:"batch"`
		Level    string              `json:"level"`
		Rejected []publish.Rejection `json:"rejected,omitempty"`
		Code     string              `json:"code,omitempty"`
		Message  string              `json:"message,omitempty"`
	}{n.ReceiptID, n.Number, levels[n.Outcome], n.Rejected, n.Code, n.Text})
}
