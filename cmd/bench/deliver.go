package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/rest"
	"rongxin/warehouse/ops"
)

// delivering publishes a table over HTTP: read, held against what was
// acknowledged, written to the outbox, sent in eight lanes, every receipt stored;
// against a loop that posts the same bodies one after another with the same kind
// of client and keeps nothing. The receiver is in the process of the contender and
// takes each batch in no time, or in 20 ms as a platform at some distance does.
var delivering = contest{
	name: "deliver", title: "batches of 500 records over HTTP, against a plain loop of the same bodies",
	prepare: prepareDelivery,
	contenders: []contender{
		{name: "loop", title: "plain loop, receiver in no time", run: loopOf(0)},
		{name: "publish", title: "publish, receiver in no time", run: publishOf(0, 0)},
		{name: "far-loop", title: "plain loop, receiver in 20 ms", run: loopOf(farAway)},
		{name: "far-publish", title: "publish, receiver in 20 ms", run: publishOf(farAway, 0)},
		{name: "faulty", title: "publish, 30 % of the requests fail", run: publishOf(0, 30)},
	},
	goals: []goal{
		{id: "D1", title: "batches a second against the loop, receiver in 20 ms", gate: 0.5, aim: 1, figures: elapsed("far-loop", "far-publish")},
		{id: "D2", title: "the same, receiver in no time; no goal set", figures: elapsed("loop", "publish")},
		{id: "D3", title: "requests beyond the batches when 30 % fail, of which 42.9 % cannot be helped", gate: 50, aim: 45, unit: " %", atMost: true,
			figures: told("faulty", "extra")},
	},
}

const (
	farAway   = 20 * time.Millisecond
	batchRows = 500
)

// prepareDelivery publishes the records once and keeps the bodies that were sent.
func prepareDelivery(ctx context.Context, j job) error {
	if err := writeLines(j.path("records"), j.rows, actContent); err != nil {
		return err
	}
	file, err := os.Create(j.path("bodies"))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	_, err = deliver(ctx, j, recorder{out: out}, 1)
	return errors.Join(err, out.Flush(), file.Close())
}

// recorder is a receiver that keeps the bodies, each after its length.
type recorder struct {
	taker
	out *bufio.Writer
}

func (r recorder) Send(ctx context.Context, m publish.Message) publish.Answer {
	err := binary.Write(r.out, binary.BigEndian, uint32(len(m.Body)))
	if err == nil {
		_, err = r.out.Write(m.Body)
	}
	if err != nil {
		return publish.Answer{Outcome: publish.Misconfigured, Err: err}
	}
	return r.taker.Send(ctx, m)
}

// deliver publishes the records of the contest with an outbox of its own.
func deliver(ctx context.Context, j job, to publish.Transport, lanes int) (sum publish.Summary, err error) {
	store, err := ops.Open(ctx, filepath.Join(j.out, "ops.db"))
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	publisher, day, err := publisherOf(store, to, lanes)
	if err != nil {
		return sum, err
	}
	return publisher.Publish(ctx, publish.RunInfo{ID: "bench", AsOf: day}, recordsOf(j))
}

func publisherOf(store *ops.Store, to publish.Transport, lanes int) (*publish.Publisher, time.Time, error) {
	day, err := time.Parse(time.DateOnly, exchangeDay)
	if err != nil {
		return nil, day, err
	}
	publisher, err := publish.New(publish.Config{
		Store: store, Receiver: "city", Owner: "bench", Transport: to, Tables: []string{acts.Name}, Now: time.Now,
		Lanes: lanes, BatchSize: batchRows, MaxAttempts: 50, Schedule: []time.Duration{time.Millisecond, 10 * time.Millisecond},
	})
	return publisher, day, err
}

// recordsOf are the records of the contest.
func recordsOf(j job) publish.Source {
	return func(_ context.Context, yield func(publish.Record) error) error {
		return eachLine(j.path("records"), func(i int, line []byte) error {
			return yield(publish.Record{Table: acts.Name, Key: actKey(i), Subject: actSubject(i), Payload: line})
		})
	}
}

func eachLine(name string, yield func(i int, line []byte) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for i := 0; lines.Scan(); i++ {
		if err := yield(i, bytes.Clone(lines.Bytes())); err != nil {
			return err
		}
	}
	return lines.Err()
}

// publishOf says how many batches there were and the share of requests beyond them.
func publishOf(takes time.Duration, faults int) func(context.Context, job) (string, error) {
	return func(ctx context.Context, j job) (string, error) {
		r := receiver{takes: takes, faults: faults}
		server := httptest.NewServer(&r)
		defer server.Close()
		transport, err := rest.New(rest.Config{Settings: rest.Settings{URL: server.URL}, Now: time.Now})
		if err != nil {
			return "", err
		}
		defer transport.Close(ctx)
		sum, err := deliver(ctx, j, transport, 8)
		if err == nil && (sum.Accepted != j.rows || r.records() != j.rows) {
			err = fmt.Errorf("%d records acknowledged, %d taken, want %d", sum.Accepted, r.records(), j.rows)
		}
		if err != nil {
			return "", err
		}
		said, err := json.Marshal(map[string]any{"batches": sum.Batches.Accepted, "extra": 100 * float64(sum.Attempts-sum.Batches.Accepted) / float64(sum.Batches.Accepted)})
		return string(said), err
	}
}

// loopOf posts the bodies one after another.
func loopOf(takes time.Duration) func(context.Context, job) (string, error) {
	return func(ctx context.Context, j job) (string, error) {
		r := receiver{takes: takes}
		server := httptest.NewServer(&r)
		defer server.Close()
		file, err := os.Open(j.path("bodies"))
		if err != nil {
			return "", err
		}
		defer file.Close()
		client, in := &http.Client{}, bufio.NewReader(file)
		for {
			var size uint32
			if err := binary.Read(in, binary.BigEndian, &size); err != nil {
				if errors.Is(err, io.EOF) {
					break
				}
				return "", err
			}
			body := make([]byte, size)
			if _, err := io.ReadFull(in, body); err != nil {
				return "", err
			}
			if err := post(ctx, client, server.URL+"/v1/batches", body); err != nil {
				return "", err
			}
		}
		if r.records() != j.rows {
			return "", fmt.Errorf("%d records were taken, want %d", r.records(), j.rows)
		}
		return "", nil
	}
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("HTTP %d", answer.StatusCode))
	}
	return nil
}
