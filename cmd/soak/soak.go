package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"rongxin/pipelines/publish"
	"rongxin/warehouse/ops"
)

// plan is what one soak does.
type plan struct {
	Records, Kills, Stops, Days, Batch int
	Faults                             string
	Seed                               uint64
	Store                              string
	Route                              route
}

// soak publishes day after day until there were enough days, kills and stops.
func (p plan) soak(ctx context.Context, progress io.Writer) (f figures, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends what was started
	started := time.Now()
	platform, stop, err := p.startPlatform(ctx)
	if err != nil {
		return f, err
	}
	defer stop()
	p.Route.URL = platform
	f.plan = p
	s := &soaking{plan: p, figures: &f, platform: platform, progress: progress, random: rand.New(rand.NewPCG(p.Seed, 0))}
	for ; s.day < p.Days || f.Kills < p.Kills || f.Stops < p.Stops; s.day++ {
		if err := s.publishDay(ctx); err != nil {
			return f, fmt.Errorf("day %d: %w", s.day, err)
		}
		if err := s.check(ctx); err != nil {
			return f, fmt.Errorf("day %d: %w", s.day, err)
		}
		f.Days, f.Elapsed = s.day+1, time.Since(started)
		fmt.Fprintf(progress, "day %d: %d records, %d kills, %d stops, %s\n", s.day, p.Records, f.Kills, f.Stops, f.Elapsed.Round(time.Second))
	}
	return f, nil
}

// startPlatform returns its address and what ends it.
func (p plan) startPlatform(ctx context.Context) (address string, stop func(), err error) {
	c, err := child(ctx, "platform", stand{p.Route, p.Faults + fmt.Sprintf(",seed=%d", p.Seed)})
	if err != nil {
		return "", nil, err
	}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		c.Process.Kill()
		c.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the platform did not start: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// soaking is a soak under way.
type soaking struct {
	plan
	*figures
	random   *rand.Rand
	progress io.Writer
	platform string // its address
	day      int
	senders  int
}

func (s *soaking) city() city { return city{s.Records, s.Seed} }

func (s *soaking) sender() sender {
	s.senders++
	return sender{City: s.city(), Day: s.day, Store: s.Store, Route: s.Route, Batch: s.Batch, Name: fmt.Sprint("sender ", s.senders), Timeout: time.Second}
}

// publishDay starts sender after sender until one has published the day.
func (s *soaking) publishDay(ctx context.Context) error {
	for {
		p, sender := s.next()
		w, err := start(ctx, sender, p)
		if err != nil {
			return err
		}
		if p.Signal == syscall.SIGSTOP {
			err = s.standStill(ctx, w)
		}
		<-w.ended
		switch {
		case err != nil:
			return err
		case w.done():
			if settled, err := s.settled(ctx, w.sum); settled || err != nil {
				return err
			}
			time.Sleep(50 * time.Millisecond) // for answers to come
		case isClosed(w.struck) && p.Signal == syscall.SIGKILL:
			s.figures.Kills++
		case strings.Contains(w.said.String(), ops.ErrLocked.Error()):
			time.Sleep(leaseTime / 8) // a killed one's connection is not known to be dead yet
		case !isClosed(w.struck):
			return w.fault()
		}
	}
}

// settled tells whether the day is published and everything answered.
func (s *soaking) settled(ctx context.Context, sum publish.Summary) (settled bool, err error) {
	store, err := ops.Open(ctx, s.Store)
	if err != nil {
		return false, err
	}
	open, err := store.Batches(ctx, receiver, ops.Pending, ops.Sent, ops.HandedOver, ops.Accepted)
	return len(open)+sum.Waiting == 0, errors.Join(err, store.Close())
}

// next is the next sender, and where it is struck: kills and stops are mixed.
func (s *soaking) next() (p point, next sender) {
	next = s.sender()
	kills, stops := s.plan.Kills-s.figures.Kills, s.plan.Stops-s.figures.Stops
	switch {
	case kills+stops == 0:
	case s.random.IntN(kills+stops) < stops:
		p, next.Lanes = stopPoint(s.random, s.Route.By), 1
	default:
		p = killPoint(s.random, s.Route.By, 1+s.Records/s.Batch)
	}
	return p, next
}

// standStill waits until the sender is stopped, lets another take over and work,
// and then lets the stopped one go on, which must not have any effect.
func (s *soaking) standStill(ctx context.Context, w *work) error {
	select {
	case <-w.ended:
		return nil
	case <-w.struck:
	}
	other, err := s.replace(ctx)
	if err != nil {
		return err
	}
	if err := w.cmd.Process.Signal(syscall.SIGCONT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-other.ended
	<-w.ended
	if strings.Contains(other.said.String(), "another process kept it to itself") {
		return nil // it was stopped in the middle of a change: nobody could take over
	}
	if err := other.fault(); err != nil {
		return err
	}
	if w.err != nil && !strings.Contains(w.said.String(), "another publisher has taken over") {
		return w.fault()
	}
	s.figures.Stops++
	return nil
}

// replace starts senders until one is not told that another holds the lease, and
// lets it work for a while.
func (s *soaking) replace(ctx context.Context) (*work, error) {
	for {
		w, err := start(ctx, s.sender(), point{})
		if err != nil {
			return nil, err
		}
		select {
		case <-w.begun:
			time.Sleep(time.Duration(s.random.IntN(int(leaseTime))))
			return w, nil
		case <-w.ended:
			if !strings.Contains(w.said.String(), ops.ErrLocked.Error()) {
				return w, nil
			}
			time.Sleep(leaseTime / 8)
		}
	}
}

// check reconciles a day that has been published, and holds what the platform
// did against what the city did.
func (s *soaking) check(ctx context.Context) error {
	asking := s.sender()
	asking.Timeout = time.Minute // what a platform holds may take it long to tell
	publisher, end, err := asking.open(ctx, nil)
	if err != nil {
		return err
	}
	report, err := publisher.Reconcile(ctx, s.city().info(s.day), s.city().source(s.day))
	if err := errors.Join(err, end()); err != nil {
		return err
	}
	saw, err := s.audit(ctx)
	if err != nil {
		return err
	}
	want := s.city().changes(s.day)
	s.figures.Wanted.I += want.I
	s.figures.Wanted.U += want.U
	s.figures.Wanted.D += want.D
	s.figures.take(report, saw)
	for _, b := range report.Breaks[:min(len(report.Breaks), 5)] {
		fmt.Fprintf(s.progress, "%s: %s, batch %s %s %s\n", b.Key, b.Cause, b.Batch, b.Code, b.Message)
	}
	return s.figures.fault()
}

func (s *soaking) audit(ctx context.Context) (saw audit, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.platform+"/v1/audit", nil)
	if err != nil {
		return saw, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return saw, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return saw, fmt.Errorf("audit: HTTP %d", response.StatusCode)
	}
	return saw, json.NewDecoder(response.Body).Decode(&saw)
}
