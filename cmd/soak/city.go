package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/transport/exchange"
)

// city is a made-up run of each day: which records there are, and what they say.
type city struct {
	Records int
	Seed    uint64
}

// Of every hundred records so many have changed on a day, and so many are gone.
const (
	changedPercent = 10
	gonePercent    = 3
)

// version is the day since which a record says what it says on a day, counted
// from 1, or 0 when it is not there. All are there on the first day, day 0.
func (c city) version(n, day int) int {
	for ; day > 0; day-- {
		switch draw := c.draw(n, day) % 100; {
		case draw < changedPercent:
			return day + 1
		case draw < changedPercent+gonePercent:
			return 0
		}
	}
	return 1
}

func (c city) draw(n, day int) uint64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d %d %d", c.Seed, n, day)
	return hash.Sum64() >> 17
}

// changes are what a day brings after the one before, by operation.
type changes struct{ I, U, D int }

func (c city) changes(day int) (sum changes) {
	for n := range c.Records {
		before, now := 0, c.version(n, day)
		if day > 0 {
			before = c.version(n, day-1)
		}
		switch {
		case before == now:
		case before == 0:
			sum.I++
		case now == 0:
			sum.D++
		default:
			sum.U++
		}
	}
	return sum
}

// info names the run of a day.
func (c city) info(day int) publish.RunInfo {
	return publish.RunInfo{ID: fmt.Sprintf("soak-%d", day), AsOf: time.Date(2026, 4, 1+day, 0, 0, 0, 0, time.UTC)}
}

// table is the one that is sent.
const table = "supervision_results"

// columns are its fields.
var columns = []exchange.Column{{Name: "subject_id"}, {Name: "subject_name"}, {Name: "division_code"}, {Name: "scheme"},
	{Name: "supervision_class", Integer: true}, {Name: "rule_set"}}

// schemes are the records of one enterprise.
var schemes = []string{"food", "public"}

// source yields the run of a day.
func (c city) source(day int) publish.Source {
	return func(ctx context.Context, yield func(publish.Record) error) error {
		for n := range c.Records {
			version := c.version(n, day)
			if version == 0 {
				continue
			}
			subject, scheme := fmt.Sprintf("91350100M%09d", n/len(schemes)), schemes[n%len(schemes)]
			payload := fmt.Sprintf(`{"subject_id":"%s","subject_name":"榕城<某某>&有限公司","division_code":"350102","scheme":"%s","supervision_class":%d,"rule_set":"day %d"}`,
				subject, scheme, 1+version%4, version)
			if err := yield(publish.Record{Table: table, Key: subject + "/" + scheme, Subject: subject, Payload: json.RawMessage(payload)}); err != nil {
				return err
			}
		}
		return nil
	}
}
