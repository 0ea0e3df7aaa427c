package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"rongxin/internal/credit"
	"rongxin/pipelines/payload"
	"rongxin/pipelines/publish"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/courier"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/exchange"
	"rongxin/pipelines/transport/rest"
)

// transport is a way to a receiver that can also be tried.
type transport interface {
	publish.Transport
	Check(ctx context.Context) error // connects and tells all that is not as it should be; sends nothing
}

// openTransport opens the way to a receiver for the tables that it is sent on a
// day. It connects to nothing yet.
func (a *app) openTransport(r receiver, day credit.Date) (transport, error) {
	mappings, err := a.mappingsOf(r, day)
	if err != nil {
		return nil, err
	}
	t, err := r.open(mappings, a.now, a.log)
	if err != nil {
		return nil, fmt.Errorf("%w: receivers.%s: %w", errConfig, r.Name, err)
	}
	return t, nil
}

func (r receiver) open(mappings []*payload.Mapping, now func() time.Time, log *slog.Logger) (transport, error) {
	keys, err := signing.Open(r.Signing)
	if err != nil {
		return nil, err
	}
	switch {
	case r.REST != nil:
		return rest.New(rest.Config{Settings: *r.REST, Keys: keys, Now: now})
	case r.Exchange != nil:
		return exchange.New(r.exchange(mappings))
	case r.Drop != nil:
		return drop.Open(*r.Drop, r.Name, keys, now, log)
	case r.Courier != nil:
		return courier.New(courier.Config{Settings: *r.Courier, Receiver: r.Name, Source: r.Source, Keys: keys, Now: now, Log: log})
	}
	return nil, errors.New("nothing says how batches travel")
}

// mappingsOf are those of the tables that a receiver gets, in force on a day.
func (a *app) mappingsOf(r receiver, day credit.Date) ([]*payload.Mapping, error) {
	library, err := a.mappings()
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, name := range r.Tables {
		if _, err := library.Find(name); err != nil {
			faults = append(faults, fmt.Errorf("%w: receivers.%s.tables: %w", errConfig, r.Name, err))
		}
	}
	all := slices.DeleteFunc(library.On(day), func(m *payload.Mapping) bool {
		return len(r.Tables) > 0 && !slices.Contains(r.Tables, m.Table)
	})
	return all, errors.Join(faults...)
}

// exchange describes the tables of an exchange database.
func (r receiver) exchange(mappings []*payload.Mapping) exchange.Config {
	c := exchange.Config{Settings: *r.Exchange, Source: r.Source}
	for _, m := range mappings {
		t := exchange.Table{Name: m.Table, Title: m.Title}
		for _, f := range m.Fields {
			t.Columns = append(t.Columns, exchange.Column{Name: f.Name, Title: f.Title, Integer: f.Type == payload.Integer,
				Length: cmp.Or(f.Length, f.MaxLength, valueLength[f.Type])})
		}
		c.Tables = append(c.Tables, t)
	}
	return c
}

// valueLength is how many characters a value of a type takes, where the type says.
var valueLength = map[payload.Type]int{payload.Date: len("2026-06-30"), payload.DateTime: len("2026-06-30 00:00:00"), payload.Amount: 32, payload.Percent: 16}
