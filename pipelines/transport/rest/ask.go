package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"rongxin/pipelines/publish"
)

// Holdings asks GET /v1/state.
func (t *Transport) Holdings(ctx context.Context, table string) (publish.Holdings, error) {
	return t.holdings(ctx, url.Values{"table": {table}})
}

// HeldBetween asks GET /v1/state of a range of keys. A receiver that does not say
// which range its answer is of does not know ranges.
func (t *Transport) HeldBetween(ctx context.Context, table, after, upTo string) (publish.Holdings, error) {
	return t.holdings(ctx, url.Values{"table": {table}, "after": {after}, "upto": {upTo}})
}

func (t *Transport) holdings(ctx context.Context, query url.Values) (publish.Holdings, error) {
	var state struct {
		Count  int    `json:"count"`
		Digest string `json:"state_digest"`
		After  string `json:"after"`
		UpTo   string `json:"upto"`
	}
	_, err := t.read(ctx, "v1/state", query, &state, func() error {
		if !hexDigest.MatchString(state.Digest) || state.Count < 0 {
			return errors.New("want a count and a state_digest of 64 hex digits")
		}
		return nil
	})
	if err == nil && (state.After != query.Get("after") || state.UpTo != query.Get("upto")) {
		err = fmt.Errorf("GET /v1/state: of a range of keys: %w", publish.ErrCannotAsk)
	}
	return publish.Holdings{Count: state.Count, Digest: state.Digest}, err
}

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Held asks GET /v1/records.
func (t *Transport) Held(ctx context.Context, table, after string, limit int) ([]publish.HeldRecord, bool, error) {
	var page struct {
		Records []struct {
			Key    string `json:"cd_id"`
			Digest string `json:"digest"`
		} `json:"records"`
		More bool `json:"more"`
	}
	var records []publish.HeldRecord
	last := after
	query := url.Values{"table": {table}, "after": {after}, "limit": {strconv.Itoa(limit)}}
	_, err := t.read(ctx, "v1/records", query, &page, func() error {
		for _, r := range page.Records {
			if r.Key <= after || r.Key < last || !hexDigest.MatchString(r.Digest) { // the same key twice is for reconciliation to tell
				return fmt.Errorf("record %q: want ascending keys, each with a digest", publish.Plain(r.Key))
			}
			last = r.Key
			records = append(records, publish.HeldRecord{Key: r.Key, Digest: r.Digest})
		}
		if page.More && len(records) == 0 {
			return errors.New("an empty page that is not the last")
		}
		return nil
	})
	return records, page.More, err
}

// noticesPage is how many notices are asked for at once.
const noticesPage = 100

// Collect asks GET /v1/notices. A receiver without that path gives no verdicts.
func (t *Transport) Collect(ctx context.Context, since string) (notices []publish.Notice, next string, more bool, err error) {
	var page struct {
		Notices []json.RawMessage `json:"notices"`
		Next    string            `json:"next"`
		More    bool              `json:"more"`
	}
	query := url.Values{"after": {since}, "limit": {strconv.Itoa(noticesPage)}}
	status, err := t.read(ctx, "v1/notices", query, &page, func() error {
		for i, text := range page.Notices {
			n, err := readNotice(text)
			if err != nil {
				return fmt.Errorf("notices[%d]: %w", i, err)
			}
			notices = append(notices, n)
		}
		if page.More && page.Next == since {
			return errors.New("more is to come behind the same cursor")
		}
		return nil
	})
	if status == http.StatusNotFound {
		return nil, since, false, nil
	}
	return notices, page.Next, page.More, err
}

// notice is one element of the answer to GET /v1/notices.
type notice struct {
	Batch    string              `json:"batch"`
	Key      string              `json:"key"`
	Level    string              `json:"level"`
	ID       string              `json:"receipt_id"`
	Rejected []publish.Rejection `json:"rejected"`
	Code     string              `json:"code"`
	Message  string              `json:"message"`
}

func readNotice(text []byte) (publish.Notice, error) {
	var n notice
	if err := json.Unmarshal(text, &n); err != nil {
		return publish.Notice{}, err
	}
	outcome, ok := levels[n.Level]
	if n.Batch == "" || n.Level == "" || !ok {
		return publish.Notice{}, errors.New("want a batch and the level accepted, processed or refused")
	}
	return publish.Notice{
		Number: n.Batch, Key: n.Key, Outcome: outcome, ReceiptID: n.ID, Receipt: text,
		Rejected: n.Rejected, Code: publish.Plain(n.Code), Text: publish.Plain(n.Message),
	}, nil
}

// read gets one JSON document and checks it.
func (t *Transport) read(ctx context.Context, path string, query url.Values, into any, check func() error) (status int, err error) {
	target := t.base.JoinPath(path)
	target.RawQuery = query.Encode()
	a, body := t.ask(ctx, http.MethodGet, target, nil, nil)
	if a.Outcome == publish.Processed {
		if err = json.Unmarshal(body, into); err == nil {
			err = check()
		}
		if err != nil {
			return a.Status, fmt.Errorf("GET /%s: %w: %w", path, publish.ErrTemporary, err)
		}
		return a.Status, nil
	}
	return a.Status, fmt.Errorf("GET /%s: %w", path, a.Problem())
}

var _ interface {
	publish.Transport
	publish.RangeHolder
} = (*Transport)(nil)
