package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// child starts this program in a role.
func child(ctx context.Context, part string, job any) (*exec.Cmd, error) {
	text, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, string(text))
	c.Env = append(os.Environ(), role+"="+part)
	return c, nil
}

// sender publishes one day.
type sender struct {
	City  city
	Day   int
	Store string
	Route route
	Batch int
	Lanes int // as many as the publisher likes where 0
	Name  string

	Timeout time.Duration // of one request
}

// open returns a publisher with the real store and transport. Its waits are
// short, its lease too; all else is as in the program.
func (s sender) open(ctx context.Context, tell func(publish.Progress)) (*publish.Publisher, func() error, error) {
	store, err := ops.Open(ctx, s.Store)
	if err != nil {
		return nil, nil, err
	}
	transport, err := s.Route.transport(s.Timeout)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	publisher, err := publish.New(publish.Config{
		Store: store, Receiver: receiver, Transport: transport, Tables: []string{table},
		Owner: s.Name, LeaseFor: leaseTime, BatchSize: s.Batch, Lanes: s.Lanes, MaxAttempts: 40, AnswerDue: answerDue,
		Schedule: []time.Duration{time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond}, Now: time.Now, Progress: tell,
	})
	end := func() error { return errors.Join(transport.Close(ctx), store.Close()) }
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return publisher, end, nil
}

// A sender that stands still keeps others waiting for so long, and a batch without
// a receipt is handed over again after so long.
const leaseTime, answerDue = 2 * time.Second, 2 * time.Second

// send prints a line at each step and, at the end, the summary.
func (s sender) send(ctx context.Context, out io.Writer) error {
	publisher, end, err := s.open(ctx, func(p publish.Progress) { fmt.Fprintln(out, p.Phase, p.Batches) })
	if err != nil {
		return err
	}
	sum, err := publisher.Publish(ctx, s.City.info(s.Day), s.City.source(s.Day))
	if err := errors.Join(err, end()); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(sum)
}

// stand is the stand-in platform.
type stand struct {
	Route  route
	Faults string
}

// serve prints the address and serves until it is killed.
func (p stand) serve(ctx context.Context, out io.Writer) (err error) {
	platform, err := p.Route.platform(ctx, p.Faults)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, platform.Close()) }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: platform}
	context.AfterFunc(ctx, func() { server.Close() })
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	if l, ok := platform.(looker); ok {
		return look(ctx, l)
	}
	<-ended
	return nil
}
