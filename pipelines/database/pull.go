package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"rongxin/pipelines/contract"
	"rongxin/pipelines/ingest"
	"rongxin/warehouse/landing"
	"rongxin/warehouse/ops"
)

// A Puller lands what is new in the tables of one database.
type Puller struct {
	Home     string
	Store    *ops.Store
	Lander   *ingest.Lander
	Database *Database
	Log      *slog.Logger
	Progress func(rows int64) // told of the rows of every page
}

// Request names one table to pull.
type Request struct {
	Contract   *contract.Contract // with a source of format table
	ReceivedAt time.Time
	Override   string // reason to let in a batch outside its expectations
}

// Pull lands the rows that are new since the last pull, as one batch or, when
// there are more than BatchRows, as several. No batch means nothing new. An
// *ingest.Refusal leaves the mark where it was, so that the rows are read again
// once they are mended.
func (p *Puller) Pull(ctx context.Context, req Request) ([]ingest.Result, error) {
	c := req.Contract
	release, err := p.Store.Lock(lockName(c))
	if errors.Is(err, ops.ErrLocked) {
		return nil, fmt.Errorf("%s: %w: another process pulls it", c.Dataset, ErrTemporary)
	}
	if err != nil {
		return nil, err
	}
	results, err := p.pull(ctx, req)
	if refusal := new(ingest.Refusal); err != nil && !errors.As(err, &refusal) {
		err = fmt.Errorf("%s: %w", c.Dataset, err)
	}
	return results, errors.Join(err, release())
}

func lockName(c *contract.Contract) string { return "pull." + landing.TableName(c.Dataset) }

// origin is what a mark belongs to.
func origin(c *contract.Contract) string {
	return c.Source.Table.String() + " by " + strings.Join(c.Source.Table.Keys(), ", ")
}

func (p *Puller) pull(ctx context.Context, req Request) (results []ingest.Result, err error) {
	for {
		job, err := p.job(ctx, req)
		if err != nil {
			return results, err
		}
		more := false
		if !job.mark.Sealed { // else only its landing is missing
			if more, err = job.fill(ctx); err != nil {
				return results, err
			}
		}
		sealed := job.resumedSealed
		result, err := job.land(ctx)
		if job.mark.Rows > 0 {
			results = append(results, result)
		}
		if err != nil || !more && !sealed {
			return results, err
		}
	}
}

// Reset makes the next pull begin at a position of the cursor. What was read
// and not landed is forgotten.
func (p *Puller) Reset(ctx context.Context, c *contract.Contract, from int64, at time.Time) error {
	if c.Source.Table.Cursor == "" {
		return fmt.Errorf("%s: %w: a snapshot is always read whole", c.Dataset, ErrSetup)
	}
	release, err := p.Store.Lock(lockName(c))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Dataset, err)
	}
	landed, _, err := p.Store.Marks(ctx, c.Dataset)
	if err == nil {
		m := ops.Mark{Origin: origin(c), Contract: c.Hash, Cursor: from, Floor: from, At: at}
		if landed != nil {
			m.Batch = landed.Batch
		}
		err = p.Store.ResetMark(ctx, c.Dataset, m)
	}
	return errors.Join(err, release())
}

// A job is one batch on its way from the table to the landing area.
type job struct {
	*Puller
	req           Request
	path          string
	mark          ops.Mark // of the spool
	started       bool     // the spool holds something, maybe nothing new
	resumedSealed bool
	seenUpTo      *int64 // the highest cursor of the rows a pull may meet again
}

// job takes up the spool that an earlier process left, or begins one.
func (p *Puller) job(ctx context.Context, req Request) (*job, error) {
	c := req.Contract
	j := &job{Puller: p, req: req}
	landed, spooled, err := p.Store.Marks(ctx, c.Dataset)
	if err != nil {
		return nil, err
	}
	for _, m := range []*ops.Mark{landed, spooled} {
		if m != nil && m.Origin != origin(c) {
			return nil, fmt.Errorf("%w: the mark belongs to %s, the contract now reads %s; say with --from where to begin", ErrSetup, m.Origin, origin(c))
		}
	}
	isSnapshot := c.Source.Delivery == landing.Snapshot
	if spooled != nil && (spooled.Contract != c.Hash || isSnapshot && !spooled.Sealed) {
		// The rest of it would have other columns, or be of another moment.
		spooled, err = nil, p.Store.DropSpool(ctx, c.Dataset)
	}
	if err != nil {
		return nil, err
	}
	j.mark = ops.Mark{Origin: origin(c), Contract: c.Hash, Batch: 1, At: req.ReceivedAt}
	if landed != nil {
		j.mark.Batch = landed.Batch + 1
	}
	switch {
	case spooled != nil:
		j.mark, j.started, j.resumedSealed = *spooled, true, spooled.Sealed
	case landed != nil && !isSnapshot:
		j.mark.After, j.mark.Cursor, j.mark.Floor, j.mark.Open = landed.After, landed.Cursor, landed.Floor, landed.Open
		j.started = true
	}
	j.path = spoolPath(p.Home, c.Dataset, j.mark.Batch)
	j.seenUpTo, err = p.Store.SeenUpTo(ctx, c.Dataset)
	return j, err
}

// start is where a new view is read from: behind the last row when the pull is
// not at its end yet, else from where rows may have been committed late.
func (j *job) start() start {
	switch {
	case !j.started:
		return start{}
	case j.mark.Open:
		return start{after: j.mark.After}
	}
	floor := j.mark.Floor
	return start{from: &floor}
}

// fill reads pages into the spool until the table or the batch is full.
func (j *job) fill(ctx context.Context) (more bool, err error) {
	v, err := j.Database.view(ctx, j.req.Contract)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	isSnapshot := j.req.Contract.Source.Delivery == landing.Snapshot
	if v.empty {
		return false, nil
	}
	if err := j.refuseReset(v); err != nil {
		return false, err
	}
	s, err := openSpool(j.path, j.mark.Bytes)
	if errors.Is(err, errShort) {
		return false, errors.Join(fmt.Errorf("%w: %s: its rows are read again at the next call", ErrTemporary, err),
			j.Store.DropSpool(ctx, j.req.Contract.Dataset))
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	from := j.start()
	j.mark.At = j.req.ReceivedAt
	if !j.started || !j.mark.Open && v.settled > j.mark.Floor {
		j.mark.Floor = v.settled // until the pull is at its end, however many views it takes
	}
	for more = true; more && (isSnapshot || j.mark.Rows < int64(j.Database.BatchRows)); {
		if more, err = j.page(ctx, v, s, from); err != nil {
			return false, err
		}
		from = start{after: j.mark.After}
	}
	return more, nil
}

// refuseReset finds a table that was numbered anew: its rows lie far behind
// what was read before and would be passed over.
func (j *job) refuseReset(v *view) error {
	t := j.req.Contract.Source.Table
	if t.Cursor == "" || v.keys[0].kind != whole || !j.started || v.top >= j.mark.Floor {
		return nil
	}
	return refusal(j.req.Contract, ingest.SourceRenumbered, fmt.Sprintf("%s 最大为 %d，而此前已读到 %d", t.Cursor, v.top, j.mark.Cursor),
		fmt.Sprintf("the highest %s is %d, and rows up to %d were read before", t.Cursor, v.top, j.mark.Cursor))
}

// page adds one page to the spool and acknowledges it.
func (j *job) page(ctx context.Context, v *view, s *spool, from start) (more bool, err error) {
	dataset := j.req.Contract.Dataset
	limit := j.Database.PageRows
	if j.req.Contract.Source.Delivery != landing.Snapshot {
		limit = min(limit, j.Database.BatchRows-int(j.mark.Rows))
	}
	mark, fresh := j.mark, []ops.SourceRow(nil)
	more, err = v.page(ctx, from, limit, func(r *row) error {
		mark.After, mark.Cursor = r.key, r.cursor
		if j.seenUpTo != nil && r.cursor <= *j.seenUpTo {
			if seen, err := j.Store.Seen(ctx, dataset, r.digest); seen || err != nil {
				return err
			}
		}
		if v.contract.Source.Table.Cursor != "" && r.cursor >= mark.Floor {
			fresh = append(fresh, ops.SourceRow{Digest: r.digest, Cursor: r.cursor})
		}
		mark.Rows++
		return s.add(r.line)
	})
	if err != nil {
		return false, err
	}
	if err := s.flush(); err != nil {
		return false, err
	}
	rows := mark.Rows - j.mark.Rows
	mark.Bytes, mark.Open = s.size, more
	j.mark, j.started = mark, true
	if err := j.Store.Spool(ctx, dataset, mark, fresh); err != nil {
		return false, err
	}
	j.Log.Debug("page spooled", "dataset", dataset, "rows", rows)
	if j.Progress != nil {
		j.Progress(rows)
	}
	return more, nil
}

// land takes the spool to the landing area and moves the mark behind it.
func (j *job) land(ctx context.Context) (result ingest.Result, err error) {
	dataset := j.req.Contract.Dataset
	if j.mark.Rows > 0 {
		if !j.mark.Sealed {
			j.mark.Sealed = true
			if err := j.Store.Spool(ctx, dataset, j.mark, nil); err != nil {
				return result, err
			}
		}
		result, err = j.Lander.Land(ctx, ingest.Request{Dataset: dataset, Contract: j.req.Contract, File: j.path,
			ReceivedAt: j.mark.At, Override: j.req.Override})
		if refusal := new(ingest.Refusal); errors.As(err, &refusal) {
			return result, errors.Join(err, j.Store.DropSpool(ctx, dataset), removeSpool(j.path))
		}
		if err != nil {
			return result, err
		}
	}
	if err := j.Store.LandSpool(ctx, dataset, j.mark.Floor); err != nil {
		return result, err
	}
	return result, removeSpool(j.path)
}
