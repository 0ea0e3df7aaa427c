package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/pipelines/sandbox"
	"rongxin/pipelines/signing"
	"rongxin/pipelines/transport/drop"
	"rongxin/pipelines/transport/exchange"
	"rongxin/pipelines/transport/rest"
	"rongxin/warehouse/ops/opstest"
)

// route is the way between sender and platform.
type route struct {
	By  string // rest, exchange or drop
	URL string // rest: the platform, or what stands before it
	DSN string // exchange: of a schema of PostgreSQL
	Dir string // of the two folders, and of the platform
}

// routes are the ways there are.
var routes = []string{"rest", "exchange", "drop"}

// newRoute prepares a way in dir and returns how to remove what is elsewhere.
func newRoute(by, dir string) (r route, end func() error, err error) {
	r, end = route{By: by, Dir: dir}, func() error { return nil }
	switch by {
	case "rest", "drop":
	case "exchange":
		if r.DSN, end, err = opstest.Schema(); err == nil {
			err = os.WriteFile(r.dsnFile(), []byte(r.DSN), 0o600)
		}
	default:
		err = fmt.Errorf("transport %q: want one of %v", by, routes)
	}
	return r, end, err
}

func (r route) dsnFile() string { return filepath.Join(r.Dir, "exchange.dsn") }

func (r route) folders() (out, back string) {
	return filepath.Join(r.Dir, "out"), filepath.Join(r.Dir, "return")
}

// transport is the sender's end.
func (r route) transport(timeout time.Duration) (publish.Transport, error) {
	switch r.By {
	case "exchange":
		return exchange.New(exchange.Config{Source: "350100", Tables: []exchange.Table{{Name: table, Columns: columns}},
			Settings: exchange.Settings{Driver: "postgres", DSNFile: r.dsnFile(), State: "cd_state"}})
	case "drop":
		keys, err := signing.Open(signing.Settings{})
		if err != nil {
			return nil, err
		}
		out, back := r.folders()
		return drop.Open(drop.Settings{Out: out, Return: back}, receiver, keys, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	}
	return rest.New(rest.Config{Settings: rest.Settings{URL: r.URL, Timeout: timeout}, Now: time.Now})
}

// playedPlatform is a platform of any kind.
type playedPlatform interface {
	http.Handler
	io.Closer
}

// looker is a platform that has to look for what was handed over.
type looker interface {
	Step(ctx context.Context) (dealtWith int, err error)
}

// platform is the other end.
func (r route) platform(ctx context.Context, faults string) (playedPlatform, error) {
	parsed, err := sandbox.ParseFaults(faults)
	if err != nil {
		return nil, err
	}
	c := sandbox.Config{Dir: filepath.Join(r.Dir, "platform"), Name: receiver, Faults: parsed, Now: time.Now}
	switch r.By {
	case "exchange":
		return sandbox.OpenExchange(ctx, c, sandbox.ExchangeConfig{Driver: "postgres", DSN: r.DSN})
	case "drop":
		out, back := r.folders()
		return sandbox.OpenDrop(c, sandbox.DropConfig{Out: out, Return: back})
	}
	return sandbox.New(c)
}

// look lets a platform look again and again until the context ends.
func look(ctx context.Context, l looker) error {
	for ctx.Err() == nil {
		if _, err := l.Step(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// receiver is the platform's name.
const receiver = "city"
