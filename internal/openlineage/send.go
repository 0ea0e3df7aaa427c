package openlineage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// send hands the events over, one request each, as the standard has it. The first
// that fails ends it: what is down or slow is not asked three hundred times. All
// of them stand in the file.
func (r *Recorder) send(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	for i, event := range r.unsent {
		if err := r.post(ctx, &client, event); err != nil {
			return fmt.Errorf("lineage: %d of %d events were not sent to %s: %w; they stand in %s", len(r.unsent)-i, len(r.unsent), hostOf(r.cfg.URL), err, r.cfg.Dir)
		}
	}
	return nil
}

func (r *Recorder) post(ctx context.Context, client *http.Client, event []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.cfg.URL, bytes.NewReader(event))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if r.cfg.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.cfg.Token)
	}
	answer, err := client.Do(req)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) { // without the address, which may hold a password
			err = inner.Err
		}
		return err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)) // so that the connection is used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address of lineage"
	}
	return u.Host
}
