package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
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

// Config says where to deliver and how patiently. Store, Receiver, URL and Now
// are required.
type Config struct {
	Store      *ops.Store
	Receiver   string  // the receiver's name in the store: lower-case letters, digits, - _ .
	URL        string  // base address, http or https
	SourceCode string  // cd_source; 350100 (福州市) by default
	Signer     *Signer // nil sends unsigned

	BatchSize    int           // records a batch; 500 by default, at most 10000
	MaxAttempts  int           // at one batch in one call; 8 by default
	Timeout      time.Duration // of one request with its answer; 15 s by default
	BaseWait     time.Duration // the n-th wait is random below BaseWait·2ⁿ; 500 ms by default
	MaxWait      time.Duration // and below this; asked to wait longer, a call gives up; 30 s by default
	RetryRefused bool          // also send records again that were refused with the same content
	MaxBreaks    int           // differing keys listed in a [Report]; 1000 by default

	Client   *http.Client                               // http.DefaultTransport by default
	Now      func() time.Time                           // for the attempt log, the signature and waiting
	Sleep    func(context.Context, time.Duration) error // a timer by default
	Progress func(Progress)                             // called from the calling goroutine; may be nil
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
	cfg     Config
	courier *courier
}

var receiverName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// New checks the configuration. It opens no connection and starts no goroutine.
func New(c Config) (*Publisher, error) {
	c.SourceCode = cmp.Or(c.SourceCode, "350100")
	c.BatchSize = cmp.Or(c.BatchSize, 500)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, 8)
	c.Timeout = cmp.Or(c.Timeout, 15*time.Second)
	c.BaseWait = cmp.Or(c.BaseWait, 500*time.Millisecond)
	c.MaxWait = cmp.Or(c.MaxWait, 30*time.Second)
	c.MaxBreaks = cmp.Or(c.MaxBreaks, 1000)
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	base, err := c.check()
	if err != nil {
		return nil, fmt.Errorf("publish: %w: %w", ErrSetup, err)
	}
	return &Publisher{c, newCourier(c, base)}, nil
}

func (c Config) check() (*url.URL, error) {
	var faults []error
	if c.Store == nil || c.Now == nil {
		faults = append(faults, errors.New("store and clock are required"))
	}
	if !receiverName.MatchString(c.Receiver) {
		faults = append(faults, fmt.Errorf("receiver %q: want lower-case letters, digits, - _ .", c.Receiver))
	}
	if c.BatchSize < 1 || c.BatchSize > 10000 {
		faults = append(faults, fmt.Errorf("batch size %d: want 1 to 10000", c.BatchSize))
	}
	if c.MaxAttempts < 1 || c.Timeout <= 0 || c.BaseWait <= 0 || c.MaxWait < c.BaseWait || c.MaxBreaks < 0 {
		faults = append(faults, errors.New("attempts, timeout and waits must be positive, the longest wait not below the first"))
	}
	base, err := url.Parse(c.URL)
	switch {
	case err != nil:
		faults = append(faults, fmt.Errorf("receiver address: %w", err))
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		faults = append(faults, fmt.Errorf("receiver address %q: want http://… or https://…", base.Redacted()))
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		faults = append(faults, fmt.Errorf("receiver address %q: want no user, query or fragment", base.Redacted()))
	}
	return base, errors.Join(faults...)
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

// Publish brings the receiver to the state of the run. It first finishes what
// an earlier call left in the outbox, then compares source with what the
// receiver acknowledged, writes the differences to the outbox and sends them.
// Publishing the same run again sends nothing, except records of batches that
// were refused as a whole.
//
// Refusals by the receiver are no error; the summary tells them. An error
// wraps [ErrTemporary], [ErrSetup], the context's error, or is one of the
// source or the store; the summary then tells how far it came.
func (p *Publisher) Publish(ctx context.Context, run RunInfo, source Source) (Summary, error) {
	sum := Summary{Receiver: p.cfg.Receiver, Run: run.ID, AsOf: run.AsOf.Format("2006-01-02")}
	err := p.locked(func() error {
		if err := p.cfg.Store.DropDrafts(ctx, p.cfg.Receiver); err != nil {
			return err
		}
		if err := p.drain(ctx, &sum); err != nil {
			return err
		}
		sum.Batches.Resumed = sum.Batches.Accepted + sum.Batches.Failed
		if err := p.plan(ctx, run, source, &sum); err != nil {
			return err
		}
		return p.drain(ctx, &sum)
	})
	if err != nil {
		return sum, fmt.Errorf("publish to %s: %w", p.cfg.Receiver, err)
	}
	return sum, nil
}

// locked runs work while no other publisher works for this receiver.
func (p *Publisher) locked(work func() error) error {
	release, err := p.cfg.Store.Lock("publish-" + p.cfg.Receiver)
	if errors.Is(err, ops.ErrLocked) {
		return fmt.Errorf("%w: another publisher is at work: %w", ErrTemporary, err)
	}
	if err != nil {
		return err
	}
	return errors.Join(work(), release())
}
