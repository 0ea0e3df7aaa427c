package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"rongxin/warehouse/ops"
)

// ErrTemporary is wrapped by errors after which the same call can be made
// again: the receiver did not answer to the point, or another publisher is at
// work. Nothing is lost; the next call goes on where this one stopped.
var ErrTemporary = errors.New("temporary")

// ErrSetup is wrapped by errors that only a change of configuration mends: a
// wrong address, key or right. Batches stay in the outbox meanwhile.
var ErrSetup = errors.New("configuration")

// Config says what to deliver to whom and how patiently. Store, Receiver,
// Transport, Tables and Now are required.
type Config struct {
	Store      *ops.Store
	Owner      string    // who is at work, for people to read
	Receiver   string    // the receiver's name in the store: lower-case letters, digits, - _ .
	Transport  Transport // the caller closes it
	Tables     []string  // what the receiver gets; what it holds of others is left alone
	SourceCode string    // cd_source; 350100 (福州市) by default

	Lanes       int             // batches under way at once; 8 by default, at most 256
	BatchSize   int             // records a batch; 500 by default, at most 10000
	Schedule    []time.Duration // the n-th repeat of a batch waits a random time up to this; the last one for ever; [DefaultSchedule] by default
	Patience    time.Duration   // asked to wait longer, a call gives up; 30 s by default
	MaxAttempts int             // at one batch in one call; 8 by default
	Rate        float64         // batches handed over a second, at most; 0 sets no limit
	AnswerDue   time.Duration   // a batch handed over without a receipt for so long is handed over again; 24 h by default
	LeaseFor    time.Duration   // a publisher that stood still for so long is replaced; 5 min by default
	MaxBreaks   int             // differing keys listed in a [Report]; 1000 by default

	Now      func() time.Time                           // for the attempt log and for waiting
	Sleep    func(context.Context, time.Duration) error // a timer by default; called from several goroutines
	Progress func(Progress)                             // one call at a time; may be nil
}

// DefaultSchedule is how long the repeats of a batch wait, each a random time up
// to this; the last one stands for all further.
var DefaultSchedule = []time.Duration{
	500 * time.Millisecond, 2 * time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
}

// Progress tells how far a call has come.
type Progress struct {
	Phase   string // plan, send or compare
	Batches int    // answered in this phase
	Total   int    // batches to send; 0 while not known
	Records int    // planned, answered or compared in this phase
}

// Publisher delivers to one receiver. Create it with [New]. Its methods may be
// called from several goroutines and processes, but only one works at a time;
// the others get [ErrTemporary].
type Publisher struct {
	cfg Config
}

var (
	receiverName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	sourceCode   = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
	tableName    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
)

// New checks the configuration. It opens no connection and starts no goroutine.
func New(c Config) (*Publisher, error) {
	c.SourceCode = cmp.Or(c.SourceCode, "350100")
	c.Lanes = cmp.Or(c.Lanes, 8)
	c.BatchSize = cmp.Or(c.BatchSize, 500)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, 8)
	c.Patience = cmp.Or(c.Patience, 30*time.Second)
	c.AnswerDue = cmp.Or(c.AnswerDue, 24*time.Hour)
	c.LeaseFor = cmp.Or(c.LeaseFor, 5*time.Minute)
	c.MaxBreaks = cmp.Or(c.MaxBreaks, 1000)
	if c.Schedule == nil {
		c.Schedule = DefaultSchedule
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	c.Tables = slices.Sorted(slices.Values(c.Tables))
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("publish: %w: %w", ErrSetup, err)
	}
	return &Publisher{c}, nil
}

func (c Config) check() error {
	var faults []error
	if c.Store == nil || c.Transport == nil || c.Now == nil {
		faults = append(faults, errors.New("store, transport and clock are required"))
	}
	if !receiverName.MatchString(c.Receiver) {
		faults = append(faults, fmt.Errorf("receiver %q: want lower-case letters, digits, - _ .", c.Receiver))
	}
	if !sourceCode.MatchString(c.SourceCode) {
		faults = append(faults, fmt.Errorf("source code %q: want letters and digits", c.SourceCode))
	}
	if len(c.Tables) == 0 || len(slices.Compact(slices.Clone(c.Tables))) < len(c.Tables) {
		faults = append(faults, fmt.Errorf("tables %v: want at least one, each once", c.Tables))
	}
	for _, table := range c.Tables {
		if !tableName.MatchString(table) {
			faults = append(faults, fmt.Errorf("table %q: want lower-case letters, digits and _", table))
		}
	}
	if c.Lanes < 1 || c.Lanes > 256 {
		faults = append(faults, fmt.Errorf("lanes %d: want 1 to 256", c.Lanes))
	}
	if c.BatchSize < 1 || c.BatchSize > 10000 {
		faults = append(faults, fmt.Errorf("batch size %d: want 1 to 10000", c.BatchSize))
	}
	if c.MaxAttempts < 1 || c.Patience <= 0 || c.AnswerDue <= 0 || c.LeaseFor <= 0 || c.Rate < 0 || c.MaxBreaks < 0 {
		faults = append(faults, errors.New("attempts, patience, rate and the time for an answer cannot be negative"))
	}
	if len(c.Schedule) == 0 || slices.Min(c.Schedule) <= 0 || !slices.IsSorted(c.Schedule) {
		faults = append(faults, fmt.Errorf("retry schedule %v: want waits above 0, none below the one before", c.Schedule))
	}
	return errors.Join(faults...)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// RunInfo names the published run that is delivered.
type RunInfo struct {
	ID   string
	AsOf time.Time // the day the run speaks for; only its date is used
}

// Publish brings the receiver to the state of the run. It takes in what the
// receiver has said since the last call, finishes what that call left in the
// outbox, compares source with what the receiver acknowledged, writes the
// differences to the outbox and sends them. Publishing the same run again sends
// nothing. When anything was sent or answered it reconciles the totals.
//
// Refusals by the receiver are no error; the summary tells them. An error
// wraps [ErrTemporary], [ErrSetup], the context's error, or is one of the
// source or the store; the summary then tells how far it came.
func (p *Publisher) Publish(ctx context.Context, run RunInfo, source Source) (Summary, error) {
	sum := Summary{Receiver: p.cfg.Receiver, Run: run.ID, AsOf: run.AsOf.Format("2006-01-02")}
	err := p.leased(ctx, func(lease *ops.Lease) error {
		s := newSender(p, lease, &sum)
		if err := p.cfg.Store.DropDrafts(ctx, lease); err != nil {
			return err
		}
		unread := s.collect(ctx)
		if unread != nil && !errors.Is(unread, ErrTemporary) {
			return unread
		}
		if err := s.drain(ctx); err != nil {
			return errors.Join(err, unread)
		}
		sum.Batches.Resumed = sum.Batches.Accepted + sum.Batches.HandedOver + sum.Batches.Failed
		published, err := p.plan(ctx, lease, run, source, &sum)
		if err != nil {
			return err
		}
		if err := s.drain(ctx); err != nil || unread != nil || sum.Attempts+sum.Batches.Resumed+sum.Batches.Settled == 0 {
			return errors.Join(err, unread) // whose notices cannot be read is sent to all the same
		}
		if sum.Attempts > 0 {
			if err := s.collect(ctx); err != nil { // what is quick to say may be said by now
				return err
			}
		}
		sum.Reconciliation, err = p.totals(ctx, run, published)
		if errors.Is(err, ErrTemporary) || errors.Is(err, ErrSetup) {
			sum.Unreconciled, err = err.Error(), nil // what was sent was sent
		}
		return err
	})
	if err != nil {
		return sum, fmt.Errorf("publish to %s: %w", p.cfg.Receiver, err)
	}
	return sum, nil
}

// leased runs work while no other publisher works for this receiver.
func (p *Publisher) leased(ctx context.Context, work func(*ops.Lease) error) (err error) {
	lease, err := p.cfg.Store.Lease(ctx, p.cfg.Receiver, p.cfg.Owner, p.cfg.Now(), p.cfg.LeaseFor)
	if errors.Is(err, ops.ErrLocked) {
		return fmt.Errorf("%w: another publisher is at work: %w", ErrTemporary, err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.cfg.Store.Release(context.WithoutCancel(ctx), lease)) }()
	err = work(lease)
	if errors.Is(err, ops.ErrFenced) {
		err = fmt.Errorf("%w: %w", ErrTemporary, err)
	}
	return err
}
