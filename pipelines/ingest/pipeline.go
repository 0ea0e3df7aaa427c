package ingest

import (
	"context"
	"errors"
	"io"
	"maps"

	"golang.org/x/sync/errgroup"

	"rongxin/warehouse/landing"
)

// A blockReader yields the records of a file in blocks of at most limit, and
// io.EOF after the last.
type blockReader interface {
	next(limit int) (*block, error)
	// release takes back a block that nobody reads any more.
	release(*block)
}

// A conveyor takes the blocks of one file to Parquet: one goroutine cuts them,
// several judge them, one commits them in the order of the file.
type conveyor struct {
	reader    blockReader
	splitters func() splitter // one for each worker
	plan      *plan
	workers   int
	groupRows int
	progress  func(rows, bytes int64)
}

// job is a block on its way. done is closed when the verdict stands, or an error
// in its place: what is told is always the first error in the file.
type job struct {
	block   *block
	verdict verdict
	err     error
	done    chan struct{}
}

// run writes records, rejects and, where the contract asks for one, the vault to
// the paths of their names.
func (c *conveyor) run(ctx context.Context, path func(name string) string) (out outcome, err error) {
	if c.reader, err = sample(c.plan, c.splitters(), c.reader, c.groupRows); err != nil {
		return out, err
	}
	records, err := createParquet(path(landing.RecordsName), 0o644, c.plan.columns, c.inFlight())
	if err != nil {
		return out, err
	}
	defer records.abandon()
	rejects, err := createParquet(path(landing.RejectsName), 0o600, rejectColumns(), c.inFlight())
	if err != nil {
		return out, err
	}
	defer rejects.abandon()
	vault, err := createVault(path(openVault), c.plan)
	if err != nil {
		return out, err
	}
	defer vault.abandon()

	out.Reasons, out.Flags = map[string]int{}, map[string]int{}
	if err := c.convey(ctx, records, rejects, vault, &out); err != nil {
		return out, err
	}
	if out.Records.Bytes, err = records.close(); err != nil {
		return out, err
	}
	if out.Rejects.Bytes, err = rejects.close(); err != nil {
		return out, err
	}
	out.Vault, err = vault.close()
	return out, err
}

// inFlight blocks are in memory at most: one with each worker, one waiting and
// one being committed.
func (c *conveyor) inFlight() int { return c.workers + 2 }

func (c *conveyor) convey(ctx context.Context, records, rejects *parquetFile, vault *vaultFile, out *outcome) error {
	g, ctx := errgroup.WithContext(ctx)
	todo := make(chan *job)
	ordered := make(chan *job, c.workers+1)

	g.Go(func() error {
		defer close(todo)
		defer close(ordered)
		return c.feed(ctx, todo, ordered)
	})
	for range c.workers {
		g.Go(func() error {
			judge, err := newJudge(c.plan, c.splitters())
			if err != nil {
				return err
			}
			for j := range todo {
				j.verdict.records, j.verdict.rejects = records.rowGroup(), rejects.rowGroup()
				j.err = judge.judge(j.block, &j.verdict)
				c.reader.release(j.block)
				j.block = nil
				close(j.done)
			}
			return nil
		})
	}
	g.Go(func() error {
		for j := range ordered {
			select {
			case <-j.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if j.err != nil {
				return j.err
			}
			err := errors.Join(records.commit(j.verdict.records), rejects.commit(j.verdict.rejects), vault.add(j.verdict.vault))
			if err != nil {
				return err
			}
			c.count(&j.verdict, out)
		}
		return nil
	})
	return g.Wait()
}

// feed cuts the file and hands each block to the committer and to a worker.
func (c *conveyor) feed(ctx context.Context, todo, ordered chan<- *job) error {
	send := func(to chan<- *job, j *job) error {
		select {
		case to <- j:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		b, err := c.reader.next(c.groupRows)
		if errors.Is(err, io.EOF) {
			return nil
		}
		j := &job{block: b, err: err, done: make(chan struct{})}
		if err != nil {
			close(j.done)
			return send(ordered, j)
		}
		if err := send(ordered, j); err != nil {
			return err
		}
		if err := send(todo, j); err != nil {
			return err
		}
	}
}

func (c *conveyor) count(v *verdict, out *outcome) {
	out.Rows.Read += v.rows.Read
	out.Rows.Accepted += v.rows.Accepted
	out.Rows.Rejected += v.rows.Rejected
	for reason, n := range v.reasons {
		out.Reasons[reason] += n
	}
	for set, n := range v.flags {
		for i, code := range flagCodes {
			if n > 0 && set&(1<<i) != 0 {
				out.Flags[code] += n
			}
		}
	}
	if room := maxFirst - len(out.First); room > 0 {
		out.First = append(out.First, v.first[:min(room, len(v.first))]...)
	}
	if c.progress != nil {
		c.progress(v.rows.Read, v.bytes)
	}
}

// total adds up a map of counts.
func total(counts map[string]int) (n int64) {
	for count := range maps.Values(counts) {
		n += int64(count)
	}
	return n
}
