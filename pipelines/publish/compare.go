package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"rongxin/warehouse/ops"
)

// comparison walks the run, the acknowledged records and the received ones side
// by side, all ascending by key, and reports the keys that are not the same.
type comparison struct {
	*Publisher
	report *Report
	held   *heldRecords
	there  *pages[thereRecord]
	seen   int
}

// thereRecord is one line of GET /v1/records.
type thereRecord struct {
	Key    string `json:"cd_id"`
	Digest string `json:"digest"`
}

func (p *Publisher) compare(ctx context.Context, source Source, report *Report) error {
	report.Causes = map[Cause]int{}
	c := &comparison{Publisher: p, report: report, held: p.heldRecords(), there: p.thereRecords()}
	err := source.each(ctx, func(key string, content []byte) error {
		if err := c.leftovers(ctx, key); err != nil {
			return err
		}
		return c.judge(ctx, key, digest(content))
	})
	if err != nil {
		return fmt.Errorf("run %s: %w", report.Run, err)
	}
	return c.leftovers(ctx, "")
}

// leftovers judges the keys below key that the run passed over; an empty key
// stands for the end.
func (c *comparison) leftovers(ctx context.Context, key string) error {
	for {
		known, ok1, err1 := c.held.peek(ctx)
		there, ok2, err2 := c.there.peek(ctx)
		if err := errors.Join(err1, err2); err != nil || !ok1 && !ok2 {
			return err
		}
		next := known.Key
		if !ok1 || ok2 && there.Key < next {
			next = there.Key
		}
		if key != "" && next >= key {
			return nil
		}
		if err := c.judge(ctx, next, ""); err != nil {
			return err
		}
	}
}

// judge takes the key from both sides and reports it if it differs.
func (c *comparison) judge(ctx context.Context, key, published string) error {
	known, err1 := c.held.take(ctx, key)
	there, err2 := c.there.take(ctx, key)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if c.seen++; c.seen%deliveriesPage == 0 {
		c.cfg.Progress(Progress{Phase: "compare", Records: c.seen})
	}
	b := Break{Key: key, Published: published, Acknowledged: known.Digest, Received: there.Digest}
	b.Cause = causeOf(published, known.Digest, there.Digest, refusedNews(known, published))
	if b.Cause == "" {
		return nil
	}
	if b.Cause == RefusedThere {
		b.Code = known.Refused.Code
	}
	c.report.Differ++
	c.report.Causes[b.Cause]++
	if len(c.report.Breaks) < c.cfg.MaxBreaks {
		c.report.Breaks = append(c.report.Breaks, b)
	}
	return nil
}

// refusedNews tells whether the receiver refused what the run now says.
func refusedNews(known ops.Delivery, published string) bool {
	return known.Refused != nil && known.Refused.Digest == published
}

// receivedState asks the receiver how much it holds.
func (p *Publisher) receivedState(ctx context.Context) (stateJSON, error) {
	return ask(ctx, p, "v1/state", nil, func(state stateJSON) error {
		if !hexDigest.MatchString(state.Digest) || state.Count < 0 {
			return errors.New("want a count and a state_digest of 64 hex digits")
		}
		return nil
	})
}

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

const recordsPage = 1000

// therePage is what GET /v1/records answers.
type therePage struct {
	Records []thereRecord `json:"records"`
	More    bool          `json:"more"`
}

func (page therePage) check(after string) error {
	for _, r := range page.Records {
		if r.Key <= after || !hexDigest.MatchString(r.Digest) {
			return fmt.Errorf("record %q: want ascending keys, each with a digest", plain(r.Key))
		}
		after = r.Key
	}
	if page.More && len(page.Records) == 0 {
		return errors.New("an empty page that is not the last")
	}
	return nil
}

// thereRecords pages through what the receiver holds.
func (p *Publisher) thereRecords() *pages[thereRecord] {
	return &pages[thereRecord]{
		key: func(r thereRecord) string { return r.Key },
		fetch: func(ctx context.Context, after string) ([]thereRecord, bool, error) {
			query := url.Values{"after": {after}, "limit": {strconv.Itoa(recordsPage)}}
			page, err := ask(ctx, p, "v1/records", query, func(page therePage) error { return page.check(after) })
			return page.Records, page.More, err
		},
	}
}

// ask gets one JSON document from the receiver, repeating until it makes sense.
func ask[T any](ctx context.Context, p *Publisher, path string, query url.Values, check func(T) error) (T, error) {
	var document T
	a, err := p.persist(ctx, func() (answer, error) {
		a := p.courier.get(ctx, path, query)
		if a.outcome != answered {
			return a, nil
		}
		document = *new(T) // nothing of a try before
		if a.err = json.Unmarshal(a.body, &document); a.err == nil {
			a.err = check(document)
		}
		if a.err != nil {
			a.outcome = garbled
		}
		return a, nil
	}, func(answer, time.Duration) error { return nil })
	if err == nil && a.outcome == refused {
		err = a.err
	}
	if err != nil {
		return document, fmt.Errorf("GET /%s: %w", path, err)
	}
	return document, nil
}
